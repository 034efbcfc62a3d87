package fsm

// RestoreCommit puts the state that was staged in the place of this one, all at
// once, merged with what must not be undone (merge.go). It is the one command
// whose work grows with the state. A verdict leaves everything as it was.
type RestoreCommit struct {
	ID string
	// Caller is the digest of the caller's token under the salt of the archive, for
	// one of another cluster; zero when there is no caller.
	Caller Digest
}

// RestoreDone is its result.
type RestoreDone struct {
	Tokens   uint64 // that are alive now
	Revived  uint64 // of these: had no life in the state that was replaced
	KeptDead uint64 // that the archive has alive, and that stay dead
	Lost     uint64 // that were alive, and that the archive does not have
	Users    uint64 // of Waypoint's surface that are back
	Leases   uint64 // made since the archive, which are revoked outside now
}

func (d *RestoreDone) fields(c *coder) {
	for _, n := range [...]*uint64{&d.Tokens, &d.Revived, &d.KeptDead, &d.Lost, &d.Users, &d.Leases} {
		c.u64(n)
	}
}

func (*RestoreCommit) kind() Kind { return kindRestoreCommit }
func (*RestoreCommit) founds()    {}

func (r *RestoreCommit) fields(c *coder) {
	c.string(&r.ID, AccessorBytes)
	c.optionalDigest(&r.Caller)
}

// Validate wants the id of a restore.
func (r *RestoreCommit) Validate() error {
	if err := checkStagingID(r.ID); err != nil {
		return err
	}
	return nil
}

func (r *RestoreCommit) access(s *State, _ *Actor) Access { return s.restoreAccess(r.ID) }

func (r *RestoreCommit) apply(tx *Tx, a *Actor) (Result, *Error) {
	g, err := tx.st.stagingFor(r.ID, a)
	if err != nil {
		return nil, err
	}
	archive, err := tx.st.unstage(g)
	if err != nil {
		return nil, err
	}
	m := newMerge(&tx.st, archive, a, g.Forget)
	if archive.Cluster == tx.st.Cluster {
		err = m.run()
	} else {
		err = m.adopt(r.Caller)
	}
	if err != nil {
		return nil, err
	}
	index := tx.st.index
	tx.st = *m.freeze()
	tx.st.index = index
	return &m.done, nil
}

// unstage reads the state that was staged. What is wrong with it is not said in
// words: they would be part of the outcome, and change from release to release.
func (s *State) unstage(g *Staging) (*State, *Error) {
	if g.Received != g.Bytes {
		return nil, invalid(ArchiveShort, g.Received, g.Bytes)
	}
	archive, err := ReadState(&stagedStream{s: s, next: partKey{staging: g.Serial}})
	switch {
	case err != nil:
		return nil, invalid(ArchiveBad)
	case Digest(archive.Hash().append(nil)) != g.StateHash:
		return nil, invalid(ArchiveOther)
	case !archive.Initialized():
		return nil, invalid(ArchiveBlank)
	case archive.Cluster != s.Cluster && s.Initialized() && !g.Force:
		return nil, invalid(ArchiveForeign, archive.Cluster, s.Cluster)
	case archive.Level > s.Level:
		return nil, invalid(ArchiveNewer, archive.Level, s.Level)
	}
	return archive, nil
}
