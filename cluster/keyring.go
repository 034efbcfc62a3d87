package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/fsm"
)

// Seal encrypts a small secret that has to stand in a record: under the key of
// the keyring in use, for one purpose that the label names. The error is one of
// availability.
func (n *Node) Seal(label string, plaintext []byte) (fsm.Sealed, error) {
	k, err := n.keyring.Current(n.machine.View(), fsm.KeyStorage)
	if err != nil {
		return fsm.Sealed{}, fmt.Errorf("%w: %w", ErrNotReady, err)
	}
	return fsm.Sealed{KeyID: k.ID, Box: k.Seal(label, plaintext)}, nil
}

// Open decrypts what Seal made under the same label, on this node or another. A
// key that this node has not heard of costs a read round. The error is one of
// availability, keyring.ErrUnknownKey or keyring.ErrBroken.
func (n *Node) Open(ctx context.Context, label string, s fsm.Sealed) ([]byte, error) {
	k, err := n.Key(ctx, fsm.KeyStorage, s.KeyID)
	if err != nil {
		return nil, err
	}
	return k.Open(label, s.Box)
}

// Key is a key of the keyring by its id, as Open finds it.
func (n *Node) Key(ctx context.Context, p fsm.KeyPurpose, id string) (*keyring.Key, error) {
	k, err := n.keyring.Find(n.machine.View(), p, id)
	if !errors.Is(err, keyring.ErrUnknownKey) {
		return k, err
	}
	view, err := n.View(ctx)
	if err != nil {
		return nil, err
	}
	return n.keyring.Find(view.State, p, id)
}

// WrapKey wraps a key that somebody else has made, for a command to carry.
func (n *Node) WrapKey(p fsm.KeyPurpose, id string, secret []byte) fsm.NewKey {
	return n.keyring.Wrap(p, id, secret)
}

// DrawKeys makes new keys for the keyring, for a command to carry.
func (n *Node) DrawKeys(purposes ...fsm.KeyPurpose) []fsm.NewKey {
	return n.keyring.Draw(purposes...)
}
