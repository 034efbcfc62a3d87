package fsm

// leases checks what belongs to secrets engines.
func (c *checker) leases() {
	s := c.s
	held, batched, ends, due := 0, 0, 0, 0
	tallies := make(map[uint64]LeaseCounts)
	s.leases.each(func(l *Lease) bool {
		n := tallies[l.Mount]
		*n.of(l.Phase)++
		tallies[l.Mount] = n
		c.want(s.checkLease(l) == nil, "lease %s: %v", l.ID, s.checkLease(l))
		if !l.held() {
			due++
			_, ok := s.due.get(dueItem{l.Mount, l.NextTry, l.Serial, l.ID})
			c.want(ok, "lease %s: due index", l.ID)
			return true
		}
		for _, a := range l.holders() {
			held++
			_, ok := s.held.get(heldItem{a, l.Serial, l.ID})
			c.want(ok, "lease %s: held index of %s", l.ID, a)
		}
		if l.Batch != nil {
			batched++
			_, ok := s.batched.get(l.ID)
			c.want(ok, "lease %s: index of batch tokens' leases", l.ID)
		}
		ends++
		_, ok := s.leaseEnds.get(leaseEndItem{l.endsAt(), l.Serial, l.ID})
		c.want(ok, "lease %s: deadline index", l.ID)
		c.want(!c.clean() || s.leaseCause(l, s.Clock) == Alive || c.waits(l), "lease %s ended and no sweep is to come", l.ID)
		if t, ok := s.tokenByDigest(l.Owner); ok {
			c.want(l.Deadline <= t.Deadline || s.cause(t, s.Clock) != Alive || t.RenewedAt > 0, "lease %s outlives its token", l.ID)
		}
		return true
	})
	c.want(s.held.len() == held, "%d held, want %d", s.held.len(), held)
	c.want(s.batched.len() == batched, "%d leases of batch tokens, want %d", s.batched.len(), batched)
	c.want(s.leaseEnds.len() == ends, "%d lease deadlines, want %d", s.leaseEnds.len(), ends)
	c.want(s.due.len() == due, "%d due, want %d", s.due.len(), due)
	c.want(s.tallies.len() == len(tallies), "%d tallies, want %d", s.tallies.len(), len(tallies))
	for mount, n := range tallies { // order: each stands alone
		c.want(s.CountLeases(mount) == n, "mount %d: leases %+v, want %+v", mount, s.CountLeases(mount), n)
	}
	s.items.each(func(i *EngineItem) bool {
		m, ok := s.mounts.find(i.Mount)
		c.want(ok && m.Class == ClassSecret, "item %s of mount %d, which has no record", i.Path, i.Mount)
		return true
	})
	s.estates.each(func(e *Estate) bool {
		if e.Accessor == "" {
			return true
		}
		_, ok := s.tokenByAccessor(e.Accessor)
		c.want(!ok, "estate of %s, who is there", e.Accessor)
		return true
	})
}

// clean says that neither Sweep nor Expire has something to do.
func (c *checker) clean() bool {
	d, ok := c.s.deadlines.first()
	e, any := c.s.leaseEnds.first()
	return !c.s.SweepPending() && !(ok && d.at <= c.s.Clock) && !(any && e.at <= c.s.Clock)
}

// waits says that a lease's token was used up and that the window keeps it still.
func (c *checker) waits(l *Lease) bool {
	t, ok := c.s.tokenByDigest(l.Owner)
	return ok && t.Death != nil && t.Death.Cause == Exhausted
}

// wreckLeases writes to every table of secrets engines.
func (tx *Tx) wreckLeases() {
	var all []*Lease
	tx.st.leases.each(func(l *Lease) bool {
		all = append(all, l)
		return true
	})
	for _, l := range all {
		tx.changeLease(l, func(l *Lease) { l.Tries++ })
		tx.endLease(l, Death{Cause: Revoked}, true)
	}
	accessor := "nnnnnnnnnnnnnnnnnnnnnnnn"
	l := &Lease{ID: "new/x", Mount: 1 << 60, Phase: Live, OwnerAccessor: accessor, Owner: Digest{1}}
	tx.putLease(l)
	tx.endLeasesOf(accessor)
	tx.dropLease(l)
	i := &EngineItem{Mount: 1 << 60, Path: "new"}
	putRecord(tx, &tx.st.items, i.key(), i)
}

// CountEstates counts the estates that wait for the sweep.
func CountEstates(s *State) int { return s.estates.len() }

// CountItems counts the items of all secrets engines.
func CountItems(s *State) int { return s.items.len() }
