package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/fsm"
)

// Situations that the simulation could come across, and that are too important to be
// left to chance. docs/testing.md lists them with those that stand elsewhere.

// gate holds a machine back from applying.
type gate struct {
	raft.FSM
	closed *atomic.Pointer[barred]
}

// barred are the entries that have some bytes in them, until open is closed. Others pass:
// the node logs things of its own, and what is to be held would wait behind them unlogged.
type barred struct {
	bytes []byte
	open  chan struct{}
}

func (g *gate) Apply(l *raft.Log) any {
	if b := g.closed.Load(); b != nil && bytes.Contains(l.Data, b.bytes) {
		<-b.open
	}
	return g.FSM.Apply(l)
}

// The leader's machine is behind a follower's: whoever has read on the follower reads
// no less on the leader.
func TestReadsWhileTheLeaderAppliesSlowly(t *testing.T) {
	t.Parallel()
	gates := make([]atomic.Pointer[barred], 3)
	c := startCluster(t, 3, func(i int, cfg *Config) {
		cfg.wrapMachine = func(f raft.FSM) raft.FSM { return &gate{f, &gates[i]} }
		cfg.checkEvery = time.Millisecond // so that there is always another entry on its way
	})
	ctx, cancel := testContext(t)
	defer cancel()
	leader, follower := c.leader(), c.follower()
	token := c.caller("token").Token
	closed := &barred{token[:], make(chan struct{})}
	gates[leader].Store(closed)
	created := make(chan error, 1)
	go func() { created <- c.create(ctx, leader, "token", 0) }()
	await(t, "the follower to apply it", func() bool {
		_, there := c.nodes[follower].machine.View().Live(token, 0)
		return there
	})
	if _, err := c.read(ctx, follower, "token"); err != nil {
		t.Fatal(err)
	}
	read := make(chan error, 1)
	go func() {
		_, err := c.read(ctx, leader, "token")
		read <- err
	}()
	a := &c.nodes[leader].applied
	await(t, "the leader's read to wait or to be answered", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.waiters) > 0 || len(read) > 0
	})
	gates[leader].Store(nil)
	close(closed.open)
	if err := <-read; err != nil {
		t.Errorf("the leader, after the follower: %v", err)
	}
	if err := <-created; err != nil {
		t.Error(err)
	}
	c.awaitEqual()
}

// A leader whose clock is ahead says that a token has expired, and dies. By the
// clocks of the others the token lives, and yet it stays refused.
func TestWhatExpiredOnADeadLeaderStaysExpired(t *testing.T) {
	t.Parallel()
	var ahead [3]atomic.Int64
	c := startCluster(t, 3, func(i int, cfg *Config) {
		cfg.MaxClockSkew = time.Minute
		cfg.wall = func() time.Time { return time.Now().Add(time.Duration(ahead[i].Load())) }
	})
	ctx, cancel := testContext(t)
	defer cancel()
	cmd := c.token("short", 0)
	cmd.TTL = 30 * time.Second
	if _, err := c.nodes[0].Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: cmd}); err != nil {
		t.Fatal(err)
	}
	leader := c.leader()
	ahead[leader].Store(int64(40 * time.Second)) // more than it lives, less than leaders are refused for
	if _, err := c.read(ctx, leader, "short"); !denied(err) {
		t.Fatalf("after its time: %v", err)
	}
	c.crash(leader)
	for _, stamped := range []bool{false, true} {
		for i := range c.nodes {
			if i == leader {
				continue
			}
			if _, err := c.read(ctx, i, "short"); !denied(err) {
				t.Errorf("node %d brings an expired token back: %v; its leader has stamped something: %v", i, err, stamped)
			}
		}
		if err := c.create(ctx, c.follower(), fmt.Sprint("stamped-", stamped), 0); err != nil {
			t.Fatal(err)
		}
	}
}

