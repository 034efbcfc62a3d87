package btree

import "slices"

const (
	// maxItems in a node: more are more to copy when one is written, fewer make more
	// levels to go down.
	maxItems = 31
	// A node with fewer than minItems is joined with its neighbour when it loses one.
	minItems = maxItems / 4
)

// node is written by its owner alone. A node may have few items, but none has none, and
// all leaves are equally deep.
type node[T any] struct {
	owner *Owner
	items []T
	kids  []*node[T] // one more than items; nil in a leaf
	count uint32     // of the items here and below

	// Of the items that came in last, how many did so one behind the other, and where the
	// next one would have to go to be one more.
	run, next uint8
}

// own is the node, or a copy of it, that o may write.
func (n *node[T]) own(o *Owner) *node[T] {
	if n.owner == o {
		return n
	}
	c := *n
	c.owner, c.items, c.kids = o, slices.Clone(n.items), slices.Clone(n.kids)
	return &c
}

// insert enters an item into a leaf, or into a copy of it, which may have one too many
// then.
func (n *node[T]) insert(o *Owner, i int, item T) *node[T] {
	if n.owner == o {
		n.items = insertAt(n.items, i, item)
	} else {
		items := make([]T, len(n.items)+1)
		copy(items, n.items[:i])
		items[i] = item
		copy(items[i+1:], n.items[i:])
		n = &node[T]{owner: o, items: items, count: n.count, run: n.run, next: n.next}
	}
	n.count++
	n.ran(i)
	return n
}

// ran notes that the item at a position is new.
func (n *node[T]) ran(i int) {
	if i != int(n.next) {
		n.run = 0
	}
	n.run, n.next = min(n.run+1, maxItems), uint8(i+1)
}

// insertAt grows to no more than a node may need.
func insertAt[E any](s []E, i int, e E) []E {
	if len(s) == cap(s) {
		grown := make([]E, len(s), max(len(s)+1, min(2*len(s), maxItems+2)))
		copy(grown, s)
		s = grown
	}
	s = s[:len(s)+1]
	copy(s[i+1:], s[i:])
	s[i] = e
	return s
}

// split makes two of a kid that has one item too many: in the middle, or, when its last
// items came one behind the other, where the next one of them will go, so that it does
// not leave a half-empty node behind.
func (n *node[T]) split(i int) {
	kid := n.kids[i]
	at := len(kid.items) / 2
	left, right := &node[T]{owner: kid.owner}, &node[T]{owner: kid.owner}
	if kid.run > maxItems/2 {
		if at = int(kid.next); at < len(kid.items)-1 {
			left.run, left.next = kid.run, kid.next
		} else {
			at = len(kid.items) - 2
			right.run, right.next = kid.run, 1
		}
	}
	left.items, right.items = slices.Clone(kid.items[:at]), slices.Clone(kid.items[at+1:])
	if kid.kids != nil {
		left.kids, right.kids = slices.Clone(kid.kids[:at+1]), slices.Clone(kid.kids[at+1:])
	}
	left.add()
	right.add()
	n.kids[i] = left
	n.items = insertAt(n.items, i, kid.items[at])
	n.kids = insertAt(n.kids, i+1, right)
	n.ran(i)
}

// without is a leaf, or a copy of it, that has lost an item, and may have none then.
func (n *node[T]) without(o *Owner, i int) *node[T] {
	if n.owner == o {
		n.items, n.count = slices.Delete(n.items, i, i+1), n.count-1
		return n
	}
	items := make([]T, len(n.items)-1)
	copy(items, n.items[:i])
	copy(items[i:], n.items[i+1:])
	return &node[T]{owner: o, items: items, count: n.count - 1}
}

// popMax takes the greatest item out of what is below n.
func popMax[T any](n *node[T], o *Owner) (_ *node[T], item T) {
	last := len(n.items) - 1
	if n.kids == nil {
		item = n.items[last]
		return n.without(o, last), item
	}
	kid, item := popMax(n.kids[last+1], o)
	n = n.own(o)
	n.kids[last+1], n.count = kid, n.count-1
	n.mend(last + 1)
	return n, item
}

// mend joins a kid that has lost an item with a neighbour when it has become too small:
// into one, or into two halves of what both have.
func (n *node[T]) mend(i int) {
	if len(n.kids[i].items) >= minItems {
		return
	}
	i = max(i-1, 0) // the left one of the two
	a, b := n.kids[i], n.kids[i+1]
	items := slices.Concat(a.items, n.items[i:i+1], b.items)
	kids := slices.Concat(a.kids, b.kids)
	if len(items) <= maxItems {
		n.kids[i] = &node[T]{owner: n.owner, items: items, kids: kids, count: a.count + 1 + b.count}
		n.items = slices.Delete(n.items, i, i+1)
		n.kids = slices.Delete(n.kids, i+1, i+2)
		return
	}
	at := len(items) / 2
	left := &node[T]{owner: n.owner, items: slices.Clone(items[:at])}
	right := &node[T]{owner: n.owner, items: slices.Clone(items[at+1:])}
	if kids != nil {
		left.kids, right.kids = slices.Clone(kids[:at+1]), slices.Clone(kids[at+1:])
	}
	left.add()
	right.add()
	n.items[i], n.kids[i], n.kids[i+1] = items[at], left, right
}

// add makes the count.
func (n *node[T]) add() {
	n.count = uint32(len(n.items))
	for _, kid := range n.kids {
		n.count += kid.count
	}
}
