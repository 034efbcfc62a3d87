package cluster

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	metrics "github.com/armon/go-metrics"
	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/fsm"
)

// leading is what exists only while this node leads and may serve: its barrier
// has been applied and its clock checked.
type leading struct {
	ctx     context.Context
	term    uint64
	clock   *leaderClock
	batcher *batcher
	care    *care
	asked   atomic.Uint64 // how often nodes have asked: commands, and rounds of reads

	doubtful *atomic.Bool // the node's
	disk     *diskGauge
}

// leadership turns raft's notices into calls of lead whose context ends with the
// leadership. Only the latest notice counts, and none is ever missed by being
// busy: raft blocks on nobody, and lead returns before the next term begins.
func (n *Node) leadership() {
	var current *term
	for {
		select {
		case <-n.ctx.Done():
			current.end()
			return
		case leader := <-n.raft.LeaderCh():
			current.end()
			current = nil
			if leader {
				current = n.beginTerm()
			}
		}
	}
}

// term is one run of lead.
type term struct {
	cancel context.CancelFunc
	done   chan struct{}
}

func (n *Node) beginTerm() *term {
	ctx, cancel := context.WithCancel(n.ctx)
	t := &term{cancel, make(chan struct{})}
	go func() {
		defer close(t.done)
		n.lead(ctx)
	}()
	return t
}

func (t *term) end() {
	if t != nil {
		t.cancel()
		<-t.done
	}
}

// lead is everything that only a leader does. It returns when ctx ends. A leader
// that may not take office tries to give leadership away, and goes on trying
// both: nobody else may be there to take it.
func (n *Node) lead(ctx context.Context) {
	guard := transferGuard{watchdog: n.watchdog}
	defer guard.note(nil)
	for {
		l, err := n.takeOffice(ctx)
		if err == nil {
			guard.note(nil)
			n.govern(ctx, l)
			return
		}
		if ctx.Err() != nil {
			return
		}
		guard.note(err)
		n.log.Warn("leadership not taken up", "error", err)
		if errors.Is(err, errWrongClock) {
			n.handOver(err)
		}
		if !sleep(ctx, n.cfg.ElectionTimeout) {
			return
		}
	}
}

// govern runs the duties until ctx ends.
func (n *Node) govern(ctx context.Context, l *leading) {
	metrics.IncrCounter(metricElected, 1)
	n.log.Info("leading", "term", l.term, "index", n.applied.get())
	n.deaths.begin(n.machine.View())
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, duty := range []func(context.Context, *leading){
		func(ctx context.Context, l *leading) { l.batcher.run(ctx) },
		n.raiseLevel, n.firstRoot, n.expire, n.sweep, n.deliver, n.tellDeaths, n.watchClock, n.reconcile, n.rewrap, n.takeSnapshots, n.logChecks,
	} {
		wg.Go(func() { duty(ctx, l) })
	}
	n.leading.Store(l)
	n.wakeRetries()
	<-ctx.Done()
	n.leading.Store(nil)
	n.log.Info("no longer leading", "term", l.term)
}

// takeOffice waits until everything of earlier terms is applied here, and checks
// the clock. No duty and no read may come before.
func (n *Node) takeOffice(ctx context.Context) (*leading, error) {
	term := n.raft.CurrentTerm()
	if err := settled(n.raft.Barrier(0), n.down); err != nil {
		return nil, err
	}
	if n.raft.State() != raft.Leader || n.raft.CurrentTerm() != term {
		return nil, raft.ErrLeadershipLost
	}
	started := time.Now()
	clock := &leaderClock{
		wall: n.wall, mono: func() time.Duration { return time.Since(started) },
		bound: n.cfg.MaxClockSkew, machine: n.machine, ask: n.checkClock,
	}
	if err := n.awaitClock(ctx, clock); err != nil {
		return nil, err
	}
	l := &leading{ctx: ctx, term: term, clock: clock, care: newCare(), disk: n.disk, doubtful: &n.doubtful}
	l.batcher = &batcher{
		raft: n.raft, down: n.down, machine: n.machine, clock: clock, queue: newQueue(n.cfg.MaxQueued),
		log: n.log, guard: transferGuard{watchdog: n.watchdog}, lost: n.handOver,
	}
	return l, nil
}

// awaitClock repeats the clock check while too few voters answer: right after an
// election the links to them may not stand yet.
func (n *Node) awaitClock(ctx context.Context, c *leaderClock) error {
	for {
		err := n.checkClock(ctx, c)
		if err == nil || errors.Is(err, errWrongClock) {
			return err
		}
		if !sleep(ctx, 20*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// clockEvery is how often a leader has its clock judged.
const clockEvery = 2 * time.Second

// watchClock repeats the check while leading. After a bad one nothing is stamped
// until a good one, should nobody be there to take over.
func (n *Node) watchClock(ctx context.Context, l *leading) {
	for sleep(ctx, clockEvery) {
		if err := n.checkClock(ctx, l.clock); errors.Is(err, errWrongClock) {
			n.handOver(err)
		}
	}
}

// handOver begins to give leadership to another voter, loudly.
func (n *Node) handOver(why error) {
	if !n.handingOver.CompareAndSwap(false, true) {
		return // already at it
	}
	if errors.Is(why, errWrongClock) {
		metrics.IncrCounter(metricClockSkew, 1)
	}
	n.log.Error("handing leadership over", "reason", why)
	go func() {
		defer n.handingOver.Store(false)
		if err := settled(n.raft.LeadershipTransfer(), n.down); err != nil {
			n.log.Warn("leadership transfer failed", "error", err)
		}
	}()
}

// internal has a command of the cluster itself applied. While disks are only low it is
// taken, whatever it is: most of them clear something away, and the others are few.
func (l *leading) internal(ctx context.Context, c fsm.Command) (fsm.Result, error) {
	if l.doubtful.Load() && !neededInDoubt(c) {
		return nil, ErrDoubtful
	}
	if l.shortage() == diskFull {
		return nil, l.noRoom()
	}
	env := fsm.Envelope{Command: c}
	o := newOp(env.Encode(), false)
	if err := l.batcher.queue.put(o); err != nil {
		return nil, err
	}
	select {
	case a := <-o.answer:
		if a.err != nil {
			return nil, a.err
		}
		r, err := decodeReply(c, a)
		return r.Result, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// sleep waits; it is false when ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
