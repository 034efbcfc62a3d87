package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// View returns a linearizable view. It fails with an availability error when no
// leader with a quorum answers; it never falls back to what this node happens to
// hold.
func (n *Node) View(ctx context.Context) (View, error) {
	if !n.ready.Load() {
		return View{}, ErrNotReady
	}
	giveUp := time.Now().Add(n.cfg.ReadTimeout)
	for try := 0; ; try++ {
		v, err := n.reads.join(ctx)
		if err == nil {
			return v, nil
		}
		if time.Now().After(giveUp) || !n.awaitRetry(ctx, try) {
			switch {
			case n.ctx.Err() != nil:
				return View{}, ErrClosed
			case ctx.Err() != nil:
				return View{}, fmt.Errorf("%w: %v", ErrTimeout, err)
			case errors.Is(err, ErrDoubtful):
				return View{}, err
			}
			return View{}, fmt.Errorf("%w: %v", ErrNoLeader, err)
		}
	}
}

// Read judges a caller on a linearizable view. A counted token's read is a write:
// the use is spent through the log, and the view returned is the state as it
// stood right after that command.
func (n *Node) Read(ctx context.Context, c fsm.Caller, access fsm.Access) (View, *fsm.Actor, error) {
	if !n.ready.Load() {
		return View{}, nil, ErrNotReady
	}
	// The log judges a use, so a stale look may choose that way. What has no record has
	// no count.
	if c.Batch == nil && c.Signed == nil {
		if a, _ := n.resolveLocal(c); a != nil && a.Token.Counted() {
			return n.spend(ctx, c, access)
		}
	}
	v, err := n.View(ctx)
	if err == nil {
		v, err = n.ViewPast(ctx, v, c.End())
	}
	if err != nil {
		return View{}, nil, err
	}
	a, verdict := v.State.Resolve(c, v.State.Clock)
	if verdict != nil {
		return View{}, nil, verdict
	}
	if a.Token.Counted() {
		return n.spend(ctx, c, access)
	}
	if verdict := v.State.Authorize(a, access, c); verdict != nil {
		return View{}, nil, verdict
	}
	return v, a, nil
}

// ViewPast is a view whose log has come to an instant, if the leader has: v when
// that is so, or a later one. A read round makes sure of that for all that ends by
// a record. What has none, a batch or signed token, is expired only by a time that is in the
// log too, so that it stays so after a failover.
func (n *Node) ViewPast(ctx context.Context, v View, end fsm.Instant) (View, error) {
	if end <= v.State.Clock || end > v.At {
		return v, nil
	}
	if _, _, err := n.propose(ctx, Proposal{Command: &fsm.Tick{}}, false); err != nil {
		return View{}, err
	}
	return n.View(ctx)
}

// spend charges a use and returns the view from right after it.
func (n *Node) spend(ctx context.Context, c fsm.Caller, access fsm.Access) (View, *fsm.Actor, error) {
	use := &fsm.TokenUse{Path: access.Path, Capability: access.Capability}
	_, st, err := n.propose(ctx, Proposal{Caller: c, Command: use}, true)
	if err != nil {
		return View{}, nil, err
	}
	a, ok := st.Spent(c.Token)
	if !ok {
		// Its record left with the window before this node could look.
		return View{}, nil, ErrUnknownOutcome
	}
	return View{State: st, At: st.Clock}, a, nil
}

func (n *Node) resolveLocal(c fsm.Caller) (*fsm.Actor, *fsm.Error) {
	s := n.machine.View()
	return s.Resolve(c, s.Clock)
}

// Local is this node's own state, which may be behind. Only refusals may rest on
// it, and only after a View has confirmed them.
func (n *Node) Local() *fsm.State { return n.machine.View() }
