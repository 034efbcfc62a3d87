package fsm

// IsOrphan says whether no token above t can end it, as look-ups show it.
func (s *State) IsOrphan(t *Token) bool { return s.orphan(t) }

// IsInitialRoot says whether t is the token that Bootstrap made. It has no lease
// in Vault, and so no times of one.
func (t *Token) IsInitialRoot() bool { return t.Path == rootPath }

// LiveAccessors lists the accessors of all tokens that are not dead at an
// instant, in order.
func (s *State) LiveAccessors(at Instant) (accessors []string) {
	s.accessors.scan(func(it accessorItem) bool {
		if t := s.token(it.token); s.cause(t, at) == Alive {
			accessors = append(accessors, t.Accessor())
		}
		return true
	})
	return accessors
}
