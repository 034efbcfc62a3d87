package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// CertDelete removes a record of a cert mount. As in Vault its tokens live on, but
// can no longer be renewed.
type CertDelete struct{ Mount, Name string }

func (*CertDelete) kind() Kind { return kindCertDelete }

func (d *CertDelete) fields(c *coder) {
	c.string(&d.Mount, MaxMountBytes)
	c.string(&d.Name, MaxUserBytes)
}

// Validate bounds the names.
func (d *CertDelete) Validate() error {
	if err := checkCert(d.Mount, d.Name); err != nil {
		return err
	}
	return nil
}

func (d *CertDelete) access(*State, *Actor) Access {
	return Access{Path: certPath(d.Mount, d.Name), Capability: policy.Delete}
}

func (d *CertDelete) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountCert, d.Mount)
	if err != nil {
		return nil, err
	}
	if r, ok := tx.st.Cert(m, d.Name); ok {
		delRecord(tx, &tx.st.certs, r.key())
	}
	return &Done{}, nil
}
