package http

import "github.com/jeton-io/jeton/fsm"

// admit keeps costly work on a request's body, such as parsing a policy, from
// whoever is sure to be refused afterwards: it looks at this node's own state
// and, when that denies, once more at a linearizable view. It grants nothing.
// What the command holds besides its path does not matter here.
func (c *call) admit(cmd fsm.Command) error {
	if _, no := c.foresee(c.s.cluster.Local(), cmd); no == nil {
		return nil
	}
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return err
	}
	if a, no := c.foresee(view.State, cmd); no != nil {
		return c.deny(a, no)
	}
	return nil
}

// foresee is the denial that a state has for a command, nil for none: a retry is
// answered as the first attempt was, whatever that has changed. The actor is nil
// when there is no such caller.
func (c *call) foresee(st *fsm.State, cmd fsm.Command) (*fsm.Actor, error) {
	a, no := c.resolve(st)
	if no != nil {
		return nil, c.unlessRemembered(st, no)
	}
	c.need = st.AccessOf(a, cmd)
	// A denial on account of parameters says to look at them first.
	if no := st.Authorize(a, c.need, c.caller); no != nil && no.Code != fsm.Recheck {
		return a, c.unlessRemembered(st, no)
	}
	return a, nil
}
