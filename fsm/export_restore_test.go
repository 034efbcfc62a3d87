package fsm

import "bytes"

// restores checks what a restore has staged.
func (c *checker) restores() {
	s := c.s
	g, under := s.Staging()
	if under {
		c.want(g.Received <= g.Bytes && g.At <= s.Clock, "staging %+v", g)
	}
	var parts, bytes uint64
	s.stagedParts.each(func(p *StagedPart) bool {
		c.want(p.Staging <= s.Serial, "part of %d, above %d", p.Staging, s.Serial)
		if under && p.Staging == g.Serial {
			c.want(p.Seq == parts, "part %d, want %d", p.Seq, parts)
			parts++
			bytes += uint64(len(p.Data))
		} else {
			c.want(s.SweepPending(), "part of %d is left, and no sweep is to come", p.Staging)
		}
		return true
	})
	if under {
		c.want(parts == g.Parts && bytes == g.Received, "%d parts of %d bytes, want %d of %d", parts, bytes, g.Parts, g.Received)
	}
}

// wreckStaging writes to the tables of restores.
func (tx *Tx) wreckStaging() {
	tx.dropStaging()
	putRecord(tx, &tx.st.autopilot, struct{}{}, new(Autopilot))
	putRecord(tx, &tx.st.stagings, struct{}{}, &Staging{ID: "new"})
	putRecord(tx, &tx.st.stagedParts, partKey{1 << 60, 0}, &StagedPart{Staging: 1 << 60})
	budget := 1
	tx.sweepParts(&budget)
}

// CountStaged counts the parts that are there, of whatever restore.
func CountStaged(s *State) int { return s.stagedParts.len() }

// ForgetTombstones removes them all, as if many had died since. No log tells of it.
func ForgetTombstones(m *Machine) {
	tx := begin(m.View())
	for _, t := range all(&tx.st.tombstones) {
		delRecord(tx, &tx.st.tombstones, t.Serial)
		tx.unindexStone(t)
	}
	m.state.Store(tx.freeze())
}

// Changed is an archive of a state with another header.
func Changed(archive []byte, change func(cluster *Digest, level *uint64)) []byte {
	s, err := ReadState(bytes.NewReader(archive))
	if err != nil {
		panic(err)
	}
	change(&s.Cluster, &s.Level)
	var b bytes.Buffer
	s.WriteTo(&b)
	return b.Bytes()
}

// Relabelled is an archive in which some tokens have the accessors of others.
func Relabelled(archive []byte, accessors map[Digest]string) []byte {
	s, err := ReadState(bytes.NewReader(archive))
	if err != nil {
		panic(err)
	}
	tx := begin(s)
	for d, accessor := range accessors { // order: each stands alone
		t, _ := s.tokenByDigest(d)
		liar := t.clone()
		liar.accessor = accessorKey([]byte(accessor))
		tx.putToken(liar)
	}
	var b bytes.Buffer
	tx.freeze().WriteTo(&b)
	return b.Bytes()
}
