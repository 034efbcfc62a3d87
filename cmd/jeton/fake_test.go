package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// fakeServer answers from a script and notes what it was asked. Its answers have
// the shapes that a real server was seen to give.
type fakeServer struct {
	*httptest.Server
	answers map[string]answer // by "METHOD path"; LIST is GET with ?list=true

	mu    sync.Mutex
	asked []string // "METHOD path body", in order
	token string   // of the last request
}

type answer struct {
	status int
	body   string
}

func newFakeServer(t *testing.T, answers map[string]answer) *fakeServer {
	s := &fakeServer{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *fakeServer) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	method := r.Method
	if r.URL.Query().Get("list") == "true" {
		method = "LIST"
	}
	s.mu.Lock()
	asked := strings.TrimSpace(fmt.Sprintf("%s %s %s", method, r.URL.Path+query(r), bytes.TrimSpace(body)))
	if ttl := r.Header.Get("X-Vault-Wrap-TTL"); ttl != "" {
		asked += " (wrapped for " + ttl + ")"
	}
	s.asked = append(s.asked, asked)
	s.token = r.Header.Get("X-Vault-Token")
	a, ok := s.answers[method+" "+r.URL.Path]
	s.mu.Unlock()
	if !ok {
		a = answer{http.StatusNotFound, `{"errors":[]}`}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	io.WriteString(w, a.body)
}

// query is what a request asks beside its path; LIST has been said.
func query(r *http.Request) string {
	q := r.URL.Query()
	q.Del("list")
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// shell runs commands as a user would, with an environment and a home of its own.
type shell struct {
	env  map[string]string
	home string
	in   string
}

func newShell(t *testing.T, addr string) *shell {
	return &shell{env: map[string]string{"JETON_ADDR": addr}, home: t.TempDir()}
}

func (s *shell) run(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	c := &console{
		in: strings.NewReader(s.in), out: &out, err: &errs,
		env:  func(name string) string { return s.env[name] },
		home: func() (string, error) { return s.home, nil },
	}
	code = run(ctx, commands, c, args)
	return code, out.String(), errs.String()
}
