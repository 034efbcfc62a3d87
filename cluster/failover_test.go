package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// load creates tokens on some nodes until it is stopped; none may fail.
type load struct {
	c       *testCluster
	prefix  string
	stopped atomic.Bool
	made    atomic.Int64
	wg      sync.WaitGroup
}

func startLoad(ctx context.Context, c *testCluster, prefix string, nodes ...int) *load {
	l := &load{c: c, prefix: prefix}
	for _, node := range nodes {
		for w := range 3 {
			l.wg.Go(func() {
				for i := 0; !l.stopped.Load() && ctx.Err() == nil; i++ {
					if err := c.create(ctx, node, fmt.Sprintf("%s-%d-%d-%d", prefix, node, w, i), 0); err != nil {
						c.Errorf("node %d, create %d of worker %d: %v", node, i, w, err)
						return
					}
					l.made.Add(1)
				}
			})
		}
	}
	return l
}

// goesOn waits until n more creates are done.
func (l *load) goesOn(n int64) {
	l.c.Helper()
	want := l.made.Load() + n
	await(l.c, "the load to go on", func() bool { return l.made.Load() >= want || l.c.Failed() })
}

func (l *load) stop() int {
	l.stopped.Store(true)
	l.wg.Wait()
	return int(l.made.Load())
}

// Leadership moves under load, and at last its holder is stopped: no request of
// the others' clients fails, none is done twice (the second would be refused,
// the token existing), none is lost.
func TestLeadershipMovesUnderLoad(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 3)
	ctx, cancel := testContext(t)
	defer cancel()
	before := c.nodes[0].machine.View().CountTokens()
	all := startLoad(ctx, c, "a", 0, 1, 2)
	for i := range 3 {
		all.goesOn(20)
		old := c.leader()
		if err := c.nodes[i].StepDown(ctx); err != nil {
			t.Fatal(err)
		}
		c.leader(old)
	}
	all.goesOn(20)
	made := all.stop()

	old := c.leader()
	rest := startLoad(ctx, c, "b", (old+1)%3, (old+2)%3)
	rest.goesOn(20)
	c.stop(old)
	rest.goesOn(20)
	made += rest.stop()

	c.start(old)
	c.awaitReady()
	v, err := c.nodes[old].View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if n := v.State.CountTokens() - before; n != made {
		t.Errorf("%d tokens for %d creates", n, made)
	}
	c.awaitEqual()
}

// The leader crashes while a counted token is in use everywhere: each answered
// read cost one use.
func TestUsesAreChargedOnceAcrossACrash(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 3)
	ctx, cancel := testContext(t)
	defer cancel()
	const uses = 400
	if err := c.create(ctx, 0, "counted", uses); err != nil {
		t.Fatal(err)
	}
	leader := c.leader()
	var spent atomic.Int64
	var wg sync.WaitGroup
	for w := range 8 {
		node := (leader + 1 + w%2) % 3
		wg.Go(func() {
			for range 30 {
				if _, err := c.read(ctx, node, "counted"); err != nil {
					t.Errorf("node %d: %v", node, err)
					return
				}
				spent.Add(1)
			}
		})
	}
	await(t, "some uses", func() bool { return spent.Load() > 20 })
	c.crash(leader)
	wg.Wait()
	v, err := c.nodes[c.follower()].View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tok, ok := v.State.Live(c.caller("counted").Token, v.State.Clock)
	if !ok || int64(tok.UsesLeft) != uses-spent.Load() {
		t.Fatalf("%d uses answered, %d of %d left", spent.Load(), tok.UsesLeft, uses)
	}
	c.start(leader)
	c.awaitReady()
	c.awaitEqual()
}

// unavailable says that an error is one that a node without a quorum may answer.
func unavailable(err error) bool {
	for _, e := range []error{ErrNoLeader, ErrTimeout, ErrUnknownOutcome, ErrOverloaded} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// The leader loses the others, by a cut or by silence. It vouches for nothing
// any more, the others go on, and what they revoked stays revoked.
func TestIsolatedLeader(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 3, func(_ int, cfg *Config) {
		cfg.ReadTimeout, cfg.ProposeTimeout = 2*time.Second, 2*time.Second
	})
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for name, how := range map[string]lineState{"cut": lineCut, "hang": lineHang} {
		t.Run(name, func(t *testing.T) {
			sub := *c
			sub.TB = t
			isolateLeader(ctx, &sub, name, how)
		})
	}
}

