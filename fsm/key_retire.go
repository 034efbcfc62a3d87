package fsm

import "github.com/jeton-io/jeton/fsm/policy"

const keyringPath = "jeton/keyring"

// KeyRetire ends every token that a key sealed or signed. Only a key that is no longer
// in use can be retired, so that what is made now is good. The key goes when the
// last of its tokens would have expired: until then a node has to tell them from
// tokens of a key that it has not heard of.
type KeyRetire struct{ ID string }

func (*KeyRetire) kind() Kind { return kindKeyRetire }

func (r *KeyRetire) fields(c *coder) { c.string(&r.ID, maxKeyIDBytes) }

// Validate wants the id of a key.
func (r *KeyRetire) Validate() error {
	if len(r.ID) > maxKeyIDBytes || !isWord(r.ID) {
		return invalid(OutOfRange, "id of a key", r.ID, "a word of at most 64 bytes")
	}
	return nil
}

func (r *KeyRetire) access(*State, *Actor) Access {
	return Access{Path: keyringPath + "/" + r.ID + "/retire", Capability: policy.Update}
}

func (r *KeyRetire) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if _, storage := tx.st.DataKey(KeyStorage, r.ID); storage {
		return nil, invalid(KeyNeeded, r.ID)
	}
	k, ok := tx.st.DataKey(KeyBatch, r.ID)
	until := tx.st.BatchUntil
	if !ok {
		k, ok = tx.st.DataKey(KeyWaypoint, foldName(r.ID))
		until = tx.st.SignedUntil
	}
	if !ok {
		return nil, verdict(NotFound, KeyNotFound, r.ID)
	}
	if current, own := tx.st.CurrentKey(k.Purpose); own && current == k {
		return nil, invalid(KeyInUse, r.ID)
	}
	if k.RetiredAt == 0 {
		retired := *k
		retired.RetiredAt, retired.Until = tx.clock(), until
		putRecord(tx, &tx.st.dataKeys, k.key(), &retired)
		tx.reviewBatchLeases()
	}
	return &Done{}, nil
}

// spentKey is the retired key whose tokens expire first. There are few keys.
func (s *State) spentKey() (first *DataKey, ok bool) {
	s.dataKeys.each(func(k *DataKey) bool {
		if k.RetiredAt != 0 && (first == nil || k.Until < first.Until) {
			first = k
		}
		return true
	})
	return first, first != nil
}

// dropKeys removes retired keys with no token left.
func (tx *Tx) dropKeys(budget *int) {
	for *budget > 0 {
		k, ok := tx.st.spentKey()
		if !ok || k.Until > tx.clock() {
			return
		}
		delRecord(tx, &tx.st.dataKeys, k.key())
		*budget--
	}
}
