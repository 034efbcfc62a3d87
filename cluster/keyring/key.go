package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
)

// Key is an open key.
type Key struct {
	ID     string
	secret []byte
	box    []byte // as it is wrapped in the state
}

// A value sealed by Key is
//
//	offset  bytes  meaning
//	0       1      format, 1
//	1       12     nonce, random
//	13      n      ciphertext
//	13+n    16     tag of AES-256-GCM
//
// under the key derived for the label; the label is also authenticated.
const (
	boxFormat = 1
	boxHeader = 1
	nonceSize = 12
)

// ErrBroken says that a value is not what was sealed, or not for this label.
var ErrBroken = errors.New("sealed value does not verify")

// Raw is the key itself, for fsm.KeyWaypoint alone: what Waypoint signs with is what it
// stores. It must not be changed.
func (k *Key) Raw() []byte { return k.secret }

// Derive is the key for one use. size is at most 8160 bytes (RFC 5869).
func (k *Key) Derive(label string, size int) []byte {
	out, err := hkdf.Key(sha256.New, k.secret, nil, "jeton keyring 1 "+label, size)
	if err != nil {
		panic("keyring: derive: " + err.Error()) // only for sizes above the bound
	}
	return out
}

// Seal encrypts plaintext for a label.
func (k *Key) Seal(label string, plaintext []byte) []byte {
	out := make([]byte, boxHeader, boxHeader+nonceSize+len(plaintext)+16)
	out[0] = boxFormat
	return k.aead(label).Seal(out, nil, plaintext, []byte(label))
}

// Open decrypts what Seal made under the same label.
func (k *Key) Open(label string, box []byte) ([]byte, error) {
	if len(box) < boxHeader || box[0] != boxFormat {
		return nil, ErrBroken
	}
	plaintext, err := k.aead(label).Open(nil, nil, box[boxHeader:], []byte(label))
	if err != nil {
		return nil, ErrBroken
	}
	return plaintext, nil
}

func (k *Key) aead(label string) cipher.AEAD {
	block, err := aes.NewCipher(k.Derive("seal "+label, 32))
	if err != nil {
		panic("keyring: cipher: " + err.Error()) // only for other key lengths
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("keyring: mode: " + err.Error()) // only for other block lengths
	}
	return aead
}
