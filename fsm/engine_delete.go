package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// EngineDelete removes one item of a secrets engine; what is not there is gone
// already. Leases that were made by it stay.
type EngineDelete struct {
	Mount string // path of the mount
	Path  string // of the item, below the mount
}

func (*EngineDelete) kind() Kind { return kindEngineDelete }

func (d *EngineDelete) fields(c *coder) {
	c.string(&d.Mount, MaxMountBytes)
	c.string(&d.Path, MaxItemPathBytes)
}

// Validate bounds the paths.
func (d *EngineDelete) Validate() error {
	if err := checkItem(d.Mount, d.Path); err != nil {
		return err
	}
	return nil
}

func (d *EngineDelete) access(*State, *Actor) Access {
	return Access{Path: d.Mount + "/" + d.Path, Capability: policy.Delete}
}

func (d *EngineDelete) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.secretAt(d.Mount)
	if err != nil {
		return nil, err
	}
	delRecord(tx, &tx.st.items, itemKey{m.Serial, d.Path})
	return &Done{}, nil
}
