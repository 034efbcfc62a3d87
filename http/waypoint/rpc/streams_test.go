package rpc_test

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/jeton-io/jeton/http/waypoint/api"
	"github.com/jeton-io/jeton/http/waypoint/rpc"
)

func opening(id string) *api.RunnerConfigRequest {
	return &api.RunnerConfigRequest{Event: &api.RunnerConfigRequest_Open_{Open: &api.RunnerConfigRequest_Open{Runner: &api.Runner{Id: id}}}}
}

func asking(id string) *api.RunnerJobStreamRequest {
	return &api.RunnerJobStreamRequest{Event: &api.RunnerJobStreamRequest_Request_{Request: &api.RunnerJobStreamRequest_Request{RunnerId: id}}}
}

// switched is a handler whose answer a test changes as it goes.
type switched struct {
	*handler
	now atomic.Pointer[http.HandlerFunc]
}

func newSwitched(status int, body string) *switched {
	s := &switched{handler: newHandler(nil)}
	s.set(status, body)
	return s
}

func (s *switched) set(status int, body string) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
	s.now.Store(&answer)
}

// ServeHTTP answers as was set before the test is told of the request.
func (s *switched) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := *s.now.Load()
	once := handler{s.requests, func(w http.ResponseWriter, r *http.Request, _ string) { now(w, r) }}
	once.ServeHTTP(w, r)
}

