package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// ApproleDelete removes a role. Its secret-ids are dead from this entry on and
// are swept in bounded steps. As in Vault its tokens live on, but can no longer
// be renewed.
type ApproleDelete struct{ Mount, Name string }

func (*ApproleDelete) kind() Kind { return kindApproleDelete }

func (d *ApproleDelete) fields(c *coder) {
	c.string(&d.Mount, MaxMountBytes)
	c.string(&d.Name, MaxUserBytes)
}

// Validate bounds the names.
func (d *ApproleDelete) Validate() error {
	if err := checkApprole(d.Mount, d.Name); err != nil {
		return err
	}
	return nil
}

func (d *ApproleDelete) access(*State, *Actor) Access {
	return Access{Path: approlePath(d.Mount, d.Name), Capability: policy.Delete}
}

func (d *ApproleDelete) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountApprole, d.Mount)
	if err != nil {
		return nil, err
	}
	if r, ok := tx.st.Approle(m, d.Name); ok {
		tx.closeApprole(r)
	}
	return &Done{}, nil
}
