package http_test

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

func TestIdempotentCreate(t *testing.T) {
	s := newStand(t)
	body := object{"policies": []string{"default"}, "ttl": "1h", "meta": object{"a": "b"}}
	first := s.must(200, "POST", "auth/token/create", root, body, "Idempotency-Key", "k1")
	before := s.cluster.Local().CountTokens()
	again := s.must(200, "PUT", "auth/token/create", root, `{"meta":{"a":"b"}, "ttl":"1h", "policies":["default"]}`, "Idempotency-Key", "k1")
	for _, field := range []string{"client_token", "accessor"} {
		a, b := first.body["auth"].(map[string]any)[field], again.body["auth"].(map[string]any)[field]
		if a != b {
			t.Errorf("retry: %s is %v, want %v", field, b, a)
		}
	}
	if n := s.cluster.Local().CountTokens(); n != before {
		t.Errorf("retry made a token: %d, want %d", n, before)
	}
	s.must(200, "GET", "auth/token/lookup-self", again.body["auth"].(map[string]any)["client_token"].(string), nil)

	for name, conflict := range map[string]func() reply{
		"other body": func() reply {
			return s.send("POST", "auth/token/create", root, object{"ttl": "2h"}, "Idempotency-Key", "k1")
		},
		"other path": func() reply { return s.send("POST", "auth/token/create-orphan", root, body, "Idempotency-Key", "k1") },
		"other field": func() reply {
			return s.send("POST", "auth/token/create", root, object{"x": 1}, "Idempotency-Key", "k1")
		},
	} {
		if r := conflict(); r.status != 409 {
			t.Errorf("%s: %d %s, want 409", name, r.status, r.text)
		}
	}

	// Another caller's key of the same text is another key.
	other, _ := s.token(object{})
	r := s.must(200, "POST", "auth/token/create", other, body, "Idempotency-Key", "k1")
	if r.body["auth"].(map[string]any)["client_token"] == first.body["auth"].(map[string]any)["client_token"] {
		t.Error("another caller got the token")
	}
	// Outside the window the key is forgotten.
	s.cluster.Advance(fsm.KeyWindow + time.Second)
	r = s.must(200, "POST", "auth/token/create", root, body, "Idempotency-Key", "k1")
	if r.body["auth"].(map[string]any)["client_token"] == first.body["auth"].(map[string]any)["client_token"] {
		t.Error("key was remembered beyond its window")
	}
}

func TestIdempotentUseIsChargedOnce(t *testing.T) {
	s := newStand(t)
	token, accessor := s.token(object{"policies": []string{"default"}, "num_uses": 3, "ttl": "1h"})
	for range 3 {
		s.must(200, "POST", "auth/token/renew-self", token, object{"increment": "30m"}, "Idempotency-Key", "renew")
	}
	if left := usesOf(s, accessor); left != 2 {
		t.Errorf("%v uses are left, want 2", left)
	}
}

// A retry is answered even when the first attempt ended its caller.
func TestIdempotentEnd(t *testing.T) {
	s := newStand(t)
	token, _ := s.token(object{"policies": []string{"default"}, "ttl": "1h"})
	for range 2 {
		s.must(204, "POST", "auth/token/revoke-self", token, nil, "Idempotency-Key", "end")
	}
	s.must(403, "POST", "auth/token/revoke-self", token, nil, "Idempotency-Key", "another")
	s.must(403, "POST", "auth/token/revoke-self", token, nil)

	once, _ := s.token(object{"policies": []string{"default"}, "num_uses": 1, "ttl": "1h"})
	for range 2 {
		s.must(204, "POST", "cubbyhole/a", once, object{"x": 1}, "Idempotency-Key", "last use")
	}
	s.must(403, "GET", "auth/token/lookup-self", once, nil)
}

// Also when its body is of a length that is not said or large, for which a caller
// has to be known before it is read.
func TestIdempotentEndWithLargeBody(t *testing.T) {
	s := newStand(t)
	large := `{"pad":"` + strings.Repeat("x", 32<<10) + `"}`
	for name, length := range map[string]int64{"chunked": -1, "large": int64(len(large))} {
		token, _ := s.token(object{"policies": []string{"default"}, "ttl": "1h"})
		ask := func(key string) int {
			r := httptest.NewRequest("POST", "/v1/auth/token/revoke-self", strings.NewReader(large))
			r.ContentLength = length
			r.Header.Set("X-Vault-Token", token)
			r.Header.Set("Idempotency-Key", key)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			return w.Code
		}
		first := ask("end")
		if again := ask("end"); first/100 != 2 || again != first {
			t.Errorf("%s: %d, then %d, want the same", name, first, again)
		}
		if other := ask("another"); other != 403 {
			t.Errorf("%s: another key: %d, want 403", name, other)
		}
	}
}

func TestIdempotencyKeyForm(t *testing.T) {
	s := newStand(t)
	s.must(200, "POST", "auth/token/create", root, object{}, "Idempotency-Key", strings.Repeat("k", 128))
	s.must(400, "POST", "auth/token/create", root, object{}, "Idempotency-Key", strings.Repeat("k", 129))
	s.must(403, "POST", "auth/token/create", "s.madeup", object{}, "Idempotency-Key", "k")
	// Refusals are remembered too.
	s.must(400, "POST", "auth/token/create/none", root, object{}, "Idempotency-Key", "refused")
	s.must(204, "POST", "auth/token/roles/none", root, object{})
	s.must(400, "POST", "auth/token/create/none", root, object{}, "Idempotency-Key", "refused")
}

// What the cluster keeps for a retry does not give the secret away.
func TestIdempotencyKeepsNoSecret(t *testing.T) {
	s := newStand(t)
	r := s.must(200, "POST", "auth/token/create", root, object{"ttl": "1h"}, "Idempotency-Key", "mykey")
	token := r.body["auth"].(map[string]any)["client_token"].(string)
	var stream bytes.Buffer
	if _, err := s.cluster.Local().WriteTo(&stream); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{token, token[4:20], "mykey"} {
		if bytes.Contains(stream.Bytes(), []byte(secret)) {
			t.Errorf("the state holds %q", secret)
		}
	}
}
