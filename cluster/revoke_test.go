package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// outside is the other side of leases: what it holds, and how it behaves. All
// nodes of a test share one.
type outside struct {
	mu     sync.Mutex
	calls  map[string]int
	gone   map[string]bool
	now    int // calls under way
	most   int
	answer func(ctx context.Context, l *fsm.Lease) error
}

func newOutside(answer func(context.Context, *fsm.Lease) error) *outside {
	return &outside{calls: make(map[string]int), gone: make(map[string]bool), answer: answer}
}

func (o *outside) Revoke(ctx context.Context, _ *fsm.State, l *fsm.Lease) error {
	o.mu.Lock()
	o.calls[l.ID]++
	o.now++
	o.most = max(o.most, o.now)
	o.mu.Unlock()
	err := o.answer(ctx, l)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now--
	if err == nil {
		o.gone[l.ID] = true
	}
	return err
}

func (o *outside) countGone() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.gone)
}

// revoking is a cluster whose leases are revoked by o.
func revoking(t *testing.T, nodes int, o *outside, change ...func(*Config)) *testCluster {
	return startCluster(t, nodes, func(_ int, cfg *Config) {
		cfg.Revoker, cfg.RevokeRetry, cfg.SweepLimit = o, 5*time.Millisecond, 1024
		for _, f := range change {
			f(cfg)
		}
	})
}

// lend has a token make leases at a mount.
func (c *testCluster) lend(ctx context.Context, mount, owner string, leases int) {
	c.Helper()
	do := func(caller string, cmd fsm.Command) fsm.Result {
		c.Helper()
		p := Proposal{Command: cmd}
		if caller != "" {
			p.Caller = c.caller(caller)
		}
		r, err := c.nodes[c.leader()].Propose(ctx, p)
		if err != nil {
			c.Fatalf("%s: %v", fsm.Name(cmd), err)
		}
		return r.Result
	}
	do(rootToken, &fsm.SecretEnable{Path: mount, Type: fsm.MountWebhook, Accessor: "webhook_" + mount})
	do(rootToken, &fsm.EngineSet{Mount: mount, Path: "roles/r", Body: []byte("{}"), DefaultTTL: time.Hour})
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := w; i < leases; i += 16 {
				suffix := fmt.Sprintf("%024d", i)
				do(owner, &fsm.LeaseIssue{Mount: mount, Path: "creds/r", Suffix: suffix, Role: "roles/r"})
				do("", &fsm.LeaseConfirm{Lease: mount + "/creds/r/" + suffix})
			}
		})
	}
	wg.Wait()
}

// leasesLeft is how many the leader has in its state.
func (c *testCluster) leasesLeft() int {
	return c.nodes[c.leader()].machine.View().CountAllLeases().All()
}

func (c *testCluster) owner(ctx context.Context, text string) {
	c.Helper()
	cmd := c.token(text, 0)
	cmd.Policies = nil
	if _, err := c.nodes[c.leader()].Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: cmd}); err != nil {
		c.Fatal(err)
	}
}

// The leader is killed while it revokes, and the other side fails at random: all
// leases are gone in the end, and each was really revoked.
func TestLeasesAreRevokedAcrossACrash(t *testing.T) {
	t.Parallel()
	const leases = 300
	o := newOutside(func(context.Context, *fsm.Lease) error {
		if rand.IntN(8) == 0 {
			return errors.New("the other side is not in the mood")
		}
		return nil
	})
	c := revoking(t, 3, o)
	ctx, cancel := testContext(t)
	defer cancel()
	c.owner(ctx, "owner")
	c.lend(ctx, "hook", "owner", leases)
	if n := o.countGone(); n != 0 {
		t.Fatalf("%d leases revoked while they lived", n)
	}
	if err := c.revoke(ctx, c.leader(), "owner"); err != nil {
		t.Fatal(err)
	}
	await(t, "some to be revoked", func() bool { return o.countGone() > leases/10 })
	c.crash(c.leader())
	await(t, "all to be gone", func() bool { return c.leasesLeft() == 0 })
	if n := o.countGone(); n != leases {
		t.Errorf("%d of %d leases were revoked", n, leases)
	}
	c.awaitEqual()
}

