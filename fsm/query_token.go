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
		if _, ok := s.Live(it.token, at); ok {
			accessors = append(accessors, string(it.accessor[:]))
		}
		return true
	})
	return accessors
}
