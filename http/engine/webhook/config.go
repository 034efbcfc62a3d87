package webhook

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/jeton-io/jeton/http/dialer"
	"github.com/jeton-io/jeton/http/engine"
)

// Config is the body of a configuration: where the service is. What only the service
// may know is in Secret.
type Config struct {
	URL        string   `json:"url"`
	CACert     string   `json:"ca_cert,omitempty"`
	Timeout    int64    `json:"timeout"` // of one call, in seconds
	MaxRetries int      `json:"max_retries"`
	Headers    []string `json:"headers,omitempty"` // the names of Secret.Headers
}

// Secret is what is sealed of a configuration. Headers are in it, since they are how
// services are told passwords.
type Secret struct {
	SigningKey string            `json:"signing_key"`
	Headers    map[string]string `json:"headers,omitempty"`
}

// Role is the body of a role. The service gets the parameters as they are.
type Role struct {
	Parameters json.RawMessage `json:"parameters,omitempty"` // an object
}

// Bounds and defaults.
const (
	DefaultTimeout = 5 // seconds
	MaxTimeout     = 15
	DefaultRetries = 2
	MaxRetries     = 5
	MaxHeaders     = 16

	minKeyBytes        = 16
	maxKeyBytes        = 512
	maxURLBytes        = 2048
	maxHeaderBytes     = 2048
	maxParametersBytes = 8192
	maxSecretBytes     = 3584 // sealed it has to fit into an item
)

// Check wants settings that a call can be made with.
func (c *Config) Check(s *Secret) error {
	switch n := len(s.SigningKey); {
	case n == 0:
		return badField("signing_key", "is missing")
	case n < minKeyBytes || n > maxKeyBytes:
		return badField("signing_key", "has %d bytes, expected %d to %d", n, minKeyBytes, maxKeyBytes)
	case c.Timeout < 1 || c.Timeout > MaxTimeout:
		return badField("timeout", "is %d seconds, expected 1 to %d", c.Timeout, MaxTimeout)
	case c.MaxRetries < 0 || c.MaxRetries > MaxRetries:
		return badField("max_retries", "is %d, expected 0 to %d", c.MaxRetries, MaxRetries)
	case c.CACert != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(c.CACert)):
		return badField("ca_cert", "holds no certificate in PEM")
	}
	if err := checkURL(c.URL); err != nil {
		return err
	}
	if err := checkHeaders(s.Headers); err != nil {
		return err
	}
	if text, err := s.Marshal(); err != nil || len(text) > maxSecretBytes {
		return badField("headers", "are more than %d bytes together with the signing key", maxSecretBytes)
	}
	return nil
}

// MovedFrom wants, of a configuration that leads to another service than the one
// before it, that it does not take along what only that service may know: whoever
// may change where calls go does not learn so what is sent with them.
func (c *Config) MovedFrom(old *Config, givenKey, givenHeaders bool) error {
	if origin(c.URL) == origin(old.URL) {
		return nil
	}
	const reason = "is to be given together with a url of another scheme, host or port: what is stored is for the service that is there now"
	switch {
	case !givenKey:
		return badField("signing_key", reason)
	case !givenHeaders && len(old.Headers) > 0:
		return badField("headers", reason)
	}
	return nil
}

// origin is who is called at a URL; "" for one that cannot be read.
func origin(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// badField is how all fields of this package are refused.
func badField(name, format string, args ...any) error {
	return engine.Refuse("field %q: %s", name, fmt.Sprintf(format, args...))
}

func checkURL(text string) error {
	const field = "url"
	if text == "" {
		return badField(field, "is missing")
	}
	u, err := url.Parse(text)
	switch {
	case len(text) > maxURLBytes:
		return badField(field, "has %d bytes, at most %d are allowed", len(text), maxURLBytes)
	case err != nil || u.Hostname() == "" || u.Fragment != "":
		return badField(field, "expected https://host/path")
	case u.User != nil:
		return badField(field, "holds a user or password; give it in a header")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return badField(field, "http is for loopback only; expected https")
	case u.Scheme != "http" && u.Scheme != "https":
		return badField(field, "expected https://host/path")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && dialer.Refused(ip) {
		return badField(field, "is an address that services are not called at")
	}
	return nil
}

// isLoopback tells hosts that can be nowhere but on the node itself; the dialer sees
// to it that this is so for the name.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// ownHeaders are those that a call has by itself, or that say how it is sent.
var ownHeaders = []string{
	"Content-Type", "Content-Length", "Idempotency-Key", "Jeton-Signature",
	"Host", "Connection", "Transfer-Encoding", "Trailer", "Upgrade", "Te", "Keep-Alive", "Expect",
}

func checkHeaders(headers map[string]string) error {
	const field = "headers"
	if len(headers) > MaxHeaders {
		return badField(field, "has %d entries, at most %d are allowed", len(headers), MaxHeaders)
	}
	for name, value := range headers { // order: any that is wrong will do
		switch {
		case !isHeaderName(name):
			return badField(field, "a name is no name of a header")
		case slices.Contains(ownHeaders, http.CanonicalHeaderKey(name)):
			return badField(field, "%s cannot be set", http.CanonicalHeaderKey(name))
		case len(value) > maxHeaderBytes || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r > '~' }):
			return badField(field, "the value of %s is not at most %d bytes of printable ASCII", name, maxHeaderBytes)
		}
	}
	return nil
}

// isHeaderName is the token of RFC 9110, 5.6.2, bounded.
func isHeaderName(name string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	for i := range len(name) {
		c := name[i]
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte(marks, c) >= 0) {
			return false
		}
	}
	return name != "" && len(name) <= 128
}

// Check bounds the parameters.
func (r *Role) Check() error {
	if n := len(r.Parameters); n > maxParametersBytes {
		return badField("parameters", "has %d bytes, at most %d are allowed", n, maxParametersBytes)
	}
	return nil
}

// Marshal is the body as it is stored, and DecodeConfig its inverse.
func (c *Config) Marshal() ([]byte, error) { return marshal(c) }

// DecodeConfig reads what Marshal wrote.
func DecodeConfig(body []byte) (*Config, error) { return unmarshal(body, new(Config)) }

// Marshal is the secret as it is sealed.
func (s *Secret) Marshal() ([]byte, error) { return marshal(s) }

// DecodeSecret reads what Marshal wrote.
func DecodeSecret(text []byte) (*Secret, error) { return unmarshal(text, new(Secret)) }

// Marshal is the body as it is stored.
func (r *Role) Marshal() ([]byte, error) { return marshal(r) }

// DecodeRole reads what Marshal wrote.
func DecodeRole(body []byte) (*Role, error) { return unmarshal(body, new(Role)) }

// marshal is json.Marshal without its care for HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// unmarshal reads a body or secret. It was written here, so an error is a fault, and
// does not show what could not be read.
func unmarshal[T any](text []byte, v *T) (*T, error) {
	if err := json.Unmarshal(text, v); err != nil {
		return nil, errors.New("webhook: a stored item cannot be read")
	}
	return v, nil
}
