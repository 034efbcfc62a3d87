package http

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jeton-io/jeton/fsm"
)

// A client's own request id (Idempotency-Key) is known to the cluster by a hash
// under a key derived from the caller's token, and so is the request. The secret
// of a token that the request creates is kept for a retry, sealed under a key
// derived from the caller's token and the client's key: whoever shows both gets
// it again, on any node, and nobody else can open it.
const (
	idempotencyHash = "jeton idempotency hash v1"
	idempotencySeal = "jeton idempotency seal v1\x00"

	// idempotencySalt keeps the salt apart from every token's digest: no token
	// text holds white space.
	idempotencySalt = "idempotency salt "
)

// idempotencyKey makes the key under which the cluster remembers this request.
func (c *call) idempotencyKey() (*fsm.IdempotencyKey, error) {
	hashKey, err := c.derive(idempotencyHash)
	if err != nil {
		return nil, err
	}
	request, err := c.canonicalRequest()
	if err != nil {
		return nil, err
	}
	k := &fsm.IdempotencyKey{
		Key:     c.keyDigest(hashKey),
		Request: keyedHash(hashKey, "request", request),
	}
	if c.created == "" {
		return k, nil
	}
	aead, err := c.sealer()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	k.Sealed = aead.Seal(nonce, nonce, []byte(c.created), nil)
	return k, nil
}

// openSealed takes the secret that the first request with this key created in
// place of the one drawn now.
func (c *call) openSealed(sealed []byte) error {
	if c.created == "" {
		return nil
	}
	aead, err := c.sealer()
	if err != nil {
		return err
	}
	if len(sealed) < aead.NonceSize() {
		return errors.New("replayed request left no sealed secret")
	}
	nonce, box := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
	secret, err := aead.Open(nil, nonce, box, nil)
	if err != nil {
		return fmt.Errorf("open sealed secret of a replayed request: %w", err)
	}
	c.created = string(secret)
	return nil
}

// derive makes a key of the caller's token. The salt is a digest of the same
// text under the cluster's digest salt, so that not even a weak token id chosen
// by root can be guessed at from a disk.
func (c *call) derive(info string) ([]byte, error) {
	salt, err := c.s.cluster.Digest(idempotencySalt + c.secret)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, []byte(c.secret), salt[:], info, 32)
	if err != nil {
		return nil, fmt.Errorf("derive idempotency key: %w", err)
	}
	return key, nil
}

func (c *call) sealer() (cipher.AEAD, error) {
	return tokenAEAD(c.secret, idempotencySalt, idempotencySeal+c.clientKey, c.s.cluster.Digest)
}

// canonicalRequest is what two requests must have in common to be one: what is
// done (POST and PUT are the same), where, the wrapping and the fields, whatever
// their order and spelling.
func (c *call) canonicalRequest() ([]byte, error) {
	params, err := c.body.parameters()
	if err != nil {
		return nil, err
	}
	fields, err := json.Marshal(params) // sorts keys
	if err != nil {
		return nil, fmt.Errorf("encode fields: %w", err)
	}
	var b []byte
	for _, part := range []string{c.op.name, c.req.URL.Path} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	b = binary.AppendVarint(b, int64(c.caller.WrapTTL))
	return append(b, fields...), nil
}

// keyDigest is how the cluster knows the client's key, under a key derived for
// hashing. Unlike the digest of the request it needs no body.
func (c *call) keyDigest(hashKey []byte) fsm.Digest {
	return keyedHash(hashKey, "key", []byte(c.clientKey))
}

func keyedHash(key []byte, label string, data []byte) (d fsm.Digest) {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(label))
	h.Write([]byte{0})
	h.Write(data)
	h.Sum(d[:0])
	return d
}
