package hclpolicy

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/fsm/policy"
)

// FuzzParse: any text is either refused with an *Error of bounded length that
// does not come from the last guard, or has one canonical form.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		policy.DefaultText,
		policy.ResponseWrappingText,
		`path "a/+/b*" { capabilities = ["read", "deny"] policy = "sudo" min_wrapping_ttl = "1d" max_wrapping_ttl = 90000 }`,
		`path "a" { allowed_parameters = { "x" = ["a*", 0x1f, 1.5e3, true, [1, { y = "z" }]] } denied_parameters { "*" = [] } }`,
		"path \"{{identity.entity.id}}\" { required_parameters = [<<-A\n  b\n  A\n] } # end",
		`{"path": [{"a": {"capabilities": ["read"], "allowed_parameters": {"x": [null, {"k": [1e400]}]}}}], "name": "n"}`,
		`path "\777" { policy = "${a{"b"}}" }`,
		"name = <<A\nA", "name = 0x", "name = .5e", "path \"x\" {} \x00", "[[[[", "{{{{", "/*", "\xef\xbb\xbf{}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse("fuzz", text)
		if err != nil {
			var at *Error
			if !errors.As(err, &at) || p != nil {
				t.Fatalf("got %v, %v", p, err)
			}
			if strings.Contains(at.Message, "gave up") {
				t.Fatalf("a panic on %q", text)
			}
			if len(at.Message) > 4096 || at.Line > 1+strings.Count(text, "\n") {
				t.Fatalf("line %d, a message of %d bytes", at.Line, len(at.Message))
			}
			return
		}
		b := policy.Append(nil, p)
		if len(text) > policy.MaxTextBytes || len(b) > policy.MaxEncodedBytes || len(p.Rules) > policy.MaxRules {
			t.Fatalf("beyond the bounds: %d bytes, %d encoded, %d rules", len(text), len(b), len(p.Rules))
		}
		again, err := policy.Decode(b)
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Fatalf("decodes to %+v, %v; was %+v", again, err, p)
		}
		policy.Compile(p)
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(policy.DefaultName, policy.DefaultText); err != nil {
			b.Fatal(err)
		}
	}
}
