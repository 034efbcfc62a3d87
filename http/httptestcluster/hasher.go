package httptestcluster

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"
	"sync"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// hasher makes digests under a salt, with ready-keyed hashes as a node keeps them.
type hasher struct {
	salt []byte
	pool sync.Pool
}

func newHasher(salt []byte) *hasher {
	h := &hasher{salt: salt}
	h.pool.New = func() any { return hmac.New(sha256.New, salt) }
	return h
}

func (h *hasher) digest(text string) (d fsm.Digest) {
	m := h.pool.Get().(hash.Hash)
	m.Reset()
	m.Write([]byte(text))
	m.Sum(d[:0])
	h.pool.Put(m)
	return d
}

// DigestUnder is Digest under the salt of another Cluster, whose seal key is the same
// unless it is called otherwise.
func (c *Cluster) DigestUnder(salt fsm.Sealed) (func(string) fsm.Digest, error) {
	if salt.KeyID != c.sealKey {
		return nil, fmt.Errorf("%w: the archive needs %s, this node has %s", cluster.ErrSealKey, salt.KeyID, c.sealKey)
	}
	return newHasher(salt.Box).digest, nil
}
