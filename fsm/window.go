package fsm

// The request-id window: what makes a retry harmless. A node's session keeps
// the outcome of every request above the lowest unanswered one; a client's own
// key keeps its outcome for KeyWindow of log time, and never less.

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

// keyed is what a request with a client's own key was answered.
type keyed struct {
	caller, key Digest
	request     Digest
	at          Instant
	sealed      []byte
	reply       []byte
}

func (k *keyed) tag() recordTag { return tagKeyed }

func (k *keyed) fields(c *coder) {
	c.digest(&k.caller)
	c.digest(&k.key)
	c.digest(&k.request)
	c.instant(&k.at)
	c.bytes(&k.sealed, MaxSealedSecretBytes)
	c.bytes(&k.reply, MaxCommandBytes)
}

func minute(i Instant) Instant { return i - i%(60*1e9) }

// recognise answers a request that was seen before, or refuses a number that
// may have been. It returns nil for a new request.
func (tx *Tx) recognise(r RequestID) []byte {
	if r.Session == 0 {
		return nil
	}
	s, ok := tx.st.sessions.get(&session{id: r.Session})
	if !ok {
		return encodeVerdict(verdict(NoSession, SessionUnknown))
	}
	if o, ok := tx.st.outcomes.get(&outcome{session: r.Session, seq: r.Seq}); ok {
		return o.reply
	}
	if r.Seq < s.low {
		return encodeVerdict(verdict(NoSession, RequestForgotten))
	}
	return nil
}

// recogniseKey does the same for a client's key. A key past its window counts
// as never seen, swept or not.
func (tx *Tx) recogniseKey(caller Digest, k *IdempotencyKey) []byte {
	old, ok := tx.st.keys.get(&keyed{caller: caller, key: k.Key})
	switch {
	case !ok:
		return nil
	case old.at.Add(KeyWindow) <= tx.clock():
		tx.forgetKey(old)
		return nil
	case old.request != k.Request:
		return encodeVerdict(verdict(Conflict, KeyReused))
	}
	return encodeReplay(old.sealed, old.reply)
}

// admitKey refuses a new key when its caller, or the table, has too many. None
// is ever evicted for another.
func (tx *Tx) admitKey(caller Digest) *Error {
	n, _ := tx.st.callers.get(callerItem{caller: caller})
	if n.keys >= MaxKeysPerCaller || tx.st.keys.len() >= MaxKeys {
		return verdict(Limit, TooManyKeys)
	}
	return nil
}

// remember keeps a reply under the request id and forgets what the node says
// it has answered.
func (tx *Tx) remember(r RequestID, reply []byte, holds Digest) {
	if r.Session == 0 {
		return
	}
	s, ok := tx.st.sessions.get(&session{id: r.Session})
	if !ok {
		return
	}
	putRecord(tx, &tx.st.outcomes, &outcome{r.Session, r.Seq, reply, holds})
	next := session{s.id, max(s.low, r.Low), minute(tx.clock())}
	if next != *s {
		putRecord(tx, &tx.st.sessions, &next)
		tx.forgetBelow(next.id, next.low)
	}
}

func (tx *Tx) rememberKey(caller Digest, k *IdempotencyKey, reply []byte) {
	at := tx.clock()
	putRecord(tx, &tx.st.keys, &keyed{caller, k.Key, k.Request, at, k.Sealed, reply})
	put(tx, &tx.st.lapses, lapseItem{at.Add(KeyWindow), caller, k.Key})
	n, _ := tx.st.callers.get(callerItem{caller: caller})
	put(tx, &tx.st.callers, callerItem{caller, n.keys + 1})
}

func (tx *Tx) forgetKey(k *keyed) {
	delRecord(tx, &tx.st.keys, k)
	del(tx, &tx.st.lapses, lapseItem{k.at.Add(KeyWindow), k.caller, k.key})
	if n, _ := tx.st.callers.get(callerItem{caller: k.caller}); n.keys > 1 {
		put(tx, &tx.st.callers, callerItem{k.caller, n.keys - 1})
	} else {
		del(tx, &tx.st.callers, callerItem{caller: k.caller})
	}
}

// forgetBelow drops the outcomes of a session below a number. A token that an
// outcome held, spent by that request, goes with it.
func (tx *Tx) forgetBelow(id, low uint64) {
	for {
		var first *outcome
		tx.st.outcomes.ascend(&outcome{session: id}, func(o *outcome) bool {
			first = o
			return false
		})
		if first == nil || first.session != id || first.seq >= low {
			return
		}
		delRecord(tx, &tx.st.outcomes, first)
		if t, ok := tx.st.tokenByDigest(first.holds); ok && t.Death != nil && t.Death.Cause == Exhausted {
			tx.removeToken(t, *t.Death)
		}
	}
}