func isolateLeader(ctx context.Context, c *testCluster, name string, how lineState) {
	victim := name + "-victim"
	if err := c.create(ctx, 0, victim, 0); err != nil {
		c.Fatal(err)
	}
	old := c.leader()
	others := []int{(old + 1) % 3, (old + 2) % 3}
	for i := range c.nodes { // session and links stand
		if err := c.create(ctx, i, fmt.Sprintf("%s-before-%d", name, i), 0); err != nil {
			c.Fatal(err)
		}
	}
	c.net.isolate(c.cfgs[old].NodeID, how)

	// A write that the old leader takes and can not commit: its outcome is unknown
	// until the network heals, and then it is resolved under the same id.
	pending := make(chan error, 1)
	go func() { pending <- c.create(ctx, old, name+"-pending", 0) }()

	// Readers on the old leader: once the revocation was acknowledged, a read that
	// starts must not succeed.
	var revoked, reads atomic.Bool
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				was := revoked.Load()
				_, err := c.read(ctx, old, victim)
				if was && err == nil {
					c.Error("the isolated node vouches for a revoked token")
					return
				}
				if err != nil && !unavailable(err) && !denied(err) { // denied: the network healed meanwhile
					c.Errorf("read on the isolated node: %v", err)
				}
				reads.Store(was)
			}
		})
	}
	if err := c.revoke(ctx, others[0], victim); err != nil {
		c.Fatalf("the majority does not go on: %v", err)
	}
	revoked.Store(true)
	for _, i := range others {
		if _, err := c.read(ctx, i, victim); !denied(err) {
			c.Errorf("node %d: %v", i, err)
		}
		if !c.nodes[i].Status().HasQuorum {
			c.Errorf("node %d of the majority says it has no quorum", i)
		}
	}
	await(c, "the old leader to see that it has no quorum", func() bool { return !c.nodes[old].Status().HasQuorum })
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := c.create(short, old, name+"-refused", 0); !unavailable(err) {
		c.Errorf("write on the isolated node: %v", err)
	}
	if _, err := c.nodes[old].View(ctx); !unavailable(err) {
		c.Errorf("view on the isolated node: %v", err)
	}
	await(c, "a read after the revocation", reads.Load)
	close(stop)

	c.net.heal()
	wg.Wait()
	if err := <-pending; err != nil {
		c.Errorf("the write of unknown outcome: %v", err)
	}
	if _, err := c.read(ctx, old, victim); !denied(err) {
		c.Errorf("the revoked token after the network healed: %v", err)
	}
	for i := range c.nodes {
		if _, err := c.read(ctx, i, name+"-pending"); err != nil {
			c.Errorf("node %d does not know the write that was resolved: %v", i, err)
		}
	}
	c.awaitEqual()
}

// A leader with a clock that the others do not share stamps nothing and gives
// way; when all clocks jump, nothing happens.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	var ahead [3]atomic.Int64
	c := startCluster(t, 3, func(i int, cfg *Config) {
		cfg.wall = func() time.Time { return time.Now().Add(time.Duration(ahead[i].Load())) }
	})
	ctx, cancel := testContext(t)
	defer cancel()
	wrong := c.leader()
	ahead[wrong].Store(int64(time.Hour))
	for i := range c.nodes {
		if err := c.create(ctx, i, fmt.Sprintf("wrong-%d", i), 0); err != nil {
			t.Fatal(err)
		}
	}
	right := c.leader(wrong)
	if clock := c.nodes[right].machine.View().Clock; clock > fsm.Instant(time.Now().Add(30*time.Minute).UnixNano()) {
		t.Fatalf("the wrong clock is in the log: %d", clock)
	}
	for i := range ahead {
		ahead[i].Store(int64(2 * time.Hour))
	}
	term := c.nodes[right].raft.CurrentTerm()
	if err := c.create(ctx, right, "jumped", 0); err != nil {
		t.Fatal(err)
	}
	if clock := c.nodes[right].machine.View().Clock; clock < fsm.Instant(time.Now().Add(90*time.Minute).UnixNano()) {
		t.Fatalf("a clock that all share is not used: %d", clock)
	}
	if now := c.nodes[right].raft.CurrentTerm(); now != term {
		t.Errorf("leadership moved although all clocks agree: term %d after %d", now, term)
	}
}

// When the machine has forgotten the session of a command that an earlier attempt
// may have applied, its verdict is about the session and not about the command:
// the client hears that the outcome is unknown.
func TestAForgottenSessionIsNoVerdict(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 3)
	ctx, cancel := testContext(t)
	defer cancel()
	i := c.follower()
	n := c.nodes[i]
	if err := c.create(ctx, i, "before", 0); err != nil { // the link stands
		t.Fatal(err)
	}
	n.session.Store(newSession()) // one that nobody knows
	c.net.isolate(c.cfgs[i].NodeID, lineHang)
	done := make(chan error, 1)
	go func() { done <- c.create(ctx, i, "token", 0) }()
	await(t, "the node to lose its leader", func() bool { return n.leaderID() == "" })
	c.net.heal()
	err := <-done
	var verdict *fsm.Error
	if !errors.Is(err, ErrUnknownOutcome) || errors.As(err, &verdict) {
		t.Fatalf("create: %v", err)
	}
	if err := c.create(ctx, i, "token", 0); err != nil {
		t.Fatalf("with another session: %v", err)
	}
}

// A leader stops although a follower hangs: raft's calls to it may take 10 s more,
// and nobody waits for their end.
func TestALeaderStopsBesideAFollowerThatHangs(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 3)
	ctx, cancel := testContext(t)
	defer cancel()
	i := c.leader()
	hung := c.nodes[(i+1)%3]
	c.net.isolate(hung.cfg.NodeID, lineHang)
	await(t, "the follower to miss heartbeats", func() bool { return hung.leaderID() == "" })
	if err := c.create(ctx, i, "token", 0); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		c.stop(i)
	}()
	select {
	case <-stopped:
	case <-time.After(8 * time.Second):
		t.Error("the leader waits for a follower that hangs")
		<-stopped
	}
}
