package http_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/fsm/policy"
)

const readCubby = `path "cubbyhole/*" { capabilities = ["read"] }`

func TestPolicyRefusals(t *testing.T) {
	s := newStand(t)
	s.policy("kept", readCubby)
	plain, _ := s.token(object{"policies": []string{"default"}})
	text := func(p string) object { return object{"policy": p} }
	s.run(t, []row{
		{"a parse error names the line", "PUT", "sys/policies/acl/kept", root, text("\n\npath \"x\" { capabilities = [\"fly\"] }"), 400, "line 3"},
		{"unknown word", "PUT", "sys/policies/acl/kept", root, text(`nonsense "x" {}`), 400, "nonsense"},
		{"no text", "PUT", "sys/policies/acl/kept", root, object{}, 400, "'policy' parameter not supplied or empty"},
		{"text is a list", "PUT", "sys/policies/acl/kept", root, object{"policy": []string{"x"}}, 400, `"policy"`},
		{"rules is no parameter of the newer path", "PUT", "sys/policies/acl/kept", root, object{"rules": readCubby}, 400, "'policy'"},
		{"too long", "PUT", "sys/policies/acl/kept", root, text("# " + strings.Repeat("x", policy.MaxTextBytes)), 413, "65536"},
		{"too many rules", "PUT", "sys/policies/acl/kept", root, text(manyRules(policy.MaxRules + 1)), 400, "256"},
		{"root cannot be written", "PUT", "sys/policies/acl/root", root, text(readCubby), 400, `cannot update "root"`},
		{"nor by another spelling", "PUT", "sys/policies/acl/ROOT", root, text(readCubby), 400, `cannot update "root"`},
		{"response-wrapping cannot be written", "PUT", "sys/policy/response-wrapping", root, text(readCubby), 400, "response-wrapping"},
		{"root cannot be deleted", "DELETE", "sys/policies/acl/root", root, nil, 400, "root"},
		{"default cannot be deleted", "DELETE", "sys/policy/Default", root, nil, 400, "default"},
		{"name too long", "PUT", "sys/policies/acl/" + strings.Repeat("n", 257), root, text(readCubby), 400, "257"},
		{"deleting by a name too long", "DELETE", "sys/policy/" + strings.Repeat("n", 257), root, nil, 400, "257"},
		{"name that is a folder", "PUT", "sys/policies/acl/dir/", root, text(readCubby), 400, "slash"},
		{"nothing there", "GET", "sys/policies/acl/none", root, nil, 404, ""},
		{"list needs LIST", "GET", "sys/policies/acl", root, nil, 405, "unsupported operation"},
		{"denied before faulted", "PUT", "sys/policies/acl/kept", plain, text("nonsense"), 403, "permission denied"},
		{"denied to read", "GET", "sys/policy/kept", plain, nil, 403, "permission denied"},
		{"denied to list", "LIST", "sys/policies/acl", plain, nil, 403, "permission denied"},
	})
	if got := s.must(200, "GET", "sys/policies/acl/kept", root, nil).data()["policy"]; got != readCubby {
		t.Errorf("refused writes left %q", got)
	}
}

func manyRules(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "path \"p%d\" { capabilities = [\"read\"] }\n", i)
	}
	return b.String()
}

func TestPolicyTextForms(t *testing.T) {
	s := newStand(t)
	encoded := base64.StdEncoding.EncodeToString([]byte(readCubby))
	jsonText := `{"path": {"cubbyhole/*": {"capabilities": ["read"]}}}`
	for name, c := range map[string]struct {
		path string
		body object
		want string
	}{
		"plain":          {"sys/policies/acl/a", object{"policy": readCubby}, readCubby},
		"base64":         {"sys/policies/acl/b", object{"policy": encoded}, readCubby},
		"json":           {"sys/policies/acl/c", object{"policy": jsonText}, jsonText},
		"legacy rules":   {"sys/policy/d", object{"rules": readCubby}, readCubby},
		"policy first":   {"sys/policy/e", object{"policy": readCubby, "rules": jsonText}, readCubby},
		"slash in name":  {"sys/policies/acl/team/f", object{"policy": readCubby}, readCubby},
		"largest":        {"sys/policies/acl/g", object{"policy": pad(policy.MaxTextBytes)}, pad(policy.MaxTextBytes)},
		"most rules":     {"sys/policies/acl/h", object{"policy": manyRules(policy.MaxRules)}, manyRules(policy.MaxRules)},
		"white space":    {"sys/policies/acl/%20i%20", object{"policy": readCubby}, readCubby},
		"mixed case":     {"sys/policies/acl/J", object{"policy": readCubby}, readCubby},
		"beyond ASCII":   {"sys/policies/acl/%C3%84k", object{"policy": readCubby}, readCubby},
		"comments alone": {"sys/policies/acl/l", object{"policy": "# nothing yet"}, "# nothing yet"},
	} {
		t.Run(name, func(t *testing.T) {
			if r := s.send("POST", c.path, root, c.body); r.status != 204 && r.status != 200 {
				t.Fatalf("got %d %s", r.status, r.text)
			}
			r := s.must(200, "GET", c.path, root, nil)
			text, _ := r.data()["policy"].(string)
			if strings.HasPrefix(c.path, "sys/policy/") {
				text, _ = r.body["rules"].(string)
			}
			if text != c.want {
				t.Errorf("got %.80q, want %.80q", text, c.want)
			}
		})
	}
}

