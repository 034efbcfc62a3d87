package rpc_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/jeton-io/jeton/http/waypoint/api"
	"github.com/jeton-io/jeton/http/waypoint/rpc"
)

func runnerRequest(id string) *api.RunnerTokenRequest {
	return &api.RunnerTokenRequest{Runner: &api.Runner{Id: id, Labels: map[string]string{"env": "prod"}}}
}

// ticketOf is the ticket in a body; "" for none.
func ticketOf(body string) string {
	var t struct{ Ticket string }
	json.Unmarshal([]byte(body), &t)
	return t.Ticket
}

// A wait goes on with the ticket that it was given last until it is decided.
func TestRunnerTokenWaits(t *testing.T) {
	for name, decided := range map[string]struct {
		status int
		body   string
		want   codes.Code
	}{
		"adopted":  {200, `{"token":"yours"}`, codes.OK},
		"keep":     {200, `{"token":""}`, codes.OK},
		"rejected": {403, `{"code":7,"message":"the runner was rejected"}`, codes.PermissionDenied},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandler(func(w http.ResponseWriter, _ *http.Request, body string) {
				next := map[string]string{"": "t1", "t1": "t2"}[ticketOf(body)]
				if next == "" {
					w.WriteHeader(decided.status)
					io.WriteString(w, decided.body)
					return
				}
				w.WriteHeader(http.StatusAccepted)
				io.WriteString(w, `{"token":"","ticket":"`+next+`"}`)
			})
			s := serve(t, h, rpc.Config{})
			got, err := s.RunnerToken(with(t, "client-api-protocol", "1,1", "wpcookie", "C"), runnerRequest("R-1"))
			wantCode(t, err, decided.want)
			if err == nil && !sameJSON(decided.body, `{"token":"`+got.Token+`"}`) {
				t.Errorf("the token is %q", got.Token)
			}
			const runner = `{"runner":{"id":"R-1","labels":{"env":"prod"}}`
			for _, body := range []string{runner + `}`, runner + `,"ticket":"t1"}`, runner + `,"ticket":"t2"}`} {
				if r := h.expect(t, "POST /v1/runner/R-1/token", body); r.header.Get("Grpc-Metadata-Wpcookie") != "C" {
					t.Error("the cookie is not in the request")
				}
			}
			s.stop(t)
			h.quiet(t) // a runner that was told what became of it is not taken offline
		})
	}
}

// undecided is a handler that keeps a wait until its request is given up.
func undecided() *handler {
	return newHandler(func(w http.ResponseWriter, r *http.Request, body string) {
		switch {
		case r.URL.Path == "/v1/runner/R-1/token" && ticketOf(body) == "":
			w.WriteHeader(http.StatusAccepted)
			io.WriteString(w, `{"token":"","ticket":"t1"}`)
		case r.URL.Path == "/v1/runner/R-1/token":
			<-r.Context().Done()
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			io.WriteString(w, `{}`)
		}
	})
}

// A client that goes away takes its runner along.
func TestRunnerTokenWithoutItsClient(t *testing.T) {
	h := undecided()
	s := serve(t, h, rpc.Config{})
	ctx, cancel := context.WithCancel(with(t, "client-api-protocol", "1,1", "wpcookie", "C"))
	failed := make(chan error)
	go func() {
		_, err := s.RunnerToken(ctx, runnerRequest("R-1"))
		failed <- err
	}()
	h.next(t)
	h.next(t)
	cancel()
	wantCode(t, <-failed, codes.Canceled)
	if r := h.expect(t, "POST /v1/runner/R-1/offline", `{}`); r.header.Get("Grpc-Metadata-Wpcookie") != "C" {
		t.Error("the cookie is not in the request")
	}
}

// A node that stops sends its clients elsewhere, and takes nobody offline: the request
// that waits is not given up, but none follows it.
func TestRunnerTokenOnANodeThatStops(t *testing.T) {
	var s *site
	h := newHandler(func(w http.ResponseWriter, r *http.Request, _ string) {
		awaitStop(s)
		if r.Context().Err() != nil {
			t.Error("the request was given up")
		}
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, `{"token":"","ticket":"t1"}`)
	})
	s = serve(t, h, rpc.Config{})
	failed := make(chan error)
	go func() {
		_, err := s.RunnerToken(client(t), runnerRequest("R-1"))
		failed <- err
	}()
	h.next(t)
	s.stop(t)
	wantCode(t, <-failed, codes.Unavailable)
	h.quiet(t)
}

// awaitStop returns when the server has begun to stop, so that nobody can connect.
func awaitStop(s *site) {
	for {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			return
		}
		conn.Close()
	}
}

// A token that was made is handed out, though the node has begun to stop.
func TestATokenMadeLateIsNotLost(t *testing.T) {
	var s *site
	h := newHandler(func(w http.ResponseWriter, _ *http.Request, _ string) {
		awaitStop(s)
		io.WriteString(w, `{"token":"yours"}`)
	})
	s = serve(t, h, rpc.Config{})
	go func() {
		h.next(t)
		s.server.Shutdown(context.Background())
	}()
	got, err := s.RunnerToken(client(t), runnerRequest("R-1"))
	if err != nil || got.Token != "yours" {
		t.Errorf("got %v %v", got, err)
	}
}
