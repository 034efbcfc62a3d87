package http

import (
	"strings"
	"testing"
)

// 1.9.26, in the form of this cluster.
func TestTokenText(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		text := newServiceToken()
		if len(text) != 38 || !strings.HasPrefix(text, "jts_") || !isBase62(text[4:]) {
			t.Fatalf("token is %q, want jts_ and 34 base62 characters", text)
		}
		if kind, valid := parseToken(text); kind != kindService || !valid {
			t.Fatalf("own token is kind %d, valid %v", kind, valid)
		}
		if seen[text] {
			t.Fatal("the same token twice")
		}
		seen[text] = true
	}
}

// The checksum is part of what scanners outside know: it must not change.
func TestTokenChecksum(t *testing.T) {
	const body = "jts_0123456789ABCDEFGHIJKLMNOPQR"
	text := string(appendChecksum([]byte(body)))
	if want := body + "0I1zIk"; text != want {
		t.Errorf("token is %s, want %s", text, want)
	}
}

func TestParseToken(t *testing.T) {
	good := newServiceToken()
	wrapping := string(appendChecksum([]byte("jtw_" + good[4:32])))
	batch := string(appendChecksum([]byte("jtb_" + strings.Repeat("x", 200))))
	swapped := []byte(good)
	swapped[10], swapped[11] = swapped[11], swapped[10]
	for _, row := range []struct {
		name, text string
		kind       tokenKind
		valid      bool
	}{
		{"service", good, kindService, true},
		{"wrapping", wrapping, kindWrapping, true},
		{"batch", batch, kindBatch, true},
		{"chosen id", "my-own", kindForeign, true},
		{"uuid", "00000000-0000-0000-0000-000000000000", kindForeign, true},
		{"other kind", "jtx_" + good[4:], kindForeign, true},
		{"prefix alone", "jts_", kindService, false},
		{"cut off", good[:37], kindService, false},
		{"one more", good + "x", kindService, false},
		{"two swapped", string(swapped), kindService, good[10] == good[11]},
		{"other prefix", "jtw_" + good[4:], kindWrapping, false},
		{"not base62", good[:20] + "-" + good[21:], kindService, false},
		{"batch without body", "jtb_123456", kindBatch, false},
		{"batch too long", string(appendChecksum([]byte("jtb_" + strings.Repeat("x", maxTokenBytes)))), kindBatch, false},
	} {
		if kind, valid := parseToken(row.text); kind != row.kind || valid != row.valid {
			t.Errorf("%s: kind %d, valid %v; want %d, %v", row.name, kind, valid, row.kind, row.valid)
		}
	}
}

func TestHoldsToken(t *testing.T) {
	good := newServiceToken()
	for path, want := range map[string]bool{
		"cubbyhole/" + good:                       true,
		"auth/token/lookup/" + good + "/x":        true,
		"cubbyhole/jts_notatoken":                 false,
		"cubbyhole/x" + good:                      false,
		"sys/policies/acl/jtb_" + good[4:]:        false,
		"auth/token/create":                       false,
		"cubbyhole/" + strings.ToLower(good):      strings.ToLower(good) == good,
		"cubbyhole/a/" + good[:len(good)-1] + "!": false,
	} {
		if got := holdsToken(path); got != want {
			t.Errorf("holdsToken(%q) is %v, want %v", path, got, want)
		}
	}
}

// FuzzTokenText: a text with our prefix is valid only if it is what we would
// have written, and a single wrong character is always noticed.
func FuzzTokenText(f *testing.F) {
	f.Add(newServiceToken(), uint(3), byte('a'))
	f.Add("jtb_"+strings.Repeat("z", 40), uint(9), byte('_'))
	f.Add("root", uint(0), byte(0))
	f.Fuzz(func(t *testing.T, text string, at uint, with byte) {
		kind, valid := parseToken(text)
		if kind == kindForeign || !valid {
			return
		}
		body := text[:len(text)-checksumChars]
		if again := string(appendChecksum([]byte(body))); again != text {
			t.Fatalf("valid token %q is not what we write: %q", text, again)
		}
		i := int(at % uint(len(text)))
		if text[i] == with {
			return
		}
		wrong := text[:i] + string([]byte{with}) + text[i+1:]
		if kind, valid := parseToken(wrong); kind != kindForeign && valid {
			t.Fatalf("wrong character at %d not noticed: %q", i, wrong)
		}
	})
}
