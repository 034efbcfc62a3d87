package http_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// serve runs a server on a listener of its own until the test ends.
func serve(t *testing.T, cfg httpd.Config) (*httpd.Server, string) {
	t.Helper()
	if cfg.Cluster == nil {
		cfg.Cluster = httptestcluster.New()
	}
	s := newServer(t, cfg)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s.Shutdown(ctx)
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s, l.Addr().String()
}

// talk sends text over a connection of its own and returns the status line.
func talk(t *testing.T, addr, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	return strings.TrimSpace(line)
}

func TestSlowAndTornBodies(t *testing.T) {
	c := httptestcluster.New()
	_, addr := serve(t, httpd.Config{Cluster: c, Limits: httpd.Limits{
		BodyTimeout: 200 * time.Millisecond, HeaderTimeout: 200 * time.Millisecond, BodyBytes: 1 << 20, BufferedBytes: 1<<20 + 1,
	}})
	head := "POST /v1/auth/token/create HTTP/1.1\r\nHost: x\r\nX-Vault-Token: root\r\n"
	before := c.Hash()
	for _, row := range []struct{ name, text, status string }{
		{"body that stops", head + "Content-Length: 100\r\n\r\n{", "408"},
		{"chunks that stop", head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "408"},
		{"bad chunk", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
		{"too large, announced", head + "Content-Length: 99999999\r\n\r\n", "413"},
		{"too large, in chunks", head + "Transfer-Encoding: chunked\r\n\r\n200000\r\n" + strings.Repeat(" ", 1<<21) + "\r\n", "413"},
		{"two lengths", head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "400"},
		{"no length that is one", head + "Content-Length: two\r\n\r\n{}", "400"},
		{"headers without end", head + "X-Pad: " + strings.Repeat("x", 1<<17) + "\r\n\r\n", "431"},
		{"not HTTP", "hello\r\n\r\n", "400"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := talk(t, addr, row.text); !strings.Contains(got, " "+row.status+" ") {
				t.Errorf("answer is %q, want %s", got, row.status)
			}
		})
	}
	if c.Hash() != before {
		t.Error("refused requests changed the state")
	}
}

func TestLargeBodyOfAStranger(t *testing.T) {
	_, addr := serve(t, httpd.Config{})
	got := talk(t, addr, "POST /v1/auth/token/create HTTP/1.1\r\nHost: x\r\nX-Vault-Token: s.madeup\r\nContent-Length: 30000000\r\n\r\n")
	if !strings.Contains(got, " 403 ") {
		t.Errorf("answer is %q, want 403 before the body was sent", got)
	}
}

// Who is not known gets little time for a body, whatever time others get.
func TestSlowBodiesOfStrangers(t *testing.T) {
	_, addr := serve(t, httpd.Config{Limits: httpd.Limits{UnknownBodyTimeout: 100 * time.Millisecond}})
	for _, head := range []string{
		"POST /v1/auth/token/create HTTP/1.1\r\nHost: x\r\nX-Vault-Token: s.madeup\r\n",
		"PUT /v1/sys/init HTTP/1.1\r\nHost: x\r\n",
	} {
		if got := talk(t, addr, head+"Content-Length: 10\r\n\r\n{"); !strings.Contains(got, " 408 ") {
			t.Errorf("%q: answer is %q, want 408", head, got)
		}
	}
}

// slowCluster holds reads back until it is told to let them go.
type slowCluster struct {
	httpd.Cluster
	arrived, release chan struct{}
}

func (c *slowCluster) Digest(text string) (fsm.Digest, error) {
	c.arrived <- struct{}{}
	<-c.release
	return c.Cluster.Digest(text)
}

