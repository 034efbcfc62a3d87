package fsm

// merge makes the state that a restore leads to, in a draft that begins as the
// archive's.
//
// What people set up (policies, roles, mounts, users, settings) is the archive's.
// What machines keep among themselves (sessions, outcomes, clients' keys) is the
// current state's, and so are clock, serial and level, which never go back. And
// what has died since stays dead: revocations are the one thing that nobody wants
// undone by accident. Only with forget are they.
type merge struct {
	*Tx
	cur     *State // that is replaced
	archive *State
	caller  *Actor
	forget  bool
	serial  uint64 // of the command
	done    RestoreDone
}

func newMerge(cur, archive *State, caller *Actor, forget bool) *merge {
	return &merge{Tx: begin(archive), cur: cur, archive: archive, caller: caller, forget: forget, serial: cur.Serial}
}

// run merges. The order matters: marks and fences stand before anything asks what
// lives, and leases come when it is known which tokens do.
func (m *merge) run() *Error {
	m.header()
	m.window()
	m.dropLeases()
	m.keys()
	if !m.forget {
		m.tombstones()
		m.marks()
		m.fences()
		m.secretIDs()
	}
	m.tokens()
	m.keepCaller()
	if err := m.signed(); err != nil {
		return err
	}
	if err := m.leases(); err != nil {
		return err
	}
	m.auditDevices()
	m.snapshots()
	if m.st.checkRelations() != nil { // as whoever reads a snapshot of it will
		return invalid(ArchiveBad)
	}
	m.count()
	return nil
}

func (m *merge) header() {
	m.order()
	h, cur := &m.st.header, &m.cur.header
	h.Salt = cur.Salt
	h.Epoch = cur.Epoch + 1
	h.BatchUntil = max(h.BatchUntil, cur.BatchUntil)
	h.SignedUntil = max(h.SignedUntil, cur.SignedUntil)
	h.SignedLast = max(h.SignedLast, cur.SignedLast)
	h.LastCut = max(h.LastCut, cur.LastCut)
}

// order keeps what never goes back.
func (m *merge) order() {
	h, cur := &m.st.header, &m.cur.header
	h.Level = cur.Level
	h.Clock = max(h.Clock, cur.Clock)
	h.Serial = max(h.Serial, cur.Serial)
	h.PolicyVersion = h.Serial
}

// window takes over what makes retries harmless, so that a request which was
// answered before the restore is recognised after it, and drops what restores have
// staged.
func (m *merge) window() {
	replace(m, &m.st.sessions, &m.cur.sessions)
	replace(m, &m.st.outcomes, &m.cur.outcomes)
	replace(m, &m.st.keys, &m.cur.keys)
	m.st.lapses, m.st.callers = m.cur.lapses, m.cur.callers
	replace(m, &m.st.autopilot, &m.cur.autopilot) // it is about the servers of now
	none := newState()
	replace(m, &m.st.stagings, &none.stagings)
	replace(m, &m.st.stagedParts, &none.stagedParts)
}

// replace puts a whole table in the place of another.
func replace[K any, R record](m *merge, t, by *records[K, R]) {
	t.each(func(r R) bool {
		m.st.sum.remove(m.hash(r))
		return true
	})
	by.each(func(r R) bool {
		m.st.sum.add(m.hash(r))
		return true
	})
	*t = *by
}

// all lists the records of a table that is about to change.
func all[K any, R record](t *records[K, R]) []R {
	list := make([]R, 0, t.len())
	t.each(func(r R) bool {
		list = append(list, r)
		return true
	})
	return list
}

// auditDevices keeps those that the archive lacks: a restore must not be a way to
// do things unseen.
func (m *merge) auditDevices() {
	m.cur.auditDevices.each(func(d *AuditDevice) bool {
		if _, there := m.st.AuditDevice(d.Path); !there {
			putRecord(m.Tx, &m.st.auditDevices, d.Path, d)
		}
		return true
	})
}

// snapshots keeps what is known of the files of schedules: a restore changes none of
// them. Of a schedule that saved elsewhere, what was saved there says nothing.
func (m *merge) snapshots() {
	replace(m, &m.st.snapshotStatuses, &newState().snapshotStatuses)
	m.cur.snapshotStatuses.each(func(status *SnapshotStatus) bool {
		next, there := m.st.SnapshotSchedule(status.Name)
		if cur, ok := m.cur.SnapshotSchedule(status.Name); ok && there && cur.Target.place() == next.Target.place() {
			putRecord(m.Tx, &m.st.snapshotStatuses, status.Name, status)
		}
		return true
	})
}

// count says what the restore has come to.
func (m *merge) count() {
	at := m.clock()
	lives := func(s *State, t *Token) bool {
		same, ok := s.tokenByDigest(t.Digest)
		return ok && same.Serial == t.Serial && s.cause(same, at) == Alive
	}
	m.st.tokens.each(func(t *Token) bool {
		if m.st.cause(t, at) == Alive {
			m.done.Tokens++
			if !lives(m.cur, t) {
				m.done.Revived++
			}
		}
		return true
	})
	m.archive.tokens.each(func(t *Token) bool {
		if m.archive.cause(t, at) == Alive && !lives(&m.st, t) {
			m.done.KeptDead++
		}
		return true
	})
	m.cur.tokens.each(func(t *Token) bool {
		if m.cur.cause(t, at) == Alive && !lives(&m.st, t) {
			m.done.Lost++
		}
		return true
	})
}
