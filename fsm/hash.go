package fsm

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// Hash is the sum of the SHA-256 hashes of all records, in four lanes modulo
// 2^64. Equal states have equal hashes whatever the way that led there, and a
// change costs the records it touches. It finds divergence; it is no defence
// against someone who can choose records.
type Hash [4]uint64

// hasher hashes records into one reused buffer.
type hasher struct{ c coder }

func (h *hasher) hash(r record) Hash {
	h.c = coder{buf: append(h.c.buf[:0], byte(r.tag()))}
	r.fields(&h.c)
	return hashOf(sha256.Sum256(h.c.buf))
}

// hashBytes is the length of a hash in bytes.
const hashBytes = 32

// append is the hash in bytes, big-endian.
func (h Hash) append(b []byte) []byte {
	for _, lane := range h {
		b = binary.BigEndian.AppendUint64(b, lane)
	}
	return b
}

// String is the hash in hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h.append(nil)) }

func (h *Hash) add(o Hash) {
	for i, v := range o {
		h[i] += v
	}
}

func (h *Hash) remove(o Hash) {
	for i, v := range o {
		h[i] -= v
	}
}
