package http

import (
	"errors"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// maxRechecks is how often a request is checked again when policies change
// while it is on its way. Any policy of the cluster counts, so somebody who sets
// many up at once must not starve those whose policies name parameters.
const maxRechecks = 64

// propose has a command applied for the caller. Callers that nobody knows and
// parameters that a policy forbids are refused here, without a log entry; but
// only on a linearizable view, for the local state may be old. Nothing is granted
// here: that is for the machine, at the index where the command takes effect.
func (c *call) propose(cmd fsm.Command) (cluster.Reply, error) {
	st, fresh := c.s.cluster.Local(), false
	for try := 0; ; try++ {
		a, err := c.precheck(st, cmd)
		if _, bad := err.(*refusal); bad {
			return cluster.Reply{}, err
		}
		if err == nil {
			var reply cluster.Reply
			if reply, err = c.send(cmd); !isRecheck(err) || isPlanMoved(err) || isCertMoved(err) || try == maxRechecks {
				return reply, err
			}
		} else if fresh {
			return cluster.Reply{}, c.deny(a, err)
		}
		view, err := c.s.cluster.View(c.ctx)
		if err != nil {
			return cluster.Reply{}, err
		}
		st, fresh = view.State, true
	}
}

// precheck is what a state says of the caller and the command: nil, a denial, or
// a refusal for what is wrong with the command itself. The actor is nil when
// there is no such caller.
func (c *call) precheck(st *fsm.State, cmd fsm.Command) (*fsm.Actor, error) {
	a, no := c.resolve(st)
	if no != nil {
		return nil, c.unlessRemembered(st, no)
	}
	c.need = st.AccessOf(a, cmd)
	if err := c.checkParameters(st, a); err != nil {
		return a, err
	}
	if err := cmd.Validate(); err != nil {
		status, messages := c.show(err)
		return a, &refusal{status: status, messages: messages, judgedFirst: true, cause: err}
	}
	return a, nil
}

// unlessRemembered lets a retry pass whose first attempt ended the caller: it is
// answered like that one. It asks for the key alone, so that it can be asked
// before the body is read.
func (c *call) unlessRemembered(st *fsm.State, denied error) error {
	if c.clientKey == "" {
		return denied
	}
	hashKey, err := c.derive(idempotencyHash)
	if err != nil {
		return err
	}
	if st.Remembers(c.caller.Token, c.keyDigest(hashKey)) {
		return nil
	}
	return denied
}

// checkParameters compares the request's fields with what the caller's policies
// say about parameters. They stay on this node, since they may hold secrets; the
// machine compares the version of the policies only.
func (c *call) checkParameters(st *fsm.State, a *fsm.Actor) error {
	g := a.Grant(c.need)
	if !g.HasParameters() {
		return nil
	}
	c.caller.ParamsAt = st.ParamsVersion()
	params, err := c.body.parameters()
	if err != nil {
		return err
	}
	if !g.CheckParameters(c.need.Capability, params) {
		// A denial like the machine's, so that it is looked at twice and paid for.
		return &fsm.Error{Code: fsm.Denied, Reason: fsm.PermissionDenied}
	}
	return nil
}

// deny refuses what a linearizable view refuses. A counted token is charged for
// it, which only the log can do.
func (c *call) deny(a *fsm.Actor, denied error) error {
	if a == nil && c.neverSeen() {
		return c.stranger()
	}
	if a != nil && a.Token.Counted() {
		_, _, err := c.s.cluster.Read(c.ctx, c.caller, c.need)
		if err != nil && !isVerdict(err) {
			return err
		}
	}
	c.judged = true
	return denied
}

// send proposes the command as it is.
func (c *call) send(cmd fsm.Command) (cluster.Reply, error) {
	p := cluster.Proposal{Caller: c.caller, Command: cmd}
	if c.clientKey != "" {
		key, err := c.idempotencyKey()
		if err != nil {
			return cluster.Reply{}, err
		}
		p.Key = key
	}
	reply, err := c.s.cluster.Propose(c.ctx, p)
	if isDenied(err) && c.neverSeen() {
		err = c.stranger()
	}
	c.judged = c.judged || err == nil || isVerdict(err)
	c.index = reply.Index
	if err == nil && reply.Replayed {
		err = c.openSealed(reply.Sealed)
	}
	return reply, err
}

// read has the caller judged and returns the view to answer from.
func (c *call) read(access fsm.Access) (cluster.View, *fsm.Actor, error) {
	c.need = access
	for try := 0; ; try++ {
		view, a, err := c.s.cluster.Read(c.ctx, c.caller, access)
		if err == nil {
			c.judged, c.index = true, view.State.Index()
			return view, a, nil
		}
		if !isRecheck(err) || try == maxRechecks {
			if isDenied(err) && c.neverSeen() {
				err = c.stranger()
			}
			c.judged = isVerdict(err)
			return cluster.View{}, nil, err
		}
		if view, err = c.s.cluster.View(c.ctx); err != nil {
			return cluster.View{}, nil, err
		}
		a, no := view.State.Resolve(c.caller, view.State.Clock)
		if no != nil {
			return cluster.View{}, nil, c.deny(nil, no)
		}
		if err := c.checkParameters(view.State, a); err != nil {
			return cluster.View{}, nil, c.deny(a, err)
		}
	}
}

func isVerdict(err error) bool {
	if err == nil {
		return false
	}
	var v *fsm.Error
	return errors.As(err, &v)
}

func isDenied(err error) bool  { return isCode(err, fsm.Denied) }
func isRecheck(err error) bool { return isCode(err, fsm.Recheck) }

func isCode(err error, code fsm.Code) bool {
	if err == nil {
		return false // saves what errors.As needs on the heap
	}
	var v *fsm.Error
	return errors.As(err, &v) && v.Code == code
}
