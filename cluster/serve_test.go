package cluster

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	metrics "github.com/armon/go-metrics"

	"github.com/jeton-io/jeton/cluster/peer"
	"github.com/jeton-io/jeton/fsm"
)

func TestServing(t *testing.T) {
	sink := metrics.NewInmemSink(time.Hour, time.Hour)
	conf := metrics.DefaultConfig("jeton")
	conf.EnableHostname = false
	if _, err := metrics.NewGlobal(conf, sink); err != nil {
		t.Fatal(err)
	}
	c := startCluster(t, 3)
	for name, test := range map[string]func(*testing.T, *testCluster){
		"one-time tokens":          testOneTimeTokens,
		"counted reads":            testCountedReads,
		"one-time content":         testOneTimeContent,
		"plans":                    testPlans,
		"made-up tokens":           testMadeUpTokens,
		"retries under a key":      testRetryUnderKey,
		"closed session":           testClosedSession,
		"random load":              testRandomLoad,
		"read after write":         testReadAfterWrite,
		"waiting for a state":      testAwait,
		"archives":                 testArchives,
		"expiry is logged":         testExpiryIsLogged,
		"refuses strange requests": testStrangeRequests,
	} {
		t.Run(name, func(t *testing.T) {
			sub := *c
			sub.TB = t
			test(t, &sub)
		})
	}
	t.Run("metrics", func(t *testing.T) { testMetrics(t, sink) })
	c.awaitEqual()
}

// Eight uses at once over three nodes: one of them gets the token.
func testOneTimeTokens(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	var all sync.WaitGroup
	for i := range 100 {
		text := fmt.Sprintf("once-%d", i)
		all.Go(func() {
			if err := c.create(ctx, i%3, text, 1); err != nil {
				t.Errorf("create %s: %v", text, err)
				return
			}
			var won atomic.Int32
			var uses sync.WaitGroup
			for j := range 8 {
				uses.Go(func() {
					v, a, err := c.nodes[(i+j)%3].Read(ctx, c.caller(text), lookup)
					switch {
					case err == nil:
						won.Add(1)
						if a.Token.UsesLeft != 0 || v.State == nil {
							t.Errorf("%s: %d uses left", text, a.Token.UsesLeft)
						}
					case !denied(err):
						t.Errorf("use %s: %v", text, err)
					}
				})
			}
			uses.Wait()
			if n := won.Load(); n != 1 {
				t.Errorf("%s was accepted %d times", text, n)
			}
		})
	}
	all.Wait()
}

