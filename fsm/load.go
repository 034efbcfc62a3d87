package fsm

import "slices"

// tokenLoad takes in the tokens of a stream. They are most of it, and entering one
// after the other would search the whole of each index for each of them; sorted, an
// index is filled from its one end to the other.
type tokenLoad struct {
	tokens  []*Token
	sharing *sharing
}

// take notes a token. It is false for one out of order.
func (l *tokenLoad) take(t *Token) bool {
	if n := len(l.tokens); n > 0 && !l.tokens[n-1].Digest.key().less(t.Digest.key()) {
		return false
	}
	l.sharing.share(t)
	l.tokens = append(l.tokens, t)
	return true
}

// loadTokens enters all that were taken into the records and every index, as addToken
// does. It is false when two have one accessor.
func (tx *Tx) loadTokens(l *tokenLoad) bool {
	st, n := &tx.st, len(l.tokens)
	accessors, paths := make([]accessorItem, 0, n), make([]pathItem, 0, n)
	var children []childItem
	var deadlines []deadlineItem
	var dead []deadItem
	var births []birthItem
	for _, t := range l.tokens {
		st.tokens.tree.Set(tx.owner, row[tokenKey, *Token]{t.Digest.key(), t})
		st.sum.add(tx.hash(t))
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
