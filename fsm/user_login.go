package fsm

import (
	"net/netip"
	"strings"
)

// UserLogin makes a token for a user whose password the proposing node has
// verified. Nobody's rights are asked for: the password was the proof. The node
// names the version of the record against which it verified; when that is not
// the present one, it has to verify again.
type UserLogin struct {
	Mount    string
	Name     string
	Version  uint64
	From     netip.Addr // of the client, for bound CIDRs
	Token    Digest
	Accessor string
}

func (*UserLogin) kind() Kind { return kindUserLogin }
func (*UserLogin) anonymous() {}

func (l *UserLogin) fields(c *coder) {
	c.string(&l.Mount, MaxMountBytes)
	c.string(&l.Name, MaxUserBytes)
	c.u64(&l.Version)
	c.addr(&l.From)
	c.digest(&l.Token)
	c.string(&l.Accessor, AccessorBytes)
}

// Validate checks shape and bounds.
func (l *UserLogin) Validate() error {
	switch {
	case l.Token.IsZero():
		return invalid(MissingToken)
	case len(l.Accessor) != AccessorBytes:
		return invalid(OutOfRange, "accessor length", len(l.Accessor), AccessorBytes)
	}
	if err := checkUser(l.Mount, l.Name); err != nil {
		return err
	}
	return nil
}

func (*UserLogin) access(*State, *Actor) Access { return Access{} }

func (l *UserLogin) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountUserpass, l.Mount)
	if err != nil {
		return nil, err
	}
	u, ok := tx.st.User(m, l.Name)
	switch {
	case !ok:
		return nil, invalid(BadLogin)
	case tx.st.LockedOut(m, u, tx.clock()):
		return nil, verdict(Denied, PermissionDenied)
	case u.Version != l.Version:
		return nil, verdict(Recheck, UserMoved)
	}
	made, err := tx.login(login{
		mount: m, params: &u.Params, from: l.From, token: l.Token, accessor: l.Accessor,
		name: u.Name, display: u.Name, meta: []MetaPair{{"username", u.Name}},
	})
	if err != nil {
		return nil, err
	}
	tx.forgive(u.key())
	return made, nil
}

// userRenewal is what bounds the renewal of a user's token. As in Vault the user
// has to be there still, with the policies that the token has, and the present
// TTLs of user and mount count; the explicit maximum is the token's own, since
// that one was promised.
func (s *State) userRenewal(m *AuthMount, t *Token) (lifetime, *Error) {
	name := strings.TrimPrefix(t.Path, loginPath(m.Path, "")+"/")
	u, ok := s.User(m, name)
	switch {
	case !ok:
		return lifetime{}, invalid(UserGone, name)
	case !u.Params.stillGrants(t.Policies):
		return lifetime{}, invalid(UserPoliciesMoved)
	}
	life := u.Params.lifetime(t.CreatedAt, m)
	life.explicitMax = t.ExplicitMaxTTL
	return life, nil
}
