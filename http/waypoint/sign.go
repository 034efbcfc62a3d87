package waypoint

import (
	"crypto/subtle"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/blake2b"
)

const (
	// DefaultKeyID names the first key of a server.
	DefaultKeyID = "k1"

	// KeyBytes is the length of a new key. Up to MaxKeyBytes verify.
	KeyBytes    = 32
	MaxKeyBytes = blake2b.Size
)

// Keys finds the signing key of an id, which comes as FoldKeyID makes it. No key
// and no error: there is none of that id. An error is handed on as it is, so that
// a keyring that can not answer refuses nobody's token.
type Keys func(id string) (key []byte, err error)

// FoldKeyID is a key id as it is compared: letter case does not count.
func FoldKeyID(id string) string { return strings.ToLower(id) }

// KeyLengthError says that a key is none: BLAKE2b takes up to 64 bytes, and takes
// no bytes to mean no key, with which anyone could sign.
type KeyLengthError struct{ Bytes int }

func (e *KeyLengthError) Error() string {
	return fmt.Sprintf("signing key has %d bytes, expected 1 to %d", e.Bytes, MaxKeyBytes)
}

func sign(body, key []byte) (mac [blake2b.Size256]byte, err error) {
	if len(key) == 0 || len(key) > MaxKeyBytes {
		return mac, &KeyLengthError{len(key)}
	}
	h, err := blake2b.New256(key)
	if err != nil {
		return mac, &KeyLengthError{len(key)}
	}
	h.Write(body)
	h.Sum(mac[:0])
	return mac, nil
}

// Mint is the text of a token, signed with a key. It makes none that would not be
// read again: of no kind, with a string that is not UTF-8, or too long.
func Mint(t *Token, keyID string, key []byte) (string, error) {
	if t.Grant == nil {
		return "", refuse(NoKind, "it says nothing that it is for")
	}
	body := t.Body()
	if _, err := DecodeBody(body); err != nil {
		return "", err
	}
	mac, err := sign(body, key)
	if err != nil {
		return "", err
	}
	text := (&Transport{Body: body, Signature: mac[:], KeyID: keyID}).Text()
	if len(text) > MaxTextBytes || !utf8.ValidString(keyID) {
		return "", refuse(BadTransport, "it has %d characters and a key id of %d bytes, at most %d in UTF-8 are allowed", len(text), len(keyID), MaxTextBytes)
	}
	return text, nil
}

// Open is what a text says, if a key of ours has signed it. Whether the token is
// expired or of any kind is not asked: see Settle. Its errors are a *Refusal, a
// *KeyLengthError, or what keys says.
func Open(text string, keys Keys) (*Token, *Transport, error) {
	tr, err := Parse(text)
	if err != nil {
		return nil, nil, err
	}
	t, err := tr.Open(keys)
	if err != nil {
		return nil, nil, err
	}
	return t, tr, nil
}

// Open is Open for a text that was taken apart already.
func (t *Transport) Open(keys Keys) (*Token, error) {
	if err := t.verify(keys); err != nil {
		return nil, err
	}
	return DecodeBody(t.Body)
}

// verify looks at the signature, over the body as it was received.
func (t *Transport) verify(keys Keys) error {
	key, err := keys(FoldKeyID(t.KeyID))
	if err != nil {
		return err
	}
	if key == nil {
		return refuse(UnknownKey, "none of its id is known")
	}
	mac, err := sign(t.Body, key)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(mac[:], t.Signature) != 1 {
		return refuse(BadMAC, "the key that it names has not signed it")
	}
	return nil
}

// Verify is Open, then Settle: everything that a token's text can tell. Whether
// its user, runner or deployment is still about, it can not.
func Verify(text string, keys Keys, at time.Time) (*Token, *Transport, error) {
	t, tr, err := Open(text, keys)
	if err != nil {
		return nil, nil, err
	}
	if err := t.Settle(at); err != nil {
		return nil, nil, err
	}
	return t, tr, nil
}
