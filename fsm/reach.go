package fsm

import "math"

// reach is what a revocation ends: a token with its tree or alone, or what was
// made under a prefix, with its trees. The zero reach is nothing.
type reach struct {
	root   *Token
	alone  bool
	prefix string
	until  uint64 // tokens of the prefix made later are not meant
	mount  *Mount // whose prefix it is
	lease  bool   // of a secrets engine, alone; no token is reached
}

// reachOf finds out what a command would end now, and refuses what the command
// would refuse.
func (s *State) reachOf(a *Actor, c Command) (r reach, err *Error) {
	switch c := c.(type) {
	case *PrefixRevoke:
		if t, ok := s.tokenByLease(c.Prefix); ok {
			return reach{root: t}, nil
		}
		if _, ok := s.Lease(c.Prefix); ok {
			return reach{lease: true}, nil
		}
		return reach{prefix: c.Prefix, until: s.Serial}, nil
	case *AuthDisable:
		m, ok := s.AuthMount(c.Path)
		if !ok {
			return r, nil
		}
		return reach{prefix: "auth/" + m.Path, until: math.MaxUint64, mount: m}, nil
	case *SecretDisable:
		m, ok := s.SecretMount(c.Path)
		if !ok {
			return r, nil
		}
		return reach{prefix: m.APIPath(), until: math.MaxUint64, mount: m}, nil
	case *TokenRevoke:
		if err := c.Target.missing(); err != nil {
			return r, err
		}
		r.root, _ = c.Target.find(s, a)
		switch {
		case r.root == nil:
		case r.root.IsBatch():
			return reach{}, invalid(BatchNotRevocable)
		case r.root.signed != nil:
			return reach{}, invalid(SignedHoldsNothing)
		case c.Target.By == ByAccessor && r.root.Digest != a.Token.Digest && s.cause(r.root, s.Clock) != Alive:
			return reach{}, invalid(AccessorTainted)
		}
		return r, nil
	case *LeaseRevoke:
		if _, r.lease = s.Lease(c.Lease); !r.lease {
			r.root, _ = s.tokenByLease(c.Lease)
		}
		return r, nil
	case *TokenRevokeOrphan:
		if err := c.admits(a); err != nil {
			return r, err
		}
		t, ok := s.Live(c.Token, s.Clock)
		if !ok {
			return r, invalid(TokenUnknown)
		}
		return reach{root: t, alone: true}, nil
	}
	return r, invalid(PlanUnknown)
}

// since holds what is named against a plan: it may be younger.
func (r *reach) since(p *Planned) *Error {
	if r.mount != nil && r.mount.Serial > p.Serial {
		return verdict(Conflict, PlanRemounted, r.mount.Path+"/")
	}
	if r.root != nil && r.root.Serial > p.Serial {
		return verdict(Conflict, PlanChanged, r.root.Accessor())
	}
	if _, prefix := p.Command.(*PrefixRevoke); prefix {
		r.until = p.Serial
	}
	return nil
}

// reaches says whether the end of what is meant is the end of t. Each token on the
// way up costs a look.
func (s *State) reaches(r *reach, t *Token, looks *int) bool {
	for ok := true; ok && *looks > 0; {
		*looks--
		switch {
		case r.root != nil && t.Digest == r.root.Digest, r.names(t):
			return true
		case r.alone, s.orphan(t):
			return false
		}
		t, ok = s.tokenByDigest(t.Parent)
	}
	return false
}

// names says whether t is meant by its own path.
func (r *reach) names(t *Token) bool {
	return r.prefix != "" && covers(r.prefix, t.Path) && t.Serial <= r.until && t.Path != rootPath
}

// members visits every live token that is reached at an instant, until visit says
// no or so many records have been looked at. It says whether it saw them all.
func (s *State) members(r *reach, at Instant, looks int, visit func(*Token)) bool {
	if r.root != nil {
		if s.cause(r.root, at) != Alive {
			return true
		}
		if r.alone {
			visit(r.root)
			return true
		}
		return s.memberTree(r, r.root, at, &looks, visit)
	}
	if r.prefix == "" {
		return true
	}
	all := true
	s.walkPaths(r.prefix, Place{}, func(_ Place, t *Token) bool {
		looks--
		if r.names(t) && s.cause(t, at) == Alive {
			all = s.memberTree(r, t, at, &looks, visit)
		}
		all = all && looks > 0
		return all
	})
	return all
}

// memberTree visits a live token and what hangs below it, but for those that are
// named themselves and have their own turn.
func (s *State) memberTree(r *reach, root *Token, at Instant, looks *int, visit func(*Token)) bool {
	stack := []*Token{root}
	for len(stack) > 0 && *looks > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		visit(t)
		s.children.ascend(childItem{parent: t.Digest.key()}, func(it childItem) bool {
			if it.parent != t.Digest.key() {
				return false
			}
			*looks--
			if c := s.token(it.child); s.ownCause(c, at) == Alive && !r.names(c) {
				stack = append(stack, c)
			}
			return *looks > 0
		})
	}
	return len(stack) == 0 && *looks > 0
}
