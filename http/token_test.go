package http_test

import (
	"strings"
	"testing"
	"time"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

func usesOf(s *stand, accessor string) float64 {
	s.t.Helper()
	return s.must(200, "POST", "auth/token/lookup-accessor", root, object{"accessor": accessor}).data()["num_uses"].(float64)
}

// Every request that names a counted token costs it a use, whatever becomes of
// the request; only what is not the token's request at all does not.
func TestEveryRequestCostsAUse(t *testing.T) {
	for _, row := range []struct {
		name, method, path string
		body               any
		status             int
	}{
		{"read", "GET", "auth/token/lookup-self", nil, 200},
		{"write", "POST", "cubbyhole/a", object{"x": 1}, 204},
		{"denied write", "POST", "auth/token/create", object{}, 403},
		{"denied read", "GET", "auth/token/roles/x", nil, 403},
		{"denied list", "LIST", "auth/token/accessors", nil, 403},
		{"unknown path", "GET", "sys/no-such-thing", nil, 403},
		{"unknown path that it may use", "POST", "sys/tools/hash/sha2-256/none/such", object{}, 404},
		{"verb that is not there", "DELETE", "auth/token/lookup-self", nil, 403},
		{"nothing there", "GET", "cubbyhole/nothing", nil, 404},
		{"malformed body", "POST", "auth/token/renew-self", `{"increment":`, 400},
		{"wrong field", "POST", "auth/token/renew-self", object{"increment": "soon"}, 400},
		{"malformed body, denied", "POST", "auth/token/create", `{"ttl":`, 403},
		{"wrong field, denied", "POST", "auth/token/create", object{"ttl": []int{1}}, 403},
		{"verdict", "POST", "auth/token/renew-self", object{"increment": "1h"}, 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newStand(t)
			token, accessor := s.token(object{"policies": []string{"default"}, "num_uses": 5, "ttl": "1h"})
			got := s.send(row.method, row.path, token, row.body)
			if got.status != row.status {
				t.Errorf("got %d %s, want %d", got.status, got.text, row.status)
			}
			if left := usesOf(s, accessor); left != 4 {
				t.Errorf("%v uses are left, want 4", left)
			}
		})
	}
}

func TestLookingAtDoesNotCost(t *testing.T) {
	s := newStand(t)
	token, accessor := s.token(object{"policies": []string{"default"}, "num_uses": 1, "ttl": "1h"})
	s.must(200, "POST", "auth/token/lookup", root, object{"token": token})
	s.must(200, "GET", "sys/seal-status", token, nil) // needs no token
	s.must(400, "GET", "auth/token//lookup-self", token, nil)
	if left := usesOf(s, accessor); left != 1 {
		t.Fatalf("%v uses are left, want 1", left)
	}
	r := s.must(200, "GET", "auth/token/lookup-self", token, nil)
	if left := r.data()["num_uses"]; left != -1.0 {
		t.Errorf("last use shows num_uses %v, want -1", left)
	}
	s.must(403, "GET", "auth/token/lookup-self", token, nil)
}

func TestWhoMayNotLearnsNothing(t *testing.T) {
	s := newStand(t)
	poor, _ := s.token(object{"policies": []string{"default"}, "ttl": "1h"})
	for _, token := range []string{poor, "s.madeup", ""} {
		for _, body := range []any{`{"ttl":`, object{"ttl": "soon"}, object{"num_uses": -1}, object{"id": "a/b"}} {
			r := s.must(403, "POST", "auth/token/create", token, body)
			if r.errors() != "permission denied" {
				t.Errorf("%v: errors are %q, want permission denied alone", body, r.errors())
			}
		}
	}
}

func TestChosenID(t *testing.T) {
	s := newStand(t)
	for id, status := range map[string]int{
		"my-own": 200, "00000000-1111-2222-3333-444444444444": 200, "jtx_mine": 200,
		"jts_mine": 400, "jtb_mine": 400, "jtw_mine": 400, "a.b": 400, "a/b": 400, "two words": 400,
		"tab\there": 400, "ünïcode": 400, "nul\x00": 400, strings.Repeat("x", 257): 400, strings.Repeat("x", 256): 200,
	} {
		r := s.send("POST", "auth/token/create", root, object{"id": id, "ttl": "1h"})
		if r.status != status {
			t.Errorf("id %.40q: %d %s, want %d", id, r.status, r.text, status)
		}
	}
	// Only root may choose.
	s.policy("maker", `path "auth/token/create" { capabilities = ["update"] }`)
	maker, _ := s.token(object{"policies": []string{"maker"}})
	s.must(400, "POST", "auth/token/create", maker, object{"id": "mine"})
}

