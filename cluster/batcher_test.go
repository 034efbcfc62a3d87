package cluster

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/fsm"
)

// testLog stands for raft: it applies what it takes to the machine.
type testLog struct {
	machine *fsm.Machine

	mu       sync.Mutex
	index    uint64
	fail     error // what the next Apply says
	lost     bool  // the next future is never answered
	barriers []uint64
	applied  chan struct{} // when set, Apply waits for it
}

type testFuture struct {
	err      error
	never    chan struct{}
	index    uint64
	response [][]byte
}

func (f *testFuture) Error() error {
	if f.never != nil {
		<-f.never
	}
	return f.err
}
func (f *testFuture) Index() uint64 { return f.index }
func (f *testFuture) Response() any { return f.response }

func (l *testLog) Apply(entry []byte, _ time.Duration) raft.ApplyFuture {
	if l.applied != nil {
		<-l.applied
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost {
		return &testFuture{never: make(chan struct{})}
	}
	if l.fail != nil {
		return &testFuture{err: l.fail}
	}
	l.index++
	return &testFuture{index: l.index, response: l.machine.Apply(l.index, entry)}
}

func (l *testLog) Barrier(time.Duration) raft.Future {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.barriers = append(l.barriers, l.index)
	l.index++
	return &testFuture{}
}

// awaitBarrier waits for the first one.
func (l *testLog) awaitBarrier() {
	for told := false; !told; runtime.Gosched() {
		l.mu.Lock()
		told = len(l.barriers) > 0
		l.mu.Unlock()
	}
}

func newTestBatcher(t *testing.T) *batcher {
	machine := fsm.NewMachine()
	clock, _ := newTestClock(time.Second)
	clock.judged(true)
	watch := newWatchdog(time.Minute, func(err error) { t.Errorf("fault: %v", err) })
	return &batcher{
		raft: &testLog{machine: machine}, down: make(chan struct{}), machine: machine, clock: clock,
		queue: newQueue(1 << 16), log: slog.New(slog.DiscardHandler), guard: transferGuard{watchdog: watch},
		lost: func(err error) { t.Errorf("lost: %v", err) },
	}
}

func tick() *op {
	return newOp((&fsm.Envelope{Command: &fsm.Tick{}}).Encode(), false)
}

func TestBatcherTellsWhatRaftSaid(t *testing.T) {
	for in, want := range map[error]error{
		raft.ErrNotLeader:                    ErrNoLeader,
		raft.ErrLeadershipTransferInProgress: ErrNoLeader,
		raft.ErrEnqueueTimeout:               ErrOverloaded,
		raft.ErrLeadershipLost:               ErrUnknownOutcome,
		raft.ErrAbortedByRestore:             ErrUnknownOutcome,
		raft.ErrRaftShutdown:                 ErrUnknownOutcome,
		errMalformed:                         ErrUnknownOutcome, // a disk, say
	} {
		b := newTestBatcher(t)
		b.raft.(*testLog).fail = in
		batch := []*op{tick(), tick(), tick()}
		b.commit(t.Context(), batch)
		for _, o := range batch {
			if a := <-o.answer; !errors.Is(a.err, want) {
				t.Errorf("%v becomes %v, want %v", in, a.err, want)
			}
		}
	}
}

// Raft forgets the futures of entries that its machine had not taken when it
// stopped.
func TestBatcherOutlivesALostFuture(t *testing.T) {
	b := newTestBatcher(t)
	b.raft.(*testLog).lost = true
	down := make(chan struct{})
	b.down = down
	o := tick()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.commit(t.Context(), []*op{o})
	}()
	close(down)
	<-done
	if a := <-o.answer; !errors.Is(a.err, ErrUnknownOutcome) {
		t.Fatalf("answer: %v", a.err)
	}
}

// One command that makes the machine panic is refused; the others of its batch
// are committed.
func TestBatcherRefusesWhatTheMachineCanNotDigest(t *testing.T) {
	b := newTestBatcher(t)
	batch := []*op{tick(), newOp([]byte{0xff}, false), tick(), newOp(nil, false), tick()}
	b.commit(t.Context(), batch)
	for i, o := range batch {
		a := <-o.answer
		if bad := i%2 == 1; bad != errors.Is(a.err, ErrRefused) || !bad && a.err != nil {
			t.Errorf("command %d: %v", i, a.err)
		}
		if a.err == nil && a.index != 1 {
			t.Errorf("command %d was applied at %d: the batch is one entry", i, a.index)
		}
	}
}

// However the end of leadership falls between put and commit, each command is
// answered once.
func TestBatcherAnswersEachOnceAtTheEnd(t *testing.T) {
	for range 100 {
		b := newTestBatcher(t)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 50 {
					o := tick()
					if err := b.queue.put(o); err != nil {
						if !errors.Is(err, ErrNoLeader) {
							t.Errorf("put: %v", err)
						}
						continue
					}
					if a := <-o.answer; a.err != nil && !errors.Is(a.err, ErrNoLeader) {
						t.Errorf("answer: %v", a.err)
					}
				}
			})
		}
		wg.Go(func() { b.run(ctx) })
		cancel()
		wg.Wait()
	}
}

// Followers are told of a commit that somebody waits for, once, and not when an
// entry carries it anyway.
func TestBatcherTellsFollowers(t *testing.T) {
	b := newTestBatcher(t)
	log := b.raft.(*testLog)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.run(ctx)
	}()
	commit := func(watched bool) uint64 {
		o := tick()
		o.watched = watched
		if err := b.queue.put(o); err != nil {
			t.Fatal(err)
		}
		return (<-o.answer).index
	}
	first := commit(false)
	second := commit(false) // carries the first
	b.ask(first)
	third := commit(true) // carries the second; asks for itself
	log.awaitBarrier()
	b.ask(second)
	b.ask(third)
	last := commit(false)
	cancel()
	<-done
	log.mu.Lock()
	defer log.mu.Unlock()
	if len(log.barriers) != 1 || log.barriers[0] != third {
		t.Fatalf("barriers after %v; want one, after %d (first %d, last %d)", log.barriers, third, first, last)
	}
}

// What is asked for while its own entry is still in flight must not wait for the
// next one.
func TestBatcherTellsOfTheEntryInFlight(t *testing.T) {
	b := newTestBatcher(t)
	log := b.raft.(*testLog)
	log.applied = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.run(ctx)
	}()
	o := tick()
	if err := b.queue.put(o); err != nil {
		t.Fatal(err)
	}
	b.ask(1) // a reader saw the commit before the batcher did
	log.applied <- struct{}{}
	<-o.answer
	log.awaitBarrier()
	cancel()
	<-done
}

func TestTransferThatNeverEnds(t *testing.T) {
	var faults []error
	w := newWatchdog(time.Minute, func(err error) { faults = append(faults, err) })
	g := transferGuard{watchdog: w}
	looks := func(n int) (stuck bool) {
		for range n {
			_, stuck = w.look()
		}
		return stuck
	}
	g.note(raft.ErrLeadershipTransferInProgress)
	if looks(looksPerLimit) {
		t.Fatal("a transfer under way counts as stuck")
	}
	g.note(nil) // it ended
	g.note(raft.ErrLeadershipTransferInProgress)
	for range looksPerLimit {
		g.note(raft.ErrLeadershipTransferInProgress)
		if looks(1) {
			t.Fatal("time is counted from a transfer that ended")
		}
	}
	if !looks(1) {
		t.Fatal("a transfer that never ends goes unnoticed")
	}
}
