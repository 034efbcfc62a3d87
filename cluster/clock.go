package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// leaderClock is the only clock that judges anything. Stamps never go back; and
// a leader stamps only while its clock agrees, within a bound, with those of a
// majority of the voters, so that one node with a wrong clock can not expire
// everything by being elected.
type leaderClock struct {
	wall    func() time.Time
	bound   time.Duration
	machine *fsm.Machine

	mu      sync.Mutex
	last    fsm.Instant
	checked time.Time // when a majority last agreed, with its monotonic reading
}

func (c *leaderClock) now() fsm.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(fsm.Instant(c.wall().UnixNano()), c.last)
}

// stamp is the time of the next entry. It fails when the wall clock has moved
// against the monotonic one, by more than the bound, since the last agreement.
func (c *leaderClock) stamp() (fsm.Instant, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.wall()
	// Sub uses the monotonic readings; the wall difference is without them.
	elapsed := now.Sub(c.checked)
	wall := time.Duration(now.UnixNano() - c.checked.UnixNano())
	if d := (wall - elapsed).Abs(); d > c.bound {
		return 0, fmt.Errorf("clock jumped by %s while leading, more than %s", d, c.bound)
	}
	c.last = max(c.last, fsm.Instant(now.UnixNano()), c.machine.View().Clock)
	return c.last, nil
}

// agreed notes that a majority agreed with this clock just now.
func (c *leaderClock) agreed(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checked = at
}

// checkClock compares the own clock with fresh samples of the voters. Half the
// round trip is the samples' error. It fails when a majority answered and no
// majority, this node included, is within the bound.
func (n *Node) checkClock(ctx context.Context, c *leaderClock) error {
	voters := n.voters()
	ctx, cancel := context.WithTimeout(ctx, n.cfg.ElectionTimeout*4)
	defer cancel()
	type sample struct {
		near, ok bool
	}
	samples := make(chan sample, len(voters))
	asked := 0
	for _, id := range voters {
		if id == n.serverID {
			continue
		}
		asked++
		go func() {
			sent := time.Now()
			b, err := n.link.Call(ctx, id, kindClock, nil)
			got := time.Now()
			r := reader{b: b}
			theirs := int64(r.uint())
			if err != nil || r.end() != nil {
				samples <- sample{}
				return
			}
			rtt := got.Sub(sent)
			mine := c.wall().Add(-time.Since(got)).UnixNano() - int64(rtt/2)
			samples <- sample{near: time.Duration(mine-theirs).Abs() <= c.bound+rtt/2, ok: true}
		}()
	}
	near, answered := 1, 1 // this node agrees with itself
	need := len(voters)/2 + 1
	for ; asked > 0 && near < need; asked-- {
		s := <-samples
		if s.ok {
			answered++
		}
		if s.near {
			near++
		}
	}
	switch {
	case near >= need:
		c.agreed(c.wall())
		return nil
	case answered < need:
		return fmt.Errorf("%w: only %d of %d voters told their time", ErrNoLeader, answered, len(voters))
	}
	return fmt.Errorf("%w: %d of %d voters are within %s", errWrongClock, near, len(voters), c.bound)
}

func (n *Node) handleClock(context.Context, string, []byte) ([]byte, error) {
	return appendUint(nil, uint64(n.wall().UnixNano())), nil
}
