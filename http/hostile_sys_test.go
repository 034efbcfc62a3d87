package http_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/fsm"
)

// Requests to policies, capabilities, cubbyholes, leases and sys that no honest
// client sends. Each is refused with a message that names what is wrong, and
// changes nothing.
func TestHostileResources(t *testing.T) {
	s := newStand(t)
	plain, accessor := s.token(object{"policies": []string{"default"}})
	s.must(204, "POST", "cubbyhole/kept", plain, object{"v": 1})
	s.policy("kept", readCubby)
	lease := "auth/token/create/" + s.keys("sys/leases/lookup/auth/token/create")[0]
	deep := strings.Repeat(`{"a":`, 60) + "1" + strings.Repeat("}", 60)
	const (
		acl   = "sys/policies/acl/kept"
		cubby = "cubbyhole/kept"
		caps  = "sys/capabilities-self"
	)
	policyText := func(text string) object { return object{"policy": text} }
	rows := []row{
		// Bodies that are no JSON object.
		{"policy: cut short", "PUT", acl, root, `{"policy":"path`, 400, "JSON"},
		{"policy: a list", "PUT", acl, root, `["policy"]`, 400, "expected an object"},
		{"policy: a string", "PUT", acl, root, `"policy"`, 400, "expected an object"},
		{"policy: something after", "PUT", acl, root, `{"policy":"# x"} {}`, 400, "after the object"},
		{"policy: single quotes", "PUT", acl, root, `{'policy':'# x'}`, 400, "quotes"},
		{"policy: a comment", "PUT", acl, root, `/* x */ {}`, 400, "JSON"},
		{"policy: a form", "PUT", acl, root, `policy=x`, 400, "JSON"},
		{"policy: bad escape", "PUT", acl, root, `{"policy":"\x"}`, 400, "escape"},
		{"policy: half a surrogate", "PUT", acl, root, `{"policy":"\ud800"}`, 400, "surrogate"},
		{"policy: not UTF-8", "PUT", acl, root, "{\"policy\":\"\xff\"}", 400, "UTF-8"},
		{"policy: NUL", "PUT", acl, root, "{\"policy\":\"\x00\"}", 400, "control character"},
		{"cubbyhole: NaN", "POST", cubby, plain, `{"v":NaN}`, 400, "JSON"},
		{"cubbyhole: hexadecimal", "POST", cubby, plain, `{"v":0x10}`, 400, "JSON"},
		{"cubbyhole: leading zero", "POST", cubby, plain, `{"v":007}`, 400, "JSON"},
		{"cubbyhole: a comma too many", "POST", cubby, plain, `{"v":1,}`, 400, "field name"},
		{"cubbyhole: deep", "POST", cubby, plain, deep, 400, "nested"},
		{"cubbyhole: deep lists", "POST", cubby, plain, `{"v":` + strings.Repeat("[", 5000), 400, "nested"},
		{"cubbyhole: many fields", "POST", cubby, plain, manyFields(5000), 400, "fields"},
		{"cubbyhole: large", "POST", cubby, plain, object{"v": strings.Repeat("x", 1<<20)}, 413, "65536"},
		{"cubbyhole: blank name as the only one", "POST", "cubbyhole/a/", plain, object{"": ""}, 400, "slash"},

		// Fields of the wrong type.
		{"policy as a number", "PUT", acl, root, object{"policy": 5}, 400, "parse"},
		{"policy as an object", "PUT", acl, root, object{"policy": object{"path": object{}}}, 400, `"policy"`},
		{"policy as null", "PUT", acl, root, object{"policy": nil}, 400, "'policy'"},
		{"rules as a list", "PUT", "sys/policy/kept", root, object{"rules": []int{}}, 400, `"rules"`},
		{"paths as a number list", "POST", caps, plain, object{"paths": []any{[]int{1}}}, 400, "item 0"},
		{"paths as false", "POST", caps, plain, object{"paths": false}, 400, `"paths"`},
		{"token as a list", "POST", "sys/capabilities", root, object{"token": []string{plain}, "path": "x"}, 400, `"token"`},
		{"accessor as an object", "POST", "sys/capabilities-accessor", root, object{"accessor": object{}, "path": "x"}, 400, `"accessor"`},
		{"accessor with white space", "POST", "sys/capabilities-accessor", root, object{"accessor": " " + accessor, "path": "x"}, 400, "invalid accessor"},
		{"lease_id as an object", "PUT", "sys/leases/revoke", root, object{"lease_id": object{}}, 400, `"lease_id"`},
		{"sync as a list", "PUT", "sys/leases/revoke", root, object{"lease_id": lease, "sync": []bool{true}}, 400, `"sync"`},
		{"increment as an object", "PUT", "sys/leases/renew", root, object{"lease_id": lease, "increment": object{}}, 400, `"increment"`},
		{"negative increment", "PUT", "sys/leases/renew", root, object{"lease_id": lease, "increment": -1}, 400, "negative"},
		{"overflowing increment", "PUT", "sys/leases/renew", root, object{"lease_id": lease, "increment": "99999999999999999999h"}, 400, "too long"},
		{"server_id as a list", "POST", "sys/storage/raft/remove-peer", root, object{"server_id": []string{"n1"}}, 400, `"server_id"`},
		{"secret_shares as text", "PUT", "sys/init", "", object{"secret_shares": "many"}, 400, `"secret_shares"`},
		{"secret_shares too many", "PUT", "sys/init", "", object{"secret_shares": 1 << 40}, 400, `"secret_shares"`},

		// Policies that would stall or mislead.
		{"policy with too many rules", "PUT", acl, root, policyText(manyRules(300)), 400, "256"},
		{"policy too long", "PUT", acl, root, policyText("#" + strings.Repeat("x", 70<<10)), 413, "65536"},
		{"policy much too long", "PUT", acl, root, policyText("#" + strings.Repeat("x", 2<<20)), 413, "65536"},
		{"policy too deep", "PUT", acl, root, policyText("path \"x\" { allowed_parameters = { a = " + strings.Repeat("[", 3000)), 400, "parse"},
		{"policy as JSON too deep", "PUT", acl, root, policyText(`{"path":` + strings.Repeat(`{"a":`, 3000)), 400, "parse"},
		{"policy with a path too long", "PUT", acl, root, policyText(`path "` + strings.Repeat("x", 600) + `" { policy = "read" }`), 400, "512"},
		{"policy with a + inside", "PUT", acl, root, policyText(`path "a/+*b" { policy = "read" }`), 400, "parse"},
		{"policy with a wrong TTL", "PUT", acl, root, policyText(`path "x" { policy = "read" min_wrapping_ttl = "-1h" }`), 400, "parse"},
		{"policy in base64 that is none", "PUT", acl, root, policyText("bm9uc2Vuc2U="), 400, "nonsense"},

		// Names and paths.
		{"policy without a name", "PUT", "sys/policies/acl/", root, policyText("# x"), 405, "unsupported operation"},
		{"policy named by blanks", "PUT", "sys/policies/acl/%20%20", root, policyText("# x"), 400, "policy name"},
		{"policy name too long", "PUT", "sys/policies/acl/" + strings.Repeat("n", 300), root, policyText("# x"), 400, "256"},
		{"policy name with a control character", "PUT", "sys/policies/acl/a%01b", root, policyText("# x"), 400, "control character"},
		{"policy name that is not UTF-8", "PUT", "sys/policies/acl/%ff", root, policyText("# x"), 400, "UTF-8"},
		{"policy name with an encoded slash", "PUT", "sys/policies/acl/a%2Fb", root, policyText("# x"), 400, "slash"},
		{"root by an odd spelling", "DELETE", "sys/policies/acl/%20RoOt%20", root, nil, 400, "root"},
		{"path out of the mount", "GET", "cubbyhole/../sys/policy", plain, nil, 400, ".."},
		{"path out of the mount, encoded", "GET", "cubbyhole/%2e%2e/sys/policy", plain, nil, 400, ".."},
		{"doubled slash", "GET", "cubbyhole//kept", plain, nil, 400, "empty segment"},
		{"doubled slash before", "GET", "/cubbyhole/kept", plain, nil, 400, "empty segment"},
		{"dot", "GET", "cubbyhole/./kept", plain, nil, 400, `"."`},
		{"backslash, encoded", "GET", "cubbyhole/a%5cb", plain, nil, 400, "slash"},
		{"newline in a path", "GET", "cubbyhole/a%0ab", plain, nil, 400, "control character"},
		{"path too long", "GET", "cubbyhole/" + strings.Repeat("x", 600), plain, nil, 414, "512"},
		{"token in a path", "GET", "cubbyhole/" + plain, plain, nil, 400, "token"},
		{"prefix of slashes", "PUT", "sys/leases/revoke-prefix//", root, nil, 400, "empty segment"},
		{"prefix out of the tree", "PUT", "sys/leases/revoke-prefix/../token", root, nil, 400, ".."},
		{"lease too long", "PUT", "sys/leases/lookup", root, object{"lease_id": strings.Repeat("a/", 1000)}, 400, "578"},
		{"capabilities of a path too long", "POST", caps, plain, object{"path": strings.Repeat("x", 4096)}, 400, "512"},

		// Verbs and queries.
		{"PATCH a policy", "PATCH", acl, root, policyText("# x"), 405, "unsupported operation"},
		{"PATCH a cubbyhole", "PATCH", cubby, root, object{"v": 2}, 405, "unsupported operation"},
		{"TRACE", "TRACE", "sys/health", "", nil, 405, "unsupported operation"},
		{"a verb made up", "PURGE", cubby, root, nil, 405, "unsupported operation"},
		{"POST health", "POST", "sys/health", "", nil, 405, "unsupported operation"},
		{"DELETE init", "DELETE", "sys/init", "", nil, 405, "unsupported operation"},
		{"list that is neither", "GET", "sys/policies/acl?list=perhaps", root, nil, 400, "list"},
		{"query that does not parse", "GET", "sys/health?a=%zz", "", nil, 400, "query"},
		{"query too long", "GET", "sys/health?a=" + strings.Repeat("x", 9000), "", nil, 414, "query"},
		{"status out of range", "GET", "sys/health?activecode=1000", "", nil, 400, "activecode"},
		{"status that switches protocols", "GET", "sys/health?activecode=101", "", nil, 400, "activecode"},

		// Callers who may not.
		{"a token that is none", "GET", cubby, "two words", nil, 403, "permission denied"},
		{"a token cut short", "GET", cubby, plain[:20], nil, 403, "permission denied"},
		{"a token with one letter changed", "GET", cubby, flip(plain), nil, 403, "permission denied"},
		{"an accessor for a token", "GET", cubby, accessor, nil, 403, "permission denied"},
		{"a token too long", "GET", cubby, strings.Repeat("x", 5000), nil, 403, "permission denied"},
		{"a digest for a token", "GET", cubby, strings.TrimPrefix(lease, "auth/token/create/"), nil, 403, "permission denied"},
		{"root's cubbyhole is not this one", "GET", cubby, root, nil, 404, ""},
		{"a policy by who may not, whatever the body", "PUT", acl, plain, `{`, 403, "permission denied"},
		{"an unknown path below sys", "POST", "sys/seal", plain, nil, 403, "permission denied"},
	}
	if len(rows) < 60 {
		t.Fatalf("only %d rows", len(rows))
	}
	// Reads do not change a state, and refused writes must not; the clock may go on.
	before := everything(t, s)
	s.run(t, rows)
	if after := everything(t, s); after != before {
		t.Errorf("something has changed:\n%s\n%s", before, after)
	}
}

// everything is what the refused requests might have changed.
func everything(t *testing.T, s *stand) string {
	st := s.cluster.Local()
	p, _ := st.Policy("kept")
	d, err := s.cluster.Digest(root)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(st.PolicyNames(), p.Version, st.RoleNames(), st.CountTokens(), st.LeaseKeys("auth/token/create/", st.Clock),
		st.CubbyholeKeys(d, ""), st.LiveAccessors(st.Clock), s.cluster.SteppedDown(), s.cluster.Removed(), st.Level, fsm.Digest(st.Cluster))
}

func manyFields(n int) string {
	var b strings.Builder
	b.WriteString("{")
	for i := range n {
		fmt.Fprintf(&b, `"f%d":1,`, i)
	}
	return b.String() + `"last":1}`
}
