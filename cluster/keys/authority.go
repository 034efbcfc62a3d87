package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net/url"
	"time"
	"unicode/utf8"
)

// The life of every certificate, and the instant at which all of them are
// judged: the wall clock is not trusted (see doc.go). The end is the one that
// RFC 5280 4.1.2.5 gives to certificates without a meaningful end.
var (
	validFrom  = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	validUntil = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	judgedAt   = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
)

// serverScheme is the scheme of the one URI in a node's certificate:
// jeton:<server id, percent-escaped>.
const serverScheme = "jeton"

// maxServerID is in bytes.
const maxServerID = 128

// authority issues certificates. Every node derives the same one.
type authority struct {
	cert    *x509.Certificate
	private ed25519.PrivateKey
}

func newAuthority(s secret, cluster string) (authority, error) {
	private := ed25519.NewKeyFromSeed(derive(s, "authority", cluster, ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "jeton cluster " + cluster},
		NotBefore:             validFrom,
		NotAfter:              validUntil,
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return authority{}, fmt.Errorf("cluster authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return authority{}, fmt.Errorf("cluster authority: %w", err)
	}
	return authority{cert: cert, private: private}, nil
}

// issue returns the certificate of a server, in DER.
func (a authority) issue(serverID string, public ed25519.PublicKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)), // zero is not allowed
		Subject:      pkix.Name{CommonName: "jeton server"},
		NotBefore:    validFrom,
		NotAfter:     validUntil,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		URIs:         []*url.URL{{Scheme: serverScheme, Opaque: url.PathEscape(serverID)}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, public, a.private)
	if err != nil {
		return nil, fmt.Errorf("server certificate: %w", err)
	}
	return der, nil
}

// serverIDOf reads the id that a verified certificate names.
func serverIDOf(cert *x509.Certificate) (string, error) {
	if len(cert.URIs) != 1 || cert.URIs[0].Scheme != serverScheme {
		return "", fmt.Errorf("%w: its certificate names no server", ErrUntrusted)
	}
	id, err := url.PathUnescape(cert.URIs[0].Opaque)
	if err != nil || checkServerID(id) != nil {
		return "", fmt.Errorf("%w: its certificate names no valid server", ErrUntrusted)
	}
	return id, nil
}

func checkServerID(id string) error {
	if id == "" || len(id) > maxServerID || !utf8.ValidString(id) {
		return fmt.Errorf("server id %q: want 1 to %d bytes of UTF-8", id, maxServerID)
	}
	return nil
}
