package http

import (
	"errors"

	"github.com/jeton-io/jeton/fsm"
)

// maxPlanTries is how often a plan is held against the present tokens while they
// grow faster than that takes.
const maxPlanTries = 8

// doAsPlanned holds the plan against a linearizable view and has the machine look
// at what was made since.
func (c *call) doAsPlanned(p *fsm.Planned) (answer, error) {
	for try := 1; ; try++ {
		err := c.hold(p)
		if err != nil && !isPlanMoved(err) {
			return answer{}, err
		}
		reply, err := c.propose(p)
		if err == nil {
			done := reply.Result.(*fsm.PlanDone)
			return answer{data: object{"planned": done.Tokens, "revoked": done.Left, "gone": done.Tokens - done.Left}}, nil
		}
		if !isPlanMoved(err) || try == maxPlanTries {
			return answer{}, err
		}
	}
}

// hold finds out how much of a plan is left, and up to which serial nothing stands
// against it. Walking a large tree takes a while, so that what was made meanwhile
// is looked at once more, which is quick. For a caller who may not do it, or whose
// request was done before, nothing is found out: the machine then looks at all that
// was made since the plan.
func (c *call) hold(p *fsm.Planned) error {
	p.Checked = p.Serial
	st, a, err := c.viewFor(p)
	if a == nil || err != nil {
		return err
	}
	left, no := st.Hold(a, p)
	if no != nil {
		return c.deny(a, no)
	}
	p.Left, p.Checked = uint64(left), st.Serial
	if st, a, err = c.viewFor(p); a == nil || err != nil {
		return err
	}
	if no := st.Holds(a, p, fsm.MaxPlanLooks); no != nil {
		return c.deny(a, no)
	}
	p.Checked = st.Serial
	return nil
}

// viewFor is a linearizable state, and the caller if there is something to be found
// out for it.
func (c *call) viewFor(p *fsm.Planned) (*fsm.State, *fsm.Actor, error) {
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return nil, nil, err
	}
	st := view.State
	a, no := st.Resolve(c.caller, st.Clock)
	if no != nil {
		return st, nil, nil
	}
	c.need = st.AccessOf(a, p)
	if no := st.Authorize(a, c.need, c.caller); no != nil && no.Code == fsm.Denied {
		return st, nil, nil
	}
	if c.unlessRemembered(st, errDenied) == nil {
		return st, nil, nil
	}
	return st, a, nil
}

// isPlanMoved tells that a plan has to be held against the present anew.
func isPlanMoved(err error) bool {
	var v *fsm.Error
	return errors.As(err, &v) && v.Reason == fsm.PlanMoved
}