// Of three voters one has not heard of a write, one loses its disk, and the leader dies.
// Nobody is left who knows of the write, so nobody may lead: the one with the new disk
// must not vote as if it were its former self.
func TestAWipedVoterDoesNotVote(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 3, func(_ int, cfg *Config) { cfg.ReadTimeout = time.Second })
	ctx, cancel := testContext(t)
	defer cancel()
	leader := c.leader()
	wiped, deaf := (leader+1)%3, (leader+2)%3
	c.net.isolate(c.cfgs[deaf].NodeID, lineCut)
	if err := c.create(ctx, leader, "token", 0); err != nil {
		t.Fatal(err)
	}
	c.crash(wiped)
	c.crash(leader)
	c.cfgs[wiped].DataDir = t.TempDir()
	c.net.heal()
	c.start(wiped)
	for range 3 { // each gives an election ReadTimeout to come about
		if v, err := c.nodes[deaf].View(ctx); !unavailable(err) {
			_, lives := v.State.Live(c.caller("token").Token, v.At)
			t.Fatalf("a view without a quorum; the acknowledged token lives: %v, %v", lives, err)
		}
	}
	c.start(leader)
	c.awaitReady()
	for i := range c.nodes {
		if _, err := c.read(ctx, i, "token"); err != nil {
			t.Errorf("node %d: %v", i, err)
		}
	}
	c.awaitEqual()
}

// Four nodes of which three found the cluster hear of each other in pairs, and of the
// other pair late: no pair founds one, and together they found one.
func TestPairsThatMeetLate(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 4, 3)
	first, second := c.start(0), c.start(1)
	c.put(0, nil) // so that those who follow do not join them
	c.put(1, nil)
	c.start(2)
	c.start(3)
	c.put(0, first)
	c.put(1, second)
	for i, n := range c.nodes {
		await(t, "the pairs", func() bool { return len(n.gossip.Members()) == 2 })
		if id := n.formationID(); id != "" {
			t.Fatalf("node %d is in cluster %q", i, id)
		}
	}
	c.crash(3)
	c.start(3) // and joins all three
	c.awaitReady()
	c.oneCluster()
	await(t, "the fourth to vote", func() bool { return len(c.nodes[c.leader()].voters()) == 4 })
	c.awaitEqual()
}

// The node that asked for wrapped content dies after the log has taken it out, before
// it hears of that. The client that has a key gets the content from another node; a
// client without one does not get it.
func TestTheAskerDiesBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]*fsm.IdempotencyKey{"with a key": {Key: fsm.Digest{1}, Request: fsm.Digest{2}}, "without": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			askAndDie(t, key)
		})
	}
}

func askAndDie(t *testing.T, key *fsm.IdempotencyKey) {
	c := startCluster(t, 3)
	ctx, cancel := testContext(t)
	defer cancel()
	asker, leader := c.follower(), c.leader()
	wrap := &fsm.Wrap{Token: c.caller("text").Token, Accessor: accessorOf("text"), Path: "sys/wrapping/wrap", TTL: time.Hour, Box: []byte("content")}
	if _, err := c.nodes[asker].Propose(ctx, Proposal{Command: wrap}); err != nil {
		t.Fatal(err)
	}
	unwrap := Proposal{Caller: c.caller(rootToken), Command: &fsm.Unwrap{Token: wrap.Token}, Key: key}
	from, to := c.cfgs[leader].NodeID, c.cfgs[asker].NodeID
	c.net.set(func(f, t string) lineState { return when(f == from && t == to, lineHang) })
	asked := make(chan error, 1)
	asking, hangUp := context.WithCancel(ctx)
	n := c.nodes[asker]
	go func() {
		_, _, err := n.propose(asking, unwrap, false) // not Propose, whose early look would ask the leader
		asked <- err
	}()
	await(t, "the log to take the content out", func() bool {
		st := c.nodes[leader].machine.View()
		_, lives := st.Live(wrap.Token, st.Clock)
		return !lives
	})
	hangUp()
	if err := <-asked; !errors.Is(err, ErrUnknownOutcome) {
		t.Fatalf("the asker was told %v", err)
	}
	c.crash(asker)
	c.net.heal()
	for i, n := range c.nodes {
		if i == asker {
			continue
		}
		r, err := n.Propose(ctx, unwrap)
		var verdict *fsm.Error
		switch {
		case key == nil && !errors.As(err, &verdict):
			t.Errorf("node %d hands out what was taken: %+v, %v", i, r, err)
		case key != nil && (err != nil || !r.Replayed || string(r.Result.(*fsm.Unwrapped).Box) != "content"):
			t.Errorf("node %d, under the key: %+v, %v", i, r, err)
		}
	}
}
