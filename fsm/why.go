package fsm

// Why is what is known of the token with an accessor: its record as long as there
// is one, and the tombstone of one that is dead, which a token that still waits
// for its sweep has as its sweep will write it, but for the serial.
func (s *State) Why(accessor string, at Instant) (t *Token, stone *Tombstone) {
	t, ok := s.tokenByAccessor(accessor)
	if !ok {
		stone, _ = s.tombstoneByAccessor(accessor)
		return nil, stone
	}
	if s.cause(t, at) == Alive {
		return t, nil
	}
	return t, s.epitaph(t, at)
}

// EndOf says what ended a token, swept or not, as long as that is remembered.
func (s *State) EndOf(d Digest, at Instant) (Death, bool) {
	if stone, ok := s.Tombstone(d); ok {
		return stone.Death, true
	}
	t, ok := s.tokenByDigest(d)
	if !ok || s.cause(t, at) == Alive {
		return Death{}, false
	}
	return s.epitaph(t, at).Death, true
}

// epitaph is the tombstone that a dead token will have.
func (s *State) epitaph(t *Token, at Instant) *Tombstone {
	stone := &Tombstone{Token: t.Digest, Accessor: t.Accessor(), Path: t.Path}
	p, ok := t, true
	for ok && s.ownCause(p, at) == Alive {
		p, ok = s.tokenByDigest(p.Parent)
	}
	if !ok { // an ancestor without a record
		stone.Death.Cause = ParentDead
		return stone
	}
	stone.Death, stone.Through = s.ownDeath(p, at)
	if p.Digest != t.Digest {
		stone.Death.Cause, stone.Through = ParentDead, p.Accessor()
	}
	return stone
}

// ownDeath is what ended a token that is dead by itself.
func (s *State) ownDeath(t *Token, at Instant) (d Death, through string) {
	switch c := s.ownCause(t, at); c {
	case Expired:
		return Death{Cause: c, At: t.Deadline}, ""
	case PrefixMark:
		m, _ := s.markOver(t)
		return Death{Cause: c, Actor: m.Actor, Serial: m.Serial, At: m.At}, m.Prefix
	default:
		return *t.Death, ""
	}
}

// Ancestors are the tokens whose end would be the end of a live one, the nearest
// first.
func (s *State) Ancestors(t *Token) (above []*Token) {
	for !s.orphan(t) {
		p, ok := s.tokenByDigest(t.Parent)
		if !ok {
			break
		}
		above = append(above, p)
		t = p
	}
	return above
}
