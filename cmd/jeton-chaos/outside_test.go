package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/load"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
	"github.com/jeton-io/jeton/http/jwt/jwttest"
)

// TestOthersHangAndTheClusterDoesNot: services that take calls and answer nothing
// keep those waiting who want something of them, for a while, and are named to them;
// everybody else makes tokens and uses them on all nodes as if nothing were.
func TestOthersHangAndTheClusterDoesNot(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := start(t, procs.Config{})
	h := client.New(patience)
	t.Run("a webhook", func(t *testing.T) {
		s := newSilent(t)
		for _, r := range []client.Request{
			{Path: "sys/mounts/silent", Body: map[string]any{"type": "webhook"}},
			{Path: "silent/config", Body: map[string]any{"url": s.URL, "signing_key": "of a service that says nothing", "timeout": "2s", "max_retries": 0}},
			{Path: "silent/roles/ci", Body: map[string]any{}},
		} {
			r.Node, r.Token = c.Nodes[0].URL, c.Root
			ask(t, ctx, h, r)
		}
		told(t, s.besides(t, ctx, c, client.Request{Method: "GET", Path: "silent/creds/ci", Token: c.Root}),
			http.StatusBadGateway, "no answer in time")
	})
	t.Run("an issuer of JWTs", func(t *testing.T) {
		s, signer := newSilent(t), jwttest.NewKey("k1")
		s.answer(func(w http.ResponseWriter) { jwttest.WriteKeys(w, signer) })
		for _, r := range []client.Request{
			{Path: "sys/auth/silent", Body: map[string]any{"type": "jwt"}},
			{Path: "auth/silent/config", Body: map[string]any{"jwks_url": s.URL}},
			{Path: "auth/silent/role/build", Body: map[string]any{"role_type": "jwt", "bound_audiences": "us", "user_claim": "sub"}},
		} {
			r.Node, r.Token = c.Nodes[0].URL, c.Root
			ask(t, ctx, h, r)
		}
		s.answer(nil)
		now := time.Now().Unix()
		login := map[string]any{"role": "build", "jwt": jwttest.NewKey("k2").Sign(map[string]any{"sub": "build", "aud": "us", "iat": now, "exp": now + 600})}
		told(t, s.besides(t, ctx, c, client.Request{Method: "POST", Path: "auth/silent/login", Body: login}),
			http.StatusServiceUnavailable, "waiting for keys")
	})
}

// told wants the answers to say what those who wait are told, but for requests that
// the cluster itself was too busy for.
func told(t *testing.T, answers []client.Answer, status int, text string) {
	t.Helper()
	n := 0
	for _, a := range answers {
		switch {
		case a.Status == status && strings.Contains(a.String(), text):
			n++
		case a.Outcome != client.Void:
			t.Errorf("%s, want %d: %s", a, status, text)
		}
	}
	if n == 0 {
		t.Errorf("none of %d requests was told %s", len(answers), text)
	}
}

// silent is a service that answers what it is told to, or nothing until the caller
// hangs up.
type silent struct {
	*httptest.Server
	asked chan struct{}

	mu    sync.Mutex
	reply func(http.ResponseWriter)
}

func newSilent(t *testing.T) *silent {
	s := &silent{asked: make(chan struct{}, 1)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		reply := s.reply
		s.mu.Unlock()
		if reply != nil {
			reply(w)
			return
		}
		select {
		case s.asked <- struct{}{}:
		default:
		}
		io.Copy(io.Discard, r.Body) // or the end would not be noticed
		<-r.Context().Done()
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *silent) answer(reply func(http.ResponseWriter)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply = reply
}

// besides sends the request by every node, several at once, and has others work
// meanwhile. It returns the answers.
func (s *silent) besides(t *testing.T, ctx context.Context, c *procs.Cluster, r client.Request) (answers []client.Answer) {
	t.Helper()
	const callers = 4 // a node
	h, end := client.New(patience), make(chan struct{})
	var mu sync.Mutex
	var calling sync.WaitGroup
	for _, n := range c.Nodes {
		for range callers {
			calling.Go(func() {
				for {
					r := r
					r.Node = n.URL
					a := h.Do(ctx, r)
					mu.Lock()
					answers = append(answers, a)
					mu.Unlock()
					select {
					case <-end:
						return
					case <-time.After(pollEvery): // some are refused at once
					}
				}
			})
		}
	}
	select {
	case <-s.asked:
	case <-wait(t, ctx).Done():
		t.Error("the service is not asked")
	}
	work := load.StartPatients(ctx, c.URLs(), c.Root)
	err := work.Await(wait(t, ctx), breath)
	close(end)
	calling.Wait()
	must(t, err)
	noneFailed(t, work.Stop())
	t.Logf("%d requests of those who wait", len(answers))
	return answers
}
