package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// AuthDisable ends a login method, and with it in the same entry every token
// that was made by it, their trees included.
type AuthDisable struct{ Path string }

func (*AuthDisable) kind() Kind        { return kindAuthDisable }
func (d *AuthDisable) fields(c *coder) { c.string(&d.Path, MaxMountBytes) }

// Validate bounds the path.
func (d *AuthDisable) Validate() error {
	switch {
	case d.Path == MountToken:
		return invalid(TokenMountFixed)
	case d.Path == "" || len(d.Path) > MaxMountBytes:
		return invalid(OutOfRange, "mount path length", len(d.Path), "1 to 128 bytes")
	}
	return nil
}

func (d *AuthDisable) access(*State, *Actor) Access {
	return Access{Path: "sys/auth/" + d.Path, Capability: policy.Delete}
}

// apply does nothing to a path where nothing is mounted, as in Vault.
func (d *AuthDisable) apply(tx *Tx, a *Actor) (Result, *Error) {
	m, ok := tx.st.AuthMount(d.Path)
	if !ok {
		return &Done{}, nil
	}
	if err := tx.markPrefix(m.APIPath(), a.Token.Accessor(), false); err != nil {
		return nil, err
	}
	tx.closeMount(m)
	return &Done{}, nil
}