func TestShutdownWaitsForRequests(t *testing.T) {
	slow := &slowCluster{httptestcluster.New(), make(chan struct{}), make(chan struct{})}
	s := newServer(t, httpd.Config{Cluster: slow})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	answered := make(chan string, 1)
	go func() {
		answered <- talk(t, l.Addr().String(), "GET /v1/auth/token/lookup-self HTTP/1.1\r\nHost: x\r\nX-Vault-Token: root\r\n\r\n")
	}()
	<-slow.arrived
	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(context.Background()) }()
	if err := <-served; err != nil { // Serve returns as soon as nothing new is taken
		t.Errorf("Serve: %v", err)
	}
	select {
	case err := <-stopped:
		t.Fatalf("Shutdown returned while a request was under way: %v", err)
	default:
	}
	close(slow.release)
	if got := <-answered; !strings.Contains(got, " 200 ") {
		t.Errorf("answer is %q, want 200", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// lockedBuffer may be written to by several requests at once.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// Nothing that is logged, at any level, holds a token or a path with one.
func TestLogHoldsNoSecrets(t *testing.T) {
	var log lockedBuffer
	c := httptestcluster.New()
	server, err := httpd.New(httpd.Config{Cluster: c, LegacyPaths: true,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{t, c, server.Handler()}
	token, _ := s.token(object{"policies": []string{"default"}, "id": "chosen-by-root-4711"})
	drawn, _ := s.token(object{"policies": []string{"default"}})
	for _, request := range []row{
		{method: "GET", path: "auth/token/lookup-self", token: token},
		{method: "GET", path: "auth/token/lookup/" + token, token: root},
		{method: "GET", path: "auth/token/lookup?token=" + token, token: root},
		{method: "POST", path: "auth/token/lookup", token: root, body: object{"token": token}},
		{method: "POST", path: "auth/token/renew/" + token, token: root, body: `{"x":`},
		{method: "GET", path: "no/such/" + drawn, token: token},
		{method: "GET", path: "no/such/" + token, token: token},
		{method: "POST", path: "auth/token/revoke/" + token, token: root},
	} {
		s.send(request.method, request.path, request.token, request.body, "Idempotency-Key", "idempotent-4711", "X-Request-Id", "from-a-proxy")
	}
	text := log.String()
	for _, secret := range []string{token, drawn, drawn[4:], "idempotent-4711"} {
		if strings.Contains(text, secret) {
			t.Errorf("log holds %q:\n%s", secret, text)
		}
	}
	for _, want := range []string{"route=auth/token/lookup/{token}", "x_request_id=from-a-proxy", "route=unknown"} {
		if !strings.Contains(text, want) {
			t.Errorf("log lacks %s:\n%s", want, text)
		}
	}
}

func TestHeaders(t *testing.T) {
	s := newStand(t)
	for _, r := range []reply{
		s.must(200, "GET", "auth/token/lookup-self", root, nil),
		s.must(204, "POST", "cubbyhole/a", root, object{"x": 1}),
		s.must(403, "GET", "auth/token/lookup-self", "s.madeup", nil),
	} {
		if got := r.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control is %q, want no-store", got)
		}
	}
	a := s.must(204, "POST", "cubbyhole/a", root, object{"x": 1}).header.Get("X-Jeton-Index")
	b := s.must(200, "GET", "cubbyhole/a", root, nil).header.Get("X-Jeton-Index")
	if a == "" || a != b {
		t.Errorf("index of a write is %q, of the read after it %q; want the same", a, b)
	}
	for range 2 {
		r := s.must(405, "DELETE", "auth/token/lookup-self", root, nil)
		if got := r.header.Get("Allow"); got != "GET, POST, PUT" {
			t.Errorf("Allow is %q", got)
		}
	}
	big := s.must(200, "GET", "sys/policies/acl/default", root, nil)
	if id, _ := big.body["request_id"].(string); len(id) != 36 {
		t.Errorf("request_id is %q, want a UUID", id)
	}
}

// A server that was never initialized says so and serves what needs no token.
func TestUninitialized(t *testing.T) {
	c := httptestcluster.Uninitialized()
	s := &stand{t, c, newServer(t, httpd.Config{Cluster: c}).Handler()}
	s.must(503, "GET", "auth/token/lookup-self", root, nil)
	s.must(503, "POST", "auth/token/create", root, object{})
	s.must(200, "GET", "sys/init", "", nil)
}

func TestConcurrentUse(t *testing.T) {
	_, addr := serve(t, httpd.Config{})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 50 {
				body := fmt.Sprintf(`{"policies":["default"],"meta":{"w":"%d","i":"%d"}}`, w, i)
				req, err := http.NewRequest("POST", "http://"+addr+"/v1/auth/token/create", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("X-Vault-Token", root)
				resp, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				text, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				if want := fmt.Sprintf(`"metadata":{"i":"%d","w":"%d"}`, i, w); !bytes.Contains(text, []byte(want)) {
					t.Errorf("answer to another request: %s, want %s", text, want)
				}
			}
		})
	}
	wg.Wait()
}
