package cluster

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

func TestPace(t *testing.T) {
	for _, tt := range []struct {
		name   string
		least  uint32
		others []uint64 // requests of others during each entry
		took   time.Duration
		limit  uint32 // of the next entry
		pause  time.Duration
	}{
		{"nobody asks", 64, []uint64{0}, time.Second, 128, 0},
		{"for long", 64, []uint64{0, 0, 0, 0, 0}, time.Second, 512, 0},
		{"nor may an entry be larger", 1000, []uint64{0, 0, 0, 0}, 0, fsm.MaxSweepRecords, 0},
		{"the largest stays", fsm.MaxSweepRecords, []uint64{0}, 0, fsm.MaxSweepRecords, 0},
		{"somebody asks", 64, []uint64{1}, time.Second, 64, time.Second},
		{"during a short one", 64, []uint64{1}, time.Millisecond, 64, cleanupPause},
		{"in the end", 64, []uint64{0, 0, 0, 5}, time.Second, 64, time.Second},
		{"and no more", 64, []uint64{5, 0}, time.Second, 128, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPace(tt.least)
			var pause time.Duration
			for _, n := range tt.others {
				pause = p.after(tt.took, n)
			}
			if p.limit != tt.limit || pause != tt.pause {
				t.Errorf("%d records after %s, want %d after %s", p.limit, pause, tt.limit, tt.pause)
			}
		})
	}
}

// A tree that is swept while nobody asks for anything takes fewer entries than it would
// beside others, of which each takes no more than the least.
func TestASweepAloneTakesFewEntries(t *testing.T) {
	const size, least = 1000, 8
	c := startCluster(t, 1, func(_ int, cfg *Config) { cfg.SweepLimit = least })
	ctx, cancel := testContext(t)
	defer cancel()
	n := c.nodes[0]
	parent := c.token("parent", 0)
	parent.Policies = []string{"root"}
	if _, err := n.Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: parent}); err != nil {
		t.Fatal(err)
	}
	var making sync.WaitGroup
	for i := range size {
		making.Go(func() {
			if _, err := n.Propose(ctx, Proposal{Caller: c.caller("parent"), Command: c.token(fmt.Sprint("child", i), 0)}); err != nil {
				t.Errorf("child %d: %v", i, err)
			}
		})
	}
	making.Wait()
	before := n.applied.get()
	revoke := &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken, Token: c.caller("parent").Token}}
	if _, err := n.Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: revoke}); err != nil {
		t.Fatal(err)
	}
	await(t, "the sweep", func() bool { return !n.machine.View().SweepPending() })
	if took := n.applied.get() - before; took > size/least/2 {
		t.Errorf("%d entries for %d records, want less than half as many as of %d records each", took, size, least)
	}
}
