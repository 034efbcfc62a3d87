package deploy_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// node is what a proxy sees of one: its health, and whether it answers.
type node struct {
	*httptest.Server
	leads, breaks       atomic.Bool
	arrivals, forwarded atomic.Int32
}

type nodeSet []*node

func newNodes(t *testing.T) nodeSet {
	nodes := nodeSet{{}, {}, {}}
	for _, n := range nodes {
		n.Server = httptest.NewServer(n)
		t.Cleanup(n.Close)
	}
	return nodes
}

func (n *node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1/sys/health" {
		if !n.leads.Load() && r.URL.Query().Get("standbyok") != "true" {
			w.WriteHeader(http.StatusTooManyRequests)
		}
		return
	}
	n.arrivals.Add(1)
	if r.Header.Get("X-Forwarded-For") != "" {
		n.forwarded.Add(1)
	}
	if n.breaks.Load() {
		panic(http.ErrAbortHandler)
	}
}

func (s nodeSet) breakOff() {
	for _, n := range s {
		n.breaks.Store(true)
	}
}

func (s nodeSet) lead(leader int) {
	for i, n := range s {
		n.leads.Store(i == leader)
	}
}

func (s nodeSet) arrived() (sum int) {
	for _, n := range s {
		sum += int(n.arrivals.Load())
	}
	return sum
}

func (s nodeSet) forwarded() (sum int) {
	for _, n := range s {
		sum += int(n.forwarded.Load())
	}
	return sum
}

var proxies = []struct {
	name  string
	start func(*testing.T, nodeSet) door
}{
	{"nginx", startNginx},
	{"haproxy", func(t *testing.T, nodes nodeSet) door { return startHAProxy(t, nodes, ":8200") }},
}

func configOf(t *testing.T, path string) string {
	t.Helper()
	text, err := readFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// replaced puts what is here into an example; each old text has to be there.
func replaced(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the example has no %q any more", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// addresses are the pairs that lead from an example's nodes to these.
func (s nodeSet) addresses() (pairs []string) {
	for i, n := range s {
		pairs = append(pairs, fmt.Sprintf("node-%d.example.net:8200", i+1), n.Listener.Addr().String())
	}
	return pairs
}

// startNginx runs it in front of the nodes.
func startNginx(t *testing.T, nodes nodeSet) door {
	path, dir := program(t, "nginx", "nginx"), shortDir(t)
	writeCertificate(t, dir)
	site := replaced(t, configOf(t, "nginx/jeton.conf"), append(nodes.addresses(),
		"listen 8200 ssl", "listen unix:"+dir+"/8200 ssl", "/etc/nginx/tls", dir, "/var/log/nginx", dir)...)
	config := filepath.Join(dir, "nginx.conf")
	write(t, config, fmt.Sprintf("daemon off; pid %[1]s/pid; worker_processes 1;\nevents {}\nhttp {\n"+
		"client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy;\n"+
		"fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;\n%[2]s}\n", dir, site))
	args := []string{"-p", dir, "-e", dir + "/error.log", "-c", config}
	if out, err := exec.Command(path, append(args, "-t")...).CombinedOutput(); err != nil {
		t.Fatalf("nginx -t: %v\n%s", err, out)
	}
	return run(t, dir+"/8200", path, args...)
}

// startHAProxy runs it in front of the nodes and leads to one of its doors.
func startHAProxy(t *testing.T, nodes nodeSet, bound string) door {
	path, dir := program(t, "haproxy", "haproxy"), shortDir(t)
	writeCertificate(t, dir)
	config := filepath.Join(dir, "haproxy.cfg")
	write(t, config, replaced(t, configOf(t, "haproxy/haproxy.cfg"), append(nodes.addresses(),
		"bind :", "bind "+dir+"/", "/etc/haproxy", dir, "maxconn 8000", "maxconn 100")...))
	if out, err := exec.Command(path, "-c", "-f", config).CombinedOutput(); err != nil {
		t.Fatalf("haproxy -c: %v\n%s", err, out)
	}
	return run(t, dir+"/"+strings.TrimPrefix(bound, ":"), path, "-db", "-f", config)
}

// door is where a proxy listens: a socket in a folder, for which no other test races.
type door struct{ *http.Client }

// run starts a server, waits until it listens, and ends it with the test.
func run(t *testing.T, socket, path string, args ...string) door {
	t.Helper()
	cmd := exec.Command(path, args...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", path, said.String())
		}
	})
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := dial(t.Context(), "", "")
		if err == nil {
			conn.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen: %v", path, err)
		}
	}
	return door{&http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		DialContext: dial, DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}}
}

// checkStreamConfig has nginx read the example for its module stream.
func checkStreamConfig(t *testing.T) {
	path := program(t, "nginx", "nginx")
	dir, module := shortDir(t), ""
	so := filepath.Join(filepath.Dir(path), "../lib/nginx/modules/ngx_stream_module.so")
	if _, err := os.Stat(so); err == nil {
		module = "load_module " + so + ";"
	}
	site := replaced(t, configOf(t, "nginx/jeton-passthrough.conf"), append(newNodes(t).addresses(), "listen 8200", "listen unix:"+dir+"/8200")...)
	config := filepath.Join(dir, "nginx.conf")
	write(t, config, fmt.Sprintf("%s pid %s/pid;\nevents {}\nstream {\n%s}\n", module, dir, site))
	out, err := exec.Command(path, "-t", "-p", dir, "-e", dir+"/error.log", "-c", config).CombinedOutput()
	if err != nil && strings.Contains(string(out), `unknown directive "stream"`) {
		t.Skip("THE STREAM EXAMPLE IS NOT CHECKED: nginx is without that module (Debian: libnginx-mod-stream)")
	}
	if err != nil {
		t.Errorf("nginx -t: %v\n%s", err, out)
	}
}

// shortDir has a name that leaves room for a socket's, which may have 108 bytes.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "jeton-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeCertificate leaves that of package httptest, as nginx and as HAProxy wants it.
func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	c := s.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	crt := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]}))
	pkcs := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	write(t, filepath.Join(dir, "jeton.crt"), crt)
	write(t, filepath.Join(dir, "jeton.key"), pkcs)
	write(t, filepath.Join(dir, "jeton.pem"), crt+pkcs)
}
