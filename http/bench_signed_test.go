package http

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/http/httptestcluster"
)

// BenchmarkLookupSelf compares what a token costs that has a record with one of
// Waypoint's, of a user with a policy.
func BenchmarkLookupSelf(b *testing.B) {
	c := httptestcluster.New()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	setup, err := New(Config{Cluster: c, Logger: quiet})
	if err != nil {
		b.Fatal(err)
	}
	ask := func(path, body string) []byte {
		r := httptest.NewRequest("POST", "/v1/"+path, strings.NewReader(body))
		r.Header.Set(headerToken, httptestcluster.Root)
		w := httptest.NewRecorder()
		setup.Handler().ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return w.Body.Bytes()
	}
	var service struct {
		Auth struct {
			Token string `json:"client_token"`
		}
	}
	var signed struct{ Token string }
	ask("token/bootstrap", "{}")
	ask("jeton/users", `{"username":"carol","policies":["web"]}`)
	for _, err := range []error{
		json.Unmarshal(ask("auth/token/create", `{"policies":["default","web"]}`), &service),
		json.Unmarshal(ask("token/login", `{"user":{"username":{"username":"carol"}}}`), &signed),
	} {
		if err != nil {
			b.Fatal(err)
		}
	}
	s, err := New(Config{Cluster: &canned{Cluster: c}, Logger: quiet})
	if err != nil {
		b.Fatal(err)
	}
	h := s.Handler()
	for name, token := range map[string]string{"service": service.Auth.Token, "signed": signed.Token} { // order: each stands alone
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/v1/auth/token/lookup-self", nil)
			r.Header.Set(headerToken, token)
			w := &nowhere{header: make(http.Header)}
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
			if w.status != 200 {
				b.Fatalf("status %d", w.status)
			}
		})
	}
}
