package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// simShort is how long a short token lives: the least there is.
const simShort = time.Second

// once sends a request to some node and notes the answer.
func (c *simClient) once(r *rand.Rand, in simInput) known {
	patience := simOpTimeout
	if r.IntN(4) == 0 {
		patience *= 8 // long enough for the node to find out, by retries, what came of it
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	n := c.node(r)
	if n == nil {
		return open
	}
	if in.short || in.kind == simRenew {
		now, _ := c.history.logTime()
		in.earliest = now.Add(simShort)
	}
	call := c.history.now()
	out, index, err := c.send(ctx, n, in)
	_, out.latest = c.history.logTime()
	var verdict *fsm.Error
	switch {
	case err == nil:
	case errors.As(err, &verdict):
		if verdict.Code != fsm.Denied && verdict.Reason != fsm.TokenUnknown {
			c.seen.violation("tree %d, %s: unexpected verdict: %v", in.tree, describe(in, out), err)
		}
		out.known = refused
	case errors.Is(err, ErrRefused):
		c.seen.violation("tree %d, %s: %v", in.tree, describe(in, out), err)
	case notApplied(err):
		return open // certainly without effect, so nothing that has to be explained
	default:
		out.known = open
	}
	if index > 0 && out.known != open {
		c.seen.span(span{call, c.history.now(), index, fmt.Sprintf("%s of tree %d on %s", describe(in, out), in.tree, n.cfg.NodeID)})
	}
	if out.known != open {
		c.answers.Add(1)
	}
	c.seen.state(n.cfg.NodeID, n.machine.View())
	c.history.add(c.id*simHands, in, call, out)
	return out.known
}

// send is the request itself. What it returns besides an error is known only without
// one; the index is 0 when there was none.
func (c *simClient) send(ctx context.Context, n *Node, in simInput) (out simOutput, index uint64, err error) {
	text := c.t.text(in.token)
	root, token := fsm.Caller{Token: c.salt.digest(rootToken)}, c.salt.digest(text)
	p := Proposal{Caller: fsm.Caller{Token: token}}
	if in.key > 0 {
		p.Key = &fsm.IdempotencyKey{
			Key:     c.salt.digest(fmt.Sprintf("key-%d-%d", in.tree, in.key)),
			Request: c.salt.digest(fmt.Sprintf("request-%d-%d", in.tree, in.key)),
		}
	}
	switch in.kind {
	case simCreate:
		p.Caller = root
		if in.parent != noParent {
			p.Caller.Token = c.salt.digest(c.t.text(in.parent))
		}
		cmd := &fsm.TokenCreate{Token: token, Accessor: accessorOf(text), Policies: []string{"sim"}, NumUses: uint32(in.uses)}
		if in.uses > 0 {
			cmd.Policies = []string{"default"}
		}
		if in.short {
			cmd.TTL = simShort
		}
		p.Command = cmd
	case simLogin:
		p.Caller = fsm.Caller{}
		p.Command = &fsm.UserLogin{Mount: "up", Name: "sim", Version: c.user.Version, From: netip.MustParseAddr("10.0.0.1"),
			Token: token, Accessor: accessorOf(text)}
	case simUse:
		if in.key == 0 {
			return c.spend(ctx, n, p.Caller, lookup)
		}
		p.Command = &fsm.TokenUse{Path: lookup.Path, Capability: lookup.Capability}
	case simLend:
		index, err := c.lend(ctx, n, p.Caller)
		return out, index, err
	case simForbidden:
		return c.spend(ctx, n, p.Caller, fsm.Access{Path: "sys/forbidden", Capability: policy.Read})
	case simLookup:
		v, a, err := n.Read(ctx, p.Caller, lookup)
		if err != nil {
			return out, 0, err
		}
		c.seen.state(n.cfg.NodeID, v.State)
		if v.At < v.State.Clock {
			c.seen.violation("a view of %d at %d", v.State.Clock, v.At)
		}
		return simOutput{clock: v.State.Clock, deadline: a.Token.Deadline}, v.State.Index(), nil
	case simRenew:
		p.Command = &fsm.TokenRenew{Target: fsm.Target{By: fsm.BySelf}}
	case simRevoke:
		p.Caller, p.Command = root, &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken, Token: token}}
	case simCut:
		p.Caller, p.Command = root, &fsm.TokenRevokeOrphan{Token: token}
	}
	reply, err := n.Propose(ctx, p)
	if err != nil {
		return out, reply.Index, err
	}
	out.replayed = reply.Replayed
	switch res := reply.Result.(type) {
	case *fsm.TokenRenewed:
		out.clock, out.deadline = res.Token.RenewedAt, res.Token.Deadline
	case *fsm.TokenRevoked:
		if !res.Found {
			out.known = refused
		}
	}
	return out, reply.Index, nil
}

// spend is a read that costs a use. Its view may be later than the charge, so it shows
// no more than that not fewer are left.
func (c *simClient) spend(ctx context.Context, n *Node, who fsm.Caller, access fsm.Access) (out simOutput, index uint64, err error) {
	v, a, err := n.Read(ctx, who, access)
	if err != nil {
		return out, 0, err
	}
	return simOutput{left: int16(a.Token.UsesLeft)}, v.State.Index(), nil
}
