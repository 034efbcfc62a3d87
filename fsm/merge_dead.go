package fsm

// What has ended tokens since the archive was made stands over those that it brings
// back. The greater of two always holds.

// tombstones has the dead of both states remembered, the oldest going first.
func (m *merge) tombstones() {
	m.cur.tombstones.each(func(t *Tombstone) bool {
		putRecord(m.Tx, &m.st.tombstones, t.Serial, t)
		return true
	})
	for m.st.tombstones.len() > MaxTombstones {
		first, _ := m.st.tombstones.first()
		delRecord(m.Tx, &m.st.tombstones, first.key)
	}
	none := newState()
	m.st.buried, m.st.epitaphs = none.buried, none.epitaphs
	m.st.tombstones.each(func(t *Tombstone) bool { // in order: the latest stands
		m.indexStone(t)
		return true
	})
}

// marks sweep anew: there are tokens again where they have swept before.
func (m *merge) marks() {
	m.cur.marks.each(func(mark *Mark) bool {
		next := *mark
		if old, both := m.st.marks.find(mark.Prefix); both {
			next.Serial = max(next.Serial, old.Serial)
			next.Force = next.Force || old.Force
		}
		next.Swept, next.SweptLeases = "", ""
		putRecord(m.Tx, &m.st.marks, next.Prefix, &next)
		return true
	})
}

func (m *merge) fences() {
	m.cur.fences.each(func(f *Fence) bool {
		next := *f
		if old, both := m.st.fences.find(f.key()); both {
			next.Serial = max(next.Serial, old.Serial)
			next.At = max(next.At, old.At)
			next.Until = max(next.Until, old.Until)
			del(m.Tx, &m.st.fenceEnds, fenceEnd{old.Until, old.key()})
		}
		m.putFence(&next)
		return true
	})
}

// secretIDs gives no login back that was used up or taken away.
func (m *merge) secretIDs() {
	for _, id := range all(&m.st.secretIDs) {
		now, ok := m.cur.secretIDs.find(id.key())
		switch {
		case !ok || now.Accessor != id.Accessor:
			m.dropSecretID(id)
		case now.Uses > 0 && (id.Uses == 0 || now.Uses < id.Uses):
			less := *id
			less.Uses, less.UpdatedAt = now.Uses, now.UpdatedAt
			putRecord(m.Tx, &m.st.secretIDs, less.key(), &less)
		}
	}
}

// keys keeps the keyring: everything that was sealed or signed since needs it. A key
// that only the archive has was retired and forgotten, and comes back retired, so that
// nodes know its tokens for dead; secrets in the archive may need a storage key. One
// that would be in use, and one whose term is another's now, are left out.
func (m *merge) keys() {
	old := all(&m.st.dataKeys)
	replace(m, &m.st.dataKeys, &m.cur.dataKeys)
	for _, k := range old {
		if _, both := m.cur.DataKey(k.Purpose, k.ID); both {
			continue
		}
		if _, taken := m.st.dataKeys.find(k.key()); taken {
			continue
		}
		back := *k
		if k.Purpose != KeyStorage {
			current, any := m.cur.CurrentKey(k.Purpose)
			if !k.Imported && !(any && k.Term < current.Term) {
				continue
			}
			back.RetiredAt, back.Until = m.clock(), m.st.BatchUntil
			if k.Purpose == KeyWaypoint {
				back.Until = m.st.SignedUntil
			}
		}
		putRecord(m.Tx, &m.st.dataKeys, back.key(), &back)
	}
}
