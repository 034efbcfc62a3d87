package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	metrics "github.com/armon/go-metrics"

	"github.com/jeton-io/jeton/fsm"
)

// Propose has a command applied and returns its result. The error is the
// machine's verdict (*fsm.Error) or one of the availability errors. A command
// whose outcome is unknown is tried again under the same request id, on
// whichever node leads, until ctx ends: it is applied once. Before the cluster is
// initialized it takes the commands that can do that.
func (n *Node) Propose(ctx context.Context, p Proposal) (Reply, error) {
	founding := fsm.Founds(p.Command) && !n.machine.View().Initialized()
	if !n.ready.Load() && !founding {
		return Reply{}, ErrNotReady
	}
	if err := p.Command.Validate(); err != nil {
		return Reply{}, err
	}
	if err := n.refuseEarly(ctx, p); err != nil {
		return Reply{}, err
	}
	reply, _, err := n.propose(ctx, p, false)
	if _, founded := p.Command.(*fsm.RestoreCommit); founded && founding && err == nil {
		n.awaitServing(ctx)
	}
	return reply, err
}

// propose drives one command to its outcome. With watch it also returns the
// local state as it stood right after the command.
func (n *Node) propose(ctx context.Context, p Proposal, watch bool) (Reply, *fsm.State, error) {
	for {
		sess, err := n.openSession(ctx)
		if err != nil {
			return Reply{}, nil, err
		}
		reply, seen, tried, err := n.proposeIn(ctx, sess, p, watch)
		var verdict *fsm.Error
		if !errors.As(err, &verdict) || verdict.Code != fsm.NoSession {
			return reply, seen, err
		}
		// The session was closed for idleness, or by a restore.
		n.session.CompareAndSwap(sess, nil)
		if tried > 1 {
			// An earlier attempt may have been applied before that. The verdict is
			// not about the command, so it is not handed on.
			return Reply{}, nil, fmt.Errorf("%w: %v", ErrUnknownOutcome, verdict)
		}
	}
}

// proposeIn drives one command under a session; tried counts the attempts that
// may have had an effect.
func (n *Node) proposeIn(ctx context.Context, sess *session, p Proposal, watch bool) (Reply, *fsm.State, int, error) {
	id, ok := sess.next()
	if !ok {
		return Reply{}, nil, 0, ErrOverloaded
	}
	defer sess.done(id.Seq)
	env := fsm.Envelope{Request: id, Key: p.Key, Caller: p.Caller, Command: p.Command}
	encoded := env.Encode()
	if len(encoded) > fsm.MaxCommandBytes {
		return Reply{}, nil, 0, &fsm.Error{Code: fsm.Limit, Reason: fsm.TooLong,
			Args: []string{"request", fmt.Sprint(len(encoded)), fmt.Sprint(fsm.MaxCommandBytes)}}
	}
	var seen chan fsm.Seen
	if watch {
		seen = make(chan fsm.Seen, 1)
		n.machine.Watch(id, seen)
		defer n.machine.Unwatch(id)
	}
	a, tried, err := n.submit(ctx, encoded, watch)
	if err != nil {
		return Reply{}, nil, tried, err
	}
	reply, err := decodeReply(p.Command, a)
	if err != nil || !watch {
		return reply, nil, tried, err
	}
	st, err := n.awaitSeen(ctx, encoded, seen, a.index)
	return reply, st, tried, err
}

func decodeReply(c fsm.Command, a answer) (Reply, error) {
	o, err := fsm.DecodeOutcome(c, a.reply)
	if err != nil {
		return Reply{}, fmt.Errorf("%w: %v", ErrUnknownOutcome, err)
	}
	r := Reply{Result: o.Result, Index: a.index, Replayed: o.Replayed, Sealed: o.Sealed}
	if o.Err != nil {
		return r, o.Err
	}
	return r, nil
}

// submit hands an encoded command to the leader again and again until it has an
// outcome. Failures that certainly had no effect are bounded by ProposeTimeout;
// an unknown outcome is resolved under the same id until ctx ends.
func (n *Node) submit(ctx context.Context, encoded []byte, watched bool) (answer, int, error) {
	giveUp := time.Now().Add(n.cfg.ProposeTimeout)
	maybe := 0
	for try := 0; ; try++ {
		if try > 0 {
			metrics.IncrCounter(metricRetries, 1)
		}
		a := n.attempt(ctx, encoded, watched)
		switch {
		case a.err == nil:
			return a, maybe + 1, nil
		case !notApplied(a.err):
			maybe++
		case maybe > 0: // an earlier attempt may have been applied: only a reply tells
		case errors.Is(a.err, ErrRefused), errors.Is(a.err, ErrClosed), errors.Is(a.err, ErrNoSpace):
			return a, maybe, a.err
		case errors.Is(a.err, ErrOverloaded):
			metrics.IncrCounter(metricOverloaded, 1)
			return a, maybe, a.err
		}
		if maybe == 0 && time.Now().After(giveUp) {
			return a, maybe, a.err
		}
		if !n.awaitRetry(ctx, try) {
			switch {
			case maybe > 0:
				return a, maybe, ErrUnknownOutcome
			case n.ctx.Err() != nil:
				return a, maybe, ErrClosed
			}
			return a, maybe, fmt.Errorf("%w: %w", ErrTimeout, a.err)
		}
	}
}

func (n *Node) attempt(ctx context.Context, encoded []byte, watched bool) answer {
	if n.doubtful.Load() {
		return answer{err: ErrDoubtful}
	}
	o := newOp(encoded, watched)
	if l := n.leading.Load(); l != nil {
		o.watched = false // our own machine is the first to apply
		l.take(o)
	} else if err := n.outbox.put(o); err != nil {
		return answer{err: err}
	}
	select {
	case a := <-o.answer:
		return a
	case <-ctx.Done():
		return answer{err: ErrUnknownOutcome}
	}
}

// awaitRetry waits for a sign that another attempt may fare better: a change of
// leader, or a little time. It is false when ctx ended.
func (n *Node) awaitRetry(ctx context.Context, try int) bool {
	pause := time.NewTimer(min(time.Duration(try+1)*5*time.Millisecond, 100*time.Millisecond))
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-n.ctx.Done():
		return false
	case <-n.leaderChanged():
	case <-pause.C:
	}
	return ctx.Err() == nil
}

// awaitSeen waits for the draft that the watched command left in this node's
// machine. A node that can not have it any more (a snapshot was installed over
// it) proposes the same id again: it is recognised, not charged, and answered
// from the later state.
func (n *Node) awaitSeen(ctx context.Context, encoded []byte, seen <-chan fsm.Seen, index uint64) (*fsm.State, error) {
	for {
		if err := n.applied.wait(ctx, index); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
		}
		select {
		case s := <-seen:
			return s.State, nil
		default:
		}
		a, _, err := n.submit(ctx, encoded, true)
		if err != nil {
			return nil, err
		}
		index = a.index
	}
}
