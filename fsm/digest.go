package fsm

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
)

// Digest names a token without giving it away: HMAC-SHA-256 of the token's
// text under the cluster's salt, computed on the node that took the request.
// The zero Digest names nothing.
type Digest [32]byte

// IsZero says whether d names nothing.
func (d Digest) IsZero() bool { return d == Digest{} }

// String is the first four bytes in hexadecimal: enough to follow a token
// through a log, too little to look one up.
func (d Digest) String() string { return hex.EncodeToString(d[:4]) }

func (d Digest) compare(o Digest) int { return bytes.Compare(d[:], o[:]) }

// tokenKey is the first half of a token's digest, which is enough to tell tokens apart: it
// is what the indexes know a token by, at half of the memory. Of two tokens with one key
// the second one would be refused, as if its id were in use, and an archive with both is
// refused; with a keyed hash nobody can look for such ids, and chance finds none.
type tokenKey struct{ hi, lo uint64 }

const tokenKeyBytes = 16

func (d Digest) key() tokenKey {
	return tokenKey{binary.BigEndian.Uint64(d[:8]), binary.BigEndian.Uint64(d[8:tokenKeyBytes])}
}

// compare is in the order of the digests.
func (k tokenKey) compare(o tokenKey) int {
	return cmp.Or(cmp.Compare(k.hi, o.hi), cmp.Compare(k.lo, o.lo))
}

func (k tokenKey) less(o tokenKey) bool { return k.hi < o.hi || k.hi == o.hi && k.lo < o.lo }
