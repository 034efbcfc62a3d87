package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// KeyRotate puts new keys of the keyring into use. What was made with the ones
// before goes on being good until they are retired.
type KeyRotate struct{ Keys []NewKey }

func (*KeyRotate) kind() Kind { return kindKeyRotate }

func (r *KeyRotate) fields(c *coder) {
	list(c, &r.Keys, int(maxPurpose), func(c *coder, k *NewKey) { k.fields(c) })
}

// Validate checks shape and bounds.
func (r *KeyRotate) Validate() error {
	if err := checkNewKeys(r.Keys); err != nil {
		return err
	}
	return nil
}

func (*KeyRotate) access(*State, *Actor) Access {
	return Access{Path: "sys/rotate", Capability: policy.Update}
}

func (r *KeyRotate) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if err := tx.addKeys(r.Keys); err != nil {
		return nil, err
	}
	return &Done{}, nil
}