// online opens the stream by which a runner is online.
func online(ctx context.Context, t *testing.T, s *site, id string) api.Waypoint_RunnerConfigClient {
	t.Helper()
	stream, err := s.RunnerConfig(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(opening(id)); err != nil {
		t.Fatal(err)
	}
	return stream
}

// A runner is registered again as long as its stream is open, and the first refusal
// ends it.
func TestRunnerConfig(t *testing.T) {
	h, c := newSwitched(200, `{}`), make(clock)
	s := serveWith(t, h, rpc.Config{}, c.after)
	stream := online(client(t), t, s, "R-1")
	const path, body = "POST /v1/runner/R-1/online", `{"runner":{"id":"R-1"}}`
	h.expect(t, path, body)
	first, err := stream.Recv()
	if err != nil || first.Config == nil {
		t.Fatalf("got %v %v", first, err)
	}
	for range 3 {
		c.turn(t)
		if r := h.expect(t, path, body); r.header.Get("Grpc-Metadata-Waypoint-Token") != "T" {
			t.Error("the token is not in the request")
		}
	}
	if err := stream.Send(opening("R-2")); err != nil { // means nothing any more
		t.Fatal(err)
	}
	h.set(403, `{"code":7,"message":"the runner was rejected"}`)
	c.turn(t)
	h.expect(t, path, body)
	_, err = stream.Recv()
	wantCode(t, err, codes.PermissionDenied)
	s.stop(t)
	h.quiet(t)
}

func TestRunnerConfigRefused(t *testing.T) {
	h := says(403, `{"code":7}`)
	s := serve(t, h, rpc.Config{})
	_, err := online(client(t), t, s, "R-1").Recv()
	wantCode(t, err, codes.PermissionDenied)
	h.next(t)

	_, err = online(client(t), t, s, "").Recv()
	wantCode(t, err, codes.PermissionDenied) // judged
	h.expect(t, "GET /v1/runners", "")

	stream, err := s.RunnerConfig(client(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(new(api.RunnerConfigRequest)); err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantCode(t, err, codes.FailedPrecondition)

	if stream, err = s.RunnerConfig(client(t)); err != nil {
		t.Fatal(err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantCode(t, err, codes.FailedPrecondition)
	s.stop(t)
	h.quiet(t)
}

// However a client leaves, its runner is offline then.
func TestRunnerConfigWithoutItsClient(t *testing.T) {
	for name, leave := range map[string]func(*testing.T, api.Waypoint_RunnerConfigClient, context.CancelFunc, *site){
		"cancels": func(_ *testing.T, _ api.Waypoint_RunnerConfigClient, cancel context.CancelFunc, _ *site) { cancel() },
		"hangs up": func(t *testing.T, _ api.Waypoint_RunnerConfigClient, _ context.CancelFunc, s *site) {
			if err := s.conn.Close(); err != nil {
				t.Fatal(err)
			}
		},
		"closes its side": func(t *testing.T, stream api.Waypoint_RunnerConfigClient, _ context.CancelFunc, _ *site) {
			if err := stream.CloseSend(); err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Recv(); err != io.EOF {
				t.Errorf("the stream ended with %v", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := says(200, `{}`)
			s := serve(t, h, rpc.Config{})
			ctx, cancel := context.WithCancel(client(t))
			defer cancel()
			stream := online(ctx, t, s, "R-1")
			h.next(t)
			if _, err := stream.Recv(); err != nil {
				t.Fatal(err)
			}
			leave(t, stream, cancel, s)
			if r := h.expect(t, "POST /v1/runner/R-1/offline", `{}`); r.header.Get("Grpc-Metadata-Waypoint-Token") != "T" {
				t.Error("the token is not in the request")
			}
		})
	}
}

// Streams end at once when the node stops, and nobody is taken offline.
func TestStreamsOnANodeThatStops(t *testing.T) {
	h := says(200, `{"id":"R-1","adoptionState":"ADOPTED"}`)
	s := serve(t, h, rpc.Config{})
	config := online(client(t), t, s, "R-1")
	if _, err := config.Recv(); err != nil {
		t.Fatal(err)
	}
	jobs, err := s.RunnerJobStream(client(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := jobs.Send(asking("R-1")); err != nil {
		t.Fatal(err)
	}
	h.next(t)
	h.next(t)
	s.stop(t)
	_, err = config.Recv()
	wantCode(t, err, codes.Unavailable)
	_, err = jobs.Recv()
	wantCode(t, err, codes.Unavailable)
	h.quiet(t)
}

// Who waits for jobs is judged again and again, and is told when there will be none.
func TestRunnerJobStream(t *testing.T) {
	for name, no := range map[string]struct {
		status int
		body   string
		want   codes.Code
	}{
		"forgotten":         {404, `{"code":5}`, codes.NotFound},
		"may not ask":       {403, `{"errors":["permission denied"]}`, codes.PermissionDenied},
		"rejected":          {200, `{"adoptionState":"REJECTED"}`, codes.PermissionDenied},
		"pending":           {200, `{"adoptionState":"PENDING"}`, codes.PermissionDenied},
		"pending by number": {200, `{"adoptionState":0}`, codes.PermissionDenied},
	} {
		t.Run(name, func(t *testing.T) {
			h, c := newSwitched(200, `{"id":"R-1","adoptionState":"PREADOPTED"}`), make(clock)
			s := serveWith(t, h, rpc.Config{}, c.after)
			ask := func() api.Waypoint_RunnerJobStreamClient {
				t.Helper()
				stream, err := s.RunnerJobStream(client(t))
				if err != nil {
					t.Fatal(err)
				}
				if err := stream.Send(asking("R-1")); err != nil {
					t.Fatal(err)
				}
				h.expect(t, "GET /v1/runner/R-1", "")
				return stream
			}
			stream := ask()
			for range 2 {
				c.turn(t)
				h.expect(t, "GET /v1/runner/R-1", "")
			}
			h.set(no.status, no.body)
			c.turn(t)
			h.expect(t, "GET /v1/runner/R-1", "")
			_, err := stream.Recv()
			wantCode(t, err, no.want)

			_, err = ask().Recv() // and at once from the beginning
			wantCode(t, err, no.want)

			gone := newSwitched(200, `{"adoptionState":"ADOPTED"}`)
			s = serve(t, gone, rpc.Config{})
			h = gone
			stream = ask()
			if err := stream.CloseSend(); err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Recv(); err != io.EOF {
				t.Errorf("a client that wants no more got %v", err)
			}
		})
	}
	t.Run("another message first", func(t *testing.T) {
		h := says(200, `{}`)
		stream, err := serve(t, h, rpc.Config{}).RunnerJobStream(client(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.Send(&api.RunnerJobStreamRequest{Event: new(api.RunnerJobStreamRequest_Ack_)}); err != nil {
			t.Fatal(err)
		}
		_, err = stream.Recv()
		wantCode(t, err, codes.FailedPrecondition)
		h.quiet(t)
	})
}

func TestEntrypointConfig(t *testing.T) {
	h, c := newSwitched(200, `{}`), make(clock)
	s := serveWith(t, h, rpc.Config{}, c.after)
	ask := func(id string) api.Waypoint_EntrypointConfigClient {
		t.Helper()
		stream, err := s.EntrypointConfig(client(t), &api.EntrypointConfigRequest{DeploymentId: id})
		if err != nil {
			t.Fatal(err)
		}
		return stream
	}
	stream := ask("D 1")
	const path = "GET /v1/entrypoint/config/D%201"
	h.expect(t, path, "")
	if got, err := stream.Recv(); err != nil || got.Config == nil {
		t.Errorf("got %v %v", got, err)
	}
	c.turn(t)
	h.expect(t, path, "")
	h.set(404, `{"code":5,"details":[{"@type":"type.googleapis.com/hashicorp.waypoint.ErrorDetail","key":"deployment_id","value":"-"}]}`)
	c.turn(t)
	_, err := stream.Recv()
	wantCode(t, err, codes.NotFound)
	h.next(t)

	_, err = ask("a/b").Recv()
	if wantCode(t, err, codes.NotFound); detailOf(err) != "deployment_id a/b" {
		t.Errorf("the detail is %q", detailOf(err))
	}
	h.expect(t, "GET /v1/entrypoint/config/-", "")
	h.set(401, `{"code":16}`)
	_, err = ask("").Recv()
	wantCode(t, err, codes.Unauthenticated)
}
