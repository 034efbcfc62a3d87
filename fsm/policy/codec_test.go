package policy

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// samples are the policies of the golden file. Append only.
func samples(tb testing.TB) []struct {
	name   string
	policy *Policy
} {
	return []struct {
		name   string
		policy *Policy
	}{
		{"empty", mustNew(tb)},
		{"default", Default()},
		{"response-wrapping", ResponseWrapping()},
		{"every-capability", mustNew(tb,
			Rule{Path: "all", Capabilities: allCapabilities &^ Deny},
			Rule{Path: "", Prefix: true, Capabilities: Deny},
			Rule{Path: "none"})},
		{"segments", mustNew(tb,
			Rule{Path: "secret/+/app", Prefix: true, Capabilities: Read},
			Rule{Path: "+/é", Capabilities: List})},
		{"parameters", mustNew(tb, Rule{
			Path: "cubbyhole/", Prefix: true, Capabilities: Create | Update,
			MinWrappingTTL: time.Minute, MaxWrappingTTL: MaxWrapTTL,
			Parameters: Parameters{
				Allowed: []Parameter{{Name: "Color", Values: values(tb, "red*", "blue")}, {Name: "*"}},
				Denied: []Parameter{{Name: "x", Values: values(tb, nil, true, false, json.Number("-12.50"),
					[]any{"a", []any{}}, map[string]any{"k": 1, "j": "v"})}},
				Required: []string{"ticket", "Owner"},
			},
		})},
	}
}

const golden = "testdata/policy-v1.hex"

func TestGolden(t *testing.T) {
	var b bytes.Buffer
	for _, s := range samples(t) {
		fmt.Fprintf(&b, "%s %x\n", s.name, Append(nil, s.policy))
	}
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("the encoding changed (go test -run TestGolden -update, and a new version):\n got %s\nwant %s", &b, want)
	}
	byName := map[string]*Policy{}
	for _, s := range samples(t) {
		byName[s.name] = s.policy
	}
	for line := range strings.Lines(string(want)) {
		name, digits, _ := strings.Cut(strings.TrimSpace(line), " ")
		raw, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(got, byName[name]) {
			t.Errorf("%s: got %+v, want %+v", name, got, byName[name])
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	// rule is one that is right but for what a case replaces.
	rule := func(path, rest string) string { return string(rune(len(path))) + path + rest }
	const read = "\x00\x00\x04\x00\x00\x00\x00\x00" // exact, read, no TTLs, no parameters
	if _, err := Decode([]byte("\x01\x01" + rule("a", read))); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, in string }{
		{"nothing", ""},
		{"only a version", "\x01"},
		{"version 0", "\x00\x00"},
		{"version 2", "\x02\x00"},
		{"trailing byte", "\x01\x00\x00"},
		{"long varint", "\x01\x80\x00"},
		{"endless varint", "\x01" + strings.Repeat("\xff", 11)},
		{"count beyond the end", "\x01\x7f"},
		{"too many rules", "\x01\x81\x02" + strings.Repeat(rule("a", read), MaxRules+1)},
		{"text beyond the end", "\x01\x01\x7fa"},
		{"rules out of order", "\x01\x02" + rule("b", read) + rule("a", read)},
		{"rule twice", "\x01\x02" + rule("a", read) + rule("a", read)},
		{"prefix that is no boolean", "\x01\x01" + rule("a", "\x02\x00\x04\x00\x00\x00\x00\x00")},
		{"prefix in disguise", "\x01\x01" + rule("a*", read)},
		{"unknown capability", "\x01\x01" + rule("a", "\x00\x02\x00\x00\x00\x00\x00\x00")},
		{"deny and more", "\x01\x01" + rule("a", "\x00\x00\x05\x00\x00\x00\x00\x00")},
		{"deny with a TTL", "\x01\x01" + rule("a", "\x00\x00\x01\x01\x00\x00\x00\x00")},
		{"TTL out of range", "\x01\x01" + rule("a", "\x00\x00\x04\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x00\x00\x00\x00")},
		{"upper-case name", "\x01\x01" + rule("a", "\x00\x00\x04\x00\x00\x01\x01X\x00\x00\x00")},
		{"names out of order", "\x01\x01" + rule("a", "\x00\x00\x04\x00\x00\x02\x01y\x00\x01x\x00\x00\x00")},
		{"required twice", "\x01\x01" + rule("a", "\x00\x00\x04\x00\x00\x00\x00\x02\x01x\x01x")},
		{"empty value", "\x01\x01" + rule("a", "\x00\x00\x04\x00\x00\x01\x01x\x01\x00\x00\x00")},
		{"value in another spelling", "\x01\x01" + rule("a", "\x00\x00\x04\x00\x00\x01\x01x\x01\x02n5\x00\x00")},
		{"values out of order", "\x01\x01" + rule("a", "\x00\x00\x04\x00\x00\x01\x01x\x02\x02sb\x02sa\x00\x00")},
		{"path that is not UTF-8", "\x01\x01" + rule("a", read)[:1] + "\xff" + read},
		{"too long", strings.Repeat("\x01", MaxEncodedBytes+1)},
	} {
		p, err := Decode([]byte(tc.in))
		if !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %+v, %v", tc.name, p, err)
		}
	}
}

// FuzzDecode: bytes that decode are the ones that encode.
func FuzzDecode(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(Append(nil, s.policy))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := Decode(in)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		if out := Append(nil, p); !bytes.Equal(in, out) {
			t.Fatalf("two spellings of one policy: %x %x", in, out)
		}
		again, err := New(p.Rules...)
		if err != nil || !reflect.DeepEqual(p, again) {
			t.Fatalf("New changes a canonical policy: %v", err)
		}
		for _, r := range p.Rules {
			ACL{Compile(p)}.Match(r.Path, List)
		}
	})
}
