package fsm

// LiveBatch is the token of a batch token whose seal was verified, known by the
// digest of its text, if nothing has ended it: the key that sealed it is in force,
// its time has not run out, no fence stands over it, and its parent lives, if it
// has one. Vault asks for the parent alone, so that nothing else can end one.
func (s *State) LiveBatch(b *BatchToken, d Digest, at Instant) (*Token, bool) {
	k, ok := s.DataKey(KeyBatch, b.KeyID)
	switch {
	case !ok || k.RetiredAt != 0:
		return nil, false
	case b.Deadline() <= at, s.fenced(b):
		return nil, false
	case b.Serial > s.Serial:
		// From a future that this state has not seen: it was restored, or is behind.
		return nil, false
	}
	if !b.Parent.IsZero() {
		// A chosen id may be chosen again: who has it then is not who made b.
		p, ok := s.Live(b.Parent, at)
		if !ok || p.Serial > b.Serial {
			return nil, false
		}
	}
	return b.token(d), true
}

// find is the caller's token while it lives. Of a signed token it is said what has
// ended it; every other failure is the same, so that nobody learns which it was.
func (c *Caller) find(s *State, at Instant) (t *Token, err *Error) {
	var ok bool
	switch {
	case c.Signed != nil:
		return s.LiveSigned(c.Signed, c.Token, at)
	case c.Batch != nil:
		t, ok = s.LiveBatch(c.Batch, c.Token, at)
	default:
		t, ok = s.Live(c.Token, at)
	}
	if !ok || !t.admits(c.Addr) {
		return nil, verdict(Denied, PermissionDenied)
	}
	return t, nil
}
