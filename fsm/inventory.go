package fsm

import "slices"

// TokenFilter says which live tokens a listing shows. The zero filter shows all.
type TokenFilter struct {
	Policy        string
	Prefix        string // of the source path, by segments, as revocation by prefix takes it
	Role          string
	DisplayName   string
	Meta          []MetaPair // all of them
	Type          TokenType  // TypeUnset: any
	Wrapping      bool       // only wrapping tokens
	ExpiresBefore Instant    // 0: whenever
	Parent        string     // accessor
}

// Place is where a listing stands: right behind a token. The zero Place is the
// beginning. Which of the fields count depends on the listing's order.
type Place struct {
	Path   string
	At     Instant
	Serial uint64
}

// TokenPage is a part of a listing.
type TokenPage struct {
	Tokens []*Token
	Next   Place // where the next part begins
	More   bool  // there may be a next part
}

// ListTokens lists tokens that are alive at an instant: at most so many of them,
// after looking at no more than so many records. The order is that of an index
// which holds as few others as possible: by age below one parent, by deadline
// when that is asked for, else by source path and age. A place in it holds in any
// later state, too.
func (s *State) ListTokens(f *TokenFilter, from Place, limit, looks int, at Instant) TokenPage {
	p := TokenPage{Next: from}
	s.walk(f, from, at, func(place Place, t *Token) bool {
		if len(p.Tokens) == limit || looks == 0 {
			p.More = true
			return false
		}
		looks--
		p.Next = place
		if f.matches(t) && s.cause(t, at) == Alive {
			p.Tokens = append(p.Tokens, t)
		}
		return true
	})
	return p
}

// walk visits what may match behind a place until visit says no.
func (s *State) walk(f *TokenFilter, from Place, at Instant, visit func(Place, *Token) bool) {
	switch {
	case f.Parent != "":
		if p, ok := s.LiveByAccessor(f.Parent, at); ok {
			s.walkChildren(p, from, visit)
		}
	case f.ExpiresBefore != 0:
		s.walkDeadlines(f.ExpiresBefore, from, visit)
	default:
		s.walkPaths(f.Prefix, from, visit)
	}
}

func (s *State) walkChildren(p *Token, from Place, visit func(Place, *Token) bool) {
	s.children.ascend(childItem{parent: p.Digest.key(), serial: from.Serial}, func(it childItem) bool {
		if it.parent != p.Digest.key() {
			return false
		}
		return it.serial == from.Serial || visit(Place{Serial: it.serial}, s.token(it.child))
	})
}

func (s *State) walkDeadlines(before Instant, from Place, visit func(Place, *Token) bool) {
	s.deadlines.ascend(deadlineItem{at: from.At, serial: from.Serial}, func(it deadlineItem) bool {
		if it.at >= before {
			return false
		}
		place := Place{At: it.at, Serial: it.serial}
		return place == from || visit(place, s.token(it.token))
	})
}

// walkPaths jumps over names such as prefix-x, which stand between a prefix and
// what lies below it.
func (s *State) walkPaths(prefix string, from Place, visit func(Place, *Token) bool) {
	at := pathItem{path: from.Path, serial: from.Serial}
	if from.Path < prefix {
		at = pathItem{path: prefix}
	}
	for again := true; again; {
		again = false
		s.paths.ascend(at, func(it pathItem) bool {
			if !covers(prefix, it.path) {
				at, again = pathItem{path: prefix + "/"}, it.path < prefix+"/"
				return false
			}
			place := Place{Path: it.path, Serial: it.serial}
			return place == from || visit(place, s.token(it.token))
		})
	}
}

// matches asks for everything but liveness.
func (f *TokenFilter) matches(t *Token) bool {
	switch {
	case f.Prefix != "" && !covers(f.Prefix, t.Path),
		f.Role != "" && f.Role != t.Role,
		f.DisplayName != "" && f.DisplayName != t.DisplayName,
		f.ExpiresBefore != 0 && t.Deadline >= f.ExpiresBefore,
		f.Wrapping && !t.IsWrapping(),
		f.Type == TypeService && t.IsWrapping(), f.Type == TypeBatch,
		f.Policy != "" && !slices.Contains(t.Policies, f.Policy):
		return false
	}
	for _, want := range f.Meta {
		if !slices.Contains(t.Meta, want) {
			return false
		}
	}
	return true
}

// IsWrapping says whether t is a wrapping token.
func (t *Token) IsWrapping() bool { return len(t.Policies) == 1 && t.Policies[0] == wrappingPolicy }

// ParentAccessor is the accessor of the token whose end would be t's; empty for an
// orphan.
func (s *State) ParentAccessor(t *Token) string {
	if s.orphan(t) {
		return ""
	}
	p, ok := s.tokenByDigest(t.Parent)
	if !ok {
		return ""
	}
	return p.Accessor()
}

// CountChildren counts the live children of a live token, looking at no more than
// so many. more says that there are others.
func (s *State) CountChildren(t *Token, most int, at Instant) (n int, more bool) {
	s.children.ascend(childItem{parent: t.Digest.key()}, func(it childItem) bool {
		if it.parent != t.Digest.key() {
			return false
		}
		if more = most == 0; more {
			return false
		}
		most--
		if s.ownCause(s.token(it.child), at) == Alive {
			n++
		}
		return true
	})
	return n, more
}