// A mount whose other side hangs keeps nobody else's leases, and no more calls
// than allowed are ever under way.
func TestHangingMountIsFair(t *testing.T) {
	t.Parallel()
	const workers, leases = 16, 400
	o := newOutside(func(ctx context.Context, l *fsm.Lease) error {
		if l.ID[:4] == "hang" {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})
	c := revoking(t, 1, o, func(cfg *Config) { cfg.RevokeWorkers, cfg.RevokeTimeout = workers, time.Hour })
	ctx, cancel := testContext(t)
	defer cancel()
	c.owner(ctx, "owner")
	c.lend(ctx, "hang", "owner", 50)
	c.lend(ctx, "good", "owner", leases)
	if err := c.revoke(ctx, 0, "owner"); err != nil {
		t.Fatal(err)
	}
	await(t, "the good mount's leases to be gone", func() bool { return o.countGone() == leases && c.leasesLeft() == 50 })
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.most > workers || o.most < workers/2 {
		t.Errorf("%d calls at once, %d are allowed", o.most, workers)
	}
}

// A revocation whose turn does not come, more often than a lease may fail, fails never:
// nothing is counted against the lease, and nobody is told of an attempt.
func TestWaitingIsNoTry(t *testing.T) {
	t.Parallel()
	const waits = 3 * fsm.MaxLeaseTries
	calls := make(map[string]int)
	var lock sync.Mutex
	o := newOutside(func(_ context.Context, l *fsm.Lease) error {
		lock.Lock()
		defer lock.Unlock()
		if l.Tries != 0 || l.LastError != "" || l.Phase != fsm.Revoking {
			t.Errorf("after %d calls the lease is %+v", calls[l.ID], l)
		}
		if calls[l.ID]++; calls[l.ID] <= waits {
			return fmt.Errorf("the queue is full: %w", ErrNotTried)
		}
		return nil
	})
	c := revoking(t, 1, o)
	ctx, cancel := testContext(t)
	defer cancel()
	c.lend(ctx, "hook", rootToken, 2)
	told := make(chan TriedLease, 2*waits)
	c.nodes[0].OnLeases(func(_ context.Context, _ *fsm.State, tried []TriedLease) {
		if len(tried) == 0 {
			t.Error("told of nothing")
		}
		for _, a := range tried {
			told <- a
		}
	})
	if _, err := c.nodes[0].Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: &fsm.PrefixRevoke{Endpoint: fsm.LeasesRevokePrefix, Prefix: "hook"}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		select {
		case a := <-told:
			if a.Failed != "" || a.Lease.Tries != 0 {
				t.Errorf("told of %+v", a)
			}
		case <-ctx.Done():
			t.Fatal("never told that both are gone")
		}
	}
	if n := c.leasesLeft(); n != 0 || len(told) != 0 {
		t.Errorf("%d leases are left, told of %d attempts more", n, len(told))
	}
}

// A lease that nobody can revoke is given up after its tries, and goes when it is
// forced.
func TestIrrevocableLease(t *testing.T) {
	t.Parallel()
	o := newOutside(func(context.Context, *fsm.Lease) error { return errors.New("no\xff connection") })
	c := revoking(t, 1, o)
	ctx, cancel := testContext(t)
	defer cancel()
	c.lend(ctx, "hook", rootToken, 2)
	var told []string
	var lock sync.Mutex
	c.nodes[0].OnLeases(func(_ context.Context, st *fsm.State, tried []TriedLease) {
		lock.Lock()
		defer lock.Unlock()
		for _, a := range tried {
			told = append(told, fmt.Sprint(a.Lease.Tries, " ", a.Failed))
			if l, ok := st.Lease(a.Lease.ID); ok && l.Tries == a.Lease.Tries {
				t.Errorf("told of %s before it was logged", a.Lease.ID)
			}
		}
	})
	do := func(endpoint fsm.PrefixEndpoint) {
		if _, err := c.nodes[0].Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: &fsm.PrefixRevoke{Endpoint: endpoint, Prefix: "hook"}}); err != nil {
			t.Fatal(err)
		}
	}
	do(fsm.LeasesRevokePrefix)
	await(t, "both to be irrevocable", func() bool { return c.nodes[0].machine.View().CountAllLeases().Irrevocable == 2 })
	l, _ := c.nodes[0].machine.View().Lease("hook/creds/r/" + fmt.Sprintf("%024d", 1))
	if l.LastError != "no connection" || l.Tries != fsm.MaxLeaseTries {
		t.Errorf("lease is %+v", l)
	}
	const want = 2 * fsm.MaxLeaseTries
	await(t, "all attempts to be told of", func() bool {
		lock.Lock()
		defer lock.Unlock()
		return len(told) >= want
	})
	lock.Lock()
	slices.Sort(told)
	if len(told) != want || told[0] != "0 no connection" || told[want-1] != "5 no connection" {
		t.Errorf("told of %q", told)
	}
	lock.Unlock()
	do(fsm.LeasesRevokeForce)
	await(t, "both to be forgotten", func() bool { return c.leasesLeft() == 0 })
}
