package http

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	fast "math/rand/v2"
)

// appendRandom62 appends n base62 characters, each equally likely: of the 256
// values of a byte the last eight are thrown away, so that 62 divides the rest.
func appendRandom62(b []byte, n int) []byte {
	var pool [64]byte
	for n > 0 {
		draw := pool[:min(n+n/16+2, len(pool))]
		rand.Read(draw) // never fails: the process ends instead
		for _, v := range draw {
			if v < 248 && n > 0 {
				b = append(b, base62[v%62])
				n--
			}
		}
	}
	clear(pool[:])
	return b
}

// requestID is a random UUID (version 4), as Vault shows one. It is no secret
// and proves nothing, so it does without the kernel's randomness.
type requestID [36]byte

func (id requestID) String() string { return string(id[:]) }

func newRequestID() requestID {
	var id [16]byte
	binary.LittleEndian.PutUint64(id[:], fast.Uint64())
	binary.LittleEndian.PutUint64(id[8:], fast.Uint64())
	return spellUUID(id)
}

// newUUID is a random UUID that nobody can guess: 122 bits.
func newUUID() string {
	var id [16]byte
	rand.Read(id[:]) // never fails: the process ends instead
	return spellUUID(id).String()
}

func spellUUID(id [16]byte) (text requestID) {
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	hex.Encode(text[:8], id[:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:], id[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return text
}
