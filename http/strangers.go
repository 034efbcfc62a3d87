package http

import "time"

// maxStrangers bounds how many source addresses are remembered.
const maxStrangers = 16 << 10

// newStrangers limits what strangers may try, by source address: guesses at
// tokens, or at passwords. A caller whose token is known is never held up by it,
// whatever others at its address do.
func newStrangers(l Limits) *buckets {
	return newBuckets(float64(l.StrangerBurst), l.StrangerRate, maxStrangers)
}

// stranger answers a request whose token nobody knows.
func (c *call) stranger() error {
	c.judged = true
	if !c.s.strangers.allow(c.caller.Addr, time.Now()) {
		return errStranger
	}
	if c.route.gateway {
		return errNotKnown
	}
	return errDenied
}

// neverSeen says whether the caller's token leaves no trace in this node's
// state. It is asked after a read round, when that state is new enough. Who shows
// a batch token that was sealed here, or one that a key of ours signed, is no stranger, whatever became of it.
func (c *call) neverSeen() bool {
	if c.caller.Batch != nil || c.caller.Signed != nil {
		return false
	}
	st := c.s.cluster.Local()
	if _, known := st.Spent(c.caller.Token); known {
		return false
	}
	_, known := st.Tombstone(c.caller.Token)
	return !known
}
