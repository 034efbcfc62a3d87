package http

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

func TestUnavailable(t *testing.T) {
	for _, row := range []struct {
		err    error
		effect string
	}{
		{cluster.ErrNoLeader, "was not applied"},
		{cluster.ErrNotReady, "was not applied"},
		{cluster.ErrOverloaded, "was not applied"},
		{cluster.ErrTimeout, "was not applied"},
		{cluster.ErrClosed, "was not applied"},
		{cluster.ErrUnknownOutcome, "may have been applied"},
		{fmt.Errorf("wrapped: %w", cluster.ErrUnknownOutcome), "may have been applied"},
		{context.DeadlineExceeded, "may have been applied"},
		{&fsm.Error{Code: fsm.Recheck, Reason: fsm.PolicyMoved}, "policies changed"},
		{&fsm.Error{Code: fsm.Uninitialized, Reason: fsm.NotInitialized}, "not initialized"},
	} {
		fake := httptestcluster.New()
		s := internalServer(t, fake, nil)
		fake.Fail(row.err)
		for _, path := range []string{"lookup-self", "create"} {
			method := map[string]string{"lookup-self": "GET", "create": "POST"}[path]
			w := ask(s, method, "/v1/auth/token/"+path)
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
				t.Errorf("%v: %s: %d, Retry-After %q; want 503 with one", row.err, path, w.Code, w.Header().Get("Retry-After"))
			}
			if !strings.Contains(w.Body.String(), row.effect) {
				t.Errorf("%v: %s: answer is %s, want %q in it", row.err, path, w.Body, row.effect)
			}
		}
	}
}

func TestUnknownErrorsStayInside(t *testing.T) {
	var log bytes.Buffer
	fake := httptestcluster.New()
	s := internalServer(t, fake, &log)
	fake.Fail(errors.New("the disk says something private"))
	w := ask(s, "GET", "/v1/auth/token/lookup-self")
	if w.Code != 500 || strings.TrimSpace(w.Body.String()) != `{"errors":["internal error"]}` {
		t.Errorf("answer is %d %s, want an internal error", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "something private") || !strings.Contains(log.String(), "request_id") {
		t.Errorf("log is %s, want the error and the request id", log.String())
	}
}

// What is behind a secrets engine is not the cluster: it is down alone.
func TestErrorsOfEngines(t *testing.T) {
	for want, err := range map[int]error{
		http.StatusBadRequest: engine.Refuse("not an allowed role"),
		http.StatusBadGateway: fmt.Errorf("issue: %w", engine.Unreachable("the database: dial: connection refused")),
	} {
		s := internalServer(t, httptestcluster.New(), nil)
		s.handle(route{path: "test/engine", read: func(*call) (answer, error) { return answer{}, err }})
		if w := ask(s, "GET", "/v1/test/engine"); w.Code != want || strings.Contains(w.Body.String(), "issue:") {
			t.Errorf("%v: %d %s, want %d", err, w.Code, w.Body, want)
		}
	}
}

func TestPanicIsOneRequestsFault(t *testing.T) {
	var log bytes.Buffer
	s := internalServer(t, httptestcluster.New(), &log)
	s.handle(route{path: "test/panic", read: func(*call) (answer, error) { panic("broken invariant") }})
	if w := ask(s, "GET", "/v1/test/panic"); w.Code != 500 || !strings.Contains(w.Body.String(), "internal error") {
		t.Errorf("answer is %d %s, want an internal error", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "broken invariant") {
		t.Errorf("log is %s, want the panic", log.String())
	}
	if open := s.gate.open.Load(); open != 0 {
		t.Errorf("%d requests count as under way, want none", open)
	}
}

// What is thrown may quote the request: the log has it without any token.
func TestPanicTellsNoToken(t *testing.T) {
	var log bytes.Buffer
	s := internalServer(t, httptestcluster.New(), &log)
	drawn, wrapping := newServiceToken(), newWrappingToken()
	s.handle(route{path: "test/panic", read: func(c *call) (answer, error) {
		panic(fmt.Sprintf("broken invariant: %s of [%s %q]", c.secret, drawn, wrapping))
	}})
	w := ask(s, "GET", "/v1/test/panic")
	for _, secret := range []string{drawn, wrapping} {
		if strings.Contains(log.String()+w.Body.String(), secret) {
			t.Errorf("%q is in the log or the answer:\n%s\n%s", secret, log.String(), w.Body)
		}
	}
	if !strings.Contains(log.String(), "broken invariant: <token> of [<token> ") {
		t.Errorf("the log does not say what was thrown:\n%s", log.String())
	}
}

// Every verdict of the machine has a status.
func TestEveryCodeHasAStatus(t *testing.T) {
	for code := fsm.Invalid; code <= fsm.Uninitialized; code++ {
		if codeStatus[code] == 0 {
			t.Errorf("code %d has no status", code)
		}
	}
}

func TestGate(t *testing.T) {
	s := internalServer(t, httptestcluster.New(), nil)
	s.gate.max = 1
	entered, leave := make(chan struct{}), make(chan struct{})
	s.handle(route{path: "test/slow", open: true, read: func(*call) (answer, error) {
		close(entered)
		<-leave
		return answer{}, nil
	}})
	done := make(chan int)
	go func() { done <- ask(s, "GET", "/v1/test/slow").Code }()
	<-entered
	if w := ask(s, "GET", "/v1/auth/token/lookup-self"); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("answer is %d %s, want 503 with Retry-After", w.Code, w.Body)
	}
	if w := ask(s, "GET", "/v1/sys/seal-status"); w.Code != 200 {
		t.Errorf("status while busy is %d %s, want 200", w.Code, w.Body)
	}
	close(leave)
	if code := <-done; code != 204 {
		t.Errorf("slow request: %d, want 204", code)
	}
	if w := ask(s, "GET", "/v1/auth/token/lookup-self"); w.Code != 200 {
		t.Errorf("afterwards: %d %s, want 200", w.Code, w.Body)
	}
}

func internalServer(t *testing.T, c Cluster, log *bytes.Buffer) *Server {
	t.Helper()
	if log == nil {
		log = new(bytes.Buffer)
	}
	s, err := New(Config{Cluster: c, Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(s *Server, method, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set(headerToken, httptestcluster.Root)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}
