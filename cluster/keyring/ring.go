package keyring

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"github.com/jeton-io/jeton/fsm"
)

// ErrUnknownKey says that a state has no such key. A later state may.
var ErrUnknownKey = errors.New("key is not in the keyring")

// Wrapper wraps keys with the seal key; *keys.Sealer is one.
type Wrapper interface {
	ID() string
	Seal(plaintext, aad []byte) []byte
	Open(sealed, aad []byte) ([]byte, error)
}

// Ring opens keys and keeps them.
type Ring struct {
	wrapper Wrapper

	mu   sync.RWMutex
	open map[name]*Key
}

type name struct {
	purpose fsm.KeyPurpose
	id      string
}

// New returns a ring that has opened nothing yet.
func New(w Wrapper) *Ring { return &Ring{wrapper: w, open: make(map[name]*Key)} }

const (
	keyBytes = 32
	idBytes  = 8

	maxForeignBytes = 64 // BLAKE2b's greatest key
)

// Draw makes a new key for each purpose, wrapped for a command to carry. The
// purposes stand in the order of their numbers.
func (r *Ring) Draw(purposes ...fsm.KeyPurpose) []fsm.NewKey {
	out := make([]fsm.NewKey, len(purposes))
	for i, p := range purposes {
		var id [idBytes]byte
		var secret [keyBytes]byte
		rand.Read(id[:])
		rand.Read(secret[:])
		out[i] = r.Wrap(p, hex.EncodeToString(id[:]), secret[:])
	}
	return out
}

// Wrap is a key that somebody else has made, wrapped for a command to carry.
func (r *Ring) Wrap(p fsm.KeyPurpose, id string, secret []byte) fsm.NewKey {
	n := name{p, id}
	return fsm.NewKey{
		Purpose: p, ID: id, Box: fsm.Sealed{KeyID: r.wrapper.ID(), Box: r.wrapper.Seal(secret, n.aad())},
	}
}

// Current is the key in use for a purpose.
func (r *Ring) Current(s *fsm.State, p fsm.KeyPurpose) (*Key, error) {
	k, ok := s.CurrentKey(p)
	if !ok {
		return nil, fmt.Errorf("%w: none for %s", ErrUnknownKey, p)
	}
	return r.unwrap(k)
}

// Find is the key that something made with it names, in force or retired.
func (r *Ring) Find(s *fsm.State, p fsm.KeyPurpose, id string) (*Key, error) {
	k, ok := s.DataKey(p, id)
	if !ok {
		return nil, fmt.Errorf("%w: %s for %s", ErrUnknownKey, id, p)
	}
	return r.unwrap(k)
}

func (r *Ring) unwrap(d *fsm.DataKey) (*Key, error) {
	n := name{d.Purpose, d.ID}
	r.mu.RLock()
	k := r.open[n]
	r.mu.RUnlock()
	if k != nil && bytes.Equal(k.box, d.Box.Box) { // another cluster's state may have another key of that name
		return k, nil
	}
	secret, err := r.wrapper.Open(d.Box.Box, n.aad())
	if err != nil {
		return nil, fmt.Errorf("open key %s of the keyring: %w", d.ID, err)
	}
	if !fits(d.Purpose, len(secret)) {
		return nil, fmt.Errorf("open key %s of the keyring: %d bytes, want %d", d.ID, len(secret), keyBytes)
	}
	k = &Key{ID: d.ID, secret: secret, box: d.Box.Box}
	r.mu.Lock()
	r.open[n] = k
	r.mu.Unlock()
	return k, nil
}

// fits says whether a key may have so many bytes. A Waypoint server's has as many as
// its hash takes.
func fits(p fsm.KeyPurpose, n int) bool {
	return n == keyBytes || p == fsm.KeyWaypoint && n > 0 && n <= maxForeignBytes
}

// aad binds a wrapped key to its place, so that none can be put in another's.
func (n name) aad() []byte { return []byte("jeton keyring 1 " + n.purpose.String() + " " + n.id) }
