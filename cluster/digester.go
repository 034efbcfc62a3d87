package cluster

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"

	"github.com/jeton-io/jeton/fsm"
)

// digester turns a token's text into its digest: HMAC-SHA-256 under the
// cluster's salt. It keeps ready-keyed hashes, since keying costs as much as
// hashing.
//
// One without a pool stands for a salt that did not open.
type digester struct {
	sealed fsm.Sealed // what the salt was opened from
	pool   sync.Pool
}

func newDigester(sealed fsm.Sealed, salt []byte) *digester {
	d := &digester{sealed: sealed}
	d.pool.New = func() any { return hmac.New(sha256.New, salt) }
	return d
}

// of says whether the digester, opened or not, was made from a sealed salt.
func (d *digester) of(s fsm.Sealed) bool {
	return d.sealed.KeyID == s.KeyID && bytes.Equal(d.sealed.Box, s.Box)
}

func (d *digester) opened() bool { return d.pool.New != nil }

func (d *digester) digest(text string) (out fsm.Digest) {
	h := d.pool.Get().(hash.Hash)
	h.Reset()
	h.Write([]byte(text))
	h.Sum(out[:0])
	d.pool.Put(h)
	return out
}

// saltInfo is the additional data under which the digest salt is sealed.
var saltInfo = []byte("jeton digest salt v1")
