package http

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/engine"
)

// leaseData shows the lease of an engine, and how far its revocation is.
func leaseData(view cluster.View, l *fsm.Lease) object {
	data := object{
		"id": l.ID, "path": l.Path(), "renewable": l.Renewable,
		"issue_time": l.IssuedAt.Time(), "expire_time": l.Deadline.Time(), "last_renewal": nil,
		"ttl":   int64(l.TTLAt(view.At) / time.Second),
		"phase": view.State.LeasePhase(l, view.State.Clock).String(), "failed_attempts": l.Tries, "last_error": l.LastError,
	}
	if l.RenewedAt != 0 {
		data["last_renewal"] = l.RenewedAt.Time()
	}
	if cause := view.State.LeaseCause(l, view.State.Clock); cause != fsm.Alive {
		data["ttl"], data["renewable"], data["ended_because"] = 0, false, cause.String()
	}
	if l.End != nil {
		data["ended_time"], data["next_attempt"] = l.End.At.Time(), l.NextTry.Time()
	}
	return data
}

// renewLease gives a lease more time: the log decides how much, the other side is
// told, and the log has the later deadline.
func renewLease(endpoint fsm.RenewEndpoint) handler {
	return func(c *call) (answer, error) {
		increment := c.body.duration("increment")
		id, err := c.leaseID()
		if err != nil {
			return answer{}, err
		}
		reply, err := c.propose(&fsm.LeaseRenew{Endpoint: endpoint, Lease: id, Increment: increment})
		if err != nil {
			return answer{}, err
		}
		granted := reply.Result.(*fsm.LeaseGranted)
		if err := c.tellRenewal(granted.Lease); err != nil {
			return answer{}, notRenewed(laterStep(err))
		}
		lease, err := c.extend(granted.Lease)
		if err != nil {
			return answer{}, err
		}
		c.warnAll(granted.Warnings)
		return answer{lease: lease}, nil
	}
}

// tellRenewal tells the other side of a lease's later deadline.
func (c *call) tellRenewal(l *fsm.Lease) error {
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return err
	}
	e, o, err := c.s.engines.OrderFor(c.ctx, view.State, l, c.s.cluster)
	switch {
	case err != nil:
		return err
	case o.Config == nil || o.Role == nil:
		return engine.Refuse("the lease's configuration or role was deleted")
	}
	o.Lease.Deadline, o.Lease.TTL = l.Granted.Time(), l.GrantedTTL
	ctx, cancel := context.WithTimeout(c.ctx, engine.RevokeTime)
	defer cancel()
	return e.Renew(ctx, o)
}

// notRenewed says that nothing became of a renewal: the lease ends when it would
// have.
func notRenewed(err error) error {
	var no *engine.Error
	if !errors.As(err, &no) {
		return err
	}
	return &refusal{status: engineStatus[no.Kind], cause: no, messages: []string{no.Message, "the lease was not renewed"}}
}

// extend logs the later deadline. It does not end with the client.
func (c *call) extend(l *fsm.Lease) (*fsm.Lease, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), confirmTime)
	defer cancel()
	reply, err := c.s.cluster.Propose(ctx, cluster.Proposal{Command: &fsm.LeaseExtend{Lease: l.ID, Deadline: l.Granted}})
	if err != nil {
		return nil, laterStep(err)
	}
	c.index = max(c.index, reply.Index)
	if lease := reply.Result.(*fsm.LeaseStands).Lease; lease != nil {
		return lease, nil
	}
	return nil, rebuff(http.StatusConflict, "the lease ended or was renewed by another request meanwhile")
}
