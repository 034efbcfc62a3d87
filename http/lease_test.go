package http_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// leases is a stand with two roles and a token of each, made by root.
func leases(t *testing.T) (s *stand, a, b string) {
	s = newStand(t)
	for _, role := range []string{"a", "a-b"} {
		s.must(204, "POST", "auth/token/roles/"+role, root, object{"allowed_policies": "default"})
	}
	return s, s.byRole("a"), s.byRole("a-b")
}

func (s *stand) byRole(role string) string {
	s.t.Helper()
	r := s.must(200, "POST", "auth/token/create/"+role, root, object{"ttl": "1h"})
	return r.body["auth"].(map[string]any)["client_token"].(string)
}

// keys are the keys of a LIST, nil for 404.
func (s *stand) keys(path string) []string {
	s.t.Helper()
	r := s.send("LIST", path, root, nil)
	if r.status != 200 && r.status != 404 {
		s.t.Fatalf("LIST %s: got %d %s", path, r.status, r.text)
	}
	var out []string
	list, _ := r.data()["keys"].([]any)
	for _, k := range list {
		out = append(out, k.(string))
	}
	return out
}

// lives says whether a token may still look at itself.
func (s *stand) lives(token string) bool {
	return s.send("GET", "auth/token/lookup-self", token, nil).status == 200
}

func TestLeaseFolders(t *testing.T) {
	s, a, b := leases(t)
	s.token(object{"policies": []string{"default"}})
	for folder, want := range map[string][]string{
		"":                  {"auth/"},
		"auth":              {"token/"},
		"auth/token/":       {"create/"},
		"auth/token/create": {"a-b/", "a/", "<id>"},
		"auth/token/cre":    nil,
	} {
		got := s.keys("sys/leases/lookup/" + folder)
		for i, k := range got {
			if strings.HasPrefix(k, "h") {
				got[i] = "<id>"
			}
		}
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("below %q there is %v, want %v", folder, got, want)
		}
	}
	s.must(204, "POST", "auth/token/revoke", root, object{"token": a})
	if got := s.keys("sys/leases/lookup/auth/token/create/a"); got != nil {
		t.Errorf("a revoked token still has the lease %v", got)
	}
	if got := s.keys("sys/leases/lookup/auth/token/create"); len(got) != 2 || got[0] != "a-b/" {
		t.Errorf("folders are %v, want a-b/ and one lease", got)
	}
	if !s.lives(b) {
		t.Error("the other token is gone")
	}
}

func TestLeaseLookup(t *testing.T) {
	s, _, _ := leases(t)
	id := "auth/token/create/a/" + s.keys("sys/leases/lookup/auth/token/create/a")[0]
	r := s.must(200, "PUT", "sys/leases/lookup", root, object{"lease_id": id})
	d := r.data()
	if d["id"] != id || d["path"] != "auth/token/create/a" || d["renewable"] != true || d["last_renewal"] != nil {
		t.Errorf("lease is %v", d)
	}
	if ttl, _ := d["ttl"].(float64); ttl < 3590 || ttl > 3600 {
		t.Errorf("ttl is %v, want an hour", d["ttl"])
	}
	issued, err1 := time.Parse(time.RFC3339Nano, d["issue_time"].(string))
	expires, err2 := time.Parse(time.RFC3339Nano, d["expire_time"].(string))
	if err1 != nil || err2 != nil || expires.Sub(issued) != time.Hour {
		t.Errorf("issued %v, expires %v, want an hour between", d["issue_time"], d["expire_time"])
	}
	// A token that never expires has a lease without an end.
	s.must(200, "POST", "auth/token/create", root, object{})
	id = "auth/token/create/" + s.keys("sys/leases/lookup/auth/token/create")[2]
	if d := s.must(200, "PUT", "sys/leases/lookup", root, object{"lease_id": id}).data(); d["expire_time"] != nil || d["ttl"] != 0.0 {
		t.Errorf("lease of a root token is %v, want no end", d)
	}
}

