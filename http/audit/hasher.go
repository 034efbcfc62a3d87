package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"
)

// HashPrefix begins every hash in an entry.
const HashPrefix = "hmac-sha256:"

// Hasher is how a device shows texts: HMAC-SHA-256 under its salt. It keeps
// ready-keyed hashes, since keying costs as much as hashing.
type Hasher struct{ pool sync.Pool }

// NewHasher makes a hasher for a salt.
func NewHasher(salt []byte) *Hasher {
	h := new(Hasher)
	h.pool.New = func() any { return hmac.New(sha256.New, salt) }
	return h
}

// Append appends the hash of a text.
func (h *Hasher) Append(b, text []byte) []byte {
	keyed := h.pool.Get().(hash.Hash)
	keyed.Reset()
	keyed.Write(text)
	var sum [sha256.Size]byte
	keyed.Sum(sum[:0])
	h.pool.Put(keyed)
	return hex.AppendEncode(append(b, HashPrefix...), sum[:])
}

// Hash is the hash of a text, as audit-hash shows it.
func (h *Hasher) Hash(text string) string { return string(h.Append(nil, []byte(text))) }
