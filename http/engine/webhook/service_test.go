package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/engine"
)

const testKey = "a signing key for tests only"

// fakeService is a service that checks every call as docs/engines.md asks for, and
// answers as a test says.
type fakeService struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	answer func(w http.ResponseWriter, r *http.Request, m *message)
	calls  []call

	hungUp chan struct{} // one for each of the first connections that ended
}

type call struct {
	message
	key string
}

func newFakeService(t *testing.T, answer func(http.ResponseWriter, *http.Request, *message)) *fakeService {
	s := &fakeService{t: t, answer: answer, hungUp: make(chan struct{}, 16)}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			select {
			case s.hungUp <- struct{}{}:
			default:
			}
		}
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *fakeService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller hung up
	}
	if err := verify([]byte(testKey), r.Header.Get("Jeton-Signature"), body, time.Now()); err != nil {
		s.t.Errorf("signature: %v", err)
	}
	var m message
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		s.t.Errorf("body: %v", err)
	}
	if r.Method != "POST" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Authorization") != "Bearer of the service" {
		s.t.Errorf("%s with %v", r.Method, r.Header)
	}
	s.mu.Lock()
	s.calls = append(s.calls, call{m, r.Header.Get("Idempotency-Key")})
	answer := s.answer
	s.mu.Unlock()
	answer(w, r, &m)
}

// verify is the example of docs/engines.md.
func verify(key []byte, header string, body []byte, now time.Time) error {
	t, v1, ok := strings.Cut(header, ",v1=")
	t, isTime := strings.CutPrefix(t, "t=")
	at, err := strconv.ParseInt(t, 10, 64)
	if !ok || !isTime || err != nil {
		return errors.New("not a signature")
	}
	if age := now.Sub(time.Unix(at, 0)); age.Abs() > 5*time.Minute {
		return errors.New("too old: somebody may have kept it")
	}
	got, err := hex.DecodeString(v1)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(t + "."))
	mac.Write(body)
	if err != nil || !hmac.Equal(got, mac.Sum(nil)) { // in constant time
		return errors.New("another key, or another body")
	}
	return nil
}

// taken are the calls so far.
func (s *fakeService) taken() []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]call(nil), s.calls...)
}

// order is about a lease of the service.
func (s *fakeService) order(change func(*Config)) *engine.Order {
	s.t.Helper()
	cfg := &Config{URL: s.URL + "/hook", Timeout: 5, MaxRetries: 2, Headers: []string{"Authorization"},
		CACert: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))}
	if change != nil {
		change(cfg)
	}
	secret := &Secret{SigningKey: testKey, Headers: map[string]string{"Authorization": "Bearer of the service"}}
	if err := cfg.Check(secret); err != nil {
		s.t.Fatal(err)
	}
	o := &engine.Order{
		Mount: "hooks/", MountSerial: 9, DisplayName: "token-ci",
		Config: &engine.Item{Path: "config", Version: 3, Body: bytesOf(s.t, cfg.Marshal), Secret: bytesOf(s.t, secret.Marshal)},
		Role:   &engine.Item{Path: "roles/ci", Version: 4, Body: bytesOf(s.t, (&Role{Parameters: json.RawMessage(`{"scope":["<a>","b"]}`)}).Marshal)},
		Lease:  engine.Lease{ID: "hooks/creds/ci/abc", TTL: time.Hour, Deadline: time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)},
	}
	var err error
	if o.Lease.Data, err = New().Plan(o); err != nil {
		s.t.Fatal(err)
	}
	return o
}

