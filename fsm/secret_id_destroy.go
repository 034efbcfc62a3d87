package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// SecretIDDestroy ends a secret-id, named by its digest or by its accessor.
type SecretIDDestroy struct {
	Mount    string
	Role     string // in lower case
	Digest   Digest // zero: by accessor
	Accessor string
	Delete   bool // asked for with the verb DELETE
}

func (*SecretIDDestroy) kind() Kind { return kindSecretIDDestroy }

func (d *SecretIDDestroy) fields(c *coder) {
	c.string(&d.Mount, MaxMountBytes)
	c.string(&d.Role, MaxUserBytes)
	c.optionalDigest(&d.Digest)
	c.string(&d.Accessor, MaxTokenIDBytes)
	c.bool(&d.Delete)
}

// Validate bounds the names.
func (d *SecretIDDestroy) Validate() error {
	switch {
	case d.Digest.IsZero() == (d.Accessor == ""):
		return invalid(SecretIDMissing)
	case len(d.Accessor) > MaxTokenIDBytes:
		return invalid(OutOfRange, "accessor length", len(d.Accessor), "at most 256 bytes")
	}
	if err := checkApprole(d.Mount, d.Role); err != nil {
		return err
	}
	return nil
}

func (d *SecretIDDestroy) access(*State, *Actor) Access {
	path, need := approlePath(d.Mount, d.Role)+"/secret-id/destroy", policy.Update
	if d.Digest.IsZero() {
		path = approlePath(d.Mount, d.Role) + "/secret-id-accessor/destroy"
	}
	if d.Delete {
		need = policy.Delete
	}
	return Access{Path: path, Capability: need}
}

// apply is done with a secret-id that is not there, as in Vault, but not with an
// accessor that is none.
func (d *SecretIDDestroy) apply(tx *Tx, _ *Actor) (Result, *Error) {
	_, role, err := tx.st.approleOf(d.Mount, d.Role)
	if err != nil {
		return nil, err
	}
	id, ok := tx.st.SecretID(role, d.Digest, tx.clock())
	if d.Digest.IsZero() {
		if id, ok = tx.st.SecretIDByAccessor(role, d.Accessor, tx.clock()); !ok {
			return nil, verdict(NotFound, SecretAccessorUnknown, d.Accessor)
		}
	}
	if ok {
		tx.dropSecretID(id)
	}
	return &Done{}, nil
}
