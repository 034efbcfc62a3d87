package fsm

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// CheckInvariants says what is wrong with a state that no sequence of entries
// may bring about: indexes that do not agree with the records, a hash that is
// not their sum, things that belong to nothing.
func CheckInvariants(s *State) error {
	c := checker{s: s}
	c.tokens()
	c.graves()
	c.window()
	c.logins()
	c.fences()
	c.approles()
	c.jwts()
	c.certs()
	c.quotas()
	c.leases()
	c.restores()
	c.snapshots()
	c.signed()
	var sum Hash
	var hs hasher
	s.eachRecord(func(r record) bool {
		if r.tag() != tagHeader {
			sum.add(hs.hash(r))
		}
		return true
	})
	c.want(sum == s.sum, "hash %x is not the sum of the records %x", s.sum, sum)
	return errors.Join(c.faults...)
}

type checker struct {
	s      *State
	faults []error
}

func (c *checker) want(ok bool, format string, args ...any) {
	if !ok && len(c.faults) < 10 {
		c.faults = append(c.faults, fmt.Errorf(format, args...))
	}
}

func (c *checker) tokens() {
	s := c.s
	var children, deadlines, dead int
	s.tokens.each(func(t *Token) bool {
		d := t.Digest
		_, ok := s.accessors.get(t.accessorItem())
		c.want(ok, "token %s: accessor index", d)
		found, ok := s.tokenByAccessor(t.Accessor())
		c.want(ok && found.tokenBody == t.tokenBody, "token %s: by its accessor", d)
		_, ok = s.paths.get(t.pathItem())
		c.want(ok, "token %s: path index", d)
		if !t.Parent.IsZero() {
			children++
			_, ok = s.children.get(t.childItem())
			c.want(ok, "token %s: child index", d)
			_, ok = s.tokenByDigest(t.Parent)
			c.want(ok, "token %s: parent %s has no record", d, t.Parent)
		}
		if t.Deadline != Never {
			deadlines++
			_, ok = s.deadlines.get(t.deadlineItem())
			c.want(ok, "token %s: deadline index", d)
		}
		if t.Death != nil && t.Death.Cause != Exhausted {
			dead++
			_, ok = s.dead.get(t.deadItem())
			c.want(ok, "token %s: dead index", d)
		}
		spent := t.Counted() && t.UsesLeft == 0
		c.want(spent == (t.Death != nil && t.Death.Cause == Exhausted), "token %s: %d of %d uses left, death %v", d, t.UsesLeft, t.NumUses, t.Death)
		c.want(t.UsesLeft <= t.NumUses, "token %s: %d of %d uses left", d, t.UsesLeft, t.NumUses)
		c.want(!t.Counted() || !c.hasChild(d), "token %s: counted and has children", d)
		c.want(t.Deadline != Never || t.IsRoot(), "token %s: never expires and is not root", d)
		c.want(t.Deadline == Never || t.TTL > 0, "token %s: deadline without a ttl", d)
		c.want(isPolicySet(t.Policies), "token %s: policies %q", d, t.Policies)
		return true
	})
	c.births()
	n := s.tokens.len()
	c.want(s.accessors.len() == n, "%d accessors, %d tokens", s.accessors.len(), n)
	c.want(s.paths.len() == n, "%d paths, %d tokens", s.paths.len(), n)
	c.want(s.children.len() == children, "%d children, want %d", s.children.len(), children)
	c.want(s.deadlines.len() == deadlines, "%d deadlines, want %d", s.deadlines.len(), deadlines)
	c.want(s.dead.len() == dead, "%d dead, want %d", s.dead.len(), dead)
	s.cubbyholes.each(func(v *Cubbyhole) bool {
		_, ok := s.tokenByDigest(v.Token)
		c.want(ok, "cubbyhole of %s, who has no record", v.Token)
		return true
	})
	s.wrappings.each(func(w *Wrapping) bool {
		t, ok := s.tokenByDigest(w.Token)
		c.want(ok && t.NumUses == 1 && t.Parent.IsZero() && len(w.Box) > 0, "wrapping of %s, who is no wrapping token", w.Token)
		return true
	})
}