func TestWarnings(t *testing.T) {
	s := newStand(t)
	for _, row := range []struct {
		body object
		says string
	}{
		{object{"ttl": "1h", "no_such_field": 1, "another": 2}, "unrecognized parameters: [another, no_such_field]"},
		{object{"lease": "1h"}, `Field "lease" is deprecated`},
		{object{"ttl": "1000h", "policies": []string{"default"}}, "capped"},
		{object{"ttl": "1h", "policies": []string{"nobody-made-it"}}, "does not exist"},
	} {
		r := s.must(200, "POST", "auth/token/create", root, row.body)
		if !strings.Contains(r.text, row.says) && !strings.Contains(r.text, strings.ReplaceAll(row.says, `"`, `\"`)) {
			t.Errorf("%v: no warning with %q in %s", row.body, row.says, r.text)
		}
	}
	r := s.must(200, "POST", "auth/token/create", root, `{"ttl":"1h","ttl":"2h"}`)
	if !strings.Contains(r.text, "more than once") {
		t.Errorf("no warning about the field given twice: %s", r.text)
	}
	if ttl := r.body["auth"].(map[string]any)["lease_duration"]; ttl != 7200.0 {
		t.Errorf("ttl is %v, want the last one", ttl)
	}
}

func TestLegacyPaths(t *testing.T) {
	for _, on := range []bool{true, false} {
		c := httptestcluster.New()
		s := &stand{t, c, newServer(t, httpd.Config{Cluster: c, LegacyPaths: on}).Handler()}
		for _, row := range []struct {
			method, path string
			on           int
		}{
			{"GET", "auth/token/lookup/%", 200},
			{"POST", "auth/token/renew/%", 200},
			{"PUT", "auth/token/renew/%", 200},
			{"POST", "auth/token/revoke/%", 204},
			{"POST", "auth/token/revoke-orphan/%", 204},
		} {
			token, _ := s.token(object{"policies": []string{"default"}, "lease": "1h"})
			want := row.on
			if !on {
				want = 404
			}
			r := s.must(want, row.method, strings.Replace(row.path, "%", token, 1), root, nil)
			if on && !strings.Contains(r.header.Get("Warning"), "deprecated") {
				t.Errorf("%s: no deprecation warning: %v", row.path, r.header)
			}
			if !on && strings.Contains(r.text, token) {
				t.Errorf("%s: error holds the token: %s", row.path, r.text)
			}
		}
		// Elsewhere a token in the path is refused, so that it can not end up in
		// the log as part of a path.
		token, _ := s.token(object{"policies": []string{"default"}})
		s.must(400, "GET", "cubbyhole/"+token, token, nil)
		s.must(400, "GET", "no/such/"+token+"/path", token, nil)
		s.must(204, "POST", "auth/token/revoke-prefix/auth/none/", root, nil)
	}
}

func TestExpiry(t *testing.T) {
	s := newStand(t)
	token, accessor := s.token(object{"policies": []string{"default"}, "ttl": "10s"})
	r := s.must(200, "GET", "auth/token/lookup-self", token, nil)
	if ttl := r.data()["ttl"].(float64); ttl < 9 || ttl > 10 {
		t.Errorf("ttl is %v, want 10 or 9", ttl)
	}
	s.cluster.Advance(9500 * time.Millisecond)
	r = s.must(200, "GET", "auth/token/lookup-self", token, nil)
	if ttl := r.data()["ttl"]; ttl != 1.0 {
		t.Errorf("ttl is %v, want 1: 0 would mean that it never expires", ttl)
	}
	s.cluster.Advance(time.Second)
	s.must(403, "GET", "auth/token/lookup-self", token, nil)
	s.must(403, "POST", "auth/token/lookup", root, object{"token": token})
	s.must(400, "POST", "auth/token/lookup-accessor", root, object{"accessor": accessor})
}

func TestRoleTwins(t *testing.T) {
	s := newStand(t)
	r := s.must(200, "POST", "auth/token/roles/r", root, object{"period": "1h", "token_period": "2h"})
	if !strings.Contains(r.text, "deprecated") {
		t.Errorf("no warning about both names: %s", r.text)
	}
	data := s.must(200, "GET", "auth/token/roles/r", root, nil).data()
	if data["period"] != 0.0 || data["token_period"] != 7200.0 {
		t.Errorf("period %v, token_period %v; want 0 and 7200", data["period"], data["token_period"])
	}
	s.must(204, "POST", "auth/token/roles/r", root, object{"bound_cidrs": "10.1.2.3/8, ::1", "allowed_policies": nil})
	data = s.must(200, "GET", "auth/token/roles/r", root, nil).data()
	if got := data["bound_cidrs"].([]any); len(got) != 2 || got[0] != "10.0.0.0/8" || got[1] != "::1" {
		t.Errorf("bound_cidrs are %v, want 10.0.0.0/8 and ::1", got)
	}
}
