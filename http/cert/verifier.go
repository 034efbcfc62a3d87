package cert

import (
	"crypto/x509"
	"sync"

	"github.com/jeton-io/jeton/fsm"
)

// maxKept bounds the records whose parsed certificates are kept.
const maxKept = 1024

// Verifier verifies client certificates. It may be used by many goroutines.
type Verifier struct {
	mu   sync.Mutex
	kept map[string][]*x509.Certificate // by their PEM
}

// NewVerifier makes a Verifier.
func NewVerifier() *Verifier {
	return &Verifier{kept: make(map[string][]*x509.Certificate)}
}

// parsed are the certificates of a record, parsed once. What was stored and cannot be
// read any more, by a stricter library, is trusted for nothing.
func (v *Verifier) parsed(r *fsm.Cert) []*x509.Certificate {
	v.mu.Lock()
	certs, ok := v.kept[r.Certificates]
	v.mu.Unlock()
	if ok {
		return certs
	}
	certs, err := Parse(r.Certificates)
	if err != nil {
		certs = nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.kept) >= maxKept {
		clear(v.kept)
	}
	v.kept[r.Certificates] = certs
	return certs
}
