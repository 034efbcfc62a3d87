package rpc_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/jeton-io/jeton/http/waypoint/api"
	"github.com/jeton-io/jeton/http/waypoint/rpc"
)

// request is what a handler was asked.
type request struct {
	method, path, body string
	header             http.Header
	remote, host       string
	tls                *tls.ConnectionState
}

// line is the request without what came of its connection.
func (r request) line() string { return r.method + " " + r.path }

// handler stands for the REST interface: it says what it was asked, and answers as it
// is told.
type handler struct {
	requests chan request
	answer   func(w http.ResponseWriter, r *http.Request, body string)
}

func newHandler(answer func(w http.ResponseWriter, r *http.Request, body string)) *handler {
	return &handler{requests: make(chan request, 64), answer: answer}
}

// says is a handler that answers everything with the same.
func says(code int, text string) *handler {
	return newHandler(func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.WriteHeader(code)
		io.WriteString(w, text)
	})
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || int64(len(body)) != r.ContentLength {
		http.Error(w, "the body is not as long as it says", http.StatusTeapot)
		return
	}
	h.requests <- request{r.Method, r.URL.EscapedPath(), string(body), r.Header.Clone(), r.RemoteAddr, r.Host, r.TLS}
	h.answer(w, r, string(body))
}

// next is the next request that the handler gets.
func (h *handler) next(t *testing.T) request {
	t.Helper()
	select {
	case r := <-h.requests:
		return r
	case <-time.After(10 * time.Second):
		t.Fatal("the handler was not asked")
		panic("unreachable")
	}
}

// expect takes the next request, which must be that one.
func (h *handler) expect(t *testing.T, line, body string) request {
	t.Helper()
	r := h.next(t)
	if r.line() != line || !sameJSON(r.body, body) {
		t.Fatalf("the handler was asked for %s %s, want %s %s", r.line(), r.body, line, body)
	}
	return r
}

// quiet fails when the handler was asked for anything that nobody has taken.
func (h *handler) quiet(t *testing.T) {
	t.Helper()
	select {
	case r := <-h.requests:
		t.Errorf("the handler was asked for %s %s, too", r.line(), r.body)
	default:
	}
}

func sameJSON(a, b string) bool {
	if a == "" || b == "" {
		return a == b
	}
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// site is a server on a real listener and a client of it.
type site struct {
	api.WaypointClient
	server *rpc.Server
	conn   *grpc.ClientConn
	addr   string
	log    *bytes.Buffer
	served chan error
}

func serve(t *testing.T, h http.Handler, cfg rpc.Config, dial ...grpc.DialOption) *site {
	t.Helper()
	return serveWith(t, h, cfg, nil, dial...)
}

// serveWith has the waiting done by another clock.
func serveWith(t *testing.T, h http.Handler, cfg rpc.Config, clock func(time.Duration) <-chan time.Time, dial ...grpc.DialOption) *site {
	t.Helper()
	log := new(bytes.Buffer)
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	}
	s := &site{server: rpc.New(h, cfg), log: log, served: make(chan error, 1)}
	if clock != nil {
		s.server.SetAfter(clock)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	go func() { s.served <- s.server.Serve(l) }()
	if dial == nil {
		dial = []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	}
	if s.conn, err = grpc.NewClient(s.addr, dial...); err != nil {
		t.Fatal(err)
	}
	s.WaypointClient = api.NewWaypointClient(s.conn)
	t.Cleanup(func() {
		s.conn.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	return s
}

// stop shuts the server down, and waits for that.
func (s *site) stop(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if err := <-s.served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// with is a context whose calls carry these metadata, in pairs.
func with(t *testing.T, pairs ...string) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return metadata.AppendToOutgoingContext(ctx, pairs...)
}

// client is what Waypoint's own client sends with a token.
func client(t *testing.T) context.Context {
	return with(t, "client-api-protocol", "1,1", "client-entrypoint-protocol", "1,1", "waypoint-token", "T", "authorization", "T")
}

func wantCode(t *testing.T, err error, want codes.Code) {
	t.Helper()
	if status.Code(err) != want {
		t.Errorf("got %v, want %v", err, want)
	}
}

// clock is a clock that a test turns by hand.
type clock chan time.Time

// after is what a server waits with.
func (c clock) after(d time.Duration) <-chan time.Time {
	if d != rpc.JudgeEvery {
		panic("an unknown time to wait")
	}
	return c
}

// turn lets the time pass for one who waits for it.
func (c clock) turn(t *testing.T) {
	t.Helper()
	select {
	case c <- time.Time{}:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody waits")
	}
}
