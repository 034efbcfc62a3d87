package fsm

import "net/netip"

// JWTLogin makes a token for who showed a JWT that the proposing node has
// verified. The node names the versions of the configuration and the role on
// which its verification rests; when either is not the present one, it has to
// verify again. When the JWT is good is for the machine to compare with log time.
type JWTLogin struct {
	Mount     string
	Role      string
	Config    uint64 // version
	Version   uint64 // of the role
	User      string // what the role's user claim says
	Meta      []MetaPair
	NotBefore Instant // leeways included
	NotAfter  Instant // the first instant at which the JWT is no good; Never: it has no end
	From      netip.Addr
	Token     Digest
	Accessor  string
}

// roleMeta is the metadata key under which a token's role stands.
const roleMeta = "role"

func (*JWTLogin) kind() Kind { return kindJWTLogin }
func (*JWTLogin) anonymous() {}

func (l *JWTLogin) fields(c *coder) {
	c.string(&l.Mount, MaxMountBytes)
	c.string(&l.Role, MaxUserBytes)
	c.u64(&l.Config)
	c.u64(&l.Version)
	c.string(&l.User, MaxNameBytes)
	metaFields(c, &l.Meta)
	c.instant(&l.NotBefore)
	c.instant(&l.NotAfter)
	c.addr(&l.From)
	c.digest(&l.Token)
	c.string(&l.Accessor, AccessorBytes)
}

// Validate checks shape and bounds.
func (l *JWTLogin) Validate() error {
	if err := l.check(); err != nil {
		return err
	}
	return nil
}

func (l *JWTLogin) check() *Error {
	switch {
	case l.Token.IsZero():
		return invalid(MissingToken)
	case len(l.Accessor) != AccessorBytes:
		return invalid(OutOfRange, "accessor length", len(l.Accessor), AccessorBytes)
	case l.User == "" || len(l.Mount)+len("-")+len(l.User) > MaxNameBytes:
		return invalid(JWTUserLength, len(l.User), MaxNameBytes-len("-")-len(l.Mount))
	}
	if err := checkMeta(l.Meta); err != nil {
		return err
	}
	if metaValue(l.Meta, roleMeta) != l.Role {
		return invalid(OutOfRange, "role in the metadata", metaValue(l.Meta, roleMeta), "that of the login")
	}
	return checkJWTRole(l.Mount, l.Role)
}

func (*JWTLogin) access(*State, *Actor) Access { return Access{} }

func (l *JWTLogin) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountJWT, l.Mount)
	if err != nil {
		return nil, err
	}
	config, ok := tx.st.JWTConfig(m)
	if !ok {
		return nil, invalid(JWTUnconfigured)
	}
	r, ok := tx.st.JWTRole(m, l.Role)
	switch now := tx.clock(); {
	case !ok:
		return nil, invalid(JWTRoleUnknown, l.Role)
	case config.Version != l.Config, r.Version != l.Version:
		return nil, verdict(Recheck, JWTMoved)
	case now < l.NotBefore:
		return nil, invalid(JWTNotYet)
	case now >= l.NotAfter:
		return nil, invalid(JWTExpired)
	}
	return tx.login(login{
		mount: m, params: &r.Params, from: l.From, token: l.Token, accessor: l.Accessor,
		display: l.User, meta: l.Meta,
	})
}

// jwtRenewal is what bounds the renewal of a token that was given for a JWT. As
// in Vault its role has to be there still, and the present TTLs of role and mount
// count; the explicit maximum is the token's own.
func (s *State) jwtRenewal(m *AuthMount, t *Token) (lifetime, *Error) {
	name := metaValue(t.Meta, roleMeta)
	r, ok := s.JWTRole(m, name)
	if !ok {
		return lifetime{}, invalid(JWTRoleGone, name)
	}
	life := r.Params.lifetime(t.CreatedAt, m)
	life.explicitMax = t.ExplicitMaxTTL
	return life, nil
}

// metaValue is the value of a metadata key, empty for none.
func metaValue(meta []MetaPair, key string) string {
	for _, p := range meta {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}
