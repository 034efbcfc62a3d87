package cluster

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/jeton-io/jeton/fsm"
)

// session numbers this process's requests. The state machine keeps the outcome
// of each until the node says, with a later request, that it was answered.
type session struct {
	id uint64

	mu       sync.Mutex
	low      uint64 // smallest number not yet answered
	answered []bool // of low, low+1, …
}

func newSession() *session {
	var b [8]byte
	for {
		rand.Read(b[:])
		if id := binary.BigEndian.Uint64(b[:]); id != 0 {
			return &session{id: id, low: 1}
		}
	}
}

// next draws a request id. It is false while the machine would have to remember
// too many outcomes above the lowest unanswered one.
func (s *session) next() (fsm.RequestID, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answered) >= fsm.MaxOutcomesSession {
		return fsm.RequestID{}, false
	}
	s.answered = append(s.answered, false)
	return fsm.RequestID{Session: s.id, Seq: s.low + uint64(len(s.answered)) - 1, Low: s.low}, true
}

// done says that nobody will ask for the outcome of seq again.
func (s *session) done(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered[seq-s.low] = true
	n := 0
	for n < len(s.answered) && s.answered[n] {
		n++
	}
	if n > 0 {
		s.low += uint64(n)
		s.answered = append(s.answered[:0], s.answered[n:]...)
	}
}

// openSession returns the node's session, registering one first if need be.
func (n *Node) openSession(ctx context.Context) (*session, error) {
	if s := n.session.Load(); s != nil {
		return s, nil
	}
	s, err := n.sessions.join(ctx)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", ErrTimeout, ctx.Err())
	}
	return s, err
}

// sessionRound registers a session for all who wait for one.
func (n *Node) sessionRound(int) (*session, error) {
	if s := n.session.Load(); s != nil {
		return s, nil // the last round's
	}
	ctx, cancel := context.WithTimeout(n.ctx, n.cfg.ProposeTimeout)
	defer cancel()
	s := newSession()
	cmd := &fsm.SessionOpen{Session: s.id}
	env := fsm.Envelope{Command: cmd}
	a, _, err := n.submit(ctx, env.Encode(), false) // opening twice is the same as once
	switch {
	case err == nil:
	case n.ctx.Err() != nil:
		return nil, ErrClosed
	case notApplied(err):
		return nil, err
	default: // whether the session was opened matters to nobody
		return nil, fmt.Errorf("%w: %v", ErrNoLeader, err)
	}
	if _, err := decodeReply(cmd, a); err != nil {
		return nil, fmt.Errorf("%w: session: %v", ErrNotReady, err)
	}
	n.session.Store(s)
	return s, nil
}
