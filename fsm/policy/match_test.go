package policy

import (
	"reflect"
	"testing"
	"time"
)

// marked compiles rules for patterns. A rule's maximum TTL is its position, by
// which decider tells which rule decided.
func marked(tb testing.TB, patterns ...string) ACL {
	tb.Helper()
	var rules []Rule
	for i, text := range patterns {
		path, prefix, err := SplitPath(text)
		if err != nil {
			tb.Fatal(err)
		}
		rules = append(rules, Rule{Path: path, Prefix: prefix, Capabilities: Read | List | Scan, MaxWrappingTTL: time.Duration(i + 1)})
	}
	return ACL{Compile(mustNew(tb, rules...))}
}

func decider(g Grant, patterns []string) string {
	if g.maxWrap == 0 {
		return ""
	}
	return patterns[g.maxWrap-1]
}

func TestMatchDecider(t *testing.T) {
	type patterns = []string
	for _, tc := range []struct {
		name     string
		patterns patterns
		path     string
		want     Capability
		decider  string
	}{
		{"exact", patterns{"a", "b"}, "b", Read, "b"},
		{"exact is not a prefix", patterns{"a"}, "a/b", Read, ""},
		{"exact before prefix", patterns{"a*", "a"}, "a", Read, "a"},
		{"exact before segments", patterns{"+/b", "a/b"}, "a/b", Read, "a/b"},
		{"leading slashes of the request", patterns{"a"}, "//a", Read, "a"},
		{"leading slash of the rule", patterns{"/a"}, "a", Read, "/a"},
		{"prefix ends in a word", patterns{"pre*"}, "prefix/deep", Read, "pre*"},
		{"prefix is all there is", patterns{"pre*"}, "pre", Read, "pre*"},
		{"prefix with slash wants the slash", patterns{"dir/*"}, "dir", Read, ""},
		{"prefix of everything", patterns{"*"}, "x/y", Read, "*"},
		{"* inside is literal", patterns{"a/*/c"}, "a/b/c", Read, ""},
		{"* inside matches itself", patterns{"a/*/c"}, "a/*/c", Read, "a/*/c"},
		{"longest prefix", patterns{"*", "a*", "ab/*", "ab/c*", "abc*"}, "ab/x", Read, "ab/*"},
		{"longest prefix behind greater siblings", patterns{"a*", "ab*", "aba*", "abb*"}, "abc", Read, "ab*"},
		{"longest prefix two parents up", patterns{"a*", "ab*", "abc*", "abcd*"}, "az", Read, "a*"},

		{"+ is one segment", patterns{"a/+/c"}, "a/b/c", Read, "a/+/c"},
		{"+ is not two", patterns{"a/+/c"}, "a/b/b/c", Read, ""},
		{"+ is not none", patterns{"a/+/c"}, "a/c", Read, ""},
		{"+ is an empty one", patterns{"a/+/c"}, "a//c", Read, "a/+/c"},
		{"+ at the end", patterns{"a/+"}, "a/", Read, "a/+"},
		{"+ at the start", patterns{"+/b"}, "a/b", Read, "+/b"},
		{"+ alone", patterns{"+"}, "a", Read, "+"},
		{"+ and a prefix", patterns{"+/b*"}, "a/bc/d", Read, "+/b*"},
		{"+ and a slash prefix", patterns{"+/*"}, "a/b/c", Read, "+/*"},
		{"+ and a slash prefix want the slash", patterns{"+/*"}, "a", Read, ""},
		{"+ inside a word is literal", patterns{"a+/b", "x/+b"}, "ac/b", Read, ""},
		{"+ at a word's start is literal", patterns{"x/+b"}, "x/+b", Read, "x/+b"},
		{"a + in the request is nothing special", patterns{"a/b"}, "a/+", Read, ""},

		{"1: the later wildcard", patterns{"foo/+", "foo/a*"}, "foo/ab", Read, "foo/a*"},
		{"1: the later +", patterns{"foo/+/bar/baz", "foo/bar/+/baz"}, "foo/bar/bar/baz", Read, "foo/bar/+/baz"},
		{"1: a longer literal prefix beats a +", patterns{"cubbyhole/+/x", "cubbyhole/a/*"}, "cubbyhole/a/x", Read, "cubbyhole/a/*"},
		{"1: a shorter one does not", patterns{"cubbyhole/+/x", "cubbyhole*"}, "cubbyhole/a/x", Read, "cubbyhole/+/x"},
		{"2: no final *", patterns{"foo/+/ba*", "foo/+/bar"}, "foo/x/bar", Read, "foo/+/bar"},
		{"2: + before *", patterns{"foo/*", "foo/+"}, "foo/x", Read, "foo/+"},
		{"2: even with more +", patterns{"foo/+/b*", "foo/+/+"}, "foo/x/b", Read, "foo/+/+"},
		{"3: fewer +", patterns{"foo/+/+/baz", "foo/+/bar/baz"}, "foo/x/bar/baz", Read, "foo/+/bar/baz"},
		{"3: a prefix without +", patterns{"foo/+/*", "foo/*"}, "foo/x/y", Read, "foo/*"},
		{"4: longer", patterns{"foo/+/bar/b*", "foo/+/bar/ba*"}, "foo/x/bar/baz", Read, "foo/+/bar/ba*"},
		{"5: lexicographically greater", patterns{"+/bb/+/x/y", "+/+/dd/x/y"}, "a/bb/dd/x/y", Read, "+/bb/+/x/y"},

		{"list falls back on the path without slash", patterns{"a"}, "a/", List, "a"},
		{"scan too", patterns{"a"}, "a/", Scan, "a"},
		{"read does not", patterns{"a"}, "a/", Read, ""},
		{"list prefers the exact path", patterns{"a", "a/"}, "a/", List, "a/"},
		{"list prefers any exact rule", patterns{"a", "a/*"}, "a/", List, "a"},
		{"list tries wildcards without slash first", patterns{"a/+", "a/+/"}, "a/b/", List, "a/+"},
		{"list then with it", patterns{"a/*"}, "a/", List, "a/*"},
		{"scan tries wildcards with the slash", patterns{"a/+/+", "a/+"}, "a/b/", Scan, "a/+/+"},
		{"list without slash gets none added", patterns{"a/"}, "a", List, ""},
		{"list without slash", patterns{"a*"}, "a", List, "a*"},
		{"the empty path", patterns{""}, "/", Read, ""},
		{"the empty path is exact", patterns{"", "a"}, "", Read, ""},
	} {
		acl := marked(t, tc.patterns...)
		if got := decider(acl.Match(tc.path, tc.want), tc.patterns); got != tc.decider {
			t.Errorf("%s: %q on %q: decided by %q, want %q", tc.name, tc.want, tc.path, got, tc.decider)
		}
	}
}

