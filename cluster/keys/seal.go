package keys

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
)

// A sealed value is
//
//	offset  bytes  meaning
//	0       1      format, 1
//	1       8      id of the key
//	9       12     nonce, random
//	21      n      ciphertext
//	21+n    16     tag of AES-256-GCM
//
// The caller's additional data is authenticated and not stored. Random nonces
// bound the use of one key to 2^32 values; what is sealed here are keyrings,
// a few in the life of a cluster.
const (
	sealFormat   = 1
	sealIDBytes  = 8
	sealHeader   = 1 + sealIDBytes
	sealOverhead = 12 + 16
)

// Errors of Open.
var (
	// ErrUnknownSealKey says that the value was sealed with a key that this
	// node does not hold.
	ErrUnknownSealKey = errors.New("seal key not held")
	// ErrSealBroken says that the value or its additional data is not what
	// was sealed.
	ErrSealBroken = errors.New("sealed value does not verify")
)

// Sealer wraps small secrets (the signing keyring, the digest salt) for the
// log and for snapshots. It seals with the first of its keys and opens with
// all. It is safe for concurrent use.
type Sealer struct {
	keys []sealKey
}

type sealKey struct {
	id   [sealIDBytes]byte
	aead cipher.AEAD
}

// Sealer returns the seal keys derived from the cluster's secrets, for nodes
// without a seal key file.
func (r *Ring) Sealer() *Sealer {
	return newSealer(r.secrets, r.cluster)
}

// LoadSealer reads a seal key file, of the same form as a secret file: the
// first line seals, all open. The warning is as Ring.Warning. The cluster's
// name takes no part in these keys, so that an archive opens in a cluster of
// another name that was given the same file.
func LoadSealer(path string) (s *Sealer, warning string, err error) {
	secrets, warning, err := readSecrets(path)
	if err != nil {
		return nil, "", err
	}
	return newSealer(secrets, ""), warning, nil
}

func newSealer(secrets []secret, cluster string) *Sealer {
	s := &Sealer{keys: make([]sealKey, len(secrets))}
	for i, line := range secrets {
		block, err := aes.NewCipher(derive(line, "seal", cluster, 32))
		if err != nil {
			panic("keys: seal cipher: " + err.Error()) // only for other key lengths
		}
		if s.keys[i].aead, err = cipher.NewGCMWithRandomNonce(block); err != nil {
			panic("keys: seal mode: " + err.Error()) // only for other block lengths
		}
		copy(s.keys[i].id[:], derive(line, "seal id", cluster, sealIDBytes))
	}
	return s
}

// ID returns the public id of the key that Seal uses: 16 hexadecimal digits.
func (s *Sealer) ID() string { return hex.EncodeToString(s.keys[0].id[:]) }

// IDs returns the ids of all keys that Open knows, the one in use first.
func (s *Sealer) IDs() []string {
	ids := make([]string, len(s.keys))
	for i, k := range s.keys {
		ids[i] = hex.EncodeToString(k.id[:])
	}
	return ids
}

// Seal encrypts plaintext under the first key. aad is authenticated and must
// be given to Open again.
func (s *Sealer) Seal(plaintext, aad []byte) []byte {
	k := s.keys[0]
	out := make([]byte, sealHeader, sealHeader+len(plaintext)+sealOverhead)
	out[0] = sealFormat
	copy(out[1:], k.id[:])
	return k.aead.Seal(out, nil, plaintext, aad)
}

// Open decrypts what Seal made, with whichever key made it.
func (s *Sealer) Open(sealed, aad []byte) ([]byte, error) {
	id, err := sealedBy(sealed)
	if err != nil {
		return nil, err
	}
	for _, k := range s.keys {
		if !bytes.Equal(k.id[:], id) {
			continue
		}
		plaintext, err := k.aead.Open(nil, nil, sealed[sealHeader:], aad)
		if err != nil {
			return nil, ErrSealBroken
		}
		return plaintext, nil
	}
	return nil, fmt.Errorf("%w: %x", ErrUnknownSealKey, id)
}

// SealedBy returns the id of the key that a sealed value needs.
func SealedBy(sealed []byte) (string, error) {
	id, err := sealedBy(sealed)
	return hex.EncodeToString(id), err
}

func sealedBy(sealed []byte) ([]byte, error) {
	if len(sealed) < sealHeader+sealOverhead || sealed[0] != sealFormat {
		return nil, ErrSealBroken
	}
	return sealed[1:sealHeader], nil
}
