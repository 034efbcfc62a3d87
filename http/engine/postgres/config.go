package postgres

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jeton-io/jeton/http/engine"
)

// Config is the body of a configuration: a database and who manages its roles. The
// password is not in here, see Credentials.
type Config struct {
	ConnectionURL          string   `json:"connection_url"`
	Username               string   `json:"username,omitempty"`
	AllowedRoles           []string `json:"allowed_roles,omitempty"`
	MaxOpenConnections     int      `json:"max_open_connections"`
	VerifyConnection       bool     `json:"verify_connection"`
	PasswordAuthentication string   `json:"password_authentication"`
	RootRotationStatements []string `json:"root_rotation_statements,omitempty"`
	TLSCA                  string   `json:"tls_ca,omitempty"`
}

// Credentials are the secret of a configuration. Next is a password that is about
// to take the place of the other: which of the two is in force only the server
// knows (see Rotate).
type Credentials struct {
	Password string `json:"password"`
	Next     string `json:"next,omitempty"`
}

// Bounds and defaults of a configuration.
const (
	DefaultOpenConnections = 4
	MaxOpenConnections     = 32
	MaxAllowedRoles        = 64
	maxPasswordBytes       = 1024
)

// How passwords are sent to the server.
const (
	PasswordPlain = "password"      // as they are
	PasswordSCRAM = "scram-sha-256" // hashed here, so that the server's log never has them
)

// Check wants each setting to be one that a connection can be made with.
func (c *Config) Check(secret *Credentials) error {
	switch {
	case c.MaxOpenConnections < 1 || c.MaxOpenConnections > MaxOpenConnections:
		return badField("max_open_connections", "is %d, expected 1 to %d", c.MaxOpenConnections, MaxOpenConnections)
	case c.PasswordAuthentication != PasswordPlain && c.PasswordAuthentication != PasswordSCRAM:
		return badField("password_authentication", "expected %s or %s", PasswordPlain, PasswordSCRAM)
	case len(secret.Password) > maxPasswordBytes:
		return badField("password", "has %d bytes, at most %d are allowed", len(secret.Password), maxPasswordBytes)
	}
	for _, r := range c.AllowedRoles {
		if i := strings.IndexByte(r, '*'); i >= 0 && i != len(r)-1 {
			return badField("allowed_roles", "a * may only stand at the end of a name")
		}
	}
	if err := checkStatements("root_rotation_statements", c.RootRotationStatements); err != nil {
		return err
	}
	_, err := c.connect(secret.Password)
	return err
}

// MovedFrom wants that a configuration which takes along the password of the one
// before it leads nowhere but where that one led: whoever may change where a database
// is does not learn so the password of its manager.
func (c *Config) MovedFrom(old *Config) error {
	known, err := old.addresses()
	if err != nil {
		return err
	}
	now, err := c.addresses()
	if err != nil {
		return err
	}
	for _, a := range now {
		if !slices.Contains(known, a) {
			return badField("password", "is to be given together with a connection_url of another host or port: the stored one is for the server that is there now")
		}
	}
	return nil
}

// addresses are the servers that a configuration leads to.
func (c *Config) addresses() ([]string, error) {
	p, err := c.connect("")
	if err != nil {
		return nil, err
	}
	all := []string{address(p.Host, p.Port)}
	for _, f := range p.Fallbacks {
		all = append(all, address(f.Host, f.Port))
	}
	return all, nil
}

func address(host string, port uint16) string {
	return net.JoinHostPort(strings.ToLower(host), strconv.Itoa(int(port)))
}

// badField is how all fields of this package are refused.
func badField(name, format string, args ...any) error {
	return engine.Refuse("field %q: %s", name, fmt.Sprintf(format, args...))
}

// Allows says whether a role may use the configuration.
func (c *Config) Allows(role string) bool {
	for _, allowed := range c.AllowedRoles {
		if prefix, ok := strings.CutSuffix(allowed, "*"); ok && strings.HasPrefix(role, prefix) || allowed == role {
			return true
		}
	}
	return false
}

