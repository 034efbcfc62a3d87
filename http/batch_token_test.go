package http_test

import (
	"strings"
	"testing"
	"time"
)

// batch makes a batch token and returns its text and its accessor.
func (s *stand) batch(by string, fields object) (text, accessor string) {
	s.t.Helper()
	fields["type"] = "batch"
	r := s.must(200, "POST", "auth/token/create", by, fields)
	auth := r.body["auth"].(map[string]any)
	if auth["accessor"] != "" || auth["token_type"] != "batch" {
		s.t.Fatalf("made %s", r.text)
	}
	return auth["client_token"].(string), auth["batch_accessor"].(string)
}

func TestBatchToken(t *testing.T) {
	s := newStand(t)
	b, accessor := s.batch(root, object{"policies": []string{"default"}, "ttl": "1h", "meta": object{"k": "v"}})
	if !strings.HasPrefix(b, "jtb_") {
		t.Errorf("text %s", b)
	}
	data := s.must(200, "GET", "auth/token/lookup-self", b, nil).data()
	if data["type"] != "batch" || data["batch_accessor"] != accessor || data["id"] != b || data["orphan"] != false {
		t.Errorf("looks like %v", data)
	}
	s.must(200, "POST", "auth/token/lookup", root, object{"token": b})
	s.must(200, "POST", "sys/capabilities", root, object{"token": b, "path": "auth/token/lookup-self"})
	for _, tt := range []struct{ path, by, want string }{
		{"auth/token/renew", root, "batch tokens cannot be renewed"},
		{"auth/token/renew-self", b, "batch tokens cannot be renewed"},
		{"auth/token/revoke", root, "batch tokens cannot be revoked"},
		{"auth/token/revoke-orphan", root, "batch tokens cannot be revoked"},
		{"auth/token/revoke-self", b, "batch tokens cannot be revoked"},
		{"cubbyhole/a", b, "cubbyhole operations are only supported by 'service' type tokens"},
	} {
		if r := s.must(400, "POST", tt.path, tt.by, object{"token": b}); r.errors() != tt.want {
			t.Errorf("%s: %s", tt.path, r.text)
		}
	}
	s.must(403, "POST", "auth/token/revoke", b, object{"token": b}) // judged before it is told
	s.must(400, "GET", "cubbyhole/a", b, nil)
	s.must(400, "LIST", "cubbyhole/", b, nil)
}

// Nothing is written when it expires, and yet it is refused, on an idle cluster.
func TestBatchTokenExpires(t *testing.T) {
	s := newStand(t)
	b, _ := s.batch(root, object{"policies": []string{"default"}, "ttl": "1m"})
	s.cluster.Advance(2 * time.Minute)
	s.must(403, "POST", "auth/token/lookup", root, object{"token": b})
	s.must(403, "GET", "auth/token/lookup-self", b, nil)
}

func TestBatchTokenForged(t *testing.T) {
	s := newStand(t)
	b, _ := s.batch(root, object{"policies": []string{"default"}})
	other, _ := newStand(t).batch(root, object{"policies": []string{"default"}})
	for what, text := range map[string]string{ // order: each stands alone
		"cut short": b[:len(b)-1], "of another cluster": other, "nothing": "jtb_", "too long": b + strings.Repeat("a", 4096),
	} {
		s.must(403, "GET", "auth/token/lookup-self", text, nil)
		s.must(403, "POST", "auth/token/lookup", root, object{"token": text[:min(len(text), 4000)]})
		s.must(400, "POST", "jeton/batch-tokens/revoke", root, object{"token": text})
		if t.Failed() {
			t.Fatal(what)
		}
	}
}

func TestBatchTokenOfARetry(t *testing.T) {
	s := newStand(t)
	make := func() string {
		r := s.must(200, "POST", "auth/token/create", root, object{"type": "batch", "policies": []string{"default"}}, "Idempotency-Key", "k")
		return r.body["auth"].(map[string]any)["client_token"].(string)
	}
	first := make()
	s.must(204, "POST", "sys/rotate", root, nil)
	if again := make(); again != first {
		t.Errorf("a retry made %s, want %s", again, first)
	}
}

func TestBatchTokenRevoked(t *testing.T) {
	s := newStand(t)
	fresh := func() (string, string) { return s.batch(root, object{"policies": []string{"default"}, "ttl": "1h"}) }
	dead := func(text string) {
		t.Helper()
		s.must(403, "GET", "auth/token/lookup-self", text, nil)
		s.must(403, "POST", "auth/token/lookup", root, object{"token": text})
	}
	a, _ := fresh()
	b, accessor := fresh()
	s.must(200, "POST", "jeton/batch-tokens/revoke", root, object{"token": a})
	dead(a)
	s.must(200, "GET", "auth/token/lookup-self", b, nil)
	s.must(200, "POST", "jeton/batch-tokens/revoke", root, object{"accessor": accessor})
	dead(b)

	c, _ := fresh()
	s.must(200, "POST", "jeton/not-before", root, object{"scope": "path", "path": "auth/token/create"})
	dead(c)
	if marks := s.must(200, "GET", "jeton/not-before", root, nil).data()["marks"].([]any); len(marks) != 1 {
		t.Errorf("marks %v", marks)
	}

	d, _ := fresh()
	key := s.must(200, "GET", "jeton/keyring", root, nil).data()["keys"].([]any)[1].(map[string]any)["id"].(string)
	s.must(400, "POST", "jeton/keyring/"+key+"/retire", root, nil) // in use
	s.must(204, "POST", "sys/rotate", root, nil)
	e, _ := fresh()
	s.must(204, "POST", "jeton/keyring/"+key+"/retire", root, nil)
	dead(d)
	s.must(200, "GET", "auth/token/lookup-self", e, nil)
	s.must(404, "POST", "jeton/keyring/none/retire", root, nil)
}

func TestBatchRoutesHostile(t *testing.T) {
	s := newStand(t)
	weak, _ := s.token(object{"policies": []string{"default"}})
	for _, tt := range []struct {
		path string
		body any
	}{
		{"jeton/batch-tokens/revoke", object{}},
		{"jeton/batch-tokens/revoke", object{"token": "x", "accessor": "y"}},
		{"jeton/batch-tokens/revoke", object{"accessor": "short"}},
		{"jeton/batch-tokens/revoke", object{"accessor": strings.Repeat("/", 24)}},
		{"jeton/batch-tokens/revoke", object{"token": "jts_nobody"}},
		{"jeton/not-before", object{}},
		{"jeton/not-before", object{"scope": "all"}},
		{"jeton/not-before", object{"scope": "cluster", "role": "x"}},
		{"jeton/not-before", object{"scope": "path"}},
		{"jeton/not-before", object{"scope": "path", "path": "/"}},
		{"jeton/not-before", object{"scope": "path", "path": strings.Repeat("p", 600)}},
		{"jeton/not-before", object{"scope": "role", "role": "a b"}},
		{"jeton/not-before", object{"scope": 7}},
	} {
		before := s.cluster.Hash()
		s.must(400, "POST", tt.path, root, tt.body)
		if s.cluster.Hash() != before {
			t.Errorf("%s with %v changed something", tt.path, tt.body)
		}
		s.must(403, "POST", tt.path, weak, tt.body)
	}
}
