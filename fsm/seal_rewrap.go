package fsm

import "bytes"

// SealRewrap puts another wrapping around the cluster's digest salt and the keys of its
// keyring, made with another seal key. What is within stays the same. Each wrapping
// names the one in whose place it is put, so that nothing is put around what a restore
// has brought meanwhile.
type SealRewrap struct {
	Salt Rewrapped // the zero value: stays
	Keys []RewrappedKey
}

// Rewrapped is a new wrapping.
type Rewrapped struct {
	Old []byte // the ciphertext that is there
	New Sealed
}

func (r *Rewrapped) fields(c *coder) {
	c.bytes(&r.Old, maxSealedBytes)
	r.New.fields(c)
}

func (r *Rewrapped) none() bool { return len(r.Old) == 0 && len(r.New.Box) == 0 }

func (r *Rewrapped) check() *Error {
	if len(r.New.Box) == 0 || len(r.New.Box) > maxSealedBytes || len(r.New.KeyID) > maxKeyIDBytes || len(r.Old) > maxSealedBytes {
		return invalid(OutOfRange, "length of a wrapped key", len(r.New.Box), "1 to 4096 bytes")
	}
	return nil
}

// RewrappedKey is a new wrapping of a key of the keyring.
type RewrappedKey struct {
	Purpose KeyPurpose
	Term    uint64
	Box     Rewrapped
}

func (k *RewrappedKey) fields(c *coder) {
	k.Purpose.fields(c)
	c.u64(&k.Term)
	k.Box.fields(c)
}

func (*SealRewrap) kind() Kind { return kindSealRewrap }
func (*SealRewrap) cluster()   {}

func (r *SealRewrap) fields(c *coder) {
	r.Salt.fields(c)
	list(c, &r.Keys, MaxRewrappedKeys, func(c *coder, k *RewrappedKey) { k.fields(c) })
}

// MaxRewrappedKeys bounds the keys of one command; more are wrapped by the next.
const MaxRewrappedKeys = 16

// Validate bounds the wrappings.
func (r *SealRewrap) Validate() error {
	if len(r.Keys) > MaxRewrappedKeys {
		return invalid(OutOfRange, "number of keys", len(r.Keys), "at most 16")
	}
	if !r.Salt.none() {
		if err := r.Salt.check(); err != nil {
			return err
		}
	}
	for i := range r.Keys {
		if err := r.Keys[i].Box.check(); err != nil {
			return err
		}
	}
	return nil
}

func (*SealRewrap) access(*State, *Actor) Access { return Access{} }

func (r *SealRewrap) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if !r.Salt.none() && bytes.Equal(r.Salt.Old, tx.st.Salt.Box) {
		tx.st.Salt = r.Salt.New
	}
	for _, k := range r.Keys {
		old, ok := tx.st.dataKeys.find(dataKeyKey{k.Purpose, k.Term})
		if !ok || !bytes.Equal(old.Box.Box, k.Box.Old) {
			continue
		}
		next := *old
		next.Box = k.Box.New
		putRecord(tx, &tx.st.dataKeys, next.key(), &next)
	}
	return &Done{}, nil
}

// SealedBy counts what is wrapped by the id of the seal key: the digest salt and the
// keys of the keyring.
func (s *State) SealedBy() map[string]int {
	of := make(map[string]int)
	if len(s.Salt.Box) > 0 {
		of[s.Salt.KeyID]++
	}
	s.dataKeys.each(func(k *DataKey) bool {
		of[k.Box.KeyID]++
		return true
	})
	return of
}

// EachDataKey visits the keys of the keyring in their order until f says no.
func (s *State) EachDataKey(f func(*DataKey) bool) { s.dataKeys.each(f) }