// The marks in a connection_url, and what stands for them while it is parsed: the
// real ones never become part of a URL, so they need no escaping and no error of
// the parser can show them.
const (
	userMark, passMark   = "{{username}}", "{{password}}"
	userStand, passStand = "jeton-username", "jeton-password"
)

// allowedKeys is what a connection_url may say. Whatever names a file on the node,
// or another service to ask, is not in it.
var allowedKeys = []string{"host", "port", "user", "dbname", "sslmode", "connect_timeout", "target_session_attrs"}

// connect is the connection that the configuration describes.
func (c *Config) connect(password string) (*pgconn.Config, error) {
	const field = "connection_url"
	keys := allowedKeys
	if strings.Contains(c.ConnectionURL, passMark) {
		keys = append(keys[:len(keys):len(keys)], "password")
	}
	if !strings.Contains(c.ConnectionURL, "host=") && !hasHost(c.ConnectionURL) {
		return nil, badField(field, "names no host")
	}
	text := strings.NewReplacer(userMark, userStand, passMark, passStand).Replace(c.ConnectionURL)
	p, err := pgconn.ParseConfigWithOptions(text, pgconn.ParseConfigOptions{ConnStringAllowedKeys: keys})
	if err != nil {
		return nil, badField(field, "cannot be parsed, or has settings other than %s; a password is given in the field of that name and stands as %s in here",
			strings.Join(allowedKeys, ", "), passMark)
	}
	switch {
	case len(keys) > len(allowedKeys) && p.Password != passStand:
		return nil, badField(field, "%s has to stand alone", passMark)
	case p.User == userStand && c.Username == "":
		return nil, badField("username", "is missing: connection_url refers to it")
	case p.User == userStand:
		p.User = c.Username
	case c.Username != "" && p.User != c.Username:
		return nil, badField(field, "names another user than the field username; write %s", userMark)
	}
	p.Password = password
	p.RuntimeParams = map[string]string{"application_name": "jeton"}
	p.MaxProtocolMessageBodyLen = 1 << 20
	if c.TLSCA != "" {
		return p, c.trust(p)
	}
	return p, nil
}

// hasHost says whether a connection string in the form of a URL names a host.
func hasHost(text string) bool {
	u, err := url.Parse(strings.NewReplacer(userMark, userStand, passMark, passStand).Replace(text))
	return err == nil && (u.Scheme == "postgresql" || u.Scheme == "postgres") && u.Host != ""
}

// trust has the server's certificate verified with the configuration's own
// authorities.
func (c *Config) trust(p *pgconn.Config) error {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(c.TLSCA)) {
		return badField("tls_ca", "holds no certificate in PEM")
	}
	if p.TLSConfig == nil || p.TLSConfig.ServerName == "" || p.TLSConfig.InsecureSkipVerify {
		return badField("tls_ca", "has an effect only with sslmode=verify-full in connection_url")
	}
	p.TLSConfig.RootCAs = roots
	for _, f := range p.Fallbacks {
		if f.TLSConfig != nil {
			f.TLSConfig.RootCAs = roots
		}
	}
	return nil
}

// Marshal is the body as it is stored, and DecodeConfig its inverse.
func (c *Config) Marshal() ([]byte, error) { return marshal(c) }

// DecodeConfig reads what Marshal wrote.
func DecodeConfig(body []byte) (*Config, error) {
	c := new(Config)
	return c, unmarshal(body, c)
}

// Marshal is the secret as it is sealed.
func (s *Credentials) Marshal() ([]byte, error) { return marshal(s) }

// DecodeCredentials reads what Marshal wrote; nothing is no password.
func DecodeCredentials(secret []byte) (*Credentials, error) {
	s := new(Credentials)
	if secret == nil {
		return s, nil
	}
	return s, unmarshal(secret, s)
}

// marshal is json.Marshal without its care for HTML: statements have < and >.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// unmarshal reads a body or secret. It was written here, so an error is a fault,
// and does not show what could not be read.
func unmarshal(text []byte, v any) error {
	if err := json.Unmarshal(text, v); err != nil {
		return errors.New("postgres: a stored item cannot be read")
	}
	return nil
}
