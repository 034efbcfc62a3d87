package http

import (
	"io"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/jeton-io/jeton/http/httptestcluster"
)

// heldBody is a body of which nothing arrives until it is released.
type heldBody struct {
	asked   func() // called when somebody waits for it
	release <-chan struct{}
}

func (b heldBody) Read([]byte) (int, error) {
	b.asked()
	<-b.release
	return 0, io.EOF
}

// Whoever sends a body slowly, or never, holds up nobody else: not the stranger
// with a made-up token, not the one who shows none, nor a caller whom we know.
func TestSlowBodiesHoldNobodyUp(t *testing.T) {
	for name, sender := range map[string]struct{ path, token string }{
		"made-up token": {"/v1/auth/token/create", "s.madeup"},
		"no token":      {"/v1/sys/init", ""},
		"known caller":  {"/v1/auth/token/create", httptestcluster.Root},
	} {
		t.Run(name, func(t *testing.T) {
			s := internalServer(t, httptestcluster.New(), nil)
			s.gate.max = 4
			release := make(chan struct{})
			var all sync.WaitGroup
			for range 64 {
				waits := make(chan struct{})
				over := make(chan struct{})
				r := httptest.NewRequest("POST", sender.path, heldBody{sync.OnceFunc(func() { close(waits) }), release})
				r.ContentLength = 10
				r.Header.Set(headerToken, sender.token)
				all.Go(func() {
					defer close(over)
					s.Handler().ServeHTTP(httptest.NewRecorder(), r)
				})
				select {
				case <-waits:
				case <-over:
				}
			}
			if w := ask(s, "GET", "/v1/auth/token/lookup-self"); w.Code != 200 {
				t.Errorf("a known caller got %d %s, want 200", w.Code, w.Body)
			}
			if w := ask(s, "POST", "/v1/auth/token/create"); w.Code != 200 {
				t.Errorf("a known caller's create got %d %s, want 200", w.Code, w.Body)
			}
			close(release)
			all.Wait()
			if s.gate.open.Load() != 0 || s.knownBodies.open.Load() != 0 || s.unknownBodies.all != 0 {
				t.Error("places were not given back")
			}
		})
	}
}

// Strangers whose bodies are on their way are bounded, and callers whom we know
// do not mind.
func TestUnknownBodiesAreBounded(t *testing.T) {
	s := internalServer(t, httptestcluster.New(), nil)
	s.unknownBodies.max = 2 // one to an address
	release := make(chan struct{})
	held := make(chan struct{})
	send := func(token string, body io.Reader) int {
		r := httptest.NewRequest("POST", "/v1/auth/token/create", body)
		r.ContentLength = 2
		r.Header.Set(headerToken, token)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w.Code
	}
	first := make(chan int)
	go func() {
		first <- send("s.madeup", heldBody{sync.OnceFunc(func() { close(held) }), release})
	}()
	<-held
	if code := send("s.other", heldBody{func() { t.Error("the body of one too many was read") }, release}); code != 503 {
		t.Errorf("one stranger too many got %d, want 503", code)
	}
	if w := ask(s, "POST", "/v1/auth/token/create"); w.Code != 200 {
		t.Errorf("a known caller got %d, want 200", w.Code)
	}
	close(release)
	if code := <-first; code != 403 {
		t.Errorf("the first stranger got %d, want 403", code)
	}
}
