package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// simClient makes trees of tokens and works on them, on any node.
type simClient struct {
	*sim
	id   int
	rand *rand.Rand

	// About the tree at hand. Hands are goroutines that work on it at once.
	mu   sync.Mutex
	t    *simTree
	keys uint8
}

const (
	simHands   = 3
	simStrokes = 6 // requests of a hand, about
	// simThink is the most that a hand does nothing between two requests, so that a
	// fault that lasts long does not make a history too long to be judged.
	simThink = 15 * time.Millisecond
)

// tree makes one and has several hands work on it at the same time.
func (c *simClient) tree() {
	c.t = &simTree{number: int(c.trees.Add(1))}
	c.keys = 0
	root := simInput{kind: simLogin, tree: c.t.number, parent: noParent, short: c.rand.IntN(3) == 0}
	if root.short {
		root.kind, root.parent = simCreate, noParent // a user's tokens all live as long
	}
	c.t.made = append(c.t.made, root)
	c.history.keep(c.t)
	c.ask(c.rand, root)
	var hands sync.WaitGroup
	for h := range simHands {
		r := rand.New(rand.NewPCG(c.rand.Uint64(), uint64(h)))
		hands.Go(func() {
			for range 1 + r.IntN(2*simStrokes) {
				c.stroke(r)
			}
		})
	}
	hands.Wait()
}

// stroke is a request about a token of the tree, or one that makes another.
func (c *simClient) stroke(r *rand.Rand) {
	in := simInput{tree: c.t.number}
	switch n := r.IntN(20); {
	case n < 6 && c.grow(r, &in):
	case n < 15:
		c.pick(r, &in)
	case n < 16:
		c.pick(r, &in)
		in.kind, in.key = simRevoke, 0
	case n < 17:
		c.pick(r, &in)
		in.kind, in.key = simCut, 0
	default:
		in.token, in.kind = 0, simRenew
	}
	if made := c.made(in.token); in.kind == simRenew && made.kind == simLogin {
		in.kind = simLookup
	}
	c.ask(r, in)
}

func (c *simClient) made(token int8) simInput {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t.made[token]
}

// grow draws a new token and its parent; it is false when the tree is full.
func (c *simClient) grow(r *rand.Rand, in *simInput) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.t.made) == simTokens {
		return false
	}
	in.kind, in.token, in.parent = simCreate, int8(len(c.t.made)), int8(r.IntN(len(c.t.made)))
	for c.t.made[in.parent].uses > 0 {
		in.parent-- // a counted token makes no others; the first token is not counted
	}
	if r.IntN(2) == 0 {
		in.uses = int16(1 + r.IntN(3))
	}
	in.key = c.drawKey(r)
	c.t.made = append(c.t.made, *in)
	return true
}

// pick draws a token and what it is asked to show.
func (c *simClient) pick(r *rand.Rand, in *simInput) {
	c.mu.Lock()
	defer c.mu.Unlock()
	in.token, in.kind = int8(r.IntN(len(c.t.made))), simLookup
	if r.IntN(6) == 0 && !c.t.made[in.token].short { // which has no time left that a lease could have
		in.kind = simLend
	}
	if c.t.made[in.token].uses > 0 {
		if in.kind = simUse; r.IntN(4) == 0 {
			in.kind = simForbidden
		} else {
			in.key = c.drawKey(r)
		}
	}
}

// drawKey is a key for each third request.
func (c *simClient) drawKey(r *rand.Rand) uint8 {
	if c.keys == 60 || r.IntN(3) > 0 {
		return 0
	}
	c.keys++
	return c.keys
}

// ask has a request answered. One with a key is tried again under it while its outcome
// is open, and sometimes although it is not.
func (c *simClient) ask(r *rand.Rand, in simInput) {
	for try := 0; try < 3; try++ {
		time.Sleep(below(r, simThink))
		if out := c.once(r, in); in.key == 0 || out != open && r.IntN(3) > 0 {
			return
		}
	}
}

// once sends a request to some node and notes the answer.
func (c *simClient) once(r *rand.Rand, in simInput) known {
	patience := simOpTimeout
	if r.IntN(4) == 0 {
		patience *= 8 // long enough for the node to find out, by retries, what came of it
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	n := c.node(r)
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

// node is one that runs.
func (s *sim) node(r *rand.Rand) *Node {
	for {
		all := s.all()
		if n := all[r.IntN(len(all))]; n != nil {
			return n
		}
		time.Sleep(time.Millisecond)
	}
}

// visit asks for every token of a tree, and spends what is left of the counted ones.
func (c *simClient) visit(t *simTree) {
	c.t = t
	for i, made := range t.made {
		in := simInput{kind: simLookup, tree: t.number, token: int8(i)}
		if made.uses > 0 {
			in.kind = simUse
		}
		for n := int16(0); n <= made.uses; n++ {
			if c.once(c.rand, in) != accepted {
				break
			}
		}
	}
}

// simShort is how long a short token lives: the least there is.
const simShort = time.Second

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
