package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// RoleDelete removes a role. Its tokens live on, but can no longer be renewed.
type RoleDelete struct{ Name string }

func (*RoleDelete) kind() Kind        { return kindRoleDelete }
func (d *RoleDelete) fields(c *coder) { c.string(&d.Name, MaxNameBytes) }

// Validate bounds the name.
func (d *RoleDelete) Validate() error {
	if err := checkName("role name", d.Name); err != nil {
		return err
	}
	return nil
}

func (d *RoleDelete) access(*State, *Actor) Access {
	return Access{Path: "auth/token/roles/" + d.Name, Capability: policy.Delete}
}

func (d *RoleDelete) apply(tx *Tx, _ *Actor) (Result, *Error) {
	delRecord(tx, &tx.st.roles, d.Name)
	return &Done{}, nil
}
