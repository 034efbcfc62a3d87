package fsm

import "strings"

// Fence is a not-before mark for tokens that have no record to be marked: it ends
// all of its scope that were made up to its serial. It is the counterpart of a
// Mark, which ends and sweeps records. A fence stands until the last token
// that it could hit has expired by itself.
//
// Tokens of a foreign maker have no serial. At is there for those: what was issued
// at that time or before is dead.
type Fence struct {
	Scope  FenceScope
	Name   string // what of the scope; empty for FenceCluster
	Serial uint64 // tokens made later are not touched
	At     Instant
	Until  Instant // when it has nothing left to hit
	Actor  string  // accessor of who asked for it
}

// FenceScope says which tokens a fence stands over. Numbers are never reused.
type FenceScope uint8

// The scopes.
const (
	FenceCluster FenceScope = 1 // all of them
	FenceKey     FenceScope = 2 // sealed with a key
	FencePath    FenceScope = 3 // made under a source path, by segments
	FenceRole    FenceScope = 4 // made by a token role
	FenceToken   FenceScope = 5 // one, by its accessor

	// Over signed tokens, which are known by when they were issued.
	FenceSigned      FenceScope = 6 // all of them
	FenceSignedKey   FenceScope = 7 // signed with a key
	FenceSignedUser  FenceScope = 8 // of a user, by its id in lower case: what it holds and what it gave out
	FenceSignedToken FenceScope = 9 // one, by its accessor
	maxFence                    = FenceSignedToken
)

type fenceKey struct {
	scope FenceScope
	name  string
}

func (k fenceKey) less(o fenceKey) bool {
	return k.scope < o.scope || k.scope == o.scope && k.name < o.name
}

// fenceEnd is when a fence may go.
type fenceEnd struct {
	at Instant
	fenceKey
}

func (e fenceEnd) less(o fenceEnd) bool {
	return e.at < o.at || e.at == o.at && e.fenceKey.less(o.fenceKey)
}

func (f *Fence) key() fenceKey { return fenceKey{f.Scope, f.Name} }

func (f *Fence) tag() recordTag { return tagFence }

func (f *Fence) fields(c *coder) {
	f.Scope.fields(c)
	c.string(&f.Name, MaxPathBytes)
	c.u64(&f.Serial)
	c.instant(&f.At)
	c.instant(&f.Until)
	c.string(&f.Actor, AccessorBytes)
}

func (s *FenceScope) fields(c *coder) {
	c.u8((*uint8)(s))
	if *s == 0 || *s > maxFence {
		c.fail(errNotCanonical)
	}
}

// fenced says whether a fence stands over b. It looks each of them up by name, so
// its cost does not grow with their number.
func (s *State) fenced(b *BatchToken) bool {
	if s.fences.len() == 0 {
		return false
	}
	over := func(scope FenceScope, name string) bool {
		f, ok := s.fences.find(fenceKey{scope, name})
		return ok && b.Serial <= f.Serial
	}
	if over(FenceCluster, "") || over(FenceKey, b.KeyID) || over(FenceToken, b.Accessor) ||
		b.Role != "" && over(FenceRole, b.Role) {
		return true
	}
	for end := 0; ; end++ {
		i := strings.IndexByte(b.Path[end:], '/')
		if i < 0 {
			return over(FencePath, b.Path)
		}
		if end += i; over(FencePath, b.Path[:end]) {
			return true
		}
	}
}

// fence ends the batch tokens of a scope that were made up to now. Where none can
// be about there is nothing to write: it says whether there was. One for the whole
// cluster is never refused for want of room.
func (tx *Tx) fence(k fenceKey, until Instant, actor string) (bool, *Error) {
	return tx.fenceUpTo(k, tx.serial(), until, actor)
}

// fenceUpTo is fence for those that were made up to a serial.
func (tx *Tx) fenceUpTo(k fenceKey, serial uint64, until Instant, actor string) (bool, *Error) {
	until = min(until, tx.st.BatchUntil)
	if until <= tx.clock() {
		return false, nil
	}
	room := MaxFences
	if k.single() {
		room -= FenceReserve
	}
	old, again := tx.st.fences.find(k)
	if !again && k.scope != FenceCluster && tx.st.fences.len() >= room {
		return false, verdict(Limit, TooManyFences, room)
	}
	f := &Fence{Scope: k.scope, Name: k.name, Serial: serial, At: tx.clock(), Until: until, Actor: actor}
	if again {
		f.Serial = max(f.Serial, old.Serial)
		f.Until = max(f.Until, old.Until)
		del(tx, &tx.st.fenceEnds, fenceEnd{old.Until, k})
	}
	tx.putFence(f)
	if k.scope != FenceToken {
		tx.reviewBatchLeases()
	} else if _, service := tx.st.tokenByAccessor(k.name); !service { // which no fence stands over
		tx.endLeasesOf(k.name)
	}
	return true, nil
}

func (tx *Tx) putFence(f *Fence) {
	putRecord(tx, &tx.st.fences, f.key(), f)
	put(tx, &tx.st.fenceEnds, fenceEnd{f.Until, f.key()})
}

// single says whether the fence is over one token, of which there may be many.
func (k fenceKey) single() bool { return k.scope == FenceToken || k.scope == FenceSignedToken }

// Fences lists those over more than a single token, in order of scope and name.
func (s *State) Fences() (fences []*Fence) {
	s.fences.each(func(f *Fence) bool {
		if !f.key().single() {
			fences = append(fences, f)
		}
		return true
	})
	return fences
}

// dropFences removes fences with nothing left to hit.
func (tx *Tx) dropFences(budget *int) {
	for *budget > 0 {
		first, ok := tx.st.fenceEnds.first()
		if !ok || first.at > tx.clock() {
			return
		}
		del(tx, &tx.st.fenceEnds, first)
		delRecord(tx, &tx.st.fences, first.fenceKey)
		*budget--
	}
}
