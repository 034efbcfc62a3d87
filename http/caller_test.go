package http_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// self sends a look-up of the caller's own token with the given headers, a name
// and a value each.
func self(h http.Handler, header ...string) reply {
	r := httptest.NewRequest("GET", "http://jeton.test/v1/auth/token/lookup-self", nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return reply{status: w.Code, header: w.Header(), text: w.Body.String()}
}

func TestTokenTransport(t *testing.T) {
	s := newStand(t)
	mine, _ := s.token(object{"policies": []string{"default"}})
	other, _ := s.token(object{"policies": []string{"default"}})
	for _, row := range []struct {
		name   string
		header []string
		status int
		id     string // of the token that was taken
	}{
		{"header", []string{"X-Vault-Token", mine}, 200, mine},
		{"header in any case", []string{"x-vault-token", mine}, 200, mine},
		{"bearer", []string{"Authorization", "Bearer " + mine}, 200, mine},
		{"cookie", []string{"Cookie", "token=" + mine}, 200, mine},
		{"cookie among others", []string{"Cookie", "a=1; token=" + mine + "; b=2"}, 200, mine},
		{"header before bearer", []string{"X-Vault-Token", mine, "Authorization", "Bearer " + other}, 200, mine},
		{"bearer before cookie", []string{"Authorization", "Bearer " + mine, "Cookie", "token=" + other}, 200, mine},
		{"cookie of the same origin", []string{"Cookie", "token=" + mine, "Sec-Fetch-Site", "same-origin", "Origin", "http://jeton.test"}, 200, mine},
		{"cookie of a typed address", []string{"Cookie", "token=" + mine, "Sec-Fetch-Site", "none"}, 200, mine},
		{"cookie from another site", []string{"Cookie", "token=" + mine, "Sec-Fetch-Site", "cross-site"}, 403, ""},
		{"cookie from a sister site", []string{"Cookie", "token=" + mine, "Sec-Fetch-Site", "same-site"}, 403, ""},
		{"cookie with a foreign origin", []string{"Cookie", "token=" + mine, "Origin", "http://evil.test"}, 403, ""},
		{"cookie with an opaque origin", []string{"Cookie", "token=" + mine, "Origin", "null"}, 403, ""},
		{"bearer from another site", []string{"Authorization", "Bearer " + mine, "Sec-Fetch-Site", "cross-site"}, 200, mine},
		{"bearer in lower case", []string{"Authorization", "bearer " + mine}, 403, ""},
		{"basic", []string{"Authorization", "Basic " + mine}, 403, ""},
		{"no scheme", []string{"Authorization", mine}, 403, ""},
		{"nothing", nil, 403, ""},
		{"white space", []string{"X-Vault-Token", "  "}, 403, ""},
		{"other cookie", []string{"Cookie", "session=" + mine}, 403, ""},
		{"empty cookie", []string{"Cookie", "token="}, 403, ""},
		{"header twice", []string{"X-Vault-Token", mine, "X-Vault-Token", mine}, 400, ""},
		{"bearer twice", []string{"Authorization", "Bearer " + mine, "Authorization", "Bearer " + mine}, 400, ""},
		{"cookie twice", []string{"Cookie", "token=" + mine + "; token=" + other}, 400, ""},
		{"one character wrong", []string{"X-Vault-Token", flip(mine)}, 403, ""},
		{"wrong prefix", []string{"X-Vault-Token", "jtw_" + mine[4:]}, 403, ""},
		{"very long", []string{"X-Vault-Token", strings.Repeat("x", 60_000)}, 403, ""},
		{"namespace", []string{"X-Vault-Token", mine, "X-Vault-Namespace", "team-a"}, 400, ""},
		{"root namespace", []string{"X-Vault-Token", mine, "X-Vault-Namespace", "root"}, 200, mine},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := self(s.handler, row.header...)
			if got.status != row.status {
				t.Fatalf("got %d %s, want %d", got.status, got.text, row.status)
			}
			if row.id != "" && !strings.Contains(got.text, `"id":"`+row.id+`"`) {
				t.Errorf("answer is about another token: %s", got.text)
			}
			if row.status >= 400 && strings.Contains(got.text, mine) {
				t.Errorf("error holds the token: %s", got.text)
			}
		})
	}
}

// flip makes a token wrong by one character.
func flip(token string) string {
	with := byte('a')
	if token[10] == with {
		with = 'b'
	}
	return token[:10] + string([]byte{with}) + token[11:]
}

func TestBoundAddress(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "auth/token/roles/bound", root, object{"token_bound_cidrs": "10.0.0.0/8", "allowed_policies": "default"})
	r := s.must(200, "POST", "auth/token/create/bound", root, object{"ttl": "1h"})
	token := r.body["auth"].(map[string]any)["client_token"].(string)
	for addr, want := range map[string]int{
		"10.1.2.3:99": 200, "192.0.2.1:99": 403, "[::ffff:10.1.2.3]:99": 200, "[2001:db8::1]:99": 403, "@": 403,
	} {
		req := httptest.NewRequest("GET", "/v1/auth/token/lookup-self", nil)
		req.RemoteAddr = addr
		req.Header.Set("X-Vault-Token", token)
		req.Header.Set("X-Forwarded-For", "10.1.2.3")
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, req)
		if w.Code != want {
			t.Errorf("from %s: %d %s, want %d", addr, w.Code, w.Body, want)
		}
	}
}

func TestStrangersAreLimited(t *testing.T) {
	c := httptestcluster.New()
	limited := &stand{t, c, newServer(t, httpd.Config{
		Cluster: c, Limits: httpd.Limits{StrangerBurst: 3, StrangerRate: 1e-9},
	}).Handler()}
	valid, accessor := limited.token(object{"policies": []string{"default"}})
	before := c.Hash()
	made := "s.madeup"
	for i, want := range []int{403, 403, 403, 429, 429} {
		r := limited.send("POST", "auth/token/create", made, object{})
		if r.status != want {
			t.Fatalf("made-up token, request %d: %d %s, want %d", i, r.status, r.text, want)
		}
		if want == 429 && r.header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
	}
	if got := limited.send("GET", "auth/token/lookup-self", flip(valid), nil).status; got != 429 {
		t.Errorf("mistyped token: %d, want 429", got)
	}
	if c.Hash() != before {
		t.Error("made-up tokens changed the state")
	}
	limited.must(200, "GET", "auth/token/lookup-self", valid, nil)
	limited.must(204, "POST", "auth/token/revoke-accessor", root, object{"accessor": accessor})
	// A token that once was is nobody's guess.
	limited.must(403, "GET", "auth/token/lookup-self", valid, nil)
	limited.must(403, "POST", "auth/token/create", valid, object{})
}
