package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// Actor is a caller that was found: a live token and what its policies grant.
type Actor struct {
	Token *Token
	acl   policy.ACL
}

// Resolve finds the live token behind a caller at an instant: it exists, is not
// dead itself, has no dead ancestor, and admits the caller's address. Of a batch
// or signed token, what it says of itself stands for the record.
func (s *State) Resolve(c Caller, at Instant) (*Actor, *Error) {
	if c.Token.IsZero() {
		return nil, verdict(Denied, PermissionDenied)
	}
	t, err := c.find(s, at)
	if err != nil {
		return nil, err
	}
	return &Actor{Token: t, acl: s.aclOf(t)}, nil
}

// Live finds a token that is not dead at an instant.
func (s *State) Live(d Digest, at Instant) (*Token, bool) {
	t, ok := s.tokenByDigest(d)
	if !ok || s.cause(t, at) != Alive {
		return nil, false
	}
	return t, true
}

// LiveByAccessor is Live for who knows only the accessor.
func (s *State) LiveByAccessor(accessor string, at Instant) (*Token, bool) {
	t, ok := s.tokenByAccessor(accessor)
	if !ok || s.cause(t, at) != Alive {
		return nil, false
	}
	return t, true
}
