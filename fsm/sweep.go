package fsm

// Sweep clears away a bounded part of what revocations left: the trees of
// revoked tokens, the children of cuts, the tokens under marks, what belonged to
// disabled mounts, what restores left that were given up. They were dead from the
// revoking entry on; this only frees their memory. Leases that ended with a token, a
// mark or a mount are handed to those who revoke them outside.
type Sweep struct{ Limit uint32 } // records it may touch, 1..MaxSweepRecords

func (*Sweep) kind() Kind                   { return kindSweep }
func (*Sweep) cluster()                     {}
func (w *Sweep) fields(c *coder)            { c.u32(&w.Limit) }
func (w *Sweep) Validate() error            { return validSweepLimit(w.Limit) }
func (*Sweep) access(*State, *Actor) Access { return Access{} }

func (w *Sweep) apply(tx *Tx, _ *Actor) (Result, *Error) {
	budget := int(w.Limit)
	for budget > 0 {
		first, ok := tx.st.dead.first()
		if !ok {
			break
		}
		t := tx.st.token(first.token)
		tx.reap(t, *t.Death, "", &budget)
	}
	for budget > 0 {
		first, ok := tx.st.marks.first()
		if !ok {
			break
		}
		tx.sweepMark(first.record, &budget)
	}
	for budget > 0 { // before the mounts that they belong to
		serial, ok := tx.st.closedApproles.first()
		if !ok {
			break
		}
		tx.sweepApprole(serial, &budget)
	}
	for budget > 0 {
		first, ok := tx.st.estates.first()
		if !ok {
			break
		}
		tx.sweepEstate(first.record, &budget)
	}
	for budget > 0 {
		serial, ok := tx.st.closed.first()
		if !ok {
			break
		}
		tx.sweepMount(serial, &budget)
	}
	tx.sweepParts(&budget)
	return &Swept{Removed: w.Limit - uint32(max(budget, 0)), More: tx.st.SweepPending()}, nil
}

// sweepMark deletes the tokens that a mark kills and ends its leases, and deletes
// the mark when nothing is left. Otherwise the mark remembers how far it came.
func (tx *Tx) sweepMark(m *Mark, budget *int) {
	at, id := max(m.Prefix, m.Swept), m.SweptLeases
	why := Death{Cause: PrefixMark, Actor: m.Actor, Serial: m.Serial, At: m.At}
	for {
		t := tx.st.nextMarked(m, &at, budget)
		if t == nil {
			break
		}
		tx.reap(t, why, m.Prefix, budget)
	}
	tx.endMarkedLeases(m, &id, why, budget)
	if *budget > 0 {
		delRecord(tx, &tx.st.marks, m.Prefix)
		return
	}
	moved := *m
	moved.Swept, moved.SweptLeases = at, id
	putRecord(tx, &tx.st.marks, m.Prefix, &moved)
}

// SweepPending says whether Sweep has something to do.
func (s *State) SweepPending() bool {
	if _, left := s.leftPart(); left {
		return true
	}
	return s.dead.len() > 0 || s.marks.len() > 0 || s.estates.len() > 0 || s.closed.len() > 0 || s.closedApproles.len() > 0
}
