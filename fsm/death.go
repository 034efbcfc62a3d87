package fsm

// Cause says what ended a token. Numbers are never reused.
type Cause uint8

// The causes of death, in the order in which they are looked for.
const (
	Alive      Cause = 0
	Revoked    Cause = 1 // revoked itself, with its tree
	Cut        Cause = 2 // revoked by revoke-orphan: its children live on
	Exhausted  Cause = 3 // its last use was spent
	Expired    Cause = 4
	PrefixMark Cause = 5 // made under a source path that was revoked
	ParentDead Cause = 6 // an ancestor died
	// A wrapping token is spent on handing its content out, or on moving it.
	ContentTaken Cause = 7 // unwrapped
	ContentMoved Cause = 8 // rewrapped
	NotIssued    Cause = 9 // a lease whose secret could not be made
	maxCause           = NotIssued
)

// String is the cause as people read it.
func (c Cause) String() string {
	return [...]string{"alive", "revoked", "revoked, children orphaned", "used up",
		"expired", "revoked by prefix", "ancestor died", "unwrapped", "rewrapped", "not issued"}[c]
}

// Death is what ended a token itself.
type Death struct {
	Cause  Cause
	Actor  string // accessor of who asked for it; empty: the cluster
	Serial uint64
	At     Instant
}

func (d *Death) fields(c *coder) {
	c.u8((*uint8)(&d.Cause))
	if d.Cause == Alive || d.Cause > maxCause {
		c.fail(errNotCanonical)
	}
	c.string(&d.Actor, AccessorBytes)
	c.u64(&d.Serial)
	c.instant(&d.At)
}

// optionalDeath is the death of what may be alive.
func (c *coder) optionalDeath(d **Death) {
	dead := *d != nil
	c.bool(&dead)
	if dead {
		if c.decoding {
			*d = new(Death)
		}
		(*d).fields(c)
	}
}

// cause says why t is dead at an instant, or Alive. A token is live when it is
// not revoked, exhausted, expired or under a mark, and so is every ancestor,
// none of them gone. The walk stops at a cut, whose children are orphans.
func (s *State) cause(t *Token, at Instant) Cause {
	if c := s.ownCause(t, at); c != Alive || s.quiet(at) {
		return c
	}
	for !t.Parent.IsZero() {
		p, ok := s.tokenByDigest(t.Parent)
		if !ok {
			return ParentDead
		}
		if p.Death != nil && p.Death.Cause == Cut {
			return Alive
		}
		if s.ownCause(p, at) != Alive {
			return ParentDead
		}
		t = p
	}
	return Alive
}

// ownCause looks at the token alone.
func (s *State) ownCause(t *Token, at Instant) Cause {
	switch {
	case t.Death != nil:
		return t.Death.Cause
	case t.Deadline <= at:
		return Expired
	case s.marked(t):
		return PrefixMark
	}
	return Alive
}

// quiet says that no ancestor of a token that is itself alive can be dead: no
// sweep is pending, no mark stands, and no deadline lies behind the instant.
func (s *State) quiet(at Instant) bool {
	if s.dead.len() > 0 || s.marks.len() > 0 {
		return false
	}
	first, ok := s.deadlines.first()
	return !ok || first.at > at
}

// orphan says whether no live token above t can end it.
func (s *State) orphan(t *Token) bool {
	if t.Parent.IsZero() {
		return true
	}
	p, ok := s.tokenByDigest(t.Parent)
	return ok && p.Death != nil && p.Death.Cause == Cut
}
