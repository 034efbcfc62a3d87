package policy

import (
	"strings"
	"testing"
)

// hostile is the most that one token can carry to make matching slow: 64 policies full
// of rules that all begin with a wildcard, so that none is passed over, and that fit
// the path up to their last segment, so that each is compared to its end.
func hostile(tb testing.TB) (ACL, string) {
	tb.Helper()
	const policies, segments = 64, 100 // 256 rules of 200 bytes are what the bounds let in
	stem := strings.Repeat("+/", segments-1)
	var acl ACL
	for range policies {
		var rules []Rule
		for i := range MaxRules {
			last := string([]byte{'b' + byte(i%16), 'b' + byte(i/16)})
			rules = append(rules, Rule{Path: stem + last, Capabilities: Read})
		}
		p := mustNew(tb, rules...)
		if n := len(Append(nil, p)); n > MaxEncodedBytes {
			tb.Fatalf("%d bytes: no such policy can be", n)
		}
		acl = append(acl, Compile(p))
	}
	return acl, strings.Repeat("a/", segments-1) + "a"
}

// TestMatchingIsBounded: what a rule costs is the length of the path and no more,
// whatever wildcards stand in it. If a wildcard were tried in more ways than one, the
// hundred of each rule here would make this test not end before the sun does.
func TestMatchingIsBounded(t *testing.T) {
	acl, path := hostile(t)
	if g := acl.Match(path, List); g.Allows(Read) {
		t.Error("a path that no rule matches is given")
	}
	if g := acl.Match(strings.TrimSuffix(path, "a")+"bb", Read); !g.Allows(Read) {
		t.Error("a path that one matches is not")
	}
	if n := testing.AllocsPerRun(1, func() { acl.Match(path, List) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkMatchHostile(b *testing.B) {
	acl, path := hostile(b)
	for b.Loop() {
		acl.Match(path, Read)
	}
}
