package keyring

import (
	"fmt"

	"github.com/jeton-io/jeton/fsm"
)

// Rewrap wraps a key with the seal key in use, whichever wrapped it before.
func (r *Ring) Rewrap(d *fsm.DataKey) (fsm.Sealed, error) {
	n := name{d.Purpose, d.ID}
	secret, err := r.wrapper.Open(d.Box.Box, n.aad())
	if err != nil {
		return fsm.Sealed{}, fmt.Errorf("open key %s of the keyring: %w", d.ID, err)
	}
	return fsm.Sealed{KeyID: r.wrapper.ID(), Box: r.wrapper.Seal(secret, n.aad())}, nil
}
