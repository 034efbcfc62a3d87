package cert

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Bounds of what a client shows. Deeper chains are not in use, and each certificate
// costs signatures to verify.
const (
	maxShown      = 10
	maxShownBytes = 32 << 10
)

// The refusals. Messages that Vault has are Vault's.
var (
	ErrNone      = errors.New("client certificate must be supplied")
	ErrTooLarge  = errors.New("the client certificate and its chain are too large: at most 10 certificates of 32768 bytes in all are looked at")
	ErrUntrusted = errors.New("invalid certificate or no client certificate supplied")
	ErrUnfit     = errors.New("no chain matching all constraints could be found for this login certificate")
)

// Identity is what a verified certificate is good for.
type Identity struct {
	Record *fsm.Cert
	Shown  fsm.ShownCert
	Meta   []fsm.MetaPair // of a login's token, in order
}

// Verify finds the first of some records that takes what a client showed, its own
// certificate first: a record that holds the very certificate, or else one with an
// authority that a chain leads to. All certificates of a chain are valid at the given
// time and for client authentication.
func (v *Verifier) Verify(shown []*x509.Certificate, records []*fsm.Cert, at fsm.Instant) (Identity, error) {
	size := 0
	for _, c := range shown {
		size += len(c.Raw)
	}
	switch {
	case len(shown) == 0:
		return Identity{}, ErrNone
	case len(shown) > maxShown || size > maxShownBytes:
		return Identity{}, ErrTooLarge
	}
	pinned, roots := v.trusted(shown[0], records)
	chains := build(shown, roots.pool, at)
	outcome := ErrUntrusted
	for _, r := range pinned {
		if chain := build(shown[:1], poolOf(shown[0]), at); len(chain) > 0 {
			if fits(shown[0], r) {
				return identity(r, chain[0]), nil
			}
			outcome = ErrUnfit
		}
	}
	for _, r := range records {
		for _, chain := range chains {
			if roots.of(chain[len(chain)-1], r) {
				if fits(shown[0], r) {
					return identity(r, chain), nil
				}
				outcome = ErrUnfit
			}
		}
	}
	return Identity{}, outcome
}

// roots are the authorities of some records, and whose each is.
type roots struct {
	pool *x509.CertPool
	who  map[[sha256.Size]byte][]*fsm.Cert
}

func (t *roots) of(c *x509.Certificate, r *fsm.Cert) bool {
	for _, who := range t.who[sha256.Sum256(c.Raw)] {
		if who == r {
			return true
		}
	}
	return false
}

// trusted are the records that hold the certificate itself, and the authorities of
// all.
func (v *Verifier) trusted(leaf *x509.Certificate, records []*fsm.Cert) (pinned []*fsm.Cert, t roots) {
	t = roots{x509.NewCertPool(), make(map[[sha256.Size]byte][]*fsm.Cert)}
	for _, r := range records {
		for _, c := range v.parsed(r) {
			switch {
			case isAuthority(c):
				t.pool.AddCert(c)
				sum := sha256.Sum256(c.Raw)
				t.who[sum] = append(t.who[sum], r)
			case c.Equal(leaf):
				pinned = append(pinned, r)
			}
		}
	}
	return pinned, t
}

// build finds the chains from the first of some certificates over the others to a
// root. The pool is never nil: nil would mean the system's authorities.
func build(shown []*x509.Certificate, pool *x509.CertPool, at fsm.Instant) [][]*x509.Certificate {
	chains, err := shown[0].Verify(x509.VerifyOptions{
		Roots: pool, Intermediates: poolOf(shown[1:]...), CurrentTime: at.Time(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nil
	}
	return chains
}

func poolOf(certs ...*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range certs {
		pool.AddCert(c)
	}
	return pool
}

// identity is what a chain is good for, for as long as all of it is valid.
func identity(r *fsm.Cert, chain []*x509.Certificate) Identity {
	leaf := chain[0]
	sum := sha256.Sum256(leaf.Raw)
	id := Identity{Record: r, Shown: fsm.ShownCert{
		Name: r.Name, Version: r.Version, Fingerprint: hex.EncodeToString(sum[:]),
		NotBefore: math.MinInt64, NotAfter: fsm.Never,
	}}
	for _, c := range chain {
		id.Shown.NotBefore = max(id.Shown.NotBefore, instant(c.NotBefore))
		id.Shown.NotAfter = min(id.Shown.NotAfter, instant(c.NotAfter).Add(1)) // the last instant is one of validity
	}
	id.Meta = []fsm.MetaPair{
		{Key: "authority_key_id", Value: colons(leaf.AuthorityKeyId)},
		{Key: "cert_name", Value: r.Name},
		{Key: "certificate_sha256", Value: id.Shown.Fingerprint},
		{Key: "common_name", Value: leaf.Subject.CommonName},
		{Key: "serial_number", Value: leaf.SerialNumber.String()},
		{Key: "subject_key_id", Value: colons(leaf.SubjectKeyId)},
	}
	return id
}

// instant is a time of a certificate, which may lie beyond what instants reach.
func instant(t time.Time) fsm.Instant {
	switch s := t.Unix(); {
	case s >= math.MaxInt64/int64(time.Second):
		return fsm.Never
	case s <= math.MinInt64/int64(time.Second):
		return math.MinInt64
	}
	return fsm.Instant(t.UnixNano())
}

// colons is a key id as Vault shows it: bytes in hexadecimal, divided by colons.
func colons(id []byte) string {
	parts := make([]string, 0, len(id))
	for i := range id {
		parts = append(parts, hex.EncodeToString(id[i:i+1]))
	}
	return strings.Join(parts, ":")
}
