package fsm

// logins checks what belongs to login methods.
func (c *checker) logins() {
	s := c.s
	open, closed := 0, 0
	s.mounts.each(func(m *AuthMount) bool {
		if m.Closed {
			closed++
			_, ok := s.closed.get(m.Serial)
			c.want(ok == (s.CountLeases(m.Serial).All() == 0), "mount %d: closed, waits for the sweep: %v", m.Serial, ok)
			if !ok {
				closed--
			}
			return true
		}
		open++
		it, ok := s.mountPaths.get(mountItem{path: m.APIPath()})
		c.want(ok && it.serial == m.Serial, "mount %d: not at its path %s", m.Serial, m.Path)
		other, clash := s.mountPaths.from(mountItem{path: m.APIPath() + "/"})
		c.want(!clash || other.path[:min(len(other.path), len(m.APIPath())+1)] != m.APIPath()+"/", "mount %s: %s nests in it", m.Path, other.path)
		return true
	})
	c.want(s.mountPaths.len() == open, "%d mount paths, want %d", s.mountPaths.len(), open)
	c.want(s.closed.len() == closed, "%d closed mounts, want %d", s.closed.len(), closed)
	s.users.each(func(u *User) bool {
		_, ok := s.mounts.find(u.Mount)
		c.want(ok, "user %s of mount %d, which has no record", u.Name, u.Mount)
		c.want(isBcrypt(u.Hash), "user %s: hash %q", u.Name, u.Hash)
		c.want(checkUser("m", u.Name) == nil, "user %q: name", u.Name)
		c.want(isPolicySet(u.Params.Policies), "user %s: policies %q", u.Name, u.Params.Policies)
		return true
	})
	s.lockouts.each(func(l *Lockout) bool {
		_, ok := s.users.find(l.key())
		c.want(ok, "lockout of %s, who is gone", l.Name)
		_, ok = s.pardons.get(pardonItem{l.Lapse, l.key()})
		c.want(ok, "lockout of %s: pardon index", l.Name)
		return true
	})
	c.want(s.pardons.len() == s.lockouts.len(), "%d pardons, want %d", s.pardons.len(), s.lockouts.len())
}

// wreckLogins writes to every table of login methods.
func (tx *Tx) wreckLogins() {
	var all []*AuthMount
	tx.st.mounts.each(func(m *AuthMount) bool {
		all = append(all, m)
		return true
	})
	for _, m := range all {
		if u, any := tx.st.firstUser(m.Serial); any {
			tx.blame(m, u)
		}
		if !m.Closed {
			tx.closeMount(m)
		}
	}
	for _, m := range all {
		budget := 100
		tx.sweepMount(m.Serial, &budget)
	}
	tx.putMount(&AuthMount{Serial: 1 << 60, Path: "new", Type: MountUserpass})
	u := &User{Mount: 1 << 60, Name: "new"}
	putRecord(tx, &tx.st.users, u.key(), u)
	tx.blame(&AuthMount{}, u)
	tx.wreckJWTs()
	tx.wreckCerts()
}

// Counts of what is left of login methods.
func CountUsers(s *State) int    { return s.users.len() }
func CountLockouts(s *State) int { return s.lockouts.len() }
func CountMounts(s *State) int   { return s.mounts.len() }

// IsBcrypt is isBcrypt.
func IsBcrypt(h []byte) bool { return isBcrypt(h) }
