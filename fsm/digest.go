package fsm

import (
	"bytes"
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
