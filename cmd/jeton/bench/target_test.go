package bench

import (
	"crypto/tls"
	"testing"
)

func mustTarget(t *testing.T, addr string) target {
	t.Helper()
	got, err := parseTarget(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestParseTarget(t *testing.T) {
	tests := []struct {
		in, addr, host string
		secure         bool
	}{
		{"127.0.0.1:8200", "http://127.0.0.1:8200", "127.0.0.1:8200", false},
		{"localhost:8200", "http://localhost:8200", "localhost:8200", false},
		{"http://n1:8200/", "http://n1:8200", "n1:8200", false},
		{"http://n1", "http://n1", "n1:80", false},
		{"https://n1", "https://n1", "n1:443", true},
		{"https://[::1]:8200", "https://[::1]:8200", "[::1]:8200", true},
	}
	for _, tt := range tests {
		got := mustTarget(t, tt.in)
		if got.addr != tt.addr || got.host != tt.host || (got.tls != nil) != tt.secure {
			t.Errorf("%s: %s %s %v, want %s %s %v", tt.in, got.addr, got.host, got.tls != nil, tt.addr, tt.host, tt.secure)
		}
	}
	for _, in := range []string{"", "ftp://n1:21", "http://n1/v1", "http://u:p@n1", "http://n1?x=1", "http://"} {
		if got, err := parseTarget(in, nil); err == nil {
			t.Errorf("%q accepted as %s", in, got.addr)
		}
	}
}

func TestTargetTLSNamesItsHost(t *testing.T) {
	got, err := parseTarget("https://n1:8200", &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	if got.tls.ServerName != "n1" || len(got.tls.NextProtos) != 0 {
		t.Errorf("server name %q protocols %v", got.tls.ServerName, got.tls.NextProtos)
	}
}

func TestClientToken(t *testing.T) {
	tests := map[string]string{
		`{"auth":{"client_token":"jts_abc","accessor":"x"}}`: "jts_abc",
		`{"auth": {"client_token" : "a.b"}}`:                 "a.b",
		`{"auth":null}`:                                      "",
		`{"auth":{"client_token":null}}`:                     "",
		`{"auth":{"client_token":"cut`:                       "",
		``:                                                   "",
	}
	for body, want := range tests {
		if got := string(clientToken([]byte(body))); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}
