package http

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/engine"
)

// A secret is made in three steps: the intent is logged, the engine makes the
// secret outside, and the log is told how that went. The client gets it only after
// the third, so whatever is made outside has a lease, and a lease that ended
// meanwhile hands nothing out.

// confirmTime is how long the third step may take. It does not end with the client.
const confirmTime = 30 * time.Second

// maxIssuing is how many secrets of one mount a node makes at once.
const maxIssuing = 128

var errCrowdedMount = rebuff(http.StatusServiceUnavailable, "too many secrets of this mount are being made; the request was not processed")

// credsRoute makes secrets by the role that the path names.
func credsRoute() mountRoute {
	return belowSecret("creds/{name}", route{read: issueLease, about: about{
		read: "Makes a secret and the lease that it lives by.",
	}})
}

func issueLease(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if !c.s.issuing.enter(c.place.mount) {
		return answer{}, errCrowdedMount
	}
	defer c.s.issuing.leave(c.place.mount)
	p, err := c.intend()
	if err != nil {
		return answer{}, err
	}
	c.unheld = unheld{p.order.Lease.ID, true}
	ctx, cancel := context.WithDeadline(c.ctx, p.until)
	defer cancel()
	secret, failed := p.engine.Issue(ctx, p.order)
	c.unheld.unsure = failed != nil && !engine.IsRefused(failed)
	lease, err := c.confirm(failed)
	if err == nil && lease == nil {
		c.unheld = unheld{} // it has ended
	}
	switch {
	case failed != nil:
		return answer{}, notMade(failed)
	case err != nil:
		return answer{}, err
	case lease == nil:
		return answer{}, rebuff(http.StatusForbidden, "the lease ended before its secret could be handed out; it is being revoked")
	}
	return answer{data: rawJSON(secret), lease: lease}, nil
}

// intent is a lease that is logged and a secret that is not made yet.
type intent struct {
	engine engine.Engine
	order  *engine.Order
	until  time.Time // no later may it be made
}

// intend logs the intent. What it rests on was read in a view before it; when that
// moved meanwhile, it is read again.
func (c *call) intend() (*intent, error) {
	cmd := &fsm.LeaseIssue{
		Mount: c.place.mount, Path: "creds/" + c.place.name, Role: "roles/" + c.place.name, Suffix: newAccessor(),
	}
	for try := 0; ; try++ {
		view, err := c.s.cluster.View(c.ctx)
		if err != nil {
			return nil, err
		}
		a, no := c.foresee(view.State, cmd)
		if no == nil && a != nil {
			no = c.checkParameters(view.State, a)
		}
		if no != nil {
			return nil, c.deny(a, no)
		}
		p, err := c.decide(view.State, a, cmd)
		if err != nil {
			return nil, err
		}
		reply, err := c.send(cmd)
		if err == nil && reply.Replayed {
			return nil, refuse(http.StatusConflict, "a request with this Idempotency-Key made a secret already, which is not kept; revoke the lease %s and ask with another key",
				quote(reply.Result.(*fsm.LeaseGranted).Lease.ID))
		}
		if err == nil {
			granted := reply.Result.(*fsm.LeaseGranted)
			c.warnAll(granted.Warnings)
			p.order.Lease = engine.LeaseOf(granted.Lease)
			return p, nil
		}
		if !isRecheck(err) || try == maxRechecks {
			return nil, err
		}
	}
}

// decide has the engine say what is to be made.
func (c *call) decide(st *fsm.State, a *fsm.Actor, cmd *fsm.LeaseIssue) (*intent, error) {
	m, err := c.secretMount(st)
	if err != nil {
		return nil, err
	}
	p := &intent{until: time.Now().Add(engine.IssueTime)}
	if p.engine, err = c.s.engines.Of(m); err != nil {
		return nil, aboutRequest(err)
	}
	o := &engine.Order{Mount: m.Path + "/", MountSerial: m.Serial}
	if a != nil {
		o.DisplayName = a.Token.DisplayName
	}
	if o.Role, err = engine.ItemAt(c.ctx, st, m, cmd.Role, c.s.cluster); err != nil {
		return nil, err
	}
	if o.Role == nil {
		return nil, invalid("unknown role: %s", quote(c.place.name))
	}
	path, err := p.engine.ConfigPath(o.Role, nil)
	if err != nil {
		return nil, aboutRequest(err)
	}
	if o.Config, err = engine.ItemAt(c.ctx, st, m, path, c.s.cluster); err != nil {
		return nil, err
	}
	if o.Config == nil {
		return nil, invalid("there is no %s, which the role rests on", quote(path))
	}
	cmd.Basis = []fsm.ItemVersion{{Path: o.Role.Path, Version: o.Role.Version}, {Path: path, Version: o.Config.Version}}
	cmd.Data, err = p.engine.Plan(o)
	p.order = o
	return p, aboutRequest(err)
}

// confirm logs how it went; nil: the lease has ended.
func (c *call) confirm(failed error) (*fsm.Lease, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), confirmTime)
	defer cancel()
	reply, err := c.s.cluster.Propose(ctx, cluster.Proposal{Command: &fsm.LeaseConfirm{
		Lease: c.unheld.lease, Error: storable(failed), Unsure: c.unheld.unsure,
	}})
	if err != nil {
		return nil, laterStep(err)
	}
	c.index = max(c.index, reply.Index)
	return reply.Result.(*fsm.LeaseStands).Lease, nil
}

// storable is an error as it stands with a lease: only what engines worded.
func storable(err error) string {
	var no *engine.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &no):
		return no.Message
	}
	return "internal error"
}

// notMade says what became of a secret that could not be made.
func notMade(err error) error {
	var no *engine.Error
	if !errors.As(err, &no) {
		return err
	}
	return &refusal{status: engineStatus[no.Kind], cause: no,
		messages: []string{no.Message, "no secret was given out; what may have been made of it is being revoked"}}
}

// aboutRequest is an engine's "no" to what was asked for, before anything was done
// about it: who may not ask learns only that.
func aboutRequest(err error) error {
	var no *engine.Error
	if !errors.As(err, &no) {
		return err
	}
	return &refusal{status: engineStatus[no.Kind], messages: []string{no.Message}, judgedFirst: true, cause: no}
}

// issuing bounds how many secrets of one mount a node makes at once, so that one
// whose other side hangs leaves room for all other requests.
type issuing struct {
	most int

	mu sync.Mutex
	of map[string]int // by path of the mount; no zeros
}

func (i *issuing) enter(mount string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.of[mount] == i.most {
		return false
	}
	i.of[mount]++
	return true
}

func (i *issuing) leave(mount string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.of[mount]--; i.of[mount] == 0 {
		delete(i.of, mount)
	}
}
