package fsm

import (
	"net/netip"
	"strings"
)

// CertLogin makes a token for who showed a client certificate that the proposing
// node has verified. The node names the version of the record on which its
// verification rests; when it is not the present one, it has to verify again.
type CertLogin struct {
	Mount    string
	Shown    ShownCert
	Meta     []MetaPair // what a token tells of its certificate
	From     netip.Addr
	Token    Digest
	Accessor string
}

// ShownCert is what a node found out about a client certificate. When it is good
// is for the machine to compare with log time.
type ShownCert struct {
	Name        string // of the record
	Version     uint64
	Fingerprint string  // SHA-256 of the certificate in hexadecimal
	NotBefore   Instant // of all certificates of the chain
	NotAfter    Instant // the first instant at which one is no good; Never: there is none
}

// Metadata keys of a token that was given for a certificate. The first two are what
// its renewal rests on; the others are for people.
const (
	certNameMeta        = "cert_name"
	certFingerprintMeta = "certificate_sha256"
)

func (*CertLogin) kind() Kind { return kindCertLogin }
func (*CertLogin) anonymous() {}

func (l *CertLogin) fields(c *coder) {
	c.string(&l.Mount, MaxMountBytes)
	l.Shown.fields(c)
	metaFields(c, &l.Meta)
	c.addr(&l.From)
	c.digest(&l.Token)
	c.string(&l.Accessor, AccessorBytes)
}

func (s *ShownCert) fields(c *coder) {
	c.string(&s.Name, MaxUserBytes)
	c.u64(&s.Version)
	c.string(&s.Fingerprint, fingerprintBytes)
	c.instant(&s.NotBefore)
	c.instant(&s.NotAfter)
}

// fingerprintBytes is the length of a SHA-256 in hexadecimal.
const fingerprintBytes = 64

func (s *ShownCert) check() *Error {
	if len(s.Fingerprint) != fingerprintBytes || strings.Trim(s.Fingerprint, "0123456789abcdef") != "" {
		return invalid(OutOfRange, "fingerprint", s.Fingerprint, "64 hexadecimal digits")
	}
	return nil
}

// Validate checks shape and bounds.
func (l *CertLogin) Validate() error {
	if err := l.check(); err != nil {
		return err
	}
	return nil
}

func (l *CertLogin) check() *Error {
	switch {
	case l.Token.IsZero():
		return invalid(MissingToken)
	case len(l.Accessor) != AccessorBytes:
		return invalid(OutOfRange, "accessor length", len(l.Accessor), AccessorBytes)
	}
	if err := l.Shown.check(); err != nil {
		return err
	}
	if err := checkMeta(l.Meta); err != nil {
		return err
	}
	for _, p := range [...]MetaPair{{certNameMeta, l.Shown.Name}, {certFingerprintMeta, l.Shown.Fingerprint}} {
		if got := metaValue(l.Meta, p.Key); got != p.Value {
			return invalid(OutOfRange, p.Key+" in the metadata", got, "that of the login")
		}
	}
	return checkCert(l.Mount, l.Shown.Name)
}

func (*CertLogin) access(*State, *Actor) Access { return Access{} }

func (l *CertLogin) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountCert, l.Mount)
	if err != nil {
		return nil, err
	}
	r, err := tx.st.shownTo(m, &l.Shown, tx.clock())
	if err != nil {
		return nil, err
	}
	return tx.login(login{
		mount: m, params: &r.Params, from: l.From, token: l.Token, accessor: l.Accessor,
		display: r.Display(), meta: l.Meta,
	})
}

// shownTo is the record that takes a certificate which a node has verified.
func (s *State) shownTo(m *AuthMount, shown *ShownCert, now Instant) (*Cert, *Error) {
	r, ok := s.Cert(m, shown.Name)
	switch {
	case !ok, r.Version != shown.Version:
		return nil, verdict(Recheck, CertMoved)
	case now < shown.NotBefore:
		return nil, invalid(CertNotYet)
	case now >= shown.NotAfter:
		return nil, invalid(CertExpired)
	}
	return r, nil
}