// births has every young token, and nothing that is no token.
func (c *checker) births() {
	s, young := c.s, 0
	s.tokens.each(func(t *Token) bool {
		_, ok := s.births.get(t.birthItem())
		c.want(ok || t.Serial+PlanWindow < s.Serial, "token %s: birth index", t.Digest)
		if ok {
			young++
		}
		return true
	})
	c.want(s.births.len() == young, "%d births, %d tokens of them", s.births.len(), young)
	young = 0
	s.leases.each(func(l *Lease) bool {
		_, ok := s.leased.get(leasedItem{l.Serial, l.ID})
		c.want(ok || l.Serial+PlanWindow < s.Serial, "lease %s: index of young leases", l.ID)
		if ok {
			young++
		}
		return true
	})
	c.want(s.leased.len() == young, "%d young leases, %d of them are there", s.leased.len(), young)
}

func (c *checker) hasChild(d Digest) bool {
	_, ok := c.s.firstChild(d)
	return ok
}

func (c *checker) graves() {
	s := c.s
	s.tokens.deaths.scan(func(d deathItem) bool {
		t, ok := s.tokens.find(d.token)
		c.want(ok && d.death != nil && t.Death == d.death, "a death of %x, which is no token's", d.token)
		return true
	})
	latest := make(map[Digest]uint64)
	s.tombstones.each(func(t *Tombstone) bool {
		latest[t.Token] = t.Serial
		return true
	})
	c.want(s.buried.len() == len(latest), "%d buried, want %d", s.buried.len(), len(latest))
	for d, serial := range latest { // order: each stands alone
		b, ok := s.buried.get(buriedItem{token: d})
		c.want(ok && b.serial == serial, "buried index of %s", d)
	}
	byAccessor := make(map[string]uint64)
	s.tombstones.each(func(t *Tombstone) bool {
		byAccessor[t.Accessor] = t.Serial
		return true
	})
	c.want(s.epitaphs.len() == len(byAccessor), "%d epitaphs, want %d", s.epitaphs.len(), len(byAccessor))
	for a, serial := range byAccessor { // order: each stands alone
		stone, ok := s.tombstoneByAccessor(a)
		c.want(ok && stone.Serial == serial, "epitaph of %s", a)
	}
	c.want(s.tombstones.len() <= MaxTombstones, "%d tombstones", s.tombstones.len())
}

func (c *checker) window() {
	s := c.s
	held := make(map[Digest]bool)
	s.outcomes.each(func(o *outcome) bool {
		x, ok := s.sessions.find(o.session)
		c.want(ok && o.seq >= x.low, "outcome %d of session %d: forgotten", o.seq, o.session)
		held[o.holds] = true
		return true
	})
	s.tokens.each(func(t *Token) bool {
		if t.Death != nil && t.Death.Cause == Exhausted {
			c.want(held[t.Digest], "token %s: spent and held by no outcome", t.Digest)
		}
		return true
	})
	callers := make(map[Digest]int)
	s.keys.each(func(k *keyed) bool {
		callers[k.caller]++
		_, ok := s.lapses.get(lapseItem{k.lapsesAt(), clientKey{k.caller, k.key}})
		c.want(ok, "key of %s: lapse index", k.caller)
		return true
	})
	c.want(s.lapses.len() == s.keys.len(), "%d lapses, %d keys", s.lapses.len(), s.keys.len())
	c.want(s.callers.len() == len(callers), "%d callers, want %d", s.callers.len(), len(callers))
	for d, n := range callers { // order: each stands alone
		it, _ := s.callers.get(callerItem{caller: d})
		c.want(it.keys == n, "%d keys of %s, want %d", it.keys, d, n)
	}
}

// WithoutOutcomes is s as if the window kept no outcomes.
func WithoutOutcomes(s *State) *State {
	tx := begin(s)
	for {
		it, ok := tx.st.outcomes.first()
		if !ok {
			return tx.freeze()
		}
		delRecord(tx, &tx.st.outcomes, it.key)
	}
}

// Wreck is a command that writes to every table and then ends in a verdict. It has no
// encoding.
func Wreck() Command { return new(wrecker) }

