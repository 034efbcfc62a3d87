package fsm

import (
	"cmp"
	"slices"
)

// tokenLoad takes in the tokens of a stream. They are most of it, and entering one
// after the other would search the whole of each index for each of them; sorted, an
// index is filled from its one end to the other.
type tokenLoad struct {
	tokens []born
	last   tokenKey
}

// born is a token beside its serial: in the order of their making items of most indexes are
// nearly sorted, when tokens have few parents and few paths.
type born struct {
	serial uint64
	token  *Token
}

// take enters a token into the records, and notes it for the indexes. It is false for one
// out of order.
func (l *tokenLoad) take(tx *Tx, t *Token, h Hash) bool {
	if len(l.tokens) > 0 && !l.last.less(t.Digest.key()) {
		return false
	}
	l.last = t.Digest.key()
	l.tokens = append(l.tokens, born{t.Serial, t})
	tx.st.tokens.rows.tree.Set(tx.owner, t.row())
	if t.Death != nil {
		put(tx, &tx.st.tokens.deaths, deathItem{l.last, t.Death})
	}
	tx.st.sum.add(h)
	return true
}

// index enters all that were taken into every index, as addToken does. It is false when
// two have one accessor.
func (l *tokenLoad) index(tx *Tx) bool {
	st, n := &tx.st, len(l.tokens)
	slices.SortFunc(l.tokens, func(a, b born) int { return cmp.Compare(a.serial, b.serial) })
	accessors, paths := make([]accessorItem, 0, n), make([]pathItem, 0, n)
	children, deadlines := make([]childItem, 0, n), make([]deadlineItem, 0, n)
	var dead []deadItem
	var births []birthItem
	for _, b := range l.tokens {
		t := b.token
		accessors = append(accessors, t.accessorItem())
		paths = append(paths, t.pathItem())
		if !t.Parent.IsZero() {
			children = append(children, t.childItem())
		}
		if t.Deadline != Never {
			deadlines = append(deadlines, t.deadlineItem())
		}
		if t.Death != nil && t.Death.Cause != Exhausted {
			dead = append(dead, t.deadItem())
		}
		if t.Serial+PlanWindow >= st.Serial {
			births = append(births, t.birthItem())
		}
	}
	l.tokens = nil
	return load(tx, &st.accessors, accessors) && load(tx, &st.paths, paths) && load(tx, &st.children, children) &&
		load(tx, &st.deadlines, deadlines) && load(tx, &st.dead, dead) && load(tx, &st.births, births)
}

// load fills an empty index. It is false when two items compare equal.
func load[T any](tx *Tx, t *table[T], items []T) bool {
	tree := &t.tree
	slices.SortFunc(items, func(a, b T) int {
		switch {
		case tree.Less(a, b):
			return -1
		case tree.Less(b, a):
			return 1
		}
		return 0
	})
	for i, it := range items {
		if i > 0 && !tree.Less(items[i-1], it) {
			return false
		}
		tree.Set(tx.owner, it)
	}
	return true
}