func pad(n int) string { return readCubby + strings.Repeat(" ", n-len(readCubby)) }

// A name in another spelling is the same policy, for storing it, for looking it
// up, and for rules about its path.
func TestPolicyNameSpelling(t *testing.T) {
	s := newStand(t)
	r := s.must(200, "PUT", "sys/policies/acl/Mixed", root, object{"policy": readCubby})
	if w, _ := r.body["warnings"].([]any); len(w) != 1 || !strings.Contains(w[0].(string), "mixed") {
		t.Errorf("warnings are %v, want one that says mixed", r.body["warnings"])
	}
	s.policy("careful", `path "sys/policies/acl/*" { capabilities = ["create", "read", "update", "delete", "list"] }
		path "sys/policies/acl/mixed" { capabilities = ["deny"] }`)
	careful, _ := s.token(object{"policies": []string{"careful"}})
	s.run(t, []row{
		{"read", "GET", "sys/policies/acl/MIXED", careful, nil, 403, "permission denied"},
		{"write", "PUT", "sys/policies/acl/MIXED", careful, object{"policy": readCubby}, 403, "permission denied"},
		{"delete", "DELETE", "sys/policies/acl/MIXED", careful, nil, 403, "permission denied"},
		{"another one", "GET", "sys/policies/acl/CAREFUL", careful, nil, 200, ""},
	})
}

func TestPolicyLists(t *testing.T) {
	s := newStand(t)
	s.policy("zeta", readCubby)
	want := []any{"default", "zeta", "root"}
	for _, c := range [][2]string{{"LIST", "sys/policies/acl"}, {"LIST", "sys/policies/acl/"}, {"GET", "sys/policies/acl?list=true"}, {"LIST", "sys/policy"}, {"GET", "sys/policy"}, {"GET", "sys/policy/"}} {
		r := s.must(200, c[0], c[1], root, nil)
		if got, _ := r.data()["keys"].([]any); !slices.Equal(got, want) {
			t.Errorf("%s %s: keys are %v, want %v", c[0], c[1], got, want)
		}
		if top, _ := r.body["policies"].([]any); strings.HasPrefix(c[1], "sys/policy") && !slices.Equal(top, want) {
			t.Errorf("%s %s: policies at the top are %v, want %v", c[0], c[1], top, want)
		}
	}
}

// What a policy grants changes with the policy, for tokens that exist already.
func TestPolicyTakesEffectAtOnce(t *testing.T) {
	s := newStand(t)
	s.policy("p", readCubby)
	token, _ := s.token(object{"policies": []string{"p"}, "no_default_policy": true})
	s.must(403, "POST", "cubbyhole/a", token, object{"x": 1})
	s.policy("p", `path "cubbyhole/*" { capabilities = ["create"] }`)
	s.must(204, "POST", "cubbyhole/a", token, object{"x": 1})
	s.must(204, "DELETE", "sys/policies/acl/p", root, nil)
	s.must(403, "POST", "cubbyhole/b", token, object{"x": 1})
}

// A retry is answered like the first attempt, even one that took the right to
// make it away.
func TestPolicyRetryAfterLosingTheRight(t *testing.T) {
	s := newStand(t)
	s.policy("own", `path "sys/policies/acl/own" { capabilities = ["update"] }`)
	token, _ := s.token(object{"policies": []string{"own"}, "no_default_policy": true})
	for range 2 {
		s.must(204, "PUT", "sys/policies/acl/own", token, object{"policy": readCubby}, "Idempotency-Key", "once")
	}
	s.must(403, "PUT", "sys/policies/acl/own", token, object{"policy": readCubby}, "Idempotency-Key", "twice")
}
