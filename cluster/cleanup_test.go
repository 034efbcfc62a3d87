package cluster

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

func TestPace(t *testing.T) {
	const ms, short, fair, long = time.Millisecond, 5 * time.Millisecond, 15 * time.Millisecond, 25 * time.Millisecond
	type entry struct {
		at    time.Duration // when it is there
		took  time.Duration
		asked uint64
		lag   uint64
	}
	for _, tt := range []struct {
		name    string
		least   uint32
		entries []entry
		limit   uint32 // of the next entry
		pause   time.Duration
	}{
		{"the first", 64, []entry{{at: short, took: short}}, 64, short},
		{"it is very short", 64, []entry{{at: ms, took: ms}}, 64, cleanupPause},
		{"nobody asks", 64, []entry{{at: quietFor, took: short}}, 128, 0},
		{"for long", 64, []entry{{at: quietFor, took: short}, {at: quietFor + short, took: short}, {at: quietFor * 2, took: short}, {at: quietFor * 3, took: short}}, 512, 0},
		{"nor may an entry be larger", 4000, []entry{{at: quietFor, took: short}}, fsm.MaxSweepRecords, 0},
		{"somebody asks", 64, []entry{{at: quietFor, took: short, asked: 1}}, 64, short},
		{"and did a moment ago", 64, []entry{{at: quietFor, took: short, asked: 1}, {at: 2*quietFor - ms, took: short, asked: 1}}, 64, short},
		{"and no more", 64, []entry{{at: quietFor, took: short, asked: 1}, {at: 2 * quietFor, took: short, asked: 1}}, 128, 0},
		{"after a while", 64, []entry{{at: quietFor, took: short}, {at: 2 * quietFor, took: short}, {at: 3 * quietFor, took: short, asked: 1}}, 64, short},
		{"a voter falls behind", 64, []entry{{at: quietFor, took: short}, {at: 2 * quietFor, took: short, lag: hurriedLag + 1}}, 64, short},
		{"a little", 64, []entry{{at: quietFor, took: short, lag: hurriedLag}}, 128, 0},
		{"entries take their time", 64, []entry{{at: quietFor, took: short}, {at: 2 * quietFor, took: fair}}, 128, 0},
		{"or too long", 64, []entry{{at: quietFor, took: short}, {at: 2 * quietFor, took: short}, {at: 3 * quietFor, took: long}}, 128, 0},
		{"the least", 64, []entry{{at: quietFor, took: long}}, 64, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			begin := time.Now()
			p := newPace(tt.least, 0, begin)
			var pause time.Duration
			for _, e := range tt.entries {
				pause = p.after(e.took, e.asked, e.lag, begin.Add(e.at))
			}
			if p.limit != tt.limit || pause != tt.pause {
				t.Errorf("%d records after %s, want %d after %s", p.limit, pause, tt.limit, tt.pause)
			}
		})
	}
}

// A tree is swept in large entries while nobody asks for anything, and in small ones while
// somebody reads, though it be at a follower.
func TestASweepHurriesWhenNobodyAsks(t *testing.T) {
	t.Parallel() // it mostly waits
	c := startCluster(t, 3, func(_ int, cfg *Config) { cfg.SweepLimit = 1 })
	ctx, cancel := testContext(t)
	defer cancel()
	if took := c.sweeps(ctx, "alone", 1000); took >= 1000 { // a machine that is busy may make it no more than a few less
		t.Errorf("%d entries for 1000 records while nobody asks", took)
	}

	leader, follower := c.nodes[c.leader()], c.nodes[c.follower()]
	var reading sync.WaitGroup
	reads, stop := context.WithCancel(ctx)
	reading.Go(func() {
		for reads.Err() == nil {
			if _, err := follower.View(reads); err != nil && reads.Err() == nil {
				t.Error(err)
			}
		}
	})
	if took := c.sweeps(ctx, "beside", 600); took < 600*3/4 {
		t.Errorf("%d entries for 600 records while somebody reads", took)
	}
	stop()
	reading.Wait()

	before := leader.leading.Load().asked.Load()
	if _, err := follower.Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: c.token("late", 0)}); err != nil {
		t.Fatal(err)
	}
	if leader.leading.Load().asked.Load() == before {
		t.Error("a write through a follower was not noticed")
	}
}

// sweeps makes a tree of so many tokens, revokes it, and returns how many entries there
// were until it was swept.
func (c *testCluster) sweeps(ctx context.Context, name string, size int) uint64 {
	c.Helper()
	n := c.nodes[c.leader()]
	parent := c.token(name, 0)
	parent.Policies = []string{"root"}
	if _, err := n.Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: parent}); err != nil {
		c.Fatal(err)
	}
	var making sync.WaitGroup
	for i := range size {
		making.Go(func() {
			if _, err := n.Propose(ctx, Proposal{Caller: c.caller(name), Command: c.token(fmt.Sprint(name, i), 0)}); err != nil {
				c.Errorf("child %d: %v", i, err)
			}
		})
	}
	making.Wait()
	before := n.applied.get()
	revoke := &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken, Token: parent.Token}}
	if _, err := n.Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: revoke}); err != nil {
		c.Fatal(err)
	}
	await(c, "the sweep", func() bool { return !n.machine.View().SweepPending() })
	return n.applied.get() - before
}
