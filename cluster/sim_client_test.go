package cluster

import (
	"math/rand/v2"
	"sync"
	"time"
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

// node is one that runs, or nil when it is over with the simulation.
func (s *sim) node(r *rand.Rand) *Node {
	for {
		all := s.all()
		if n := all[r.IntN(len(all))]; n != nil || s.over.Load() {
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
