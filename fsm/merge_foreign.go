package fsm

// adopt makes the state of an archive of another cluster this one's: its tokens, its
// salt, its keyring, its identity. What has ended here says nothing about what lives
// there, so nothing is merged; what was here is gone but for the token of who
// restores, which is known from now on by its digest under the other salt.
//
// Leases stand for something outside, and nothing could revoke them afterwards: a
// cluster that has any is not replaced.
func (m *merge) adopt(caller Digest) *Error {
	if n := m.cur.leases.len(); n > 0 {
		return invalid(RestoreForeignLeases, n)
	}
	if m.caller != nil && (!m.caller.Token.HasRecord() || caller.IsZero()) {
		return invalid(RestorerBad)
	}
	m.order()
	m.st.Epoch = max(m.st.Epoch, m.cur.Epoch) + 1
	m.window()
	if err := m.adoptCaller(caller); err != nil {
		return err
	}
	m.auditDevices()
	replace(m, &m.st.snapshotSchedules, &newState().snapshotSchedules) // nothing is to be written over the other's files
	m.snapshots()
	if m.st.checkRelations() != nil {
		return invalid(ArchiveBad)
	}
	at := m.clock()
	m.done.Tokens, m.done.Lost = m.st.countLive(at), m.cur.countLive(at)
	return nil
}

// adoptCaller keeps the token of who restores, unless the archive has it, alive: two
// clusters may have been given one root token. Then it is the archive's, with all that
// is below it. No other token has its serial.
func (m *merge) adoptCaller(d Digest) *Error {
	if m.caller == nil {
		return nil
	}
	if _, ok := m.st.Live(d, m.clock()); ok {
		return nil
	}
	kept := m.caller.Token.clone()
	if other, taken := m.st.tokenByAccessor(kept.Accessor()); taken && other.Digest != d {
		return invalid(RestorerBad) // as good as never
	}
	m.st.Serial++
	m.st.PolicyVersion = m.st.Serial
	kept.Digest, kept.Serial = d, m.st.Serial
	m.retain(kept)
	return nil
}

// countLive counts the tokens that are alive at an instant.
func (s *State) countLive(at Instant) (n uint64) {
	s.tokens.each(func(t *Token) bool {
		if s.cause(t, at) == Alive {
			n++
		}
		return true
	})
	return n
}
