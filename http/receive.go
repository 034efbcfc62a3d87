package http

import (
	"net/http"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// receive reads the body off the wire. That takes as long as the client likes,
// within bounds: so it happens before the request takes its place among those
// under way, and strangers wait among themselves.
func (c *call) receive() error {
	if c.route.open || c.recognised(c.s.cluster.Local()) != nil {
		n := c.req.ContentLength
		if c.route.open || n >= 0 && n <= smallBody {
			return c.receiveFromStranger()
		}
		if err := c.mustBeKnown(); err != nil {
			return err
		}
	}
	if !c.s.knownBodies.enter() {
		return errBusy
	}
	defer c.s.knownBodies.leave()
	return c.receiveWithin(c.s.limits.BodyBytes, c.s.limits.BodyTimeout)
}

// receiveFromStranger reads the body of someone who showed no token or one that
// this node does not know. Bodies that small are not worth a read round to find
// out more, but there is little time for them.
func (c *call) receiveFromStranger() error {
	addr := sourceAddr(c.req.RemoteAddr)
	if !c.s.unknownBodies.enter(addr) {
		return errBusy
	}
	defer c.s.unknownBodies.leave(addr)
	return c.receiveWithin(smallBody, c.s.limits.UnknownBodyTimeout)
}

// receiveWithin reads at most so many bytes. The deadline is for the body alone:
// one that covered the handler too would cut off a request that waits for the
// cluster.
func (c *call) receiveWithin(most int64, patience time.Duration) error {
	wire := http.NewResponseController(c.w)
	wire.SetReadDeadline(time.Now().Add(patience)) // not every transport has one
	defer wire.SetReadDeadline(time.Time{})
	return c.body.read(c.s, c.req, most)
}

// mustBeKnown refuses a caller whom nobody knows, once a linearizable view says
// so: nobody gets to fill our memory with a made-up token.
func (c *call) mustBeKnown() error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave() // the body comes next
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return err
	}
	if err := c.recognised(view.State); err != nil {
		return c.deny(nil, err)
	}
	return nil
}

// recognised is nil when a state knows the caller, or at least the request: the
// retry of one that ended its caller.
func (c *call) recognised(st *fsm.State) error {
	_, no := c.resolve(st)
	if no == nil {
		return nil
	}
	return c.unlessRemembered(st, no)
}

// resolve finds the caller in a state at its own clock. What it found in the last
// state is kept, for a request looks at the same one several times.
func (c *call) resolve(st *fsm.State) (*fsm.Actor, *fsm.Error) {
	if c.actor != nil && c.actorIn == st {
		return c.actor, nil
	}
	a, no := st.Resolve(c.caller, st.Clock)
	if no == nil {
		c.actor, c.actorIn = a, st
	}
	return a, no
}