func bytesOf(t *testing.T, marshal func() ([]byte, error)) []byte {
	t.Helper()
	text, err := marshal()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func say(status int, body string) func(http.ResponseWriter, *http.Request, *message) {
	return func(w http.ResponseWriter, _ *http.Request, _ *message) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestLifeOfALease(t *testing.T) {
	s := newFakeService(t, say(200, ` {"user":"u","limits":{"n":1e400}} `))
	e := New()
	defer e.Close()
	o := s.order(nil)
	ctx, cancel := context.WithTimeout(t.Context(), engine.IssueTime)
	defer cancel()
	secret, err := e.Issue(ctx, o)
	if err != nil || string(secret) != `{"user":"u","limits":{"n":1e400}}` {
		t.Fatalf("%s, %v", secret, err)
	}
	if err := e.Renew(ctx, o); err != nil {
		t.Error(err)
	}
	o.Role = nil // gone meanwhile
	if err := e.Revoke(ctx, o); err != nil {
		t.Error(err)
	}
	if err := e.Revoke(ctx, o); err != nil {
		t.Error(err)
	}
	calls := s.taken()
	if len(calls) != 4 {
		t.Fatalf("%d calls", len(calls))
	}
	deadline, _ := ctx.Deadline()
	want := message{Action: "issue", LeaseID: "hooks/creds/ci/abc", Mount: "hooks/", Role: "ci", For: "token-ci", TTL: 3600,
		ExpiresAt: "2026-11-22T20:00:00Z", NotAfter: deadline.Unix(), Parameters: json.RawMessage(`{"scope":["<a>","b"]}`)}
	if got := fmt.Sprintf("%+v", calls[0].message); got != fmt.Sprintf("%+v", want) {
		t.Errorf("issued %s\nwant %+v", got, want)
	}
	want.Action, want.TTL, want.ExpiresAt, want.NotAfter, want.Parameters = "revoke", 0, "", 0, nil
	if got := fmt.Sprintf("%+v", calls[2].message); got != fmt.Sprintf("%+v", want) {
		t.Errorf("revoked %s\nwant %+v", got, want)
	}
	if calls[2].key != calls[3].key || calls[0].key == calls[1].key || calls[1].key == calls[2].key || len(calls[0].key) != 32 {
		t.Errorf("idempotency keys %s, %s, %s, %s", calls[0].key, calls[1].key, calls[2].key, calls[3].key)
	}
}

// What services answer, and what becomes of it.
func TestAnswers(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		issue  string // the secret, or part of the error
		kind   engine.Kind
		revoke bool // succeeds
		calls  int
	}{
		{"a secret", 200, `{"a":1}`, `{"a":1}`, 0, true, 1},
		{"created", 201, `{}`, `{}`, 0, true, 1},
		{"no content", 204, ``, "without a JSON object", engine.Unavailable, true, 1},
		{"not JSON", 200, `hello`, "without a JSON object", engine.Unavailable, true, 1},
		{"a list", 200, `[1]`, "without a JSON object", engine.Unavailable, true, 1},
		{"null", 200, `null`, "without a JSON object", engine.Unavailable, true, 1},
		{"two objects", 200, `{}{}`, "without a JSON object", engine.Unavailable, true, 1},
		{"too much", 200, `{"a":"` + strings.Repeat("x", maxAnswerBytes) + `"}`, "more than 65536 bytes", engine.Unavailable, false, 3},
		{"a no", 422, `{"error":"quota of team blue is used up","secret":"S3cret"}`, "answered 422: quota of team blue is used up", engine.Refused, false, 1},
		{"a no without words", 403, `S3cret`, "answered 403", engine.Refused, false, 1},
		{"a redirect", 302, ``, "redirects are not followed", engine.Refused, false, 1},
		{"not there", 404, ``, "answered 404", engine.Refused, true, 1},
		{"gone", 410, ``, "answered 410", engine.Refused, true, 1},
		{"too many", 429, ``, "answered 429", engine.Unavailable, false, 3},
		{"broken", 500, `{"error":"disk full"}`, "answered 500: disk full", engine.Unavailable, false, 3},
		{"not done here", 501, ``, "answered 501", engine.Refused, false, 1},
		{"away", 503, ``, "answered 503", engine.Unavailable, false, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // they pause between attempts
			s := newFakeService(t, func(w http.ResponseWriter, r *http.Request, m *message) {
				w.Header().Set("Location", "/elsewhere")
				say(tt.status, tt.body)(w, r, m)
			})
			e := New()
			defer e.Close()
			secret, err := e.Issue(t.Context(), s.order(nil))
			var no *engine.Error
			switch {
			case tt.kind == 0 && (err != nil || string(secret) != tt.issue):
				t.Errorf("issue: %s, %v", secret, err)
			case tt.kind != 0 && (!errors.As(err, &no) || no.Kind != tt.kind || !strings.Contains(no.Message, tt.issue) || secret != nil):
				t.Errorf("issue: %s, %v, want %s", secret, err, tt.issue)
			case err != nil && strings.Contains(err.Error(), "S3cret"):
				t.Errorf("a secret in %v", err)
			}
			calls := s.taken()
			if len(calls) != tt.calls {
				t.Errorf("%d calls, want %d", len(calls), tt.calls)
			}
			for _, c := range calls {
				if c.key != calls[0].key {
					t.Error("attempts with different idempotency keys")
				}
			}
			if err := e.Revoke(t.Context(), s.order(nil)); (err == nil) != tt.revoke {
				t.Errorf("revoke: %v", err)
			}
			if err := e.Renew(t.Context(), s.order(nil)); (err == nil) != (tt.status < 300 && tt.name != "too much" || tt.status == 501) {
				t.Errorf("renew: %v", err)
			}
		})
	}
}

