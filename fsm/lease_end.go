package fsm

// Estate is what a token leaves behind that is gone: leases that ended with it
// and that no sweep has seen yet. The one without an accessor is for the leases of
// batch tokens, of which a fence or a retired key may have ended any.
type Estate struct {
	Accessor string
	Death    Death
	Swept    string // leases below this id have been looked at; without an accessor only
}

func (e *Estate) tag() recordTag { return tagEstate }

func (e *Estate) fields(c *coder) {
	c.string(&e.Accessor, AccessorBytes)
	e.Death.fields(c)
	c.string(&e.Swept, MaxLeaseBytes+1)
}

// endLeasesOf ends the leases of a token in constant time, be it one with a
// record or a batch token that a fence stands over.
func (tx *Tx) endLeasesOf(accessor string) {
	if _, any := tx.st.firstHeld(accessor); !any {
		return
	}
	if _, again := tx.st.estates.find(accessor); again {
		return
	}
	death := Death{Cause: ParentDead, Actor: accessor, Serial: tx.serial(), At: tx.clock()}
	putRecord(tx, &tx.st.estates, accessor, &Estate{Accessor: accessor, Death: death})
}

// reviewBatchLeases has the sweep look at the leases of all batch tokens, of which
// some may be dead from now on.
func (tx *Tx) reviewBatchLeases() {
	if tx.st.batched.len() > 0 {
		death := Death{Cause: ParentDead, Serial: tx.serial(), At: tx.clock()}
		putRecord(tx, &tx.st.estates, "", &Estate{Death: death})
	}
}

func (s *State) firstHeld(accessor string) (id string, ok bool) {
	it, ok := s.held.from(heldItem{accessor: accessor})
	return it.id, ok && it.accessor == accessor
}

// sweepEstate has the leases revoked, and the estate goes when none is left.
func (tx *Tx) sweepEstate(e *Estate, budget *int) {
	if e.Accessor == "" {
		tx.sweepBatched(e, budget)
		return
	}
	for *budget > 0 {
		*budget--
		id, any := tx.st.firstHeld(e.Accessor)
		if !any {
			delRecord(tx, &tx.st.estates, e.Accessor)
			return
		}
		l, _ := tx.st.Lease(id)
		tx.endLease(l, e.Death, false)
	}
}

// sweepBatched looks through the leases of batch tokens.
func (tx *Tx) sweepBatched(e *Estate, budget *int) {
	next := e.Swept
	for *budget > 0 {
		*budget--
		id, any := tx.st.batched.from(next)
		if !any {
			delRecord(tx, &tx.st.estates, "")
			return
		}
		if l, _ := tx.st.Lease(id); tx.st.leaseCause(l, tx.clock()) != Alive {
			tx.endLease(l, e.Death, false)
		}
		next = id + "\x00"
	}
	putRecord(tx, &tx.st.estates, "", &Estate{Death: e.Death, Swept: next})
}

// endLease has a lease revoked outside from now on, or as soon as it is certain
// what is there. One that waits for another try is tried again at once. With
// force it is forgotten when that fails, and here if others have failed before.
func (tx *Tx) endLease(l *Lease, d Death, force bool) {
	if force && l.Tries > 0 {
		tx.dropLease(l)
		return
	}
	tx.changeLease(l, func(l *Lease) {
		if l.End == nil {
			l.End, l.Phase = &d, Revoking
			l.Granted, l.GrantedTTL = 0, 0
		}
		l.Force = l.Force || force
		l.NextTry = tx.clock()
		if l.Open {
			l.NextTry = max(l.NextTry, l.windowEnd())
		}
	})
}

// endMarkedLeases ends the leases under a mark, from *at on, moving it. Each that
// it looks at costs one of the budget.
func (tx *Tx) endMarkedLeases(m *Mark, at *string, why Death, budget *int) {
	from, end := leaseRange(m.Prefix)
	from = max(from, *at)
	for ; *budget > 0; *budget-- {
		it, ok := tx.st.leases.from(row[string, *Lease]{key: from})
		if !ok || it.key >= end {
			break
		}
		if l := it.record; l.Serial <= m.Serial && (l.held() || m.Force) {
			tx.endLease(l, why, m.Force)
		}
		from = it.key + "\x00"
	}
	*at = from
}

// leaseRange is where the ids of the leases below a path stand: from, and before
// end.
func leaseRange(path string) (from, end string) { return path + "/", path + string(rune('/'+1)) }

// leaseBelow says whether there is a lease below a path.
func (s *State) leaseBelow(path string) bool {
	from, end := leaseRange(path)
	it, ok := s.leases.from(row[string, *Lease]{key: from})
	return ok && it.key < end
}
