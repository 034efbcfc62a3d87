package fsm

// addToken enters a new token into the records and every index.
func (tx *Tx) addToken(t *Token) {
	if tx.sharing != nil {
		tx.sharing.share(t)
	}
	tx.putToken(t)
	put(tx, &tx.st.accessors, t.accessorItem())
	put(tx, &tx.st.paths, t.pathItem())
	tx.indexToken(t)
	tx.indexBirth(t)
}

// indexBirth enters a token that is young enough, and lets go of what is not any
// more. Nobody looks beyond the window, so a little more in the index is no harm.
func (tx *Tx) indexBirth(t *Token) {
	if t.Serial+PlanWindow >= tx.st.Serial {
		put(tx, &tx.st.births, t.birthItem())
	}
	for range 2 {
		if old, ok := tx.st.births.first(); ok && old.serial+PlanWindow < tx.st.Serial {
			del(tx, &tx.st.births, old)
		}
	}
}

// indexToken enters what may change during a token's life.
func (tx *Tx) indexToken(t *Token) {
	if !t.Parent.IsZero() {
		put(tx, &tx.st.children, t.childItem())
	}
	if t.Deadline != Never {
		put(tx, &tx.st.deadlines, t.deadlineItem())
	}
	if t.Death != nil && t.Death.Cause != Exhausted {
		put(tx, &tx.st.dead, t.deadItem())
	}
}

func (tx *Tx) unindexToken(t *Token) {
	if !t.Parent.IsZero() {
		del(tx, &tx.st.children, t.childItem())
	}
	if t.Deadline != Never {
		del(tx, &tx.st.deadlines, t.deadlineItem())
	}
	if t.Death != nil {
		del(tx, &tx.st.dead, t.deadItem())
	}
}

// changeToken replaces old by a changed copy of it.
func (tx *Tx) changeToken(old *Token, change func(*Token)) *Token {
	t := old.clone()
	change(t)
	tx.replaceToken(old, t)
	return t
}

// replaceToken has another state of a token take the place of old.
func (tx *Tx) replaceToken(old, t *Token) {
	tx.moveIndex(old, t)
	tx.putToken(t)
}

// moveIndex touches only what differs: most changes are a use or a renewal.
func (tx *Tx) moveIndex(old, t *Token) {
	if old.Parent != t.Parent || old.Death != t.Death {
		tx.unindexToken(old)
		tx.indexToken(t)
		return
	}
	if old.Deadline != t.Deadline {
		if old.Deadline != Never {
			del(tx, &tx.st.deadlines, old.deadlineItem())
		}
		if t.Deadline != Never {
			put(tx, &tx.st.deadlines, t.deadlineItem())
		}
	}
}

// removeToken deletes a token with its cubbyhole, or what it wraps, and leaves a
// tombstone, and an estate when it had leases. It returns how many values went
// with it.
func (tx *Tx) removeToken(t *Token, cause Death, through string) int {
	values := tx.dropCubbyhole(t.Digest) + tx.dropWrapping(t.Digest)
	tx.unindexToken(t)
	del(tx, &tx.st.paths, t.pathItem())
	del(tx, &tx.st.accessors, t.accessorItem())
	del(tx, &tx.st.births, t.birthItem())
	tx.delToken(t.Digest.key())
	tx.bury(t, cause, through)
	tx.endLeasesOf(t.Accessor())
	return values
}

// kill ends a live token in constant time. A token with nothing below it and
// nothing in its cubbyhole goes at once; any other is marked dead, which its
// whole tree feels from this entry on, and is swept later.
func (tx *Tx) kill(t *Token, d Death) {
	if _, ok := tx.st.firstChild(t.Digest); !ok && !tx.st.hasCubbyhole(t.Digest) {
		tx.removeToken(t, d, "")
		return
	}
	tx.changeToken(t, func(t *Token) { t.Death = &d })
}

func (s *State) firstChild(parent Digest) (child *Token, ok bool) {
	it, ok := s.children.from(childItem{parent: parent.key()})
	if !ok || it.parent != parent.key() {
		return nil, false
	}
	return s.token(it.child), true
}

// dying is a token on the way down to the leaves of a dead tree, with what its
// tombstone will say.
type dying struct {
	token   *Token
	death   Death
	through string
}

// below is what a death means for a child: an ancestor of its died, the nearest
// one that did so itself. A child that was dead already keeps its own.
func (d *dying) below(child *Token) dying {
	if child.Death != nil {
		return dying{child, *child.Death, ""}
	}
	next := dying{child, d.death, d.through}
	if d.death.Cause != ParentDead {
		next.through = d.token.Accessor()
	}
	next.death.Cause = ParentDead
	return next
}

// reap deletes the dead tree under root, leaves first, root last, until the
// budget of records is used up. It says whether the root is gone. The order
// matters: as long as a descendant has a record, so does every ancestor, down to
// the one that is dead. The children of a cut below are made orphans, not
// deleted.
//
// Only changes cost: the way down to the first leaf is bounded by the depth of
// the tree, and each call makes at least one change, so that repeated calls end
// whatever their budget.
func (tx *Tx) reap(root *Token, why Death, through string, budget *int) bool {
	if root.Death != nil {
		why, through = *root.Death, ""
	}
	stack := []dying{{root, why, through}}
	for len(stack) > 0 && *budget > 0 {
		d := &stack[len(stack)-1]
		child, ok := tx.st.firstChild(d.token.Digest)
		if !ok {
			*budget -= 1 + tx.removeToken(d.token, d.death, d.through)
			stack = stack[:len(stack)-1]
			continue
		}
		if d.death.Cause == Cut {
			tx.changeToken(child, func(c *Token) { c.Parent = Digest{} })
			*budget--
			continue
		}
		stack = append(stack, d.below(child))
	}
	return len(stack) == 0
}