// A service that comes back is asked again with the same key.
func TestRetries(t *testing.T) {
	n := 0
	s := newFakeService(t, nil)
	s.answer = func(w http.ResponseWriter, r *http.Request, m *message) {
		if n++; n < 3 {
			say(503, "")(w, r, m)
			return
		}
		say(200, `{"n":3}`)(w, r, m)
	}
	secret, err := New().Issue(t.Context(), s.order(nil))
	if calls := s.taken(); err != nil || string(secret) != `{"n":3}` || len(calls) != 3 || calls[0].key != calls[2].key {
		t.Errorf("%s, %v after %d calls", secret, err, len(calls))
	}
}

// A no is certain only if nothing that was asked before it may still be carried out.
func TestANoAfterNoAnswer(t *testing.T) {
	s, n := newFakeService(t, nil), 0
	s.answer = func(w http.ResponseWriter, r *http.Request, m *message) {
		if n++; n == 1 {
			say(504, "")(w, r, m)
			return
		}
		say(409, `{"error":"under way"}`)(w, r, m)
	}
	_, err := New().Issue(t.Context(), s.order(nil))
	if err == nil || engine.IsRefused(err) || !strings.Contains(err.Error(), "answered 409: under way") {
		t.Errorf("got %v", err)
	}
	if _, err := New().Issue(t.Context(), s.order(nil)); !engine.IsRefused(err) {
		t.Errorf("with nothing before it: %v", err)
	}
}

