package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/dialer"
)

// quiet is for servers whose clients hang up.
var quiet = log.New(io.Discard, "", 0)

func TestConfigCheck(t *testing.T) {
	headers := func(pairs ...string) func(*Config, *Secret) {
		return func(_ *Config, s *Secret) {
			s.Headers = map[string]string{}
			for i := 0; i < len(pairs); i += 2 {
				s.Headers[pairs[i]] = pairs[i+1]
			}
		}
	}
	at := func(url string) func(*Config, *Secret) { return func(c *Config, _ *Secret) { c.URL = url } }
	tests := []struct {
		name   string
		change func(*Config, *Secret)
		field  string // that the error names; empty: there is none
	}{
		{"as it should be", func(*Config, *Secret) {}, ""},
		{"plain on loopback", at("http://127.0.0.1:8080/"), ""},
		{"plain on loopback by name", at("http://localhost/hook?x=y"), ""},
		{"plain on loopback, IPv6", at("http://[::1]:80/"), ""},
		{"a private address", at("https://10.1.2.3/hook"), ""},
		{"headers", headers("Authorization", "Bearer x", "X-Team", ""), ""},

		{"no url", at(""), "url"},
		{"no host", at("https:///hook"), "url"},
		{"a path", at("/hook"), "url"},
		{"not a url", at("https://a b/%zz"), "url"},
		{"plain", at("http://example.com/"), "url"},
		{"plain, almost loopback", at("http://127.0.0.1.example.com/"), "url"},
		{"a file", at("file:///etc/passwd"), "url"},
		{"a password", at("https://u:S3cret@example.com/"), "url"},
		{"a fragment", at("https://example.com/#x"), "url"},
		{"too long", at("https://example.com/" + strings.Repeat("x", maxURLBytes)), "url"},
		{"the cloud", at("https://169.254.169.254/latest/meta-data"), "url"},
		{"the cloud, IPv6", at("https://[fd00:ec2::254]/"), "url"},
		{"the cloud, mapped", at("https://[::ffff:169.254.169.254]/"), "url"},
		{"link-local with a zone", at("https://[fe80::1%25eth0]/"), "url"},
		{"anywhere", at("https://0.0.0.0/"), "url"},
		{"no key", func(_ *Config, s *Secret) { s.SigningKey = "" }, "signing_key"},
		{"a short key", func(_ *Config, s *Secret) { s.SigningKey = "S3cret" }, "signing_key"},
		{"a long key", func(_ *Config, s *Secret) { s.SigningKey = strings.Repeat("x", maxKeyBytes+1) }, "signing_key"},
		{"no time", func(c *Config, _ *Secret) { c.Timeout = 0 }, "timeout"},
		{"too much time", func(c *Config, _ *Secret) { c.Timeout = MaxTimeout + 1 }, "timeout"},
		{"too many attempts", func(c *Config, _ *Secret) { c.MaxRetries = MaxRetries + 1 }, "max_retries"},
		{"less than none", func(c *Config, _ *Secret) { c.MaxRetries = -1 }, "max_retries"},
		{"a certificate that is none", func(c *Config, _ *Secret) { c.CACert = "-----BEGIN" }, "ca_cert"},
		{"a header of ours", headers("jeton-signature", "t=1"), "headers"},
		{"a header that says how it is sent", headers("transfer-Encoding", "chunked"), "headers"},
		{"two headers in one", headers("X-A", "b\r\nX-C: S3cret"), "headers"},
		{"a name that is none", headers("X A", "b"), "headers"},
		{"no name", headers("", "b"), "headers"},
		{"a value that is not ASCII", headers("X-A", "é S3cret"), "headers"},
		{"a long value", headers("X-A", strings.Repeat("x", maxHeaderBytes+1)), "headers"},
		{"many", func(_ *Config, s *Secret) {
			s.Headers = map[string]string{}
			for i := range MaxHeaders + 1 {
				s.Headers[fmt.Sprint("X-", i)] = "x"
			}
		}, "headers"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &Config{URL: "https://hooks.example.com/jeton", Timeout: DefaultTimeout, MaxRetries: DefaultRetries}
			s := &Secret{SigningKey: testKey}
			tt.change(c, s)
			err := c.Check(s)
			if tt.field == "" && err != nil || tt.field != "" && (err == nil || !strings.HasPrefix(err.Error(), `field "`+tt.field+`"`)) {
				t.Errorf("got %v, want an error about %q", err, tt.field)
			}
			if err != nil && strings.Contains(err.Error(), "S3cret") {
				t.Errorf("a secret in %v", err)
			}
		})
	}
	if err := (&Role{Parameters: json.RawMessage(`"` + strings.Repeat("x", maxParametersBytes) + `"`)}).Check(); err == nil {
		t.Error("parameters have no bound")
	}
}

// Whatever a name was when it was checked, a connection is made only to an address
// that is right now.
func TestDialerLooksAtTheAddress(t *testing.T) {
	tests := []struct{ configured, dialed string }{
		{"https://hooks.example.com/", "https://169.254.169.254/"},
		{"https://hooks.example.com/", "https://[fe80::1]/"},
		{"http://localhost/", "http://192.0.2.1/"},
	}
	for _, tt := range tests {
		client, err := newClient(&Config{URL: tt.configured, Timeout: 1})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		req, err := http.NewRequestWithContext(ctx, "POST", tt.dialed, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Do(req); !errors.Is(err, dialer.ErrRefused) {
			t.Errorf("%s: %v", tt.dialed, err)
		}
		cancel()
	}
}

// The example of docs/engines.md: a body, a key and what they are signed with.
func TestSignature(t *testing.T) {
	body := []byte(`{"action":"revoke","lease_id":"hooks/creds/ci/abc"}`)
	at := time.Unix(1795363200, 0)
	header := sign(testKey, at, body)
	if err := verify([]byte(testKey), header, body, at); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"another key":    verify([]byte("x"), header, body, at),
		"another body":   verify([]byte(testKey), header, append(body, ' '), at),
		"another time":   verify([]byte(testKey), strings.Replace(header, "t=1", "t=2", 1), body, at.Add(1e9*time.Second)),
		"an old one":     verify([]byte(testKey), header, body, at.Add(time.Hour)),
		"none":           verify([]byte(testKey), "", body, at),
		"half a header":  verify([]byte(testKey), header[:40], body, at),
		"not hex at all": verify([]byte(testKey), "t=1795363200,v1=zz", body, at),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if want := "t=1795363200,v1="; !strings.HasPrefix(header, want) || len(header) != len(want)+64 {
		t.Errorf("the header is %s", header)
	}
}
