package http_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

func TestTLSReload(t *testing.T) {
	dir := t.TempDir()
	cfg := httpd.Config{TLSCertFile: filepath.Join(dir, "cert.pem"), TLSKeyFile: filepath.Join(dir, "key.pem")}
	writeCertificate(t, cfg, "first")
	s, addr := serve(t, cfg)
	if got := certificateName(t, addr); got != "first" {
		t.Fatalf("certificate is %q, want first", got)
	}
	writeCertificate(t, cfg, "second")
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := certificateName(t, addr); got != "second" {
		t.Errorf("certificate is %q, want second", got)
	}
	if err := os.WriteFile(cfg.TLSKeyFile, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Reload(); err == nil {
		t.Error("a broken key was accepted")
	}
	if got := certificateName(t, addr); got != "second" {
		t.Errorf("certificate after a failed reload is %q, want second", got)
	}
	if _, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
	if _, err := httpd.New(httpd.Config{Cluster: httptestcluster.New(), TLSCertFile: cfg.TLSCertFile}); err == nil {
		t.Error("a certificate without a key was accepted")
	}
}

// certificateName is the name in the certificate that is shown there to whoever speaks
// HTTP/2, be it for requests or for gRPC.
func certificateName(t *testing.T, addr string) string {
	t.Helper()
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := conn.ConnectionState().NegotiatedProtocol; got != "h2" {
		t.Errorf("protocol is %q, want h2", got)
	}
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
}

func writeCertificate(t *testing.T, cfg httpd.Config, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		cfg.TLSCertFile: {Type: "CERTIFICATE", Bytes: cert}, cfg.TLSKeyFile: {Type: "EC PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
