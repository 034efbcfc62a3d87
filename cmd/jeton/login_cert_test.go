package main

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/http/cert/certtest"
)

// The certificate goes into the handshake, the name into the body, and nothing is
// asked of the server without either being right.
func TestLoginCert(t *testing.T) {
	client, dir := certtest.SelfSigned("ann"), t.TempDir()
	var asked []string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := map[string]any{}
		json.NewDecoder(r.Body).Decode(&body)
		name, _ := body["name"].(string)
		who := ""
		for _, c := range r.TLS.PeerCertificates {
			who += c.Subject.CommonName
		}
		asked = append(asked, r.URL.Path+" "+name+" "+who)
		w.Write([]byte(loginBody))
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	defer server.Close()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca := "-ca-cert=" + file("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	certFlag, keyFlag := "-client-cert="+file("cert.pem", client.PEM()), "-client-key="+file("key.pem", client.KeyPEM())
	for _, tt := range []struct {
		name  string
		args  []string
		code  int
		asked string
	}{
		{"without a name", []string{certFlag, keyFlag}, exitDone, "/v1/auth/cert/login  ann"},
		{"with a name", []string{certFlag, keyFlag, "-path=corp/tls", "name=web"}, exitDone, "/v1/auth/corp/tls/login web ann"},
		{"no certificate", []string{"name=web"}, exitUsage, ""},
		{"no key", []string{certFlag}, exitUsage, ""},
		{"another argument", []string{certFlag, keyFlag, "role=web"}, exitUsage, ""},
		{"two names", []string{certFlag, keyFlag, "name=a", "name=b"}, exitUsage, ""},
	} {
		asked = nil
		sh := newShell(t, server.URL)
		code, _, errs := sh.run(t.Context(), append([]string{"login", "-no-store", "-method=cert", ca}, tt.args...)...)
		if code != tt.code || strings.Join(asked, "; ") != tt.asked {
			t.Errorf("%s: exit %d, asked %q\n%s", tt.name, code, asked, errs)
		}
	}
}
