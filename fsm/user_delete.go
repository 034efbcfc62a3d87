package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// UserDelete removes a user. As in Vault its tokens live on, but can no longer
// be renewed; revoking the prefix auth/<mount>/login/<name> ends them.
type UserDelete struct{ Mount, Name string }

func (*UserDelete) kind() Kind { return kindUserDelete }

func (d *UserDelete) fields(c *coder) {
	c.string(&d.Mount, MaxMountBytes)
	c.string(&d.Name, MaxUserBytes)
}

// Validate bounds the names.
func (d *UserDelete) Validate() error {
	if err := checkUser(d.Mount, d.Name); err != nil {
		return err
	}
	return nil
}

func (d *UserDelete) access(*State, *Actor) Access {
	return Access{Path: userPath(d.Mount, d.Name), Capability: policy.Delete}
}

func (d *UserDelete) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountUserpass, d.Mount)
	if err != nil {
		return nil, err
	}
	if u, ok := tx.st.User(m, d.Name); ok {
		tx.dropUser(u)
	}
	return &Done{}, nil
}