// Services that do not answer, and what is said of them: never where they are.
func TestDeadServices(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request, _ *message) { <-r.Context().Done() }
	tests := []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request, *message)
		change func(*Config)
		want   string
		calls  int
	}{
		{"slow", hang, func(c *Config) { c.Timeout, c.MaxRetries = 1, 1 }, "no answer in time", 2},
		{"slow in the body", func(w http.ResponseWriter, r *http.Request, m *message) {
			io.WriteString(w, `{"a":`)
			w.(http.Flusher).Flush()
			hang(w, r, m)
		}, func(c *Config) { c.Timeout, c.MaxRetries = 1, 0 }, "no answer in time", 1},
		{"hangs up", func(http.ResponseWriter, *http.Request, *message) { panic(http.ErrAbortHandler) }, func(c *Config) { c.MaxRetries = 1 }, "the call failed", 2},
		{"somebody else's certificate", say(200, "{}"), func(c *Config) { c.CACert, c.MaxRetries = "", 0 }, "its certificate is not trusted", 0},
		{"an endless header", func(w http.ResponseWriter, r *http.Request, m *message) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
			say(200, "{}")(w, r, m)
		}, func(c *Config) { c.MaxRetries = 0 }, "the call failed", 1},
		{"nobody there", say(200, "{}"), func(c *Config) { c.URL, c.MaxRetries = "https://127.0.0.1:1/hook", 0 }, "connection refused", 0},
		{"no such name", say(200, "{}"), func(c *Config) { c.URL, c.MaxRetries = "https://nobody.invalid/hook", 0 }, "its host is not known", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newFakeService(t, tt.answer)
			s.Config.ErrorLog = quiet
			_, err := New().Issue(t.Context(), s.order(tt.change))
			var no *engine.Error
			if !errors.As(err, &no) || no.Kind != engine.Unavailable || !strings.HasSuffix(no.Message, tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hook\"") {
				t.Errorf("a URL in %v", err)
			}
			if n := len(s.taken()); n != tt.calls {
				t.Errorf("%d calls, want %d", n, tt.calls)
			}
		})
	}
}

// Within the time there is, and not beyond: an issue is not sent after its deadline.
func TestTimeOfTheOrder(t *testing.T) {
	s := newFakeService(t, say(503, ""))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // shorter than any pause
	defer cancel()
	if _, err := New().Issue(ctx, s.order(nil)); err == nil || len(s.taken()) != 1 {
		t.Errorf("%v after %d calls", err, len(s.taken()))
	}
	past, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if _, err := New().Issue(past, s.order(nil)); err == nil || len(s.taken()) != 1 {
		t.Errorf("%v after %d calls", err, len(s.taken()))
	}
}

// A changed configuration counts from the next call on.
func TestConfigurationChanges(t *testing.T) {
	first, second := newFakeService(t, say(200, `{"n":1}`)), newFakeService(t, say(200, `{"n":2}`))
	e := New()
	defer e.Close()
	older, newer := first.order(nil), second.order(nil)
	newer.Config.Version++
	for _, step := range []struct {
		o    *engine.Order
		want string
	}{{older, `{"n":1}`}, {newer, `{"n":2}`}, {older, `{"n":1}`}, {newer, `{"n":2}`}} {
		if got, err := e.Issue(t.Context(), step.o); err != nil || string(got) != step.want {
			t.Errorf("%s, %v, want %s", got, err, step.want)
		}
	}
	newer.Config = nil
	var no *engine.Error
	if err := e.Revoke(t.Context(), newer); !errors.As(err, &no) || no.Kind != engine.Refused {
		t.Errorf("without a configuration: %v", err)
	}
}

// Of a mount that is gone nobody asks for the client again: it is forgotten, and its
// connections are closed.
func TestUnusedClientsAreForgotten(t *testing.T) {
	gone, inUse := newFakeService(t, say(200, "{}")), newFakeService(t, say(200, "{}"))
	e := New()
	defer e.Close()
	issue := func(s *fakeService, mount uint64) {
		t.Helper()
		o := s.order(nil)
		o.MountSerial = mount
		if _, err := e.Issue(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	issue(gone, 1)
	issue(inUse, 2)
	for _, h := range e.clients { // order: each stands alone
		h.used = h.used.Add(-unusedTime)
	}
	issue(inUse, 2) // as it is asked for it stays
	issue(inUse, 3)
	if e.clients[1] != nil || e.clients[2] == nil || e.clients[3] == nil || len(e.clients) != 2 {
		t.Errorf("kept are %v", e.clients)
	}
	select {
	case <-gone.hungUp:
	case <-time.After(30 * time.Second):
		t.Error("a connection of the client is still open")
	}
	if len(inUse.hungUp) != 0 {
		t.Error("a connection that is in use was closed")
	}
	issue(gone, 1) // which was not gone
}
