package fsm

// TreeNode is a token of a tree.
type TreeNode struct {
	Token *Token
	Depth int // below the root of the tree
}

// TreePage is a part of a tree, every token before its descendants and siblings
// by age.
type TreePage struct {
	Nodes []TreeNode
	// Next is where the next part begins: the serials on the way from the root down
	// to the last token of this one. It holds in any later state, too.
	Next []uint64
	More bool // there may be a next part
}

// ListTree lists a live token and its live descendants behind a place, nil for
// the beginning: at most so many of them, after looking at no more than so many
// records.
func (s *State) ListTree(root *Token, from []uint64, limit, looks int, at Instant) TreePage {
	var p TreePage
	c := climber{s: s, at: at, looks: looks}
	if from == nil {
		p.Nodes = append(p.Nodes, TreeNode{Token: root})
	}
	c.start(root, from)
	for len(p.Nodes) < limit {
		t, ok := c.next()
		if !ok {
			break
		}
		p.Nodes = append(p.Nodes, TreeNode{t, len(c.way) - 1})
	}
	p.Next, p.More = c.place, len(c.way) > 0
	return p
}

// CountDescendants counts the live descendants of a live token up to a number of
// looks. more says that there may be others.
func (s *State) CountDescendants(root *Token, looks int, at Instant) (n int, more bool) {
	c := climber{s: s, at: at, looks: looks}
	c.start(root, nil)
	for {
		if _, ok := c.next(); !ok {
			return n, len(c.way) > 0
		}
		n++
	}
}

// climber goes through a tree. Its way are the tokens from the root down to
// where it stands, each with the serial of the child that it visited last.
type climber struct {
	s     *State
	at    Instant
	looks int
	way   []rung
	place []uint64 // of the token that was looked at last
}

type rung struct {
	token *Token
	last  uint64
}

// start goes to a place. Where a token on the way has died since, so have all
// below it, and its siblings are next.
func (c *climber) start(root *Token, place []uint64) {
	c.way = append(c.way, rung{token: root})
	c.place = append([]uint64{}, place...)
	for _, serial := range place {
		top := &c.way[len(c.way)-1]
		top.last = serial
		it, ok := c.s.children.from(childItem{parent: top.token.Digest.key(), serial: serial})
		if !ok || it.parent != top.token.Digest.key() || it.serial != serial {
			return
		}
		t := c.s.token(it.child)
		if c.s.ownCause(t, c.at) != Alive {
			return
		}
		c.way = append(c.way, rung{token: t})
	}
}

// next is the next live token. It is not ok at the end, where no way is left, and
// when it may not look at any more records.
func (c *climber) next() (*Token, bool) {
	for len(c.way) > 0 {
		top := &c.way[len(c.way)-1]
		it, ok := c.s.children.from(childItem{parent: top.token.Digest.key(), serial: top.last + 1})
		if !ok || it.parent != top.token.Digest.key() || top.last+1 == 0 {
			c.way = c.way[:len(c.way)-1]
			continue
		}
		if c.looks == 0 {
			return nil, false
		}
		c.looks--
		top.last = it.serial
		c.place = append(c.place[:len(c.way)-1], it.serial)
		if t := c.s.token(it.child); c.s.ownCause(t, c.at) == Alive {
			c.way = append(c.way, rung{token: t})
			return t, true
		}
	}
	return nil, false
}
