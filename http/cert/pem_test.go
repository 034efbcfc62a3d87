package cert_test

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/cert"
	"github.com/jeton-io/jeton/http/cert/certtest"
)

func TestParse(t *testing.T) {
	good := authority.PEM()
	server := certtest.SelfSigned("s", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	for name, tt := range map[string]struct {
		text string
		n    int
		err  string
	}{
		"one":                 {good, 1, ""},
		"two":                 {good + client.PEM(), 2, ""},
		"text around":         {"Certificate:\n  Data\n" + good + "\nend", 1, ""},
		"nothing":             {"", 0, "is not PEM"},
		"no PEM":              {"secret", 0, "is not PEM"},
		"cut off":             {good[:len(good)-10], 0, "broken"},
		"the second cut off":  {good + good[:100], 0, "broken"},
		"the first broken":    {"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n" + good, 0, "broken"},
		"a key":               {client.KeyPEM(), 0, "block 0 is not a certificate"},
		"a certificate, key":  {good + client.KeyPEM(), 0, "block 1 is not a certificate"},
		"headers":             {strings.Replace(good, "-----\n", "-----\nA: b\n\n", 1), 0, "no headers"},
		"not DER":             {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 0, "can be read"},
		"for servers":         {server.PEM(), 0, "client authentication"},
		"too many":            {strings.Repeat(good, 17), 0, "at most 16"},
		"too large":           {strings.Repeat(" ", fsm.MaxCertificateBytes) + good, 0, "at most 32768"},
		"as many as there is": {strings.Repeat(good, 16), 16, ""},
	} {
		certs, err := cert.Parse(tt.text)
		if len(certs) != tt.n || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %d, %v", name, len(certs), err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the text is in %v", name, err)
		}
	}
}

func TestCheckExtension(t *testing.T) {
	for text, good := range map[string]bool{
		"1.2.3:a": true, "1.2.3:": true, "hex:1.2:0F*": true, "1.2.3:a:b": true,
		"": false, "1.2.3": false, "1:a": false, "1..2:a": false, "a.b:c": false, "hex:1.2:xyz": false, "hex:1.2": false, ":": false,
	} {
		if err := cert.CheckExtension(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzPEM stores whatever text as a record, asks for whatever extension and shows
// whatever certificate. Nothing panics; nothing that is not below the authority or in
// the text is accepted; what is accepted is good now and fits a login.
func FuzzPEM(f *testing.F) {
	good := authority.PEM()
	for _, text := range []string{"", good, good + client.PEM(), client.KeyPEM(), good[:200], "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		f.Add(text, "1.2.3.4:blue", client.Cert.Raw)
	}
	f.Add(client.PEM(), "hex:1.2.3.4:0c*", client.Cert.Raw[:300])
	f.Fuzz(func(t *testing.T, text, extension string, der []byte) {
		certs, err := cert.Parse(text)
		if err == nil && (len(certs) == 0 || len(certs) > cert.MaxBlocks) {
			t.Fatalf("%d certificates", len(certs))
		}
		cert.CheckExtension(extension)
		peer := client.Cert
		if c, err := x509.ParseCertificate(der); err == nil {
			peer = c
		}
		r := &fsm.Cert{Name: "web", Certificates: text, Extensions: []string{extension}}
		now := at(time.Now())
		id, err := cert.NewVerifier().Verify([]*x509.Certificate{peer}, []*fsm.Cert{r}, now)
		if err != nil {
			if !errors.Is(err, cert.ErrUnfit) && !errors.Is(err, cert.ErrUntrusted) && !errors.Is(err, cert.ErrTooLarge) {
				t.Fatal(err)
			}
			return
		}
		if len(certs) == 0 || id.Shown.NotBefore > now || id.Shown.NotAfter <= now {
			t.Fatalf("accepted %+v by %d certificates", id, len(certs))
		}
	})
}