// TestMatchUnion: the same rules spread over policies decide as one policy.
func TestMatchUnion(t *testing.T) {
	rule := func(text string, c Capability) *Compiled {
		path, prefix, err := SplitPath(text)
		if err != nil {
			t.Fatal(err)
		}
		return Compile(mustNew(t, Rule{Path: path, Prefix: prefix, Capabilities: c}))
	}
	for _, tc := range []struct {
		name string
		acl  ACL
		path string
		want []string
	}{
		{"nothing", nil, "a", []string{"deny"}},
		{"a policy that does not exist", ACL{nil, rule("a", Read)}, "a", []string{"read"}},
		{"equal paths unite", ACL{rule("a*", Read), rule("a*", Update|Sudo)}, "ab", []string{"read", "sudo", "update"}},
		{"equal segments unite", ACL{rule("+/b", Read), rule("+/b", Patch)}, "a/b", []string{"patch", "read"}},
		{"other paths do not", ACL{rule("*", Read|Delete), rule("a*", Scan)}, "ab", []string{"scan"}},
		{"exact in another policy decides", ACL{rule("a*", Read), rule("ab", Create)}, "ab", []string{"create"}},
		{"no capability is nothing", ACL{rule("*", Read), rule("ab", 0)}, "ab", []string{"deny"}},
		{"no capability takes nothing away", ACL{rule("ab", Read), rule("ab", 0)}, "ab", []string{"read"}},
		{"deny first", ACL{rule("a", Deny), rule("a", Read)}, "a", []string{"deny"}},
		{"deny last", ACL{rule("a", Read), rule("a", Deny), rule("a", List)}, "a", []string{"deny"}},
		{"deny of another path", ACL{rule("*", Deny), rule("a*", Read)}, "ab", []string{"read"}},
		{"root", ACL{rule("a", Deny), Root()}, "a", []string{"root"}},
	} {
		if got := tc.acl.Capabilities(tc.path); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestDefaultRights(t *testing.T) {
	acl := ACL{Compile(Default())}
	for _, tc := range []struct {
		path string
		want []string
	}{
		{"auth/token/lookup-self", []string{"read"}},
		{"auth/token/lookup", []string{"deny"}},
		{"auth/token/create", []string{"deny"}},
		{"auth/token/renew-self", []string{"update"}},
		{"auth/token/revoke-self", []string{"update"}},
		{"sys/capabilities-self", []string{"update"}},
		{"sys/leases/lookup", []string{"update"}},
		{"sys/leases/renew", []string{"update"}},
		{"sys/policies/acl", []string{"deny"}},
		{"sys/tools/hash/sha2-256", []string{"update"}},
		{"cubbyhole/", []string{"create", "delete", "list", "read", "update"}},
		{"cubbyhole/any", []string{"create", "delete", "list", "read", "update"}},
	} {
		if got := acl.Capabilities(tc.path); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.path, got, tc.want)
		}
	}
}
