package fsm

import "encoding/binary"

// approles checks what belongs to approle mounts.
func (c *checker) approles() {
	s := c.s
	open, closed, ends := 0, 0, 0
	s.approles.each(func(r *Approle) bool {
		m, ok := s.mounts.find(r.Mount)
		c.want(ok && m.Type == MountApprole, "role %s of mount %d, which is none for it", r.Name, r.Mount)
		c.want(checkApprole("m", r.Name) == nil && isRoleID(r.RoleID), "role %q: name or role-id %q", r.Name, r.RoleID)
		c.want(r.fits() == nil, "role %s: %+v", r.Name, r)
		if r.Closed {
			closed++
			_, ok := s.closedApproles.get(r.Serial)
			c.want(ok, "role %s: closed and waits for no sweep", r.Name)
			return true
		}
		open++
		it, _ := s.approleNames.get(approleItem{mount: r.Mount, text: r.Name})
		c.want(it.serial == r.Serial, "role %s: not at its name", r.Name)
		it, _ = s.approleIDs.get(approleItem{mount: r.Mount, text: r.RoleID})
		c.want(it.serial == r.Serial, "role %s: not at its role-id", r.Name)
		return true
	})
	c.want(s.approleNames.len() == open && s.approleIDs.len() == open, "%d names, %d role-ids, want %d", s.approleNames.len(), s.approleIDs.len(), open)
	c.want(s.closedApproles.len() == closed, "%d closed roles, want %d", s.closedApproles.len(), closed)
	counts := make(map[uint64]int)
	s.secretIDs.each(func(id *SecretID) bool {
		counts[id.Role]++
		_, ok := s.approles.find(id.Role)
		c.want(ok, "secret-id %s of role %d, which has no record", id.Digest, id.Role)
		it, _ := s.secretIDItems.get(id.item())
		c.want(it.digest == id.Digest, "secret-id %s: accessor index", id.Digest)
		if id.Deadline() != Never {
			ends++
			_, ok := s.secretIDEnds.get(secretIDEnd{id.Deadline(), id.key()})
			c.want(ok, "secret-id %s: index of ends", id.Digest)
		}
		return true
	})
	c.want(s.secretIDItems.len() == s.secretIDs.len(), "%d accessors of %d secret-ids", s.secretIDItems.len(), s.secretIDs.len())
	c.want(s.secretIDEnds.len() == ends, "%d ends, want %d", s.secretIDEnds.len(), ends)
	c.want(s.secretIDCounts.len() == len(counts), "%d counts, want %d", s.secretIDCounts.len(), len(counts))
	for role, n := range counts { // order: each stands alone
		c.want(s.countSecretIDs(role) == n, "role %d: counts %d, has %d", role, s.countSecretIDs(role), n)
	}
}

// wreckApproles writes to every table of approle.
func (tx *Tx) wreckApproles() {
	var open []*Approle
	tx.st.approles.each(func(r *Approle) bool {
		if !r.Closed {
			open = append(open, r)
		}
		return true
	})
	for _, r := range open {
		moved := *r
		moved.RoleID += "x"
		tx.putApprole(&moved)
		tx.dropFirstSecretID(r.Serial)
		tx.closeApprole(&moved)
		budget := 100
		tx.sweepApprole(r.Serial, &budget)
	}
	tx.putApprole(&Approle{Serial: 1 << 60, Mount: 1 << 60, Name: "new", RoleID: "new"})
	id := &SecretID{Role: 1 << 60, Digest: Digest{1}, Accessor: string(make([]byte, AccessorBytes)), TTL: 1, Uses: 2}
	tx.putSecretID(id)
	tx.spendSecretID(id)
}

// CountApproles counts what is left of approle.
func CountApproles(s *State) int { return s.approles.len() + s.secretIDs.len() }

// FullOfApproles is s as if it held so many roles, and so many secret-ids, of
// which so many are of the role of a name.
func FullOfApproles(s *State, mount, role string, roles, secretIDs, ofRole int) *State {
	tx := begin(s)
	m, _ := s.AuthMount(mount)
	r, _ := s.Approle(m, role)
	for i := tx.st.approles.len(); i < roles; i++ {
		put(tx, &tx.st.approles.table, row[uint64, *Approle]{uint64(i) + 1<<40, r})
	}
	for i := tx.st.secretIDs.len(); i < secretIDs; i++ {
		k := secretIDKey{role: 1 << 40}
		binary.BigEndian.PutUint64(k.digest[:], uint64(i))
		put(tx, &tx.st.secretIDs.table, row[secretIDKey, *SecretID]{k, nil})
	}
	if ofRole > 0 {
		put(tx, &tx.st.secretIDCounts, secretIDCount{r.Serial, ofRole})
	}
	return tx.freeze()
}