func TestLeaseRefusals(t *testing.T) {
	s, a, _ := leases(t)
	id := "auth/token/create/a/" + s.keys("sys/leases/lookup/auth/token/create/a")[0]
	other := strings.Replace(id, "/a/", "/a-b/", 1)
	s.policy("nosudo", `path "*" { capabilities = ["create", "read", "update", "delete", "list"] }`)
	nosudo, _ := s.token(object{"policies": []string{"nosudo"}})
	lease := func(id string) object { return object{"lease_id": id} }
	s.run(t, []row{
		{"lookup of nothing", "PUT", "sys/leases/lookup", root, object{}, 400, "lease_id must be specified"},
		{"lookup of a number", "PUT", "sys/leases/lookup", root, object{"lease_id": []int{1}}, 400, `"lease_id"`},
		{"lookup of an unknown one", "PUT", "sys/leases/lookup", root, lease("auth/token/create/a/x"), 400, "invalid lease"},
		{"lookup under another path", "PUT", "sys/leases/lookup", root, lease(other), 400, "invalid lease"},
		{"lookup in upper case", "PUT", "sys/leases/lookup", root, lease(strings.ToUpper(id)), 400, "invalid lease"},
		{"lookup with a slash", "PUT", "sys/leases/lookup", root, lease(id + "/"), 400, "invalid lease"},
		{"lookup of a long one", "PUT", "sys/leases/lookup", root, lease(strings.Repeat("x", 579)), 400, "578"},
		{"GET of a lease", "GET", "sys/leases/lookup/" + id, root, nil, 405, "unsupported operation"},
		{"list without sudo", "LIST", "sys/leases/lookup/auth", nosudo, nil, 403, "permission denied"},
		{"1.9.20 renew a token's", "PUT", "sys/leases/renew", root, lease(id), 400, "tokens cannot be renewed"},
		{"1.9.20 renew by path", "PUT", "sys/renew/" + id, root, nil, 400, "tokens cannot be renewed"},
		{"renew an unknown one", "PUT", "sys/renew", root, lease("x/y"), 400, "lease not found"},
		{"renew nothing", "PUT", "sys/leases/renew", root, object{"increment": 1}, 400, "lease_id must be specified"},
		{"renew with a bad increment", "PUT", "sys/leases/renew", root, object{"lease_id": id, "increment": "soon"}, 400, `"increment"`},
		{"revoke nothing", "PUT", "sys/leases/revoke", root, object{"sync": true}, 400, "lease_id must be specified"},
		{"revoke with a bad flag", "PUT", "sys/leases/revoke", root, object{"lease_id": id, "sync": "perhaps"}, 400, `"sync"`},
		{"revoke two at once", "PUT", "sys/leases/revoke/" + id, root, lease(other), 400, "another lease"},
		{"revoke not allowed", "PUT", "sys/leases/revoke", a, lease(id), 403, "permission denied"},
		{"empty prefix", "PUT", "sys/leases/revoke-prefix/", root, nil, 400, "prefix is empty"},
		{"prefix without sudo", "PUT", "sys/leases/revoke-prefix/auth", nosudo, nil, 403, "permission denied"},
		{"force without sudo", "PUT", "sys/leases/revoke-force/auth", nosudo, nil, 403, "permission denied"},
		{"older prefix without sudo", "PUT", "sys/revoke-prefix/auth", nosudo, nil, 403, "permission denied"},
		{"older force without sudo", "PUT", "sys/revoke-force/auth", nosudo, nil, 403, "permission denied"},
		{"GET of a prefix", "GET", "sys/leases/revoke-prefix/auth", root, nil, 405, "unsupported operation"},
	})
	if !s.lives(a) {
		t.Error("a refused request ended a token")
	}
}

// Every way to revoke ends what it names with its tree, and nothing beside it.
func TestLeaseRevoke(t *testing.T) {
	for name, c := range map[string]struct {
		path string // ID stands for the lease
		body object
	}{
		"in the body":            {"sys/leases/revoke", object{"lease_id": "ID", "sync": true}},
		"in the path":            {"sys/leases/revoke/ID", nil},
		"in both":                {"sys/leases/revoke/ID", object{"lease_id": "ID"}},
		"older, in the body":     {"sys/revoke", object{"lease_id": "ID"}},
		"older, in the path":     {"sys/revoke/ID", nil},
		"a lease as a prefix":    {"sys/leases/revoke-prefix/ID", nil},
		"a lease with force":     {"sys/leases/revoke-force/ID", nil},
		"by prefix":              {"sys/leases/revoke-prefix/auth/token/create/a", nil},
		"by prefix, slash":       {"sys/leases/revoke-prefix/auth/token/create/a/", object{"sync": true}},
		"by force":               {"sys/leases/revoke-force/auth/token/create/a", nil},
		"older, by prefix":       {"sys/revoke-prefix/auth/token/create/a", nil},
		"older, by force":        {"sys/revoke-force/auth/token/create/a", nil},
		"by prefix, 2015's form": {"auth/token/revoke-prefix/auth/token/create/a", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, b := leases(t)
			s.must(204, "POST", "auth/token/roles/top", root, object{"disallowed_policies": "none"})
			s.must(204, "POST", "auth/token/roles/a", root, object{"allowed_policies": "", "disallowed_policies": "none"})
			s.must(204, "PUT", "sys/leases/revoke-prefix/auth/token/create/a", root, nil)
			r := s.must(200, "POST", "auth/token/create/a", root, object{"policies": []string{"root"}, "ttl": "1h"})
			a := r.body["auth"].(map[string]any)["client_token"].(string)
			r = s.must(200, "POST", "auth/token/create", a, object{"policies": []string{"default"}})
			child := r.body["auth"].(map[string]any)["client_token"].(string)
			id := "auth/token/create/a/" + s.keys("sys/leases/lookup/auth/token/create/a")[0]
			if c.body["lease_id"] != nil {
				c.body["lease_id"] = id
			}
			s.must(204, "PUT", strings.Replace(c.path, "ID", id, 1), root, c.body)
			if s.lives(a) || s.lives(child) {
				t.Error("a token lives that was revoked, or its child")
			}
			if !s.lives(b) || !s.lives(root) {
				t.Error("a token is gone that was not meant")
			}
			// Doing it twice is no error, and what is made later is not touched.
			later := s.byRole("a-b")
			s.must(204, "PUT", strings.Replace(c.path, "ID", id, 1), root, c.body)
			if !s.lives(later) || !s.lives(b) {
				t.Error("the second time something else went")
			}
		})
	}
}
