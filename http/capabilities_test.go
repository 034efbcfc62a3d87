package http_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCapabilities(t *testing.T) {
	s := newStand(t)
	s.policy("p", `path "secret/x" { capabilities = ["update", "read", "create"] }
		path "secret/folder/" { capabilities = ["list"] }
		path "secret/no" { capabilities = ["deny"] }
		path "auth" { capabilities = ["read"] }`)
	token, accessor := s.token(object{"policies": []string{"p"}})
	for name, c := range map[string]struct {
		path, caller string
		body         object
		want         map[string]string // path to capabilities
	}{
		"of a token, one path": {"sys/capabilities", root, object{"token": token, "path": "secret/x"},
			map[string]string{"secret/x": "create read update", "capabilities": "create read update"}},
		"of a token, several": {"sys/capabilities", root, object{"token": token, "paths": []string{"secret/x", "secret/no", "else"}},
			map[string]string{"secret/x": "create read update", "secret/no": "deny", "else": "deny"}},
		"paths with commas": {"sys/capabilities", root, object{"token": token, "paths": "secret/x, secret/folder/"},
			map[string]string{"secret/x": "create read update", "secret/folder/": "list"}},
		"paths win over path": {"sys/capabilities", root, object{"token": token, "paths": []string{"else"}, "path": "secret/x"},
			map[string]string{"else": "deny", "capabilities": "deny"}},
		"one's own": {"sys/capabilities-self", token, object{"paths": []string{"secret/folder/"}},
			map[string]string{"secret/folder/": "list", "capabilities": "list"}},
		"by accessor": {"sys/capabilities-accessor", root, object{"accessor": accessor, "path": "cubbyhole/a"},
			map[string]string{"cubbyhole/a": "create delete list read update"}},
		"of root": {"sys/capabilities-self", root, object{"path": "any/thing"}, map[string]string{"any/thing": "root"}},
		// A path like a field of the envelope is found under data only.
		"path auth": {"sys/capabilities-self", token, object{"paths": []string{"auth", "secret/x"}},
			map[string]string{"auth": "read", "secret/x": "create read update"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.must(200, "POST", c.path, c.caller, c.body)
			_, clash := c.want["auth"]
			for path, want := range c.want {
				if got := words(r.data()[path]); got != want {
					t.Errorf("data has %q for %s, want %q", got, path, want)
				}
				if got := words(r.body[path]); !clash && got != want {
					t.Errorf("top level has %q for %s, want %q", got, path, want)
				}
			}
			if clash && r.body["auth"] != nil {
				t.Errorf("a path stands in the envelope's auth: %s", r.text)
			}
			if _, single := c.want["capabilities"]; !single && len(c.want) > 1 && r.data()["capabilities"] != nil {
				t.Errorf("capabilities is there for several paths: %s", r.text)
			}
		})
	}
}

func words(v any) string {
	list, _ := v.([]any)
	var out []string
	for _, w := range list {
		out = append(out, fmt.Sprint(w))
	}
	if !slices.IsSorted(out) {
		return "unsorted " + strings.Join(out, " ")
	}
	return strings.Join(out, " ")
}

func TestCapabilitiesRefusals(t *testing.T) {
	s := newStand(t)
	plain, accessor := s.token(object{"policies": []string{"default"}})
	many := make([]string, 1025)
	for i := range many {
		many[i] = "p"
	}
	s.run(t, []row{
		{"no paths", "POST", "sys/capabilities-self", plain, object{}, 400, "paths must be supplied"},
		{"blank paths", "POST", "sys/capabilities-self", plain, object{"paths": []string{"", " "}}, 400, "paths must be supplied"},
		{"paths of the wrong type", "POST", "sys/capabilities-self", plain, object{"paths": object{"a": 1}}, 400, `"paths"`},
		{"item of the wrong type", "POST", "sys/capabilities-self", plain, object{"paths": []any{"a", nil}}, 400, "item 1"},
		{"too many paths", "POST", "sys/capabilities-self", plain, object{"paths": many}, 400, "1024"},
		{"path too long", "POST", "sys/capabilities-self", plain, object{"paths": strings.Repeat("x", 513)}, 400, "513"},
		{"no token named", "POST", "sys/capabilities", root, object{"path": "x"}, 400, "no token"},
		{"unknown token", "POST", "sys/capabilities", root, object{"token": "s.nosuch", "path": "x"}, 400, "invalid token"},
		{"mistyped token", "POST", "sys/capabilities", root, object{"token": plain[:len(plain)-1] + "!", "path": "x"}, 400, "invalid token"},
		{"no accessor named", "POST", "sys/capabilities-accessor", root, object{"path": "x"}, 400, "missing accessor"},
		{"unknown accessor", "POST", "sys/capabilities-accessor", root, object{"accessor": "nosuch", "path": "x"}, 400, "invalid accessor"},
		{"not given by default", "POST", "sys/capabilities", plain, object{"token": plain, "path": "x"}, 403, "permission denied"},
		{"nor by accessor", "POST", "sys/capabilities-accessor", plain, object{"accessor": accessor, "path": "x"}, 403, "permission denied"},
		{"nobody", "POST", "sys/capabilities-self", "", object{"path": "x"}, 403, "permission denied"},
		{"GET", "GET", "sys/capabilities-self", root, nil, 405, "unsupported operation"},
	})
	s.must(204, "POST", "auth/token/revoke", root, object{"token": plain})
	s.run(t, []row{
		{"of a dead token", "POST", "sys/capabilities", root, object{"token": plain, "path": "x"}, 400, "invalid token"},
		{"of a dead token by accessor", "POST", "sys/capabilities-accessor", root, object{"accessor": accessor, "path": "x"}, 400, "invalid accessor"},
	})
}

// The last use of a counted token may still ask about itself.
func TestCapabilitiesOnLastUse(t *testing.T) {
	s := newStand(t)
	token, _ := s.token(object{"policies": []string{"default"}, "num_uses": 1})
	r := s.must(200, "POST", "sys/capabilities-self", token, object{"path": "cubbyhole/a"})
	if got := words(r.data()["cubbyhole/a"]); got != "create delete list read update" {
		t.Errorf("got %q", got)
	}
	s.must(403, "POST", "sys/capabilities-self", token, object{"path": "cubbyhole/a"})
}
