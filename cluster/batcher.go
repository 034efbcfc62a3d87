package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	metrics "github.com/armon/go-metrics"
	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/fsm"
)

// entryLog is what the batcher needs of raft.
type entryLog interface {
	Apply(entry []byte, timeout time.Duration) raft.ApplyFuture
	Barrier(timeout time.Duration) raft.Future
}

// stamper gives entries their time.
type stamper interface {
	// stamp fails while the clock is not to be trusted.
	stamp() (fsm.Instant, error)
	// check asks the other voters whether it is, and is errWrongClock when a
	// majority says no.
	check(ctx context.Context) error
}

// batcher is the leader's group commit: one entry in flight, the next one fills
// meanwhile. More than one in flight makes smaller batches and more fsyncs and
// was measured to gain nothing.
type batcher struct {
	raft    entryLog
	down    <-chan struct{} // closed when raft answers no more
	machine *fsm.Machine
	clock   stamper
	queue   *queue
	log     *slog.Logger
	guard   transferGuard
	// lost is called when the clock forbids to lead on.
	lost func(error)

	// What the followers know to be committed. They hear of it with the next
	// append, or only after CommitTimeout.
	asked  atomic.Uint64 // greatest index that somebody waits for
	last   uint64        // index of the last entry that was committed
	spread uint64        // greatest index whose commit an append has carried
}

// run commits batches until ctx ends, then refuses what is left. Nothing in the
// queue has been handed to raft, so "not the leader" is the whole truth.
func (b *batcher) run(ctx context.Context) {
	defer b.queue.close(ErrNoLeader)
	defer b.guard.note(nil)
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.queue.wake:
		}
		for batch := b.queue.take(); len(batch) > 0; batch = b.queue.take() {
			if ctx.Err() != nil {
				fail(batch, ErrNoLeader)
				return
			}
			b.commit(ctx, batch)
		}
		b.tell()
	}
}

// commit makes one entry of a batch and waits for it.
func (b *batcher) commit(ctx context.Context, batch []*op) {
	entry, batch := b.prepare(ctx, batch)
	if len(batch) == 0 {
		return
	}
	start := time.Now()
	carries := b.last
	future := b.raft.Apply(entry, raftTimeout)
	err := settled(future, b.down)
	b.guard.note(err)
	if err != nil {
		fail(batch, applyError(err))
		return
	}
	metrics.MeasureSince(metricCommit, start)
	metrics.AddSample(metricBatch, float32(len(batch)))
	replies := future.Response().([][]byte)
	b.last, b.spread = future.Index(), max(b.spread, carries)
	for i, o := range batch {
		if o.watched {
			b.ask(b.last)
		}
		o.answer <- answer{reply: replies[i], index: b.last}
	}
}

// ask has the followers told soon that an index is committed.
func (b *batcher) ask(index uint64) {
	for {
		old := b.asked.Load()
		if old >= index {
			return
		}
		if b.asked.CompareAndSwap(old, index) {
			b.queue.signal()
			return
		}
	}
}

// tell commits an empty entry when somebody waits for an index that no append
// has carried, and no batch is there to do it.
func (b *batcher) tell() {
	asked := b.asked.Load()
	if asked <= b.spread {
		return
	}
	metrics.IncrCounter(metricBarriers, 1)
	b.raft.Barrier(raftTimeout) // nobody waits for it
	b.spread = asked
}

// prepare stamps the batch and applies it to a draft first. With one entry in
// flight the leader's state is the one the batch will meet, so a command that
// panics shows here, is refused, and never reaches the log.
func (b *batcher) prepare(ctx context.Context, batch []*op) ([]byte, []*op) {
	for len(batch) > 0 {
		at, err := b.stamp(ctx)
		if err != nil {
			fail(batch, fmt.Errorf("%w: %v", ErrNoLeader, err))
			return nil, nil
		}
		e := fsm.Entry{Epoch: b.machine.View().Epoch, At: at, Envelopes: envelopes(batch)}
		entry := e.Encode()
		bad, cause := b.machine.Prepare(entry)
		if bad < 0 {
			return entry, batch
		}
		metrics.IncrCounter(metricRefused, 1)
		b.log.Error("refused a command that the state machine can not digest", "cause", cause)
		batch[bad].answer <- answer{err: ErrRefused}
		batch = append(batch[:bad:bad], batch[bad+1:]...)
	}
	return nil, nil
}

// stamp asks the voters again when the clock is in doubt. A leader whose clock
// is wrong gives up leadership; one that can not ask only waits.
func (b *batcher) stamp(ctx context.Context) (fsm.Instant, error) {
	at, err := b.clock.stamp()
	if err == nil {
		return at, nil
	}
	b.log.Warn("clock in doubt, asking the other voters", "reason", err)
	if err := b.clock.check(ctx); err != nil {
		if errors.Is(err, errWrongClock) {
			b.lost(err)
		}
		return 0, err
	}
	return b.clock.stamp()
}

// applyError translates raft's word. Only three errors mean that the entry was
// certainly not taken; every other leaves the outcome open (hashicorp/raft#561).
func applyError(err error) error {
	switch {
	case errors.Is(err, raft.ErrNotLeader), errors.Is(err, raft.ErrLeadershipTransferInProgress):
		return ErrNoLeader
	case errors.Is(err, raft.ErrEnqueueTimeout):
		return ErrOverloaded
	}
	return fmt.Errorf("%w: %v", ErrUnknownOutcome, err)
}

// settled waits for a future. Raft answers the entries that its machine had not
// taken when it stopped with nothing at all.
func settled(f raft.Future, down <-chan struct{}) error {
	done := make(chan error, 1)
	go func() { done <- f.Error() }()
	select {
	case err := <-done:
		return err
	case <-down:
	}
	select {
	case err := <-done:
		return err
	default:
		return raft.ErrRaftShutdown
	}
}

// transferGuard notices a leader that refuses everything because of a leadership
// transfer which never ends (hashicorp/raft#696): only a restart helps.
type transferGuard struct {
	watchdog *watchdog
	done     func()
}

// note takes the outcome of an attempt to have raft take an entry.
func (g *transferGuard) note(err error) {
	refused := errors.Is(err, raft.ErrLeadershipTransferInProgress)
	switch {
	case refused && g.done == nil:
		g.done = g.watchdog.begin("leadership transfer")
	case !refused && g.done != nil:
		g.done()
		g.done = nil
	}
}
