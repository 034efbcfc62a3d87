package cluster

import (
	"context"

	"github.com/jeton-io/jeton/fsm"
)

// refuseEarly keeps what would only be refused out of the log: commands of
// made-up tokens, and of uncounted ones on paths that are denied to them. A node
// may refuse by itself only what a linearizable view refuses: when its own state
// does, it takes a read round and looks again.
func (n *Node) refuseEarly(ctx context.Context, p Proposal) error {
	if refusal(n.machine.View(), p) == nil {
		return nil
	}
	v, err := n.View(ctx)
	if err != nil {
		return err
	}
	if verdict := refusal(v.State, p); verdict != nil {
		return verdict
	}
	return nil
}

// refusal is the verdict on a command that its caller alone decides, or nil. It
// leaves alone what the log has to see: a use that must be charged, a refusal
// that a live caller's key has to remember, a retry under a remembered key, which
// is answered even when its first attempt ended the caller, and what has no caller.
func refusal(s *fsm.State, p Proposal) *fsm.Error {
	if fsm.Unjudged(p.Command, p.Caller) || fsm.NeedsNoCaller(p.Command) || !s.Initialized() && fsm.Founds(p.Command) {
		return nil
	}
	a, verdict := s.Resolve(p.Caller, s.Clock)
	if verdict == nil && !a.Token.Counted() && p.Key == nil {
		verdict = s.Authorize(a, s.AccessOf(a, p.Command), p.Caller)
		if verdict != nil && verdict.Code == fsm.Recheck {
			return nil
		}
	}
	if verdict != nil && p.Key != nil && s.Remembers(p.Caller.Token, p.Key.Key) {
		return nil
	}
	return verdict
}
