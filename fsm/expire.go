package fsm

// Expire clears away what log time has ended: expired tokens with their trees,
// expired leases, lapsed client keys, forgiven logins, expired secret-ids, idle
// sessions. The leader proposes it; what has expired is decided here, by the
// log's clock. An expired token is refused from its deadline on, cleared or not.
type Expire struct{ Limit uint32 } // records it may delete, 1..MaxSweepRecords

// Swept is the result of Expire and Sweep.
type Swept struct {
	Removed uint32
	More    bool // there is more to do at this clock
}

func (s *Swept) fields(c *coder) {
	c.u32(&s.Removed)
	c.bool(&s.More)
}

func (*Expire) kind() Kind        { return kindExpire }
func (*Expire) cluster()          {}
func (e *Expire) fields(c *coder) { c.u32(&e.Limit) }
func (e *Expire) Validate() error { return validSweepLimit(e.Limit) }

func validSweepLimit(n uint32) error {
	if n == 0 || n > MaxSweepRecords {
		return invalid(OutOfRange, "limit", n, "1..4096")
	}
	return nil
}

func (*Expire) access(*State, *Actor) Access { return Access{} }

func (e *Expire) apply(tx *Tx, _ *Actor) (Result, *Error) {
	budget := int(e.Limit)
	for budget > 0 {
		first, ok := tx.st.deadlines.first()
		if !ok || first.at > tx.clock() {
			break
		}
		tx.reap(tx.st.token(first.token), Death{Cause: Expired, Serial: tx.serial(), At: first.at}, "", &budget)
	}
	for budget > 0 {
		first, ok := tx.st.leaseEnds.first()
		if !ok || first.at > tx.clock() {
			break
		}
		l, _ := tx.st.Lease(first.id)
		tx.endLease(l, Death{Cause: Expired, Serial: tx.serial(), At: first.at}, false)
		budget--
	}
	for budget > 0 {
		first, ok := tx.st.lapses.first()
		if !ok || first.at > tx.clock() {
			break
		}
		k, _ := tx.st.keys.find(first.clientKey)
		tx.forgetKey(k)
		budget--
	}
	for budget > 0 {
		first, ok := tx.st.pardons.first()
		if !ok || first.at > tx.clock() {
			break
		}
		tx.forgive(first.userKey)
		budget--
	}
	tx.dropFences(&budget)
	tx.dropKeys(&budget)
	tx.dropRunners(&budget)
	tx.expireStaging(&budget)
	for budget > 0 {
		first, ok := tx.st.secretIDEnds.first()
		if !ok || first.at > tx.clock() {
			break
		}
		id, _ := tx.st.secretIDs.find(first.secretIDKey)
		tx.dropSecretID(id)
		budget--
	}
	tx.closeIdle(&budget)
	return &Swept{Removed: e.Limit - uint32(max(budget, 0)), More: budget <= 0}, nil
}

// closeIdle closes sessions without a command for SessionIdle. Their outcomes
// go a bounded number at a time, the session last.
func (tx *Tx) closeIdle(budget *int) {
	var idle []*session
	tx.st.sessions.each(func(s *session) bool {
		if s.touched.Add(SessionIdle) <= tx.clock() {
			idle = append(idle, s)
		}
		return len(idle) < *budget
	})
	for _, s := range idle {
		for *budget > 0 {
			*budget--
			first, ok := tx.st.firstOutcome(s.id)
			if !ok {
				delRecord(tx, &tx.st.sessions, s.id)
				break
			}
			tx.forgetBelow(s.id, first.seq+1)
		}
	}
}

// NextExpiry is when Expire will next have something to do, Never if nothing
// is waiting.
func (s *State) NextExpiry() Instant {
	next := Never
	if d, ok := s.deadlines.first(); ok {
		next = min(next, d.at)
	}
	if e, ok := s.leaseEnds.first(); ok {
		next = min(next, e.at)
	}
	if l, ok := s.lapses.first(); ok {
		next = min(next, l.at)
	}
	if p, ok := s.pardons.first(); ok {
		next = min(next, p.at)
	}
	if f, ok := s.fenceEnds.first(); ok {
		next = min(next, f.at)
	}
	if r, ok := s.runnerEnds.first(); ok {
		next = min(next, r.at)
	}
	if k, ok := s.spentKey(); ok {
		next = min(next, k.Until)
	}
	if e, ok := s.secretIDEnds.first(); ok {
		next = min(next, e.at)
	}
	if g, ok := s.Staging(); ok {
		next = min(next, g.lapses())
	}
	s.sessions.each(func(x *session) bool {
		next = min(next, x.touched.Add(SessionIdle))
		return true
	})
	return next
}

// NextDeadline is the first deadline of a token after the log's clock.
func (s *State) NextDeadline() (next Instant, ok bool) {
	d, ok := s.deadlines.from(deadlineItem{at: s.Clock + 1})
	return d.at, ok
}