// ApplyDecoded applies an entry of commands as they are. It returns the draft, the replies
// and what was seen by who watched, by the numbers of the requests.
func ApplyDecoded(m *Machine, envelopes ...*Envelope) (next *State, replies [][]byte, seen map[uint64]Seen) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.apply(m.View(), &Entry{Epoch: m.View().Epoch}, envelopes, new(int))
	seen = make(map[uint64]Seen)
	for k, s := range d.seen { // order: into another map
		seen[k.seq] = s
	}
	return d.next, d.replies, seen
}

type wrecker struct{ Tick }

func (*wrecker) apply(tx *Tx, _ *Actor) (Result, *Error) {
	tx.st.Serial += 100
	tx.st.Clock++
	var all []*Token
	tx.st.tokens.each(func(t *Token) bool {
		all = append(all, t)
		return true
	})
	for i, t := range all {
		t = tx.changeToken(t, func(t *Token) { t.Deadline, t.UsesLeft = Instant(i+1), 7 })
		t = tx.changeToken(t, func(t *Token) { t.Death = &Death{Cause: Revoked} })
		tx.removeToken(t, Death{Cause: Revoked}, "")
	}
	tx.addToken(&Token{Terms: new(Terms), tokenBody: &tokenBody{Digest: Digest{1}, accessor: accessorKey([]byte(strings.Repeat("n", AccessorBytes))), Deadline: Never}})
	putRecord(tx, &tx.st.policies, "new", &Policy{Name: "new"})
	delRecord(tx, &tx.st.policies, "default")
	putRecord(tx, &tx.st.roles, "new", &Role{Name: "new"})
	putRecord(tx, &tx.st.marks, "new", &Mark{Prefix: "new"})
	delRecord(tx, &tx.st.marks, "new")
	tx.wreckApproles()
	tx.wreckLogins()
	tx.wreckFences()
	tx.wreckQuotas()
	tx.wreckLeases()
	tx.wreckStaging()
	tx.wreckSnapshots()
	tx.wreckSigned()
	putRecord(tx, &tx.st.auditDevices, "new", &AuditDevice{Path: "new"})
	delRecord(tx, &tx.st.auditHeaders, "x-request-id")
	tx.addKeys([]NewKey{{Purpose: KeyBatch, ID: "wreck", Box: Sealed{Box: []byte("x")}}})
	return nil, invalid(OutOfRange)
}

// CommandNames lists the names of all kinds.
func CommandNames() (names []string) {
	for _, s := range specs { // order: a test compares sets
		names = append(names, s.name)
	}
	return names
}

// CountRecords counts the records of each kind.
func CountRecords(s *State) map[uint8]int {
	n := make(map[uint8]int)
	for tag := tagHeader; tag < tagEnd; tag++ {
		if newRecord(tag) != nil {
			n[uint8(tag)] = 0
		}
	}
	s.eachRecord(func(r record) bool {
		n[uint8(r.tag())]++
		return true
	})
	return n
}

// Unsummed is a stream without the hash at its end.
func Unsummed(stream []byte) []byte { return stream[:len(stream)-hashBytes] }

// ReadUnsummed reads a stream without its hash, which a fuzzer can not guess,
// and returns the hash it should have had.
func ReadUnsummed(stream []byte) (*State, []byte, error) {
	br := bufio.NewReader(bytes.NewReader(stream))
	s, err := readRecords(br)
	if err != nil {
		return nil, nil, err
	}
	if _, err := br.ReadByte(); err != io.EOF {
		return nil, nil, errTrailing
	}
	return s, s.Hash().append(nil), nil
}

// CountCubbyhole counts a token's values.
func CountCubbyhole(s *State, token Digest) int { return s.countCubbyhole(token, MaxCubbyholeEntries) }

// CountWrites counts the records that a request would write or delete.
func CountWrites(m *Machine, env *Envelope) (n int) {
	tx := begin(m.View())
	before := make(map[any]bool)
	place := func(r record) any { // in memory
		if t, ok := r.(*Token); ok {
			return [2]any{t.row(), t.Death}
		}
		return r
	}
	tx.st.eachRecord(func(r record) bool {
		before[place(r)] = true
		return true
	})
	tx.step(env)
	tx.st.eachRecord(func(r record) bool {
		if !before[place(r)] {
			n++
		}
		delete(before, place(r))
		return true
	})
	return n + len(before)
}

// ReasonTexts are the wordings of all reasons.
func ReasonTexts() map[Reason]string { return reasonTexts }
