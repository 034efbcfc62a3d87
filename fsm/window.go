package fsm

import "time"

// The request-id window: what makes a retry harmless. A node's session keeps
// the outcome of every request above the lowest unanswered one.

// session is one node process that proposes.
type session struct {
	id      uint64
	low     uint64  // every number below was answered and is forgotten
	touched Instant // last command, in whole minutes so that it seldom changes
}

func (s *session) tag() recordTag { return tagSession }

func (s *session) fields(c *coder) {
	c.u64(&s.id)
	c.u64(&s.low)
	c.instant(&s.touched)
}

// outcome is what a request of a session was answered.
type outcome struct {
	session, seq uint64
	reply        []byte
	holds        Digest // the token whose last use this was; its record stays as long as this
}

func (o *outcome) tag() recordTag { return tagOutcome }

func (o *outcome) fields(c *coder) {
	c.u64(&o.session)
	c.u64(&o.seq)
	c.bytes(&o.reply, MaxCommandBytes)
	c.optionalDigest(&o.holds)
}

func minute(i Instant) Instant { return i - i%Instant(time.Minute) }

// recognise answers a request that was seen before, or refuses a number that
// may have been, or one too far ahead of the lowest unanswered. It returns nil
// for a new request.
func (tx *Tx) recognise(r RequestID) []byte {
	if r.Session == 0 {
		return nil
	}
	s, ok := tx.st.sessions.find(r.Session)
	if !ok {
		return encodeVerdict(verdict(NoSession, SessionUnknown))
	}
	if o, ok := tx.st.outcomes.find(outcomeKey{r.Session, r.Seq}); ok {
		return o.reply
	}
	low := max(s.low, r.Low)
	switch {
	case r.Seq < s.low:
		return encodeVerdict(verdict(NoSession, RequestForgotten))
	case r.Seq-low >= MaxOutcomesSession:
		return encodeVerdict(verdict(Limit, CounterFull))
	}
	return nil
}

// remember keeps a reply under the request id and forgets what the node says
// it has answered. A token whose last use the request was stays as long as the
// reply; without a session to keep that it goes at once.
func (tx *Tx) remember(r RequestID, reply []byte, holds Digest) {
	s, ok := tx.st.sessions.find(r.Session)
	if !ok {
		tx.release(holds)
		return
	}
	putRecord(tx, &tx.st.outcomes, outcomeKey{r.Session, r.Seq}, &outcome{r.Session, r.Seq, reply, holds})
	next := session{s.id, max(s.low, tx.forgetBelow(s.id, r.Low)), minute(tx.clock())}
	if next != *s {
		putRecord(tx, &tx.st.sessions, next.id, &next)
	}
}

// forgetBelow drops outcomes of a session below a number, and the tokens that
// they held: MaxForgotten at most, since each may hold a full cubbyhole. The
// commands that follow drop the rest. It returns the number below which none is
// left.
func (tx *Tx) forgetBelow(id, low uint64) uint64 {
	for n := 0; ; n++ {
		it, ok := tx.st.firstOutcome(id)
		if !ok || it.seq >= low {
			return low
		}
		if n == MaxForgotten {
			return it.seq
		}
		delRecord(tx, &tx.st.outcomes, outcomeKey{id, it.seq})
		tx.release(it.holds)
	}
}

func (s *State) firstOutcome(session uint64) (*outcome, bool) {
	it, ok := s.outcomes.from(row[outcomeKey, *outcome]{key: outcomeKey{session: session}})
	if !ok || it.key.session != session {
		return nil, false
	}
	return it.record, true
}

// release removes a token whose last use was spent, unless something else has
// removed it before.
func (tx *Tx) release(d Digest) {
	if d.IsZero() {
		return
	}
	if t, ok := tx.st.tokenByDigest(d); ok && t.Death != nil && t.Death.Cause == Exhausted {
		tx.removeToken(t, *t.Death, "")
	}
}
