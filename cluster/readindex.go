package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	metrics "github.com/armon/go-metrics"
	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/peer"
	"github.com/jeton-io/jeton/fsm"
)

// readIndex is a leader's word: everything acknowledged before the round began
// is at or below Index, and Now is the leader's time.
type readIndex struct {
	Index uint64
	Now   fsm.Instant

	doubtful bool // the leader is, and gives no word
}

// leaderRound is one round on the leader (Raft thesis 6.4). The read index is the
// greatest command index not above the commit index, and never the leader's own
// applied index: a follower's machine can be ahead of it, and a client would see
// new, then old. It holds when a majority of the voters, this node included, is
// still in the leader's term after the index was taken. raft's VerifyLeader is not
// enough: it counts replies to heartbeats sent before the question.
func (n *Node) leaderRound(int) (readIndex, error) {
	l := n.leading.Load()
	if l == nil {
		return readIndex{}, peer.ErrNotLeader
	}
	if n.doubtful.Load() {
		return readIndex{}, ErrDoubtful
	}
	l.asked.Add(1)
	ctx, cancel := context.WithTimeout(l.ctx, n.cfg.ElectionTimeout*2)
	defer cancel()
	now, err := n.logTime(ctx, l)
	if err != nil {
		return readIndex{}, err
	}
	// What this machine has applied is a lower bound, and covers what was stored
	// before the process began or compacted since.
	r := readIndex{Index: max(n.stores.log.upTo(n.raft.CommitIndex()), n.applied.get())}
	if err := n.confirmTerm(ctx, l.term); err != nil {
		return readIndex{}, err
	}
	if n.leading.Load() != l || n.raft.State() != raft.Leader || n.raft.CurrentTerm() != l.term {
		return readIndex{}, peer.ErrNotLeader
	}
	// The time that logTime looked at and not a later one, by which something might
	// have run out that the view still shows alive.
	r.Now = max(now, n.machine.View().Clock)
	return r, nil
}

// logTime makes sure that no deadline lies between the log's clock and the
// leader's, which it returns: a token is refused as expired only by a time that is
// in the log, so that it stays refused after a failover. One coalesced tick serves
// the round.
func (n *Node) logTime(ctx context.Context, l *leading) (fsm.Instant, error) {
	st := n.machine.View()
	now := l.clock.now()
	if next, ok := st.NextDeadline(); !ok || next > now {
		return now, nil
	}
	metrics.IncrCounter(metricTicks, 1)
	env := fsm.Envelope{Command: &fsm.Tick{}}
	o := newOp(env.Encode(), false)
	if err := l.batcher.queue.put(o); err != nil {
		return 0, fmt.Errorf("%w: %v", peer.ErrNotLeader, err)
	}
	select {
	case a := <-o.answer:
		if a.err != nil {
			return 0, fmt.Errorf("%w: %v", peer.ErrNotLeader, a.err)
		}
		return now, nil
	case <-ctx.Done():
		return 0, peer.ErrNotLeader
	}
}

// confirmTerm asks the voters for their term until a majority, this node
// included, is in the given one.
func (n *Node) confirmTerm(ctx context.Context, term uint64) error {
	voters := n.voters()
	need := len(voters)/2 + 1
	have, asked := 0, 0
	answers := make(chan bool, len(voters))
	for _, id := range voters {
		if id == n.serverID {
			have++
			continue
		}
		asked++
		go func() {
			b, err := n.link.Call(ctx, id, kindTerm, nil)
			theirs, bad := decodeUint(b)
			answers <- err == nil && bad == nil && theirs == term
		}()
	}
	for have < need && asked > 0 {
		if <-answers {
			have++
		}
		asked--
	}
	if have < need {
		return peer.ErrNotLeader
	}
	return nil
}

// handleReadIndex answers a follower's round, and sees to it that a follower
// that is behind hears of the commit now instead of after CommitTimeout.
func (n *Node) handleReadIndex(ctx context.Context, from string, payload []byte) ([]byte, error) {
	applied, err := decodeUint(payload)
	if err != nil {
		return nil, err
	}
	ri, err := n.leaderReads.join(ctx)
	if errors.Is(err, ErrDoubtful) {
		return readIndex{doubtful: true}.encode(), nil
	}
	if err != nil {
		return nil, err
	}
	// A non-voter may be far behind for long: it waits for what comes by itself.
	if l := n.leading.Load(); l != nil && applied < ri.Index && n.isVoter(from) {
		l.batcher.ask(ri.Index)
	}
	return ri.encode(), nil
}

func (ri readIndex) encode() []byte {
	doubtful := uint64(0)
	if ri.doubtful {
		doubtful = 1
	}
	return appendUint(appendUint(appendUint(nil, ri.Index), uint64(ri.Now)), doubtful)
}

func decodeReadIndex(b []byte) (readIndex, error) {
	r := reader{b: b}
	ri := readIndex{Index: r.uint(), Now: fsm.Instant(r.uint())}
	switch r.uint() {
	case 0:
	case 1:
		ri.doubtful = true
	default:
		return readIndex{}, errMalformed
	}
	return ri, r.end()
}

// viewRound is one read round of this node: a read index, the wait until the own
// machine is there, and the state that then serves all who wait.
func (n *Node) viewRound(waiters int) (View, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(n.ctx, n.cfg.ReadTimeout)
	defer cancel()
	ri, err := n.askReadIndex(ctx)
	if err != nil {
		return View{}, err
	}
	if err := n.applied.wait(ctx, ri.Index); err != nil {
		return View{}, fmt.Errorf("%w: waiting for index %d: %w", ErrNoLeader, ri.Index, err)
	}
	st := n.machine.View()
	if n.doubtful.Load() {
		return View{}, ErrDoubtful
	}
	metrics.MeasureSince(metricReadRound, start)
	metrics.AddSample(metricReaders, float32(waiters))
	return View{State: st, At: max(ri.Now, st.Clock)}, nil
}

func (n *Node) askReadIndex(ctx context.Context) (readIndex, error) {
	if n.leading.Load() != nil {
		ri, err := n.leaderReads.join(ctx)
		if err != nil && !errors.Is(err, ErrDoubtful) {
			err = fmt.Errorf("%w: %v", ErrNoLeader, err)
		}
		return ri, err
	}
	leader := n.leaderID()
	if leader == "" || leader == n.serverID {
		return readIndex{}, ErrNoLeader
	}
	ctx, cancel := n.whileLeads(ctx, leader)
	defer cancel()
	b, err := n.link.Call(ctx, leader, kindReadIndex, appendUint(nil, n.applied.get()))
	if err != nil {
		return readIndex{}, fmt.Errorf("%w: %v", ErrNoLeader, err)
	}
	ri, err := decodeReadIndex(b)
	if err == nil && ri.doubtful {
		return readIndex{}, ErrDoubtful
	}
	return ri, err
}

func (n *Node) handleTerm(context.Context, string, []byte) ([]byte, error) {
	return appendUint(nil, n.raft.CurrentTerm()), nil
}
