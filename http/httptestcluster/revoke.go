package httptestcluster

import (
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Deliver makes one attempt at each lease that is to be revoked outside, as a
// leader would, and has the cluster log what revoke says of it.
func (c *Cluster) Deliver(revoke func(*fsm.Lease) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.machine.View()
	st.DueMounts(func(mount uint64, _ fsm.Instant) {
		for _, l := range st.DueLeases(mount, c.now(), fsm.MaxSettled) {
			a := fsm.Attempt{Lease: l.ID, Tries: l.Tries, NextTry: c.now().Add(10 * time.Second)}
			if err := revoke(l); err != nil {
				a.Error = err.Error()
			}
			c.must(&fsm.LeaseSettle{Attempts: []fsm.Attempt{a}})
		}
	})
}

// Sweep clears away what revocations left.
func (c *Cluster) Sweep() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.must(&fsm.Sweep{Limit: fsm.MaxSweepRecords})
}
