package fsm

// CertRenew is TokenRenew by a caller who shows the certificate for which the token
// was given. A token of a cert mount is renewed by nothing less: who has found the
// token alone keeps it no longer than its deadline, and a certificate that has
// expired or that the mount takes no more renews nothing (Vault CVE-2026-39388 was a
// renewal with another certificate).
type CertRenew struct {
	Renew TokenRenew
	Shown ShownCert
}

func (*CertRenew) kind() Kind { return kindCertRenew }

func (r *CertRenew) fields(c *coder) {
	r.Renew.fields(c)
	r.Shown.fields(c)
}

// Validate checks shape and bounds.
func (r *CertRenew) Validate() error {
	if err := r.Renew.Validate(); err != nil {
		return err
	}
	if err := r.Shown.check(); err != nil {
		return err
	}
	if !isJWTRoleName(r.Shown.Name) {
		return invalid(CertNameBad)
	}
	return nil
}

func (r *CertRenew) access(s *State, a *Actor) Access { return r.Renew.access(s, a) }

func (r *CertRenew) apply(tx *Tx, a *Actor) (Result, *Error) {
	return r.Renew.renew(tx, a, func(t *Token) (lifetime, *Error) {
		m, _, ok := tx.st.storedMountOf(t.Path)
		if !ok || m.Type != MountCert {
			return tx.st.renewal(t) // which asks for no certificate
		}
		return tx.st.shownRenewal(m, t, &r.Shown, tx.clock())
	})
}

// shownRenewal is what bounds the renewal of a token whose certificate was shown
// once more: the present TTLs of record and mount, and the token's own explicit
// maximum.
func (s *State) shownRenewal(m *AuthMount, t *Token, shown *ShownCert, now Instant) (lifetime, *Error) {
	if metaValue(t.Meta, certFingerprintMeta) != shown.Fingerprint {
		return lifetime{}, invalid(CertOther)
	}
	name := metaValue(t.Meta, certNameMeta)
	if _, ok := s.Cert(m, name); !ok {
		return lifetime{}, invalid(CertGone, name)
	}
	if name != shown.Name {
		return lifetime{}, verdict(Recheck, CertMoved)
	}
	r, err := s.shownTo(m, shown, now)
	switch {
	case err != nil:
		return lifetime{}, err
	case !r.Params.stillGrants(t.Policies):
		return lifetime{}, invalid(UserPoliciesMoved)
	}
	life := r.Params.lifetime(t.CreatedAt, m)
	life.explicitMax = t.ExplicitMaxTTL
	return life, nil
}

// unshownRenewal refuses to renew a token of a cert mount for who shows no
// certificate.
func (s *State) unshownRenewal(m *AuthMount, t *Token) (lifetime, *Error) {
	if name := metaValue(t.Meta, certNameMeta); !s.hasCert(m, name) {
		return lifetime{}, invalid(CertGone, name)
	}
	return lifetime{}, invalid(CertUnshown)
}

func (s *State) hasCert(m *AuthMount, name string) bool {
	_, ok := s.Cert(m, name)
	return ok
}

// CertOf says whether a token can be renewed only by showing a certificate, and
// which record has to take it; nil: it is gone. A token that is not found may be one
// that this state does not know yet.
func (s *State) CertOf(t Target, caller Digest) (record *Cert, wanted, found bool) {
	if t.By == BySelf {
		t = Target{By: ByToken, Token: caller}
	}
	k, found := t.find(s, nil)
	if !found {
		return nil, false, false
	}
	m, _, ok := s.storedMountOf(k.Path)
	if !ok || m.Type != MountCert {
		return nil, false, true
	}
	record, _ = s.Cert(m, metaValue(k.Meta, certNameMeta))
	return record, true, true
}
