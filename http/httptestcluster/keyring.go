package httptestcluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/fsm"
)

// wrapper stands for the seal key: a process that ends keeps no secrets.
type wrapper struct{}

func (*wrapper) ID() string { return "test" }

func (*wrapper) Seal(plaintext, aad []byte) []byte {
	return append(append(bytes.Clone(aad), 0), plaintext...)
}

func (*wrapper) Open(sealed, aad []byte) ([]byte, error) {
	plaintext, ok := bytes.CutPrefix(sealed, append(bytes.Clone(aad), 0))
	if !ok {
		return nil, errors.New("wrapped for another place")
	}
	return plaintext, nil
}

// Seal encrypts a small secret as a node does.
func (c *Cluster) Seal(label string, plaintext []byte) (fsm.Sealed, error) {
	k, err := c.keyring.Current(c.Local(), fsm.KeyStorage)
	if err != nil {
		return fsm.Sealed{}, fmt.Errorf("%w: %w", cluster.ErrNotReady, err)
	}
	return fsm.Sealed{KeyID: k.ID, Box: k.Seal(label, plaintext)}, nil
}

// Open decrypts what Seal made.
func (c *Cluster) Open(ctx context.Context, label string, s fsm.Sealed) ([]byte, error) {
	k, err := c.Key(ctx, fsm.KeyStorage, s.KeyID)
	if err != nil {
		return nil, err
	}
	return k.Open(label, s.Box)
}

// Key finds a key of the keyring.
func (c *Cluster) Key(_ context.Context, p fsm.KeyPurpose, id string) (*keyring.Key, error) {
	return c.keyring.Find(c.Local(), p, id)
}

// WrapKey wraps a key that somebody else has made.
func (c *Cluster) WrapKey(p fsm.KeyPurpose, id string, secret []byte) fsm.NewKey {
	return c.keyring.Wrap(p, id, secret)
}

// DrawKeys makes new keys for the keyring.
func (c *Cluster) DrawKeys(purposes ...fsm.KeyPurpose) []fsm.NewKey {
	return c.keyring.Draw(purposes...)
}
