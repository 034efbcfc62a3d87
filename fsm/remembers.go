package fsm

// Remembers says whether a caller's idempotency key may still be recognised:
// a request under it is then for the machine to answer, whatever became of its
// caller.
func (s *State) Remembers(caller, key Digest) bool {
	k, ok := s.keys.find(clientKey{caller, key})
	return ok && k.at.Add(KeyWindow) > s.Clock
}
