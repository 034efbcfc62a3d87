package fsm

// RequestID names one request of one node, so that a retry is recognised.
// Sessions are opened by SessionOpen; a node opens a new one at each start.
type RequestID struct {
	Session uint64 // drawn at random by the node; 0: the leader's own command, never retried
	Seq     uint64 // counts up from 1 in the session
	Low     uint64 // every Seq below this has been answered and may be forgotten
}

func (r *RequestID) fields(c *coder) {
	c.u64(&r.Session)
	if r.Session == 0 {
		return
	}
	c.u64(&r.Seq)
	c.u64(&r.Low)
	if r.Seq == 0 || r.Low == 0 || r.Low > r.Seq {
		c.fail(errNotCanonical)
	}
}

// IdempotencyKey is a client's own request id. It is known by a hash over the
// caller and the key's text, so it means nothing to another caller.
type IdempotencyKey struct {
	Key     Digest // hash of caller digest and key text
	Request Digest // hash of method, path, wrap ttl and decoded body
	Sealed  []byte // the created token's secret under a key derived from caller's token and key text
}

func (k *IdempotencyKey) fields(c *coder) {
	c.digest(&k.Key)
	c.digest(&k.Request)
	c.bytes(&k.Sealed, MaxSealedSecretBytes)
}
