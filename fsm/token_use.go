package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// TokenUse is a read by a counted token. A read that costs a use is a write:
// the use is spent at the index where path and capability are judged, and the
// node answers from the draft as it stood right there (Machine.Watch).
type TokenUse struct {
	Path       string
	Capability policy.Capability
}

// TokenUsed is its result. By the time it is read the token may be gone.
type TokenUsed struct {
	Token Digest
	Last  bool // it was the last use
}

func (u *TokenUsed) fields(c *coder) {
	c.digest(&u.Token)
	c.bool(&u.Last)
}

func (*TokenUse) kind() Kind { return kindTokenUse }

func (u *TokenUse) fields(c *coder) {
	c.string(&u.Path, MaxPathBytes)
	v := uint32(u.Capability)
	c.u32(&v)
	if v > 1<<16-1 {
		c.fail(errNotCanonical)
	}
	u.Capability = policy.Capability(v)
}

// Validate bounds the path. Any other can be asked for, and the caller pays for
// asking.
func (u *TokenUse) Validate() error { return checkPath("path", u.Path) }

func (u *TokenUse) access(*State, *Actor) Access {
	return Access{Path: u.Path, Capability: u.Capability}
}

func (u *TokenUse) apply(_ *Tx, a *Actor) (Result, *Error) {
	return &TokenUsed{Token: a.Token.Digest, Last: a.Token.Counted() && a.Token.UsesLeft == 0}, nil
}

// Spent is the actor behind a request whose use has been charged: its token as
// the window keeps it, dead or alive. What such a request may do was judged in
// the log.
func (s *State) Spent(d Digest) (*Actor, bool) {
	t, ok := s.tokenByDigest(d)
	if !ok {
		return nil, false
	}
	return &Actor{Token: t, acl: s.acl(t.Policies)}, true
}
