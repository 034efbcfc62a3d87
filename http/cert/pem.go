package cert

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// MaxBlocks bounds the certificates of one record.
const MaxBlocks = 16

// Parse reads the certificates of a record. Text around the blocks is passed over,
// as tools write it; a block that is no certificate, or is broken, is an error, and
// so is a certificate that could never be good for a login. Errors do not repeat the
// text, which may be a key that somebody took for a certificate.
func Parse(text string) ([]*x509.Certificate, error) {
	if len(text) > fsm.MaxCertificateBytes {
		return nil, fmt.Errorf("has %d bytes, at most %d are allowed", len(text), fsm.MaxCertificateBytes)
	}
	begins := strings.Count(text, "-----BEGIN")
	if begins > MaxBlocks {
		return nil, fmt.Errorf("has %d blocks of PEM, at most %d are allowed", begins, MaxBlocks)
	}
	var certs []*x509.Certificate
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		n := len(certs)
		if block.Type != "CERTIFICATE" || len(block.Headers) > 0 {
			return nil, fmt.Errorf("block %d is not a certificate, expected \"BEGIN CERTIFICATE\" and no headers", n)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("block %d is not a certificate that can be read: %v", n, err)
		}
		if !isAuthority(c) && !forClients(c) {
			return nil, fmt.Errorf("block %d is neither an authority nor for client authentication: nonCA certificates should have TLS client authentication set as an extended key usage", n)
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 || len(certs) != begins {
		return nil, errors.New("is not PEM, or a block of it is broken; expected one or several certificates")
	}
	return certs, nil
}

// isAuthority says whether a certificate may sign others. What does not say so is
// taken for nothing but itself, old self-signed ones of version 1 included.
func isAuthority(c *x509.Certificate) bool { return c.BasicConstraintsValid && c.IsCA }

// forClients says whether a certificate may be shown by a client: it says so, or
// nothing.
func forClients(c *x509.Certificate) bool {
	return len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 ||
		slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}
