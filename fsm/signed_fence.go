package fsm

import "time"

// fencedSigned says whether a fence stands over a signed token. A token says when it
// was issued and has no place in the order of commands, so that is what counts; ties
// are dead, and so is what does not say.
func (s *State) fencedSigned(t *SignedToken) bool {
	if s.fences.len() == 0 {
		return false
	}
	if _, revoked := s.fences.find(fenceKey{FenceSignedToken, t.Accessor}); revoked {
		return true
	}
	at, any := s.fenceAt(t)
	return any && t.Issued <= at
}

// fenceAt is the last of the fences that stand over tokens like t.
func (s *State) fenceAt(t *SignedToken) (at Instant, any bool) {
	keys := [...]fenceKey{
		{FenceSigned, ""}, {FenceSignedKey, t.KeyID},
		{FenceSignedUser, foldName(t.User)}, {FenceSignedUser, foldName(t.From)},
	}
	for _, k := range keys {
		if f, ok := s.fences.find(k); ok && (k.scope != FenceSignedUser || k.name != "") {
			at, any = max(at, f.At), true
		}
	}
	return at, any
}

// fenceSigned ends the signed tokens of a scope that were issued at an instant or
// before. Where none can be about there is nothing to write: it says whether there
// was.
func (tx *Tx) fenceSigned(k fenceKey, at, until Instant, actor string) (bool, *Error) {
	until = min(until, tx.st.SignedUntil)
	if until <= tx.clock() {
		return false, nil
	}
	room := MaxFences
	if k.single() {
		room -= FenceReserve
	}
	old, again := tx.st.fences.find(k)
	if !again && k.scope != FenceSigned && tx.st.fences.len() >= room {
		return false, verdict(Limit, TooManyFences, room)
	}
	f := &Fence{Scope: k.scope, Name: k.name, Serial: tx.serial(), At: at, Until: until, Actor: actor}
	if again {
		f.At, f.Until = max(f.At, old.At), max(f.Until, old.Until)
		del(tx, &tx.st.fenceEnds, fenceEnd{old.Until, k})
	}
	tx.putFence(f)
	return true, nil
}

// sign completes a signed token that is to be made: when it is issued and until
// when it is good. A term that is not positive means no end, as in Waypoint. What is
// made right after a fence is issued after it, whatever the clock says.
func (tx *Tx) sign(t SignedToken, term time.Duration) (*SignedMade, *Error) {
	k, ok := tx.st.CurrentKey(KeyWaypoint)
	if !ok {
		return nil, invalid(NoSigningKey)
	}
	t.KeyID = k.ID
	t.Issued, t.ValidUntil = tx.clock(), Never
	if at, any := tx.st.fenceAt(&t); any {
		t.Issued = max(t.Issued, at.Add(1))
	}
	tx.st.SignedLast = max(tx.st.SignedLast, t.Issued)
	if term > 0 {
		t.ValidUntil = t.Issued.Add(term)
	}
	tx.st.SignedUntil = max(tx.st.SignedUntil, t.Deadline())
	if _, revoked := tx.st.fences.find(fenceKey{FenceSignedToken, t.Accessor}); revoked {
		return nil, verdict(Exists, TokenExists)
	}
	if err := t.check(); err != nil { // what a foreign token says may not fit with what is added
		return nil, err
	}
	return &SignedMade{t}, nil
}
