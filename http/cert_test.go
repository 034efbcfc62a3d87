package http_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	vault "github.com/hashicorp/vault/api"

	"github.com/jeton-io/jeton/cluster"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/cert/certtest"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// certStand is a server with TLS and a mount named cert that trusts an authority for
// the name web.
type certStand struct {
	*stand
	addr      string
	server    *certtest.Pair
	authority *certtest.Pair
}

func certified(t *testing.T, cfg httpd.Config) *certStand {
	t.Helper()
	c := httptestcluster.New()
	s := &certStand{server: certtest.Server("localhost"), authority: certtest.Authority("people")}
	dir := t.TempDir()
	cfg.Cluster, cfg.TLSCertFile, cfg.TLSKeyFile = c, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, text := range map[string]string{cfg.TLSCertFile: s.server.PEM(), cfg.TLSKeyFile: s.server.KeyPEM()} { // order: each stands alone
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server, addr := serve(t, cfg)
	s.stand, s.addr = &stand{t, c, server.Handler()}, "https://"+strings.Replace(addr, "127.0.0.1", "localhost", 1)
	s.must(204, "POST", "sys/auth/cert", root, object{"type": "cert"})
	s.must(204, "POST", "auth/cert/certs/web", root, object{"certificate": s.authority.PEM(), "token_policies": "web", "token_ttl": "10m"})
	return s
}

// show sends a request over a connection of its own that shows a certificate; nil: none.
func (s *certStand) show(client *certtest.Pair, method, path, token string, body object, header ...string) reply {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequest(method, s.addr+"/v1/"+path, bytes.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("X-Vault-Token", token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	transport := &http.Transport{TLSClientConfig: s.tls(client)}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport, Timeout: 20 * time.Second}).Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	r := reply{status: res.StatusCode, header: res.Header, text: string(answer)}
	json.Unmarshal(answer, &r.body)
	return r
}

func (s *certStand) tls(client *certtest.Pair) *tls.Config {
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AddCert(s.server.Cert)
	if client != nil {
		config.Certificates = []tls.Certificate{client.TLS()}
	}
	return config
}

// login is the token that a certificate gets.
func (s *certStand) login(client *certtest.Pair, body object) string {
	s.t.Helper()
	r := s.show(client, "POST", "auth/cert/login", "", body)
	auth, _ := r.body["auth"].(map[string]any)
	token, _ := auth["client_token"].(string)
	if r.status != 200 || token == "" {
		s.t.Fatalf("login: %d %s", r.status, r.text)
	}
	return token
}

func TestCertLogin(t *testing.T) {
	s := certified(t, httpd.Config{})
	ann := s.authority.Client("ann")
	for _, body := range []object{{}, {"name": "web"}, {"name": "WEB"}} {
		token := s.login(ann, body)
		data := s.must(200, "GET", "auth/token/lookup-self", token, nil).data()
		meta := data["meta"].(map[string]any)
		if data["path"] != "auth/cert/login" || data["display_name"] != "cert-web" || data["orphan"] != true || data["creation_ttl"] != 600.0 ||
			meta["cert_name"] != "web" || meta["common_name"] != "ann" || meta["serial_number"] != ann.Cert.SerialNumber.String() {
			t.Errorf("token %v", data)
		}
	}
	// who shows a certificate, or none, is served like anyone
	for _, client := range []*certtest.Pair{nil, ann, certtest.SelfSigned("stranger")} {
		if r := s.show(client, "GET", "auth/token/lookup-self", root, nil); r.status != 200 {
			t.Errorf("%d %s", r.status, r.text)
		}
	}
	// by the cluster's time, whatever this machine's watch says
	s.cluster.Advance(25 * time.Hour)
	if r := s.show(ann, "POST", "auth/cert/login", "", object{}); r.status != 400 {
		t.Errorf("expired: %d %s", r.status, r.text)
	}
}

func TestCertRenewal(t *testing.T) {
	s := certified(t, httpd.Config{})
	ann, bob := s.authority.Client("ann"), s.authority.Client("bob")
	twin := s.authority.Client("ann", func(c *x509.Certificate) { // all that Vault compares is equal
		c.SerialNumber, c.SubjectKeyId = ann.Cert.SerialNumber, ann.Cert.SubjectKeyId
	})
	token := s.login(ann, nil)
	accessor := s.must(200, "GET", "auth/token/lookup-self", token, nil).data()["accessor"]
	for _, tt := range []struct {
		name   string
		client *certtest.Pair
		status int
		says   string
	}{
		{"the same", ann, 200, ""},
		{"none", nil, 400, "no client certificate was shown"},
		{"another of the same authority", bob, 400, "not the one for which"},
		{"another of the same names and serial", twin, 400, "not the one for which"},
		{"one that is not trusted", certtest.SelfSigned("ann"), 400, "invalid certificate"},
	} {
		for path, body := range map[string]object{ // order: each stands alone
			"auth/token/renew-self": {}, "auth/token/renew": {"token": token}, "auth/token/renew-accessor": {"accessor": accessor},
		} {
			caller := root
			if path == "auth/token/renew-self" {
				caller = token
			}
			if r := s.show(tt.client, "POST", path, caller, body); r.status != tt.status || !strings.Contains(r.text, tt.says) {
				t.Errorf("%s, %s: %d %s", tt.name, path, r.status, r.text)
			}
		}
	}
	s.must(400, "POST", "auth/token/renew-self", token, nil) // over plain HTTP
	// other tokens do not mind
	plain, _ := s.token(object{"ttl": "1h"})
	if r := s.show(ann, "POST", "auth/token/renew-self", plain, nil); r.status != 200 {
		t.Errorf("a plain token: %d %s", r.status, r.text)
	}
	// denied before anything is said of the certificate
	clerk, _ := s.token(object{"policies": []string{"default"}})
	if r := s.show(bob, "POST", "auth/token/renew", clerk, object{"token": token}); r.status != 403 {
		t.Errorf("without the right: %d %s", r.status, r.text)
	}
	// the authority is replaced, then the name goes
	s.must(204, "POST", "auth/cert/certs/web", root, object{"certificate": certtest.Authority("new").PEM()})
	if r := s.show(ann, "POST", "auth/token/renew-self", token, nil); r.status != 400 {
		t.Errorf("not trusted any more: %d %s", r.status, r.text)
	}
	s.must(204, "DELETE", "auth/cert/certs/web", root, nil)
	if r := s.show(ann, "POST", "auth/token/renew-self", token, nil); r.status != 400 || !strings.Contains(r.text, "does not exist") {
		t.Errorf("deleted: %d %s", r.status, r.text)
	}
}

func TestHostileCerts(t *testing.T) {
	s := certified(t, httpd.Config{})
	ann, plainText := s.authority.Client("ann"), s.authority.PEM()
	s.must(204, "POST", "auth/cert/certs/far", root, object{"certificate": plainText, "token_bound_cidrs": "203.0.113.0/24"})
	s.must(204, "POST", "auth/cert/certs/boss", root, object{"certificate": plainText, "token_policies": "root"})
	s.must(204, "POST", "auth/cert/certs/bob", root, object{"certificate": plainText, "allowed_common_names": "bob"})
	plain, _ := s.token(object{"policies": []string{"default"}})
	long := s.authority.Client("x", func(c *x509.Certificate) { c.Subject.CommonName = strings.Repeat("x", 5000) })
	tokens := s.cluster.Local().CountTokens()
	for _, tt := range []struct {
		name   string
		client *certtest.Pair
		body   object
		status int
		says   string
	}{
		{"no certificate", nil, nil, 400, "client certificate must be supplied"},
		{"of somebody else", certtest.Authority("people").Client("ann"), nil, 400, "invalid certificate"},
		{"no such name", ann, object{"name": "none"}, 400, "invalid certificate"},
		{"a name that is none", ann, object{"name": "../x"}, 400, "invalid certificate"},
		{"a name as a list", ann, object{"name": []string{"web"}}, 400, `\"name\"`},
		{"another common name", ann, object{"name": "bob"}, 400, "matching all constraints"},
		{"from another address", ann, object{"name": "far"}, 403, "permission denied"},
		{"for a root token", ann, object{"name": "boss"}, 400, "root"},
		{"a long common name", long, object{"name": "web"}, 400, "meta"},
		{"a body too large", ann, object{"name": strings.Repeat("x", 20<<10)}, 413, "16384"},
	} {
		if r := s.show(tt.client, "POST", "auth/cert/login", "", tt.body); r.status != tt.status || !strings.Contains(r.text, tt.says) {
			t.Errorf("%s: %d %s", tt.name, r.status, r.text)
		}
	}
	header := []string{"X-Forwarded-Client-Cert", plainText[28:60], "X-SSL-Client-Cert", "x", "X-Forwarded-Proto", "https"}
	if r := s.show(nil, "POST", "auth/cert/login", "", nil, header...); r.status != 400 {
		t.Errorf("a certificate in a header: %d %s", r.status, r.text)
	}
	const name = "auth/cert/certs/new"
	with := func(field string, v any) object { return object{"certificate": plainText, field: v} }
	s.run(t, []row{
		{"over plain HTTP", "POST", "auth/cert/login", "", nil, 400, "tls connection required"},
		{"GET", "GET", "auth/cert/login", "", nil, 405, "unsupported operation"},
		{"no certificate", "POST", name, root, object{}, 400, `"certificate" is empty`},
		{"null", "POST", name, root, object{"certificate": nil}, 400, `"certificate" is empty`},
		{"a number", "POST", name, root, object{"certificate": 7}, 400, `"certificate"`},
		{"nonsense", "POST", name, root, object{"certificate": "secret"}, 400, `"certificate": is not PEM`},
		{"cut off", "POST", name, root, object{"certificate": plainText[:100]}, 400, `"certificate"`},
		{"a key", "POST", name, root, object{"certificate": ann.KeyPEM()}, 400, `"certificate": block 0 is not a certificate`},
		{"for servers", "POST", name, root, object{"certificate": s.server.PEM()}, 400, "client authentication"},
		{"too many", "POST", name, root, object{"certificate": strings.Repeat(plainText, 17)}, 400, "at most 16"},
		{"too large", "POST", name, root, object{"certificate": strings.Repeat("x", 33<<10)}, 400, "at most 32768"},
		{"patterns as an object", "POST", name, root, with("allowed_dns_sans", object{}), 400, `"allowed_dns_sans"`},
		{"too many patterns", "POST", name, root, with("allowed_common_names", strings.Repeat("a,", 64)+"a"), 400, `"allowed_common_names"`},
		{"a long pattern", "POST", name, root, with("allowed_email_sans", strings.Repeat("a", 513)), 400, "allowed_email_sans"},
		{"an extension that is none", "POST", name, root, with("required_extensions", "blue"), 400, `"required_extensions": item 0`},
		{"OCSP", "POST", name, root, with("ocsp_enabled", true), 400, `"ocsp_enabled": is not supported`},
		{"metadata of extensions", "POST", name, root, with("allowed_metadata_extensions", "1.2.3"), 400, `"allowed_metadata_extensions"`},
		{"a long display name", "POST", name, root, with("display_name", strings.Repeat("x", 121)), 400, "display_name"},
		{"a ttl above its max", "POST", name, root, object{"certificate": plainText, "token_ttl": "2h", "token_max_ttl": "1h"}, 400, "token_max_ttl"},
		{"an at sign in the name", "POST", "auth/cert/certs/a@b", root, with("display_name", "x"), 400, "certificate name"},
		{"a slash", "POST", "auth/cert/certs/a/b", root, with("display_name", "x"), 404, "unsupported path"},
		{"nobody", "GET", name, root, nil, 404, ""},
		{"deleted twice", "DELETE", name, root, nil, 204, ""},
		{"unbound", "POST", "auth/cert/config", root, object{"disable_binding": true}, 400, `"disable_binding"`},
		{"alias metadata", "POST", "auth/cert/config", root, object{"enable_identity_alias_metadata": true}, 400, `"enable_identity_alias_metadata"`},
		{"as it is", "POST", "auth/cert/config", root, object{"disable_binding": false}, 204, ""},
		{"denied to configure", "POST", "auth/cert/config", plain, object{"disable_binding": true}, 403, "permission denied"},
		{"denied before faulted", "POST", name, plain, object{"certificate": "x"}, 403, "permission denied"},
		{"denied to list", "LIST", "auth/cert/certs", plain, nil, 403, "permission denied"},
		{"denied to read", "GET", "auth/cert/certs/web", plain, nil, 403, "permission denied"},
		{"denied to delete", "DELETE", "auth/cert/certs/web", plain, nil, 403, "permission denied"},
		{"revocation lists", "GET", "auth/cert/crls/x", root, nil, 404, "unsupported path"},
	})
	if n := s.cluster.Local().CountTokens(); n != tokens {
		t.Errorf("%d tokens, %d before", n, tokens)
	}
	if names := s.keys("auth/cert/certs"); len(names) != 4 {
		t.Errorf("names %v", names)
	}
}

func TestCertFields(t *testing.T) {
	s := certified(t, httpd.Config{})
	s.must(204, "POST", "auth/cert/certs/CI", root, object{
		"certificate": s.authority.PEM(), "display_name": "Builds", "allowed_names": "a,b", "allowed_common_names": []string{"c"}, "allowed_dns_sans": "*.d",
		"allowed_email_sans": "e", "allowed_uri_sans": "f", "allowed_organizational_units": "g", "required_extensions": "1.2.3:h,hex:1.2.4:0f",
		"policies": "x", "ttl": "5m", "period": "1h", "ocsp_enabled": false,
	})
	data := s.must(200, "GET", "auth/cert/certs/ci", root, nil).data()
	for name, want := range map[string]string{
		"display_name": `"Builds"`, "allowed_names": `["a","b"]`, "allowed_common_names": `["c"]`, "allowed_dns_sans": `["*.d"]`,
		"allowed_email_sans": `["e"]`, "allowed_uri_sans": `["f"]`, "allowed_organizational_units": `["g"]`,
		"required_extensions": `["1.2.3:h","hex:1.2.4:0f"]`, "token_policies": `["x"]`, "policies": `["x"]`, "token_ttl": `300`, "period": `3600`,
	} { // order: each stands alone
		if got, err := json.Marshal(data[name]); err != nil || string(got) != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if data["certificate"] != s.authority.PEM() {
		t.Errorf("certificate %v", data["certificate"])
	}
	s.must(204, "POST", "auth/cert/certs/ci", root, object{"allowed_names": []string{}})
	data = s.must(200, "GET", "auth/cert/certs/ci", root, nil).data()
	if len(data["allowed_names"].([]any)) != 0 || data["display_name"] != "Builds" {
		t.Errorf("after a partial update: %v", data)
	}
}

// A login without a name is held against so many records and no more.
func TestCertsTried(t *testing.T) {
	s := certified(t, httpd.Config{})
	ann := s.authority.Client("ann")
	for i := range 255 {
		s.must(204, "POST", "auth/cert/certs/a"+strings.Repeat("b", i/16)+"."+string(rune('a'+i%16)), root, object{"certificate": s.authority.PEM(), "allowed_names": "x"})
	}
	s.login(ann, nil) // the last of 256
	s.must(204, "POST", "auth/cert/certs/one-more", root, object{"certificate": s.authority.PEM(), "allowed_names": "x"})
	if r := s.show(ann, "POST", "auth/cert/login", "", nil); r.status != 400 || !strings.Contains(r.text, `field \"name\" is empty`) {
		t.Errorf("%d %s", r.status, r.text)
	}
	s.login(ann, object{"name": "web"})
}

func TestCertGuessesAreLimited(t *testing.T) {
	s := certified(t, httpd.Config{Limits: httpd.Limits{StrangerBurst: 3, StrangerRate: 1e-9}})
	stranger := certtest.SelfSigned("x")
	for i, want := range []int{400, 400, 400, 429} {
		if r := s.show(stranger, "POST", "auth/cert/login", "", nil); r.status != want {
			t.Errorf("login %d: %d %s", i, r.status, r.text)
		}
	}
}

func TestCertLoginUnavailable(t *testing.T) {
	s := certified(t, httpd.Config{})
	s.cluster.Fail(cluster.ErrNoLeader)
	if r := s.show(s.authority.Client("ann"), "POST", "auth/cert/login", "", nil); r.status != 503 {
		t.Errorf("%d %s", r.status, r.text)
	}
}

// Vault's own client logs in and renews as its users do.
func TestVaultCert(t *testing.T) {
	s := certified(t, httpd.Config{})
	ann := s.authority.Client("ann")
	config := vault.DefaultConfig()
	config.Address, config.MaxRetries = s.addr, 0
	config.HttpClient.Transport.(*http.Transport).TLSClientConfig = s.tls(ann)
	c, err := vault.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	c.ClearToken()
	secret, err := c.Logical().Write("auth/cert/login", object{"name": "web"})
	if err != nil {
		t.Fatal(err)
	}
	if a := secret.Auth; a.LeaseDuration != 600 || a.Metadata["cert_name"] != "web" || a.Metadata["common_name"] != "ann" || !a.Renewable {
		t.Fatalf("login %+v", a)
	}
	c.SetToken(secret.Auth.ClientToken)
	watcher, err := c.NewLifetimeWatcher(&vault.LifetimeWatcherInput{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	go watcher.Start()
	defer watcher.Stop()
	select {
	case renewed := <-watcher.RenewCh():
		if renewed.Secret.Auth.LeaseDuration != 600 {
			t.Errorf("renewed for %d", renewed.Secret.Auth.LeaseDuration)
		}
	case err := <-watcher.DoneCh():
		t.Fatalf("the watcher gave up: %v", err)
	}
}