// Each read of a counted token is charged once and sees the state right after
// its own charge.
func testCountedReads(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	const uses = 30
	if err := c.create(ctx, 0, "counted", uses); err != nil {
		t.Fatal(err)
	}
	left := make(chan uint32, 2*uses)
	var wg sync.WaitGroup
	for i := range uses + 5 {
		wg.Go(func() {
			_, a, err := c.nodes[i%3].Read(ctx, c.caller("counted"), lookup)
			switch {
			case err == nil:
				left <- a.Token.UsesLeft
			case !denied(err):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(left)
	seen := make(map[uint32]bool)
	for l := range left {
		if seen[l] {
			t.Errorf("two reads saw %d uses left", l)
		}
		seen[l] = true
	}
	if len(seen) != uses {
		t.Errorf("%d reads of %d succeeded", len(seen), uses)
	}
}

// A token that nobody made reaches no log; nor does an uncounted one on a path
// that is denied to it.
func testMadeUpTokens(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	if err := c.create(ctx, 0, "plain", 0); err != nil {
		t.Fatal(err)
	}
	key := &fsm.IdempotencyKey{Key: c.caller("k").Token, Request: c.caller("r").Token}
	before, err := c.nodes[0].View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range c.nodes {
		for _, p := range []Proposal{
			{Caller: c.caller("made-up"), Command: c.token("x", 0)},
			{Caller: c.caller("made-up"), Command: c.token("x", 0), Key: key},
			{Caller: c.caller("plain"), Command: c.token("x", 0)},
		} {
			if _, err := n.Propose(ctx, p); !denied(err) {
				t.Errorf("node %d: %v", i, err)
			}
		}
		if _, err := c.read(ctx, i, "made-up"); !denied(err) {
			t.Errorf("node %d: read: %v", i, err)
		}
	}
	if after, err := c.nodes[0].View(ctx); err != nil || after.State.Index() != before.State.Index() {
		t.Errorf("the log went from %d to %d, %v", before.State.Index(), after.State.Index(), err)
	}
}

// A retry under a client's key is answered by the log even when the first
// attempt ended its own caller.
func testRetryUnderKey(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	if err := c.create(ctx, 0, "self", 0); err != nil {
		t.Fatal(err)
	}
	p := Proposal{
		Caller:  c.caller("self"),
		Command: &fsm.TokenRevoke{Target: fsm.Target{By: fsm.BySelf}},
		Key:     &fsm.IdempotencyKey{Key: c.caller("self-key").Token, Request: c.caller("self-request").Token},
	}
	first, err := c.nodes[0].Propose(ctx, p)
	if err != nil || first.Replayed {
		t.Fatalf("first: %+v, %v", first, err)
	}
	for i, n := range c.nodes {
		r, err := n.Propose(ctx, p)
		if err != nil || !r.Replayed {
			t.Errorf("retry on node %d: replayed %v, %v", i, r.Replayed, err)
		}
	}
	p.Key = &fsm.IdempotencyKey{Key: c.caller("other-key").Token, Request: p.Key.Request}
	if _, err := c.nodes[1].Propose(ctx, p); !denied(err) {
		t.Errorf("another key: %v", err)
	}
}

// A node whose session the machine has forgotten opens another one; the client
// does not notice.
func testClosedSession(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	for i, n := range c.nodes {
		stale := newSession() // never registered
		n.session.Store(stale)
		var wg sync.WaitGroup
		for j := range 10 {
			wg.Go(func() {
				if err := c.create(ctx, i, fmt.Sprintf("session-%d-%d", i, j), 0); err != nil {
					t.Errorf("node %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if n.session.Load() == stale {
			t.Errorf("node %d keeps a session that nobody knows", i)
		}
	}
}

// Commands of all kinds from everywhere, denied ones among them, leave equal
// states.
func testRandomLoad(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(w)))
			for i := range 60 {
				text := fmt.Sprintf("load-%d-%d", w, rnd.IntN(20))
				node := rnd.IntN(3)
				var err error
				switch rnd.IntN(5) {
				case 0, 1:
					err = c.create(ctx, node, text, uint32(rnd.IntN(3)))
				case 2:
					err = c.revoke(ctx, node, text)
				case 3:
					_, err = c.read(ctx, node, text)
				case 4:
					_, err = c.nodes[node].Propose(ctx, Proposal{
						Caller: c.caller(text), Command: &fsm.CubbyholeSet{Path: fmt.Sprint(i), Value: []byte(text)},
					})
				}
				var verdict *fsm.Error
				if err != nil && !errors.As(err, &verdict) {
					t.Errorf("node %d: %v", node, err)
				}
			}
		})
	}
	wg.Wait()
	c.awaitEqual()
}

// A read that starts after a write was answered sees it, on every node, and an
// idle follower does not sit out CommitTimeout for it.
func testReadAfterWrite(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	for i := range 15 {
		text := fmt.Sprintf("seen-%d", i)
		if err := c.create(ctx, i%3, text, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := c.read(ctx, (i+i/3)%3, text); err != nil {
			t.Fatalf("node %d: %v", (i+i/3)%3, err)
		}
		if err := c.revoke(ctx, (i+1)%3, text); err != nil {
			t.Fatal(err)
		}
		if _, err := c.read(ctx, i%3, text); !denied(err) {
			t.Fatalf("a revoked token on node %d: %v", i%3, err)
		}
	}
}

// A token is refused as expired only by a time that is in the log.
func testExpiryIsLogged(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	cmd := c.token("short", 0)
	cmd.TTL = time.Second
	if _, err := c.nodes[0].Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: cmd}); err != nil {
		t.Fatal(err)
	}
	st := c.nodes[c.leader()].machine.View()
	alive, _ := st.Live(cmd.Token, st.Clock)
	if alive == nil {
		t.Fatal("expired before its time")
	}
	await(t, "the token to expire", func() bool {
		v, err := c.read(ctx, 1, "short")
		if err == nil && v.At >= alive.Deadline && v.State.Clock < alive.Deadline {
			t.Fatalf("shown as alive at %d, its deadline is %d", v.At, alive.Deadline)
		}
		return denied(err)
	})
	if st := c.nodes[1].machine.View(); st.Clock < alive.Deadline {
		t.Fatalf("refused at log time %d, its deadline is %d", st.Clock, alive.Deadline)
	}
}

// What a node of the cluster would never send does no harm.
func testStrangeRequests(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	leader, follower := c.nodes[c.leader()], c.nodes[c.follower()]
	for name, payload := range map[string][]byte{
		"nothing":          nil,
		"a list that lies": {0, 200},
		"something after":  append(appendList(appendUint(nil, 0), []string{}), 1),
		"a giant command":  appendList(appendUint(nil, 0), []string{strings.Repeat("x", fsm.MaxCommandBytes+1)}),
	} {
		if _, err := follower.link.Call(ctx, leader.serverID, kindPropose, payload); !errors.Is(err, peer.ErrFailed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b, err := follower.link.Call(ctx, leader.serverID, kindPropose, appendList(appendUint(nil, 0), []string{"not a command"}))
	o := newOp(nil, false)
	if err != nil || decodeAnswers(b, []*op{o}) != nil {
		t.Fatalf("not a command: %x, %v", b, err)
	}
	if a := <-o.answer; !errors.Is(a.err, ErrRefused) {
		t.Errorf("not a command: %v", a.err)
	}
	if _, err := leader.link.Call(ctx, follower.serverID, kindPropose, appendList(appendUint(nil, 0), []string{"x"})); !errors.Is(err, peer.ErrNotLeader) {
		t.Errorf("commands for a follower: %v", err)
	}
}

// The libraries' metrics and ours must meet in one registry; with other versions
// of the modules they silently do not.
func testMetrics(t *testing.T, sink *metrics.InmemSink) {
	var names []string
	for _, interval := range sink.Data() {
		interval.RLock()
		for _, m := range []map[string]metrics.SampledValue{interval.Samples, interval.Counters} {
			for name := range m {
				names = append(names, name)
			}
		}
		for name := range interval.Gauges {
			names = append(names, name)
		}
		interval.RUnlock()
	}
	all := strings.Join(names, "\n")
	for _, prefix := range []string{
		"jeton.raft.", "jeton.raft.boltdb.", "jeton.memberlist.", "jeton.fsm.apply", "jeton.cluster.commit", "jeton.cluster.queued",
	} {
		if !strings.Contains(all, prefix) {
			t.Errorf("no metric %s… among\n%s", prefix, all)
		}
	}
}
