package fsm

import (
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

// EngineDelete removes one item of a secrets engine; what is not there is gone
// already. Leases that were made by it stay. Without its configuration nothing can
// be revoked outside, so one is not removed while its mount has leases. Which of
// several they rest on the machine does not know.
type EngineDelete struct {
	Mount string // path of the mount
	Path  string // of the item, below the mount
	Force bool   // whatever rests on it
}

func (*EngineDelete) kind() Kind { return kindEngineDelete }

func (d *EngineDelete) fields(c *coder) {
	c.string(&d.Mount, MaxMountBytes)
	c.string(&d.Path, MaxItemPathBytes)
	c.bool(&d.Force)
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
	if _, there := tx.st.EngineItem(m.Serial, d.Path); there && isConfig(d.Path) && !d.Force {
		if n := tx.st.CountLeases(m.Serial).All(); n > 0 {
			return nil, invalid(ConfigInUse, d.Path, n, m.Path)
		}
	}
	delRecord(tx, &tx.st.items, itemKey{m.Serial, d.Path})
	return &Done{}, nil
}

// isConfig tells configurations from roles: "config", or what stands below it.
func isConfig(path string) bool {
	return strings.HasPrefix(path+"/", itemVias[ViaItem])
}
