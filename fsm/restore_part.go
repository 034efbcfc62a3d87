package fsm

// RestorePart brings the next part of the stream: StagedPartBytes of it, or what is
// left.
type RestorePart struct {
	ID   string
	Seq  uint64
	Data []byte
}

func (*RestorePart) kind() Kind { return kindRestorePart }
func (*RestorePart) founds()    {}

func (p *RestorePart) fields(c *coder) {
	c.string(&p.ID, AccessorBytes)
	c.u64(&p.Seq)
	c.bytes(&p.Data, StagedPartBytes)
}

// Validate bounds the part.
func (p *RestorePart) Validate() error {
	if err := checkStagingID(p.ID); err != nil {
		return err
	}
	if len(p.Data) == 0 || len(p.Data) > StagedPartBytes {
		return invalid(OutOfRange, "length of a part", len(p.Data), "1 byte to 64 KiB")
	}
	return nil
}

func (p *RestorePart) access(s *State, _ *Actor) Access { return s.restoreAccess(p.ID) }

func (p *RestorePart) apply(tx *Tx, a *Actor) (Result, *Error) {
	g, err := tx.st.stagingFor(p.ID, a)
	if err != nil {
		return nil, err
	}
	want := min(StagedPartBytes, g.Bytes-g.Received)
	switch {
	case p.Seq != g.Parts:
		return nil, invalid(PartUnexpected, p.Seq, g.Parts)
	case uint64(len(p.Data)) != want:
		return nil, invalid(PartLength, p.Seq, len(p.Data), want)
	}
	part := &StagedPart{Staging: g.Serial, Seq: p.Seq, Data: p.Data}
	putRecord(tx, &tx.st.stagedParts, part.key(), part)
	next := *g
	next.At, next.Received, next.Parts = tx.clock(), g.Received+want, g.Parts+1
	putRecord(tx, &tx.st.stagings, struct{}{}, &next)
	return &Done{}, nil
}

// stagingFor is stagingOf for who goes on with a restore, which is who began it.
func (s *State) stagingFor(id string, a *Actor) (*Staging, *Error) {
	g, err := s.stagingOf(id)
	switch {
	case err != nil:
		return nil, err
	case g.Actor != a.accessor():
		return nil, verdict(Conflict, StagingUnknown)
	}
	if err := a.mayRestore(restoreAccess(g.Force).Path); err != nil {
		return nil, err
	}
	return g, nil
}

// RestoreAbort gives a restore up. To one that is not under way it does nothing.
type RestoreAbort struct{ ID string }

func (*RestoreAbort) kind() Kind        { return kindRestoreAbort }
func (*RestoreAbort) founds()           {}
func (b *RestoreAbort) fields(c *coder) { c.string(&b.ID, AccessorBytes) }

// Validate wants the id of a restore.
func (b *RestoreAbort) Validate() error {
	if err := checkStagingID(b.ID); err != nil {
		return err
	}
	return nil
}

func (b *RestoreAbort) access(s *State, _ *Actor) Access { return s.restoreAccess(b.ID) }

func (b *RestoreAbort) apply(tx *Tx, a *Actor) (Result, *Error) {
	if _, err := tx.st.stagingFor(b.ID, a); err == nil {
		tx.dropStaging()
	}
	return &Done{}, nil
}
