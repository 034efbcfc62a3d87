package http

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/httptestcluster"
)

// listening serves with short patience until the end of the test.
func listening(t *testing.T, cfg Config) string {
	t.Helper()
	cfg.Cluster, cfg.Logger = httptestcluster.New(), slog.New(slog.DiscardHandler)
	cfg.Limits.HeaderTimeout, cfg.Limits.IdleTimeout = 200*time.Millisecond, 200*time.Millisecond
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Shutdown(t.Context())
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().String()
}

// certificateFiles are those of httptest's own server.
func certificateFiles(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	donor := httptest.NewTLSServer(nil)
	defer donor.Close()
	pair := donor.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", pair.Certificate[0]), write("key.pem", "PRIVATE KEY", key)
}

// A client that never comes to the end of its headers, or of its TLS handshake, loses
// the connection, however busily it goes on: the time counts from the first byte, not
// from the last. (For HTTP/2's preface net/http has ten seconds of its own.)
func TestSlowHeaders(t *testing.T) {
	certFile, keyFile := certificateFiles(t)
	plain, secure := listening(t, Config{}), listening(t, Config{TLSCertFile: certFile, TLSKeyFile: keyFile})
	overTLS := func(t *testing.T, c net.Conn, protocol string) net.Conn {
		s := tls.Client(c, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}})
		if err := s.Handshake(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	const start = "GET /v1/sys/health HTTP/1.1\r\nHost: x\r\n"
	const (
		preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\x00\x00\x00\x04\x00\x00\x00\x00\x00" // and empty settings
		// HEADERS of stream 1 with ":method: GET", more to follow; CONTINUATION of it
		// with "x: y", still more to follow.
		headers   = preface + "\x00\x00\x01\x01\x00\x00\x00\x00\x01\x82"
		continued = "\x00\x00\x05\x09\x00\x00\x00\x00\x01\x00\x01x\x01y"
	)
	for _, tt := range []struct {
		name, addr, first, again string
		protocol                 string // over TLS
	}{
		{name: "headers that stop", addr: plain, first: start},
		{name: "a header that never ends", addr: plain, first: start + "X-Pad: ", again: "x"},
		{name: "headers without end", addr: plain, first: start, again: "A: b\r\n"},
		{name: "no request line", addr: plain, first: "G"},
		{name: "a handshake that stops", addr: secure, first: "\x16\x03\x01\x01\x00\x01\x00\x00\xfc"},
		{name: "a handshake byte by byte", addr: secure, first: "\x16\x03\x01\x3f\x00\x01\x00\x3e\xfc", again: "\x03"},
		{name: "headers that stop, over TLS", addr: secure, protocol: "http/1.1", first: start},
		{name: "HTTP/2 and nothing more", addr: secure, protocol: "h2", first: preface},
		{name: "HTTP/2 headers that stop", addr: secure, protocol: "h2", first: headers},
		{name: "HTTP/2 headers without end", addr: secure, protocol: "h2", first: headers, again: strings.Repeat(continued, 100)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			raw, err := net.Dial("tcp", tt.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			raw.SetDeadline(time.Now().Add(time.Minute)) // reached only when the test fails
			c := raw
			if tt.protocol != "" {
				c = overTLS(t, raw, tt.protocol)
			}
			if _, err := io.WriteString(c, tt.first); err != nil {
				t.Fatal(err)
			}
			if tt.again != "" {
				go func() {
					for {
						if _, err := io.WriteString(c, tt.again); err != nil {
							return
						}
						select {
						case <-t.Context().Done():
							return
						case <-time.After(time.Millisecond):
						}
					}
				}()
			}
			answer, err := io.ReadAll(c)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("the connection was kept; answered was %q", answer)
			}
			if strings.HasPrefix(string(answer), "HTTP/1.1 2") {
				t.Errorf("half a request was answered with %q", answer)
			}
		})
	}
}
