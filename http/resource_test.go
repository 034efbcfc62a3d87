package http_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// stand is a server on a cluster of one, with what a test asks of it.
type stand struct {
	t       testing.TB
	cluster *httptestcluster.Cluster
	handler http.Handler
}

func newStand(t testing.TB) *stand {
	return newStandOn(t, httptestcluster.New())
}

func newStandOn(t testing.TB, c *httptestcluster.Cluster) *stand {
	return &stand{t, c, newServer(t, httpd.Config{Cluster: c}).Handler()}
}

func newServer(t testing.TB, cfg httpd.Config) *httpd.Server {
	t.Helper()
	cfg.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := httpd.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// reply is an answer as a test looks at it.
type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any // nil when it is no JSON object
}

// data is the answer's data.
func (r reply) data() map[string]any {
	d, _ := r.body["data"].(map[string]any)
	return d
}

// errors are the answer's error messages in one line.
func (r reply) errors() string {
	list, _ := r.body["errors"].([]any)
	var out []string
	for _, e := range list {
		s, _ := e.(string)
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

// send sends a request. A body is sent as it is when it is a string, else as
// JSON.
func (s *stand) send(method, path, token string, body any, header ...string) reply {
	s.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req := httptest.NewRequest(method, "/v1/"+path, r)
	if token != "" {
		req.Header.Set("X-Vault-Token", token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, req)
	out := reply{status: w.Code, header: w.Header(), text: w.Body.String()}
	if w.Body.Len() > 0 && w.Body.Bytes()[0] == '{' {
		var tooBig *json.UnmarshalTypeError // a number that no float64 holds is JSON all the same
		if err := json.Unmarshal(w.Body.Bytes(), &out.body); err != nil && !errors.As(err, &tooBig) {
			s.t.Fatalf("%s %s: answer is no JSON: %v: %s", method, path, err, out.text)
		}
	}
	return out
}

// must sends a request and fails the test unless it gets the status.
func (s *stand) must(status int, method, path, token string, body any, header ...string) reply {
	s.t.Helper()
	r := s.send(method, path, token, body, header...)
	if r.status != status {
		s.t.Fatalf("%s %s: got %d %s, want %d", method, path, r.status, r.text, status)
	}
	return r
}

// token makes a token as root and returns its text and accessor.
func (s *stand) token(body object) (text, accessor string) {
	s.t.Helper()
	r := s.must(200, "POST", "auth/token/create", httptestcluster.Root, body)
	auth := r.body["auth"].(map[string]any)
	return auth["client_token"].(string), auth["accessor"].(string)
}

// policy stores an ACL policy as root.
func (s *stand) policy(name, text string) {
	s.t.Helper()
	s.must(204, "PUT", "sys/policies/acl/"+name, httptestcluster.Root, object{"policy": text})
}

type object = map[string]any

const root = httptestcluster.Root

// row is one request of a table and what is expected of its answer.
type row struct {
	name, method, path, token string
	body                      any
	status                    int
	says                      string // part of the error messages
}

// run sends the rows one after the other.
func (s *stand) run(t *testing.T, rows []row) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got := s.send(r.method, r.path, r.token, r.body)
			if got.status != r.status {
				t.Fatalf("%s %s: got %d %s, want %d", r.method, r.path, got.status, got.text, r.status)
			}
			if r.says != "" && !strings.Contains(got.errors(), r.says) {
				t.Errorf("errors are %q, want %q among them", got.errors(), r.says)
			}
			if got.status >= 400 && got.body["errors"] == nil {
				t.Errorf("answer has no errors: %s", got.text)
			}
		})
	}
}
