package keyring

import "github.com/jeton-io/jeton/fsm"

// Rewrap wraps a key with the seal key in use, whichever wrapped it before.
func (r *Ring) Rewrap(d *fsm.DataKey) (fsm.Sealed, error) {
	k, err := r.unwrap(d)
	if err != nil {
		return fsm.Sealed{}, err
	}
	return r.Wrap(d.Purpose, d.ID, k.secret).Box, nil
}
