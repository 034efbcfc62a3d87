package http_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// hostile is a request that must be refused. It is sent as it stands, byte for
// byte, by nobody's client library.
type hostile struct {
	method, target string
	body           string
	header         []string // lines; without one with X-Vault-Token the root token is shown
	status         int
	says           string // parts of the message, divided by " ... "
}

// Each of these gets the right status and a message that names what is wrong,
// and changes nothing.
func TestHostileRequests(t *testing.T) {
	var rows []hostile
	for _, group := range [][]hostile{
		malformedBodies(), wrongTypes(), wrongDurations(), wrongNumbers(), wrongNames(),
		wrongPaths(), wrongVerbs(), wrongHeaders(), wrongCallers(), wrongPolicies(), wrongWrappings(),
	} {
		rows = append(rows, group...)
	}
	if len(rows) < 150 {
		t.Errorf("%d requests, want at least 150", len(rows))
	}
	c := httptestcluster.New()
	_, addr := serve(t, httpd.Config{Cluster: c, LegacyPaths: true})
	for i, row := range rows {
		t.Run(fmt.Sprintf("%03d %s %.60s", i, row.method, row.target), func(t *testing.T) {
			before := holdings(c)
			status, errs := row.send(t, addr)
			if status != row.status {
				t.Errorf("body %.80q: %d %q, want %d", row.body, status, errs, row.status)
			}
			for part := range strings.SplitSeq(row.says, " ... ") {
				if message := strings.Join(errs, "\n"); !strings.Contains(message, part) {
					t.Errorf("body %.80q: message is %q, want %q in it", row.body, message, part)
				}
			}
			if after := holdings(c); after != before {
				t.Errorf("body %.80q: something changed:\nbefore %s\nafter  %s", row.body, before, after)
			}
		})
	}
}

// FuzzRequest sends any request as root: whatever it is, it is answered, and
// never with an internal error.
func FuzzRequest(f *testing.F) {
	f.Add("POST", "/v1/auth/token/create", `{"ttl":"1h"}`)
	f.Add("GET", "/v1/auth/token/lookup?token=x&list=0", "")
	f.Add("LIST", "/v1/auth/token/roles/", "")
	f.Add("PUT", "/v1/auth/token/roles/a", `{"token_bound_cidrs":["::/0"],"token_type":"batch"}`)
	f.Add("POST", "/v1/auth/token/renew/jts_x", `{"increment":1}`)
	f.Add("POST", "/v1/auth/token/revoke-prefix/auth/x", "")
	f.Add("PUT", "/v1/sys/policies/acl/p", `{"policy":"path \"x\" { policy = \"read\" }"}`)
	f.Add("DELETE", "/v1/cubbyhole/a/%41", "")
	f.Add("POST", "/v1/sys/capabilities", `{"paths":["a"],"token":"root"}`)
	f.Add("PUT", "/v1/sys/leases/lookup", `{"lease_id":"auth/token/create/h00"}`)
	f.Add("POST", "/v1/sys/auth/a/b", `{"type":"userpass","config":{"max_lease_ttl":"1h","user_lockout_config":{"lockout_threshold":"2"}}}`)
	f.Add("POST", "/v1/sys/auth/token/tune", `{"default_lease_ttl":"1h","description":null}`)
	f.Add("PUT", "/v1/auth/a/b/users/x", `{"password_hash":"$2a$04$x","token_ttl":"1m"}`)
	c := httptestcluster.New()
	h := newServer(f, httpd.Config{Cluster: c, LegacyPaths: true}).Handler()
	f.Fuzz(func(t *testing.T, method, target, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || method == "" || strings.Contains(target, "root") || strings.Contains(body, "root") {
			return // the root token must survive
		}
		r := (&http.Request{
			Method: method, URL: u, Header: http.Header{"X-Vault-Token": {root}}, RemoteAddr: "192.0.2.1:1", ProtoMajor: 1, ProtoMinor: 1,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}).WithContext(context.Background())
		if strings.HasSuffix(u.Path, "-self") && method != "GET" {
			return // nor may it end itself
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code < 200 {
			t.Errorf("%q %q %q: %d %s", method, target, body, w.Code, w.Body)
		}
		if w.Body.Len() > 0 && w.Header().Get("Content-Type") == "application/json" && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%q %q %q: answer is no JSON: %s", method, target, body, w.Body)
		}
	})
}

// holdings is what the cluster keeps. (The state's hash also covers the counter
// of commands, which a refusal by the machine moves.)
func holdings(c *httptestcluster.Cluster) string {
	st := c.Local()
	b, err := json.Marshal(map[string]any{
		"tokens": st.CountTokens(), "accessors": st.LiveAccessors(st.Clock), "policies": st.PolicyNames(), "roles": st.RoleNames(),
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (h hostile) send(t *testing.T, addr string) (status int, errs []string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: jeton.test\r\n", h.method, h.target)
	if !strings.Contains(strings.Join(h.header, "\n"), "Token:") {
		b.WriteString("X-Vault-Token: root\r\n")
	}
	for _, line := range h.header {
		b.WriteString(line + "\r\n")
	}
	if h.body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(h.body))
	}
	if _, err := io.WriteString(conn, b.String()+"\r\n"+h.body); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: h.method})
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if h.method == "HEAD" || resp.Header.Get("Content-Type") != "application/json" { // by net/http itself
		return resp.StatusCode, []string{string(text)}
	}
	var body struct{ Errors []string }
	if err := json.Unmarshal(text, &body); err != nil || body.Errors == nil {
		t.Errorf("answer is %s, want errors", text)
	}
	return resp.StatusCode, body.Errors
}
