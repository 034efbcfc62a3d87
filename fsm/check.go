package fsm

import "encoding/binary"

// StateCheck has every machine note the hash of the state that it leaves, at the index
// of its entry, and carries what the leader has noted at an earlier one. It changes
// nothing that the state holds: what differs between two machines must not become part
// of either. Machine.Checks tells both; what follows from them is the cluster's matter.
type StateCheck struct {
	Of Check // zero: the leader has noted nothing yet
}

// Check is the hash of a state as it was right after the entry of an index.
type Check struct {
	Index uint64
	Hash  Hash
}

// KeptChecks is how many hashes a machine keeps.
const KeptChecks = 8

func (*StateCheck) kind() Kind { return kindStateCheck }
func (*StateCheck) cluster()   {}

func (s *StateCheck) fields(c *coder) {
	c.u64(&s.Of.Index)
	s.Of.Hash.fields(c)
}

// fields is the hash as it stands at the end of a stream, or a 0 for none.
func (h *Hash) fields(c *coder) {
	d := Digest(h.append(nil))
	c.optionalDigest(&d)
	*h = hashOf(d)
}

func hashOf(d [hashBytes]byte) (h Hash) {
	for i := range h {
		h[i] = binary.BigEndian.Uint64(d[8*i:])
	}
	return h
}

// Validate has nothing to refuse: a hash is any 32 bytes.
func (*StateCheck) Validate() error { return nil }

func (*StateCheck) access(*State, *Actor) Access { return Access{} }

func (s *StateCheck) apply(tx *Tx, _ *Actor) (Result, *Error) {
	tx.check = s
	return &Done{}, nil
}

// checks is what a machine has noted of itself. It is no part of the state, and does
// not change: readers never wait for an entry that is being applied.
type checks struct {
	own   []Check // at most KeptChecks, oldest first
	claim Check   // the last one that a leader has logged; zero: none yet
}

// noting is c with an entry that has a StateCheck; st is the state that it left.
func (c *checks) noting(s *StateCheck, st *State) *checks {
	next := &checks{claim: c.claim}
	if s.Of.Index != 0 {
		next.claim = s.Of
	}
	kept := c.own[max(0, len(c.own)-KeptChecks+1):]
	next.own = append(append(make([]Check, 0, KeptChecks), kept...), Check{st.index, st.Hash()})
	return next
}

// Checks are the hashes that this machine had at the last few indexes at which all
// note theirs, oldest first, and the last one that a leader has claimed. A machine
// whose state was replaced from outside the log begins anew. The list is shared.
func (m *Machine) Checks() (own []Check, claim Check) {
	c := m.checks.Load()
	return c.own, c.claim
}
