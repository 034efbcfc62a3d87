package fsm

// Leases stand for something outside, which no restore brings back or takes away.
// So their records are the current ones, whatever the archive has: what is known to
// it alone is gone outside, and what it does not know is to be revoked there.

// dropLeases empties the archive's tables. What its estates were to end is ended when
// the current leases are put in.
func (m *merge) dropLeases() {
	for _, l := range all(&m.st.leases) {
		m.dropLease(l)
	}
	none := newState()
	replace(m, &m.st.estates, &none.estates)
}

func (m *merge) leases() *Error {
	for _, l := range all(&m.cur.leases) {
		known := m.archive.hasLease(l)
		if mount, ok := m.st.mounts.find(l.Mount); !ok || !known && mount.Closed {
			return m.unrevocable(l.Mount)
		}
		m.putLease(l)
		cause := m.st.leaseCause(l, m.clock())
		if !known && cause == Alive {
			cause = Revoked
		}
		if !known {
			m.done.Leases++
		}
		switch {
		case !l.held():
		case cause != Alive || !m.st.owns(l):
			d := Death{Cause: cause, Actor: m.caller.Token.Accessor(), Serial: m.serial, At: m.clock()}
			if cause == Alive {
				d.Cause = ParentDead
			}
			m.endLease(l, d, false)
		default:
			m.shorten(l)
		}
	}
	return nil
}

func (s *State) hasLease(l *Lease) bool {
	same, ok := s.Lease(l.ID)
	return ok && same.Serial == l.Serial
}

// owns says whether the token that a lease is of is there.
func (s *State) owns(l *Lease) bool {
	if l.Owner.IsZero() {
		return true
	}
	t, ok := s.tokenByDigest(l.Owner)
	return ok && t.Accessor() == l.OwnerAccessor
}

// shorten keeps a lease from outliving its token, whose renewals since are undone.
func (m *merge) shorten(l *Lease) {
	t, ok := m.st.tokenByDigest(l.Owner)
	if !ok || l.Deadline <= t.Deadline && l.Granted <= t.Deadline {
		return
	}
	m.changeLease(l, func(l *Lease) {
		l.Deadline, l.Granted = min(l.Deadline, t.Deadline), min(l.Granted, t.Deadline)
	})
}

// unrevocable refuses to lose what it takes to revoke the leases of a mount.
func (m *merge) unrevocable(mount uint64) *Error {
	made, _ := m.cur.mounts.find(mount)
	n := 0
	m.cur.leases.each(func(l *Lease) bool {
		if l.Mount == mount && !m.archive.hasLease(l) {
			n++
		}
		return true
	})
	return invalid(RestoreLeases, made.Path, n)
}
