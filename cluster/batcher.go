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

// batcher is the leader's group commit: one entry in flight, the next one fills
// meanwhile. More than one in flight makes smaller batches and more fsyncs and
// was measured to gain nothing.
type batcher struct {
	raft    *raft.Raft
	machine *fsm.Machine
	clock   stamper
	queue   *queue
	log     *slog.Logger
	busy    atomic.Bool // an entry is in flight
	// lost is called when the clock forbids to lead on.
	lost func(error)
}

// run commits batches until ctx ends, then refuses what is left. Nothing in the
// queue has been handed to raft, so "not the leader" is the whole truth.
func (b *batcher) run(ctx context.Context) {
	defer b.queue.close(ErrNoLeader)
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.queue.wake:
		}
		b.busy.Store(true)
		for batch := b.queue.take(); len(batch) > 0; batch = b.queue.take() {
			if ctx.Err() != nil {
				fail(batch, ErrNoLeader)
				break
			}
			b.commit(batch)
		}
		b.busy.Store(false)
	}
}

// idle says that no entry is on its way that would carry the commit index to
// the followers.
func (b *batcher) idle() bool { return !b.busy.Load() && b.queue.len() == 0 }

// commit makes one entry of a batch and waits for it.
func (b *batcher) commit(batch []*op) {
	entry, batch := b.prepare(batch)
	if len(batch) == 0 {
		return
	}
	start := time.Now()
	future := b.raft.Apply(entry, raftTimeout)
	if err := future.Error(); err != nil {
		fail(batch, applyError(err))
		return
	}
	metrics.MeasureSince(metricCommit, start)
	metrics.AddSample(metricBatch, float32(len(batch)))
	replies := future.Response().([][]byte)
	push := false
	for i, o := range batch {
		o.answer <- answer{reply: replies[i], index: future.Index()}
		push = push || o.watched
	}
	if push && b.queue.len() == 0 {
		b.push()
	}
}

// push commits an empty entry so that followers learn the commit index now: they
// hear of it with the next append, or only after CommitTimeout.
func (b *batcher) push() {
	metrics.IncrCounter(metricBarriers, 1)
	b.raft.Barrier(raftTimeout) // nobody waits for it
}

// prepare stamps the batch and applies it to a draft first. With one entry in
// flight the leader's state is the one the batch will meet, so a command that
// panics shows here, is refused, and never reaches the log.
func (b *batcher) prepare(batch []*op) ([]byte, []*op) {
	for len(batch) > 0 {
		at, err := b.clock.stamp()
		if err != nil {
			fail(batch, fmt.Errorf("%w: %v", ErrNoLeader, err))
			b.lost(err)
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
