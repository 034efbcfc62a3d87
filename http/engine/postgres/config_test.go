package postgres

import (
	"encoding/pem"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

func validConfig() *Config {
	return &Config{
		ConnectionURL: "postgresql://{{username}}:{{password}}@db.example:5433/shop?sslmode=require", Username: "manager",
		AllowedRoles: []string{"*"}, MaxOpenConnections: 4, VerifyConnection: true, PasswordAuthentication: PasswordPlain,
	}
}

func TestConfigCheck(t *testing.T) {
	// what must not be repeated in an error
	const secret = "S3cret-of-the-manager"
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	tests := []struct {
		name   string
		change func(*Config)
		field  string // that the error names; empty: there is none
	}{
		{"as it should be", func(*Config) {}, ""},
		{"key and value", func(c *Config) {
			c.ConnectionURL = "host=db.example user={{username}} password={{password}} dbname=shop"
		}, ""},
		{"a user in the URL", func(c *Config) { c.ConnectionURL, c.Username = "postgresql://clerk@db.example/shop", "" }, ""},
		{"the same user twice", func(c *Config) { c.ConnectionURL, c.Username = "postgresql://clerk@db.example/shop", "clerk" }, ""},
		{"a socket", func(c *Config) { c.ConnectionURL = "host=/run/postgresql user={{username}} dbname=shop" }, ""},
		{"own authority", func(c *Config) {
			c.ConnectionURL, c.TLSCA = "postgresql://{{username}}@db.example/shop?sslmode=verify-full", ca
		}, ""},
		{"roles by prefix", func(c *Config) { c.AllowedRoles = []string{"read-*", "x"} }, ""},

		{"no URL", func(c *Config) { c.ConnectionURL = "" }, "connection_url"},
		{"no host", func(c *Config) { c.ConnectionURL = "postgresql:///shop" }, "connection_url"},
		{"not a URL", func(c *Config) { c.ConnectionURL = "mysql://db.example/shop" }, "connection_url"},
		{"a bad port", func(c *Config) { c.ConnectionURL = "postgresql://u:" + secret + "x@db.example:port/shop" }, "connection_url"},
		{"a password in the URL", func(c *Config) { c.ConnectionURL = "postgresql://u:" + secret + "@db.example/shop" }, "connection_url"},
		{"a password as a key", func(c *Config) { c.ConnectionURL = "host=db.example password=" + secret }, "connection_url"},
		{"half a mark", func(c *Config) {
			c.ConnectionURL = "host=db.example user={{username}} password=" + secret + "{{password}}"
		}, "connection_url"},
		{"a file of the node", func(c *Config) { c.ConnectionURL = "host=db.example user=u sslkey=/etc/shadow" }, "connection_url"},
		{"another service", func(c *Config) { c.ConnectionURL = "host=db.example user=u service=x servicefile=/etc/shadow" }, "connection_url"},
		{"options of the server", func(c *Config) { c.ConnectionURL = "host=db.example user=u options=-cfsync=off" }, "connection_url"},
		{"no user name", func(c *Config) { c.Username = "" }, "username"},
		{"two user names", func(c *Config) { c.ConnectionURL = "postgresql://clerk@db.example/shop" }, "connection_url"},
		{"no connections", func(c *Config) { c.MaxOpenConnections = 0 }, "max_open_connections"},
		{"too many connections", func(c *Config) { c.MaxOpenConnections = MaxOpenConnections + 1 }, "max_open_connections"},
		{"unknown form of passwords", func(c *Config) { c.PasswordAuthentication = "md5" }, "password_authentication"},
		{"a * in the middle", func(c *Config) { c.AllowedRoles = []string{"a*b"} }, "allowed_roles"},
		{"an unknown mark", func(c *Config) { c.RootRotationStatements = []string{"{{root}}"} }, "root_rotation_statements"},
		{"a certificate that is none", func(c *Config) { c.TLSCA = "x" }, "tls_ca"},
		{"an authority that is not asked", func(c *Config) { c.TLSCA = ca }, "tls_ca"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := validConfig()
			tt.change(c)
			err := c.Check(&Credentials{Password: secret})
			if tt.field == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), `field "`+tt.field+`"`) {
				t.Errorf("got %v, want an error about %s", err, tt.field)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("a password in %v", err)
			}
		})
	}
}

// Nothing of the node's environment gets into a connection.
func TestConnectionIsTheConfigurationsAlone(t *testing.T) {
	t.Setenv("PGPASSWORD", "from the environment")
	t.Setenv("PGUSER", "somebody")
	t.Setenv("PGOPTIONS", "-cfsync=off")
	c := validConfig()
	c.ConnectionURL = "postgresql://{{username}}@db.example/shop"
	p, err := c.connect("")
	if err != nil {
		t.Fatal(err)
	}
	if p.Password != "" || p.User != "manager" || !reflect.DeepEqual(p.RuntimeParams, map[string]string{"application_name": "jeton"}) {
		t.Errorf("connects as %q with password %q and %v", p.User, p.Password, p.RuntimeParams)
	}
	const odd = `p:a@s/s?w&o%rd {{username}} '"\`
	if p, err = validConfig().connect(odd); err != nil || p.Password != odd || p.Host != "db.example" || p.Port != 5433 {
		t.Errorf("a password with every kind of character: %v", err)
	}
}

func TestAllows(t *testing.T) {
	tests := []struct {
		allowed []string
		role    string
		want    bool
	}{
		{nil, "a", false}, {[]string{"*"}, "a", true}, {[]string{"a"}, "a", true}, {[]string{"a"}, "ab", false},
		{[]string{"x", "a*"}, "ab", true}, {[]string{"a*"}, "b", false}, {[]string{""}, "a", false},
	}
	for _, tt := range tests {
		if got := (&Config{AllowedRoles: tt.allowed}).Allows(tt.role); got != tt.want {
			t.Errorf("%q allows %s: %v, want %v", tt.allowed, tt.role, got, tt.want)
		}
	}
}

func TestBodiesComeBack(t *testing.T) {
	c := validConfig()
	c.RootRotationStatements = []string{`ALTER ROLE "a<b>&c" ` + "\u2028"}
	text, err := c.Marshal()
	if err != nil || strings.Contains(string(text), `\u003c`) {
		t.Fatalf("%s: %v", text, err)
	}
	if got, err := DecodeConfig(text); err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("got %+v, want %+v: %v", got, c, err)
	}
	if _, err := DecodeConfig([]byte(`{"connection_url":5}`)); err == nil {
		t.Error("a broken body was read")
	}
	if s, err := DecodeCredentials(nil); err != nil || s.Password != "" {
		t.Errorf("no secret: %v, %v", s, err)
	}
}
