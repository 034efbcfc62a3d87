package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jeton-io/jeton/cluster/keys"
	"github.com/jeton-io/jeton/http/cert/certtest"
)

// A process that ends TLS takes client certificates, and renews by the same one
// only.
func TestProcessCert(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process")
	}
	dir, server, authority := t.TempDir(), certtest.Server("localhost"), certtest.Authority("people")
	ann, bob := authority.Client("ann"), authority.Client("bob")
	files := map[string]string{
		"server.pem": server.PEM(), "server.key": server.KeyPEM(), "ca.pem": authority.PEM(), "ann.pem": ann.PEM(), "ann.key": ann.KeyPEM(),
		"bob.pem": bob.PEM(), "bob.key": bob.KeyPEM(), "secret": keys.Generate(), "root": "root-for-tests",
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range files { // order: each stands alone
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ports := freePorts(t, 3)
	p := &process{
		t: t, id: "node-1", addr: "https://" + strings.Replace(ports[0], "127.0.0.1", "localhost", 1), log: new(logBuffer),
		args: []string{"server", "--node-id", "node-1", "--data-dir", at("data"), "--http-addr", ports[0], "--cluster-addr", ports[1],
			"--gossip-addr", ports[2], "--bootstrap-expect", "1", "--secret-file", at("secret"), "--initial-root-token-file", at("root"),
			"--tls-cert-file", at("server.pem"), "--tls-key-file", at("server.key")},
	}
	p.start()
	run := func(want int, who, token string, args ...string) string {
		t.Helper()
		sh := newShell(t, p.addr)
		sh.env["JETON_CACERT"], sh.env["JETON_TOKEN"] = at("server.pem"), token
		if who != "" {
			sh.env["JETON_CLIENT_CERT"], sh.env["JETON_CLIENT_KEY"] = at(who+".pem"), at(who+".key")
		}
		code, out, errs := sh.run(t.Context(), args...)
		if code != want {
			t.Fatalf("%s shows %q: jeton %v: exit %d, want %d\n%s%s", p.id, who, args, code, want, out, errs)
		}
		return strings.TrimSpace(out)
	}
	root := files["root"]
	run(exitDone, "", "", "status", "-wait=60s")
	run(exitDone, "", root, "auth", "enable", "cert")
	run(exitDone, "", root, "write", "auth/cert/certs/web", "certificate=@"+at("ca.pem"), "allowed_common_names=ann", "token_ttl=1h")
	token := run(exitDone, "ann", "", "login", "-no-store", "-method=cert", "-field=token")
	run(exitFailed, "bob", "", "login", "-no-store", "-method=cert")
	run(exitDone, "", token, "token", "lookup")
	run(exitDone, "ann", token, "token", "renew")
	run(exitFailed, "bob", token, "token", "renew")
	run(exitFailed, "", token, "token", "renew")
	if err := p.end(syscall.SIGTERM); err != nil {
		t.Errorf("stopped: %v", err)
	}
}
