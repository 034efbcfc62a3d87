package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// errWrongClock says that this node must not stamp entries.
var errWrongClock = errors.New("own clock disagrees with a majority of the voters")

// leaderClock is the only clock that judges anything. Stamps never go back; and
// a leader stamps only while its clock agrees, within a bound, with those of a
// majority of the voters, so that one node with a wrong clock can not expire
// everything by being elected.
type leaderClock struct {
	wall    func() time.Time     // what the clock shows
	mono    func() time.Duration // since some moment, whatever the clock is set to
	bound   time.Duration
	machine *fsm.Machine
	ask     func(context.Context, *leaderClock) error // checkClock of the node

	mu     sync.Mutex
	last   fsm.Instant
	agreed bool          // a majority did, when it was last asked,
	wallAt time.Time     // at this time
	monoAt time.Duration // by both
}

func (c *leaderClock) now() fsm.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(fsm.Instant(c.wall().UnixNano()), c.last)
}

// stamp is the time of the next entry. It fails when no majority has agreed, or
// when the wall clock has moved against the monotonic one by more than the bound
// since it did.
func (c *leaderClock) stamp() (fsm.Instant, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.agreed {
		return 0, errWrongClock
	}
	now := c.wall()
	moved := time.Duration(now.UnixNano() - c.wallAt.UnixNano())
	if jump := moved - (c.mono() - c.monoAt); jump.Abs() > c.bound {
		return 0, fmt.Errorf("clock was set by %s while leading, more than %s", jump, c.bound)
	}
	c.last = max(c.last, fsm.Instant(now.UnixNano()), c.machine.View().Clock)
	return c.last, nil
}

func (c *leaderClock) check(ctx context.Context) error { return c.ask(ctx, c) }

// judged notes what a majority said just now.
func (c *leaderClock) judged(agrees bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.agreed, c.wallAt, c.monoAt = agrees, c.wall(), c.mono()
}

// checkClock compares the own clock with fresh samples of the voters. Half the
// round trip is the samples' error. It is errWrongClock when a majority answered
// and no majority, this node included, is within the bound.
func (n *Node) checkClock(ctx context.Context, c *leaderClock) error {
	voters := n.voters()
	ctx, cancel := context.WithTimeout(ctx, n.cfg.ElectionTimeout*4)
	defer cancel()
	samples := make(chan sample, len(voters))
	asked := 0
	for _, id := range voters {
		if id != n.serverID {
			asked++
			go func() { samples <- n.sampleClock(ctx, c, id) }()
		}
	}
	if len(voters) == 0 {
		return fmt.Errorf("%w: the voters are not known", ErrNoLeader)
	}
	near, answered := 1, 1 // this node agrees with itself
	need := len(voters)/2 + 1
	for ; asked > 0 && near < need; asked-- {
		s := <-samples
		if s.answered {
			answered++
		}
		if s.near {
			near++
		}
	}
	switch {
	case near >= need:
		c.judged(true)
		return nil
	case answered < need:
		return fmt.Errorf("%w: only %d of %d voters told their time", ErrNoLeader, answered, len(voters))
	}
	c.judged(false)
	return fmt.Errorf("%w: %d of %d voters are within %s", errWrongClock, near, len(voters), c.bound)
}

// sample is what one voter's clock says about the own one.
type sample struct{ answered, near bool }

func (n *Node) sampleClock(ctx context.Context, c *leaderClock, id string) sample {
	sent := time.Now()
	b, err := n.link.Call(ctx, id, kindClock, nil)
	rtt := time.Since(sent)
	theirs, bad := decodeUint(b)
	if err != nil || bad != nil {
		return sample{}
	}
	mine := c.wall().UnixNano() - int64(rtt/2) // when they looked, more or less
	return sample{answered: true, near: time.Duration(mine-int64(theirs)).Abs() <= c.bound+rtt/2}
}

func (n *Node) handleClock(context.Context, string, []byte) ([]byte, error) {
	return appendUint(nil, uint64(n.wall().UnixNano())), nil
}
