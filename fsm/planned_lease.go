package fsm

// A plan counts leases too. A lease that was made after it and that would end with
// what is planned stands against it, as a token does.

// leasesHold looks at the leases that were made after a plan's check.
func (s *State) leasesHold(r *reach, p *Planned, looks *int) (err *Error) {
	s.leased.ascend(leasedItem{serial: p.Checked + 1}, func(it leasedItem) bool {
		l, _ := s.Lease(it.id)
		switch hit := s.endsLease(r, l, looks); {
		case *looks <= 0:
			err = verdict(Recheck, PlanMoved)
		case hit:
			err = verdict(Conflict, PlanLeaseMade, l.ID)
		}
		return err == nil
	})
	return err
}

// endsLease says whether a lease lives and would end with what is meant. It costs
// a look, and one for each token on the way up.
func (s *State) endsLease(r *reach, l *Lease, looks *int) bool {
	*looks--
	if s.leaseCause(l, s.Clock) != Alive {
		return false
	}
	if r.endsByPath(l) {
		return true
	}
	t, ok := s.tokenByDigest(l.Owner)
	return ok && s.reaches(r, t, looks)
}

// endsByPath says whether a lease is meant by its own path or by that of the batch
// token that it belongs to.
func (r *reach) endsByPath(l *Lease) bool {
	if r.prefix == "" {
		return false
	}
	return covers(r.prefix, l.Path()) && l.Serial <= r.until ||
		l.Batch != nil && covers(r.prefix, l.Batch.Path) && l.Batch.Serial <= r.until
}

// youngerLease is a live lease of a token that was made after a serial; nil: there
// is none.
func (s *State) youngerLease(accessor string, serial uint64) (found *Lease) {
	s.held.ascend(heldItem{accessor: accessor, serial: serial + 1}, func(it heldItem) bool {
		if it.accessor != accessor {
			return false
		}
		if l, _ := s.Lease(it.id); s.leaseCause(l, s.Clock) == Alive {
			found = l
		}
		return found == nil
	})
	return found
}

// youngerLeaseByPath is the same for the leases that are meant by a path. They are
// MaxLeases at most.
func (s *State) youngerLeaseByPath(r *reach, serial uint64) (found *Lease) {
	if r.prefix == "" {
		return nil
	}
	look := func(l *Lease) bool {
		if l.Serial > serial && r.endsByPath(l) && s.leaseCause(l, s.Clock) == Alive {
			found = l
		}
		return found == nil
	}
	s.batched.scan(func(id string) bool {
		l, _ := s.Lease(id)
		return look(l)
	})
	from, end := leaseRange(r.prefix)
	if found == nil && r.until > serial { // else none of them is meant
		s.leases.ascend(row[string, *Lease]{key: from}, func(it row[string, *Lease]) bool {
			return it.key < end && look(it.record)
		})
	}
	return found
}
