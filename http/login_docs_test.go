package http_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/cert/certtest"
	"github.com/jeton-io/jeton/http/httptestcluster"
	"github.com/jeton-io/jeton/http/jwt/jwttest"
)

// The examples of docs/login.md do what they show, and it names every path below
// a mount.
func TestLoginExamples(t *testing.T) {
	text, err := os.ReadFile("../docs/login.md")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, httpd.Config{Cluster: httptestcluster.New()})
	for _, path := range httpd.MountPaths(s) {
		if !strings.Contains(string(text), "| `"+path+"` |") {
			t.Errorf("docs/login.md lacks %s", path)
		}
	}
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	sh := shell{t, map[string]string{"JETON_ADDR": server.URL, "ROOT": root}}
	sh.issue()
	sh.certify(s.Handler())
	commands := 0
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for example := range strings.SplitSeq(strings.TrimPrefix(block[1], "$ "), "\n$ ") {
			command, want, _ := strings.Cut(example, "\n")
			got := sh.run(command)
			commands++
			if msg := differs(decodeJSON(t, want), decodeJSON(t, got), ""); msg != "" {
				t.Errorf("%s\n%s\nthe answer is %s", command, msg, got)
			}
		}
	}
	if commands < 15 {
		t.Errorf("found only %d examples", commands)
	}
}

// certify sets what the examples of cert want to be there: files of a client, and a
// server with TLS.
func (s shell) certify(handler http.Handler) {
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	s.t.Cleanup(server.Close)
	authority, dir := certtest.Authority("people"), s.t.TempDir()
	client := authority.Client("web-7", func(c *x509.Certificate) { c.DNSNames = []string{"web-7.example.com"} })
	for name, text := range map[string]string{ // order: each stands alone
		"SERVER_CA":   string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})),
		"CLIENT_CERT": client.PEM(), "CLIENT_KEY": client.KeyPEM(),
	} {
		s.vars[name] = filepath.Join(dir, name)
		if err := os.WriteFile(s.vars[name], []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	text, err := json.Marshal(authority.PEM())
	if err != nil {
		s.t.Fatal(err)
	}
	s.vars["CLIENT_CA"], s.vars["TLS_ADDR"] = string(text), server.URL
}

// tlsFiles are the files that curl is told of, by option.
type tlsFiles map[string]string

func (f tlsFiles) client(t *testing.T) *http.Client {
	t.Helper()
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	if name := f["--cacert"]; name != "" {
		text, err := os.ReadFile(name)
		if err != nil || !config.RootCAs.AppendCertsFromPEM(text) {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if f["--cert"] != "" && f["--key"] != "" {
		pair, err := tls.LoadX509KeyPair(f["--cert"], f["--key"])
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
}

// issue sets what the examples of jwt want to be there.
func (s shell) issue() {
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { jwttest.WriteKeys(w, signer) }))
	s.t.Cleanup(issuer.Close)
	key, err := json.Marshal(signer.PEM())
	if err != nil {
		s.t.Fatal(err)
	}
	s.vars["KEY"], s.vars["ISSUER"] = string(key), issuer.URL
	s.vars["JWT"] = signer.Sign(soon(object{"iss": "https://issuer.example", "sub": "build-7", "repository": "acme/shop"}))
}
