package certtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"
)

// Pair is a certificate with its key and the chain that goes with it.
type Pair struct {
	Cert  *x509.Certificate
	Key   *ecdsa.PrivateKey
	chain [][]byte
}

// Change alters a certificate before it is signed.
type Change func(*x509.Certificate)

// Authority makes one that signs itself.
func Authority(name string, changes ...Change) *Pair {
	return sign(nil, append([]Change{named(name), signs}, changes...))
}

// Authority makes one below another.
func (p *Pair) Authority(name string, changes ...Change) *Pair {
	return sign(p, append([]Change{named(name), signs}, changes...))
}

// Client makes a certificate for client authentication.
func (p *Pair) Client(name string, changes ...Change) *Pair {
	return sign(p, append([]Change{named(name)}, changes...))
}

// Server makes a certificate for localhost.
func Server(name string) *Pair {
	return sign(nil, []Change{named(name), func(c *x509.Certificate) {
		c.ExtKeyUsage, c.DNSNames = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, []string{"localhost"}
	}})
}

// SelfSigned makes a client certificate that nobody else has signed.
func SelfSigned(name string, changes ...Change) *Pair {
	return sign(nil, append([]Change{named(name)}, changes...))
}

func named(name string) Change {
	return func(c *x509.Certificate) { c.Subject.CommonName = name }
}

func signs(c *x509.Certificate) {
	c.IsCA, c.KeyUsage, c.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
}

func sign(by *Pair, changes []Change) *Pair {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	c := &x509.Certificate{
		SerialNumber: must(rand.Int(rand.Reader, big.NewInt(1<<62))), Subject: pkix.Name{},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	for _, change := range changes {
		change(c)
	}
	issuer, signer := c, key
	if by != nil {
		issuer, signer = by.Cert, by.Key
	}
	p := &Pair{Key: key}
	der := must(x509.CreateCertificate(rand.Reader, c, issuer, &key.PublicKey, signer))
	p.Cert = must(x509.ParseCertificate(der))
	p.chain = [][]byte{der}
	if by != nil && by.Cert.Issuer.String() != by.Cert.Subject.String() {
		p.chain = append(p.chain, by.chain...)
	}
	return p
}

// PEM is the certificate alone.
func (p *Pair) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Cert.Raw}))
}

// KeyPEM is the key.
func (p *Pair) KeyPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: must(x509.MarshalECPrivateKey(p.Key))}))
}

// TLS is what a client shows: the certificate, and the authorities between it and the
// one that signs itself.
func (p *Pair) TLS() tls.Certificate {
	return tls.Certificate{Certificate: p.chain, PrivateKey: p.Key}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
