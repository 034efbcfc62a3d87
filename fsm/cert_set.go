package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// CertSet creates a record of a cert mount or changes the given fields of one.
type CertSet struct {
	Mount       string // path of the mount
	Cert        Cert   // Mount and Version are ignored
	Given       CertFields
	GivenParams ParamFields
}

// CertFields says which fields of a record a request named. Bits are append-only.
type CertFields uint32

// One bit a field.
const (
	GivenCertificates CertFields = 1 << iota
	GivenCertDisplayName
	GivenCertNames
	GivenCertCommonNames
	GivenCertDNSNames
	GivenCertEmails
	GivenCertURIs
	GivenCertUnits
	GivenCertExtensions
	AllCertFields = 1<<iota - 1
)

func (f *CertFields) fields(c *coder) {
	c.u32((*uint32)(f))
	if *f > AllCertFields {
		c.fail(errNotCanonical)
	}
}

func (*CertSet) kind() Kind { return kindCertSet }

func (s *CertSet) fields(c *coder) {
	c.string(&s.Mount, MaxMountBytes)
	s.Cert.fields(c)
	s.Given.fields(c)
	s.GivenParams.fields(c)
}

// Validate checks each field by itself.
func (s *CertSet) Validate() error {
	if s.Given > AllCertFields || s.GivenParams > AllParams {
		return invalid(OutOfRange, "given fields", s.Given, "known ones")
	}
	if err := checkCert(s.Mount, s.Cert.Name); err != nil {
		return err
	}
	if err := s.Cert.check(); err != nil {
		return err
	}
	return nil
}

// checkCert wants a mount's path and a record's name within their bounds.
func checkCert(mount, name string) *Error {
	switch {
	case mount == "" || len(mount) > MaxMountBytes:
		return invalid(OutOfRange, "mount path length", len(mount), "1 to 128 bytes")
	case !isJWTRoleName(name):
		return invalid(CertNameBad)
	}
	return nil
}

// access is create or update, as the record is new or not.
func (s *CertSet) access(st *State, _ *Actor) Access {
	need := policy.Update
	if m, ok := st.AuthMount(s.Mount); ok {
		if _, there := st.Cert(m, s.Cert.Name); !there {
			need = policy.Create
		}
	}
	return Access{Path: certPath(s.Mount, s.Cert.Name), Capability: need}
}

// certPath is where the API has a record.
func certPath(mount, name string) string { return "auth/" + mount + "/certs/" + name }

func (s *CertSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountCert, s.Mount)
	if err != nil {
		return nil, err
	}
	r := Cert{Mount: m.Serial, Name: s.Cert.Name}
	if old, there := tx.st.Cert(m, r.Name); there {
		r = *old
	} else if tx.st.certs.len() >= MaxCerts {
		return nil, verdict(Limit, TooManyCerts, MaxCerts)
	}
	r.Version = tx.serial()
	r.take(&s.Cert, s.Given)
	r.Params.take(&s.Cert.Params, s.GivenParams)
	if err := r.fits(); err != nil {
		return nil, err
	}
	putRecord(tx, &tx.st.certs, r.key(), &r)
	return &Done{}, nil
}

// take copies the given fields.
func (r *Cert) take(from *Cert, given CertFields) {
	if given&GivenCertificates != 0 {
		r.Certificates = from.Certificates
	}
	if given&GivenCertDisplayName != 0 {
		r.DisplayName = from.DisplayName
	}
	to, by := r.lists(), from.lists()
	for i := range to {
		if given&to[i].bit != 0 {
			*to[i].to = *by[i].to
		}
	}
}
