package fsm

import "net/netip"

// ApproleLogin makes a token for whoever shows a role-id and a secret-id of that
// role. All of it is decided here: the role, that the secret-id is live by log
// time, where it is used from, and the use it costs.
//
// The use is taken together with the token. A login that is refused, from a wrong
// address say, costs none, and so nodes can refuse it without the log. A retry under
// the same request id is answered as the first attempt was and costs nothing either.
type ApproleLogin struct {
	Mount  string
	RoleID string
	// Role is the name of the role as the proposer found it: the digest is bound
	// to it. When the role-id is another role's by now, the digest has to be made
	// anew.
	Role     string
	SecretID Digest     // zero: not given
	From     netip.Addr // of the client
	Token    Digest
	Accessor string
}

func (*ApproleLogin) kind() Kind { return kindApproleLogin }
func (*ApproleLogin) anonymous() {}

func (l *ApproleLogin) fields(c *coder) {
	c.string(&l.Mount, MaxMountBytes)
	c.string(&l.RoleID, MaxRoleIDBytes)
	c.string(&l.Role, MaxUserBytes)
	c.optionalDigest(&l.SecretID)
	c.addr(&l.From)
	c.digest(&l.Token)
	c.string(&l.Accessor, AccessorBytes)
}

// Validate checks shape and bounds.
func (l *ApproleLogin) Validate() error {
	switch {
	case l.Token.IsZero():
		return invalid(MissingToken)
	case len(l.Accessor) != AccessorBytes:
		return invalid(OutOfRange, "accessor length", len(l.Accessor), AccessorBytes)
	case !isRoleID(l.RoleID):
		return invalid(RoleIDBad, MaxRoleIDBytes)
	}
	if err := checkApprole(l.Mount, l.Role); err != nil {
		return err
	}
	return nil
}

func (*ApproleLogin) access(*State, *Actor) Access { return Access{} }

func (l *ApproleLogin) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountApprole, l.Mount)
	if err != nil {
		return nil, err
	}
	role, ok := tx.st.ApproleByID(m, l.RoleID)
	switch {
	case !ok:
		return nil, invalid(BadApproleLogin)
	case role.Name != l.Role:
		return nil, verdict(Recheck, ApproleMoved)
	}
	id, err := tx.st.AdmitApprole(role, l.SecretID, l.From, tx.clock())
	if err != nil {
		return nil, err
	}
	params, meta := role.Params, []MetaPair(nil)
	if id != nil {
		meta = id.Meta
		if len(id.TokenCIDRs) > 0 {
			params.BoundCIDRs = id.TokenCIDRs
		}
	}
	made, err := tx.login(login{
		mount: m, params: &params, from: l.From, token: l.Token, accessor: l.Accessor,
		meta: approleMeta(meta, role.Name),
	})
	if err != nil {
		return nil, err
	}
	if id != nil {
		tx.spendSecretID(id)
	}
	return made, nil
}

// AdmitApprole says whether a role may be logged in to with a secret-id from an
// address at an instant. The secret-id is nil when the role needs none. Nodes ask
// it too, so that what is sure to be refused costs the log nothing.
func (s *State) AdmitApprole(r *Approle, secret Digest, from netip.Addr, at Instant) (*SecretID, *Error) {
	var id *SecretID
	if r.Rules.Bind {
		var ok bool
		if id, ok = s.SecretID(r, secret, at); !ok {
			return nil, invalid(BadApproleLogin)
		}
		// the role's ranges may have been narrowed since it was made
		if err := within("cidr_list", id.CIDRs, r.Rules.CIDRs); err != nil {
			return nil, err
		}
		if !admits(id.CIDRs, from) {
			return nil, invalid(AddressRefused, from, "secret ID")
		}
	}
	if !admits(r.Rules.CIDRs, from) {
		return nil, invalid(AddressRefused, from, "role")
	}
	return id, nil
}

// admits says whether an address lies in one of the ranges, or there are none.
func admits(ranges []netip.Prefix, from netip.Addr) bool {
	return (&Terms{CIDRs: ranges}).admits(from)
}

// approleRenewal is what bounds the renewal of a role's token: as in Vault the
// role has to be there still, and the present TTLs of role and mount count.
func (s *State) approleRenewal(m *AuthMount, t *Token) (lifetime, *Error) {
	name := ""
	for _, p := range t.Meta {
		if p.Key == roleNameKey {
			name = p.Value
		}
	}
	r, ok := s.Approle(m, name)
	if !ok {
		return lifetime{}, invalid(ApproleGone, name)
	}
	life := r.Params.lifetime(t.CreatedAt, m)
	life.explicitMax = t.ExplicitMaxTTL
	return life, nil
}
