package fsm

// signed merges what belongs to Waypoint's surface: users come back without their
// old tokens, and runners do not come back at all.
func (m *merge) signed() *Error {
	m.cookie()
	if !m.forget {
		replace(m, &m.st.runners, &m.cur.runners)
		m.st.runnerEnds = m.cur.runnerEnds
	}
	for _, u := range all(&m.st.signedUsers) {
		if _, there := m.cur.signedUsers.find(u.key()); there {
			continue
		}
		m.done.Users++
		if m.forget {
			continue
		}
		// Deleting a user leaves no other mark on what it was given.
		at := max(m.clock(), m.st.SignedLast)
		if _, err := m.fenceSigned(fenceKey{FenceSignedUser, u.key()}, at, Never, m.caller.Token.Accessor()); err != nil {
			return err
		}
	}
	return m.keepUser()
}

// keepUser is keepCaller for a Waypoint token, which is as good as its user.
func (m *merge) keepUser() *Error {
	t := m.caller.Token.signed
	if t == nil {
		return nil
	}
	u, ok := m.cur.SignedUserByID(t.User)
	if !ok {
		return nil
	}
	return m.putSignedUser(u)
}

// cookie keeps the current one, which runners out there know.
func (m *merge) cookie() {
	cookie := m.cur.SignedConfig().Cookie
	if len(cookie.Box) == 0 {
		return
	}
	config := *m.st.SignedConfig()
	config.Cookie = cookie
	putRecord(m.Tx, &m.st.signedSettings, struct{}{}, &config)
}
