package http

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jeton-io/jeton/fsm"
)

// A sealed cubbyhole value, as the log and snapshots hold it:
//
//	version     1 byte, 1
//	nonce       12 bytes, random
//	ciphertext  AES-256-GCM of the value's canonical JSON, tag included, with the
//	            path below cubbyhole/ as additional data
//
// The key is HKDF-SHA-256 of the token's text; its salt is a digest of the same
// text under the cluster's digest salt. So opening a value takes the token, and
// not even a weak token id chosen by root can be guessed at from a disk without
// the seal key.
const (
	cubbyholeVersion = 1
	cubbyholeNonce   = 12
	cubbyholeInfo    = "jeton cubbyhole 1"

	// cubbyholeSaltLabel keeps the salt apart from every token's digest: no token
	// text holds white space.
	cubbyholeSaltLabel = "cubbyhole salt "
)

// errUnsealable says that a value is not one that this token sealed at this
// path: a fault, since the machine gives a token only its own values.
var errUnsealable = errors.New("cubbyhole value does not open")

// cubbyholeBox seals and opens one token's values.
type cubbyholeBox struct{ aead cipher.AEAD }

func newCubbyholeBox(token string, digest func(string) (fsm.Digest, error)) (*cubbyholeBox, error) {
	aead, err := tokenAEAD(token, cubbyholeSaltLabel, cubbyholeInfo, digest)
	if err != nil {
		return nil, err
	}
	return &cubbyholeBox{aead}, nil
}

// tokenAEAD is AES-256-GCM under a key derived from a token's text. The salt is
// a digest of label and text under the cluster's digest salt.
func tokenAEAD(token, saltLabel, info string, digest func(string) (fsm.Digest, error)) (cipher.AEAD, error) {
	salt, err := digest(saltLabel + token)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, []byte(token), salt[:], info, 32)
	if err != nil {
		return nil, fmt.Errorf("derive a key of a token: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("derive a key of a token: %w", err)
	}
	return cipher.NewGCM(block)
}

// seal encrypts a value for a path. Keys are written in order, so that the
// length of what is stored says nothing of how it was sent.
func (b *cubbyholeBox) seal(path string, value map[string]any) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode cubbyhole value: %w", err)
	}
	sealed := make([]byte, 1+cubbyholeNonce, 1+cubbyholeNonce+len(plain)+b.aead.Overhead())
	sealed[0] = cubbyholeVersion
	rand.Read(sealed[1:])
	return b.aead.Seal(sealed, sealed[1:], plain, []byte(path)), nil
}

// open is the inverse of seal. Numbers keep the digits they were sent with.
func (b *cubbyholeBox) open(path string, sealed []byte) (map[string]any, error) {
	if len(sealed) < 1+cubbyholeNonce || sealed[0] != cubbyholeVersion {
		return nil, errUnsealable
	}
	plain, err := b.aead.Open(nil, sealed[1:1+cubbyholeNonce], sealed[1+cubbyholeNonce:], []byte(path))
	if err != nil {
		return nil, errUnsealable
	}
	var value map[string]any
	d := json.NewDecoder(bytes.NewReader(plain))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, errUnsealable
	}
	return value, nil
}
