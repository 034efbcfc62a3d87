package fsm

import (
	"slices"
	"strings"
)

// tokenLoad takes in the tokens of a stream. They are most of it, and entering one
// after the other would search the whole of each index for each of them; sorted, an
// index is filled from its one end to the other.
type tokenLoad struct {
	tokens   []*Token
	texts    map[string]string
	policies map[string][]string
}

// maxShared bounds what is kept to be shared among tokens.
const maxShared = 4096

// take notes a token. It is false for one out of order.
func (l *tokenLoad) take(t *Token) bool {
	if len(t.Accessor) != AccessorBytes {
		return false
	}
	if n := len(l.tokens); n > 0 && l.tokens[n-1].Digest.compare(t.Digest) >= 0 {
		return false
	}
	l.share(t)
	l.tokens = append(l.tokens, t)
	return true
}

// share lets tokens have the same texts in memory: nearly all have one of a few source
// paths and one of a few sets of policies.
func (l *tokenLoad) share(t *Token) {
	if l.texts == nil {
		l.texts, l.policies = make(map[string]string), make(map[string][]string)
	}
	for _, s := range [...]*string{&t.Path, &t.Role, &t.DisplayName} {
		if same, ok := l.texts[*s]; ok {
			*s = same
		} else if len(l.texts) < maxShared {
			l.texts[*s] = *s
		}
	}
	if len(t.Policies) == 0 {
		return
	}
	name := strings.Join(t.Policies, ",") // which is in no policy's name
	if same, ok := l.policies[name]; ok && slices.Equal(same, t.Policies) {
		t.Policies = same
	} else if len(l.policies) < maxShared {
		l.policies[name] = t.Policies
	}
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
	tokens := st.tokens.own(tx)
	for _, t := range l.tokens {
		tokens.Load(row[Digest, *Token]{t.Digest, t})
		st.sum.add(tx.hash(t))
		accessors = append(accessors, accessorItem{t.accessorKey(), t.Digest})
		paths = append(paths, pathItem{t.Path, t.Serial, t.Digest})
		if !t.Parent.IsZero() {
			children = append(children, childItem{t.Parent, t.Serial, t.Digest})
		}
		if t.Deadline != Never {
			deadlines = append(deadlines, deadlineItem{t.Deadline, t.Serial, t.Digest})
		}
		if t.Death != nil && t.Death.Cause != Exhausted {
			dead = append(dead, deadItem{t.Death.Serial, t.Digest})
		}
		if t.Serial+PlanWindow >= st.Serial {
			births = append(births, birthItem{t.Serial, t.Digest})
		}
	}
	return load(tx, &st.accessors, accessors) && load(tx, &st.paths, paths) && load(tx, &st.children, children) &&
		load(tx, &st.deadlines, deadlines) && load(tx, &st.dead, dead) && load(tx, &st.births, births)
}

// load fills an empty index. It is false when two items compare equal.
func load[T any](tx *Tx, t *table[T], items []T) bool {
	tree := t.own(tx)
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
		tree.Load(it)
	}
	return true
}
