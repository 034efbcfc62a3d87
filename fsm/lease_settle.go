package fsm

// LeaseSettle logs what became of attempts to revoke leases outside. The leader
// proposes it; delivery is at least once, so what it says of a lease that is gone
// or was tried again meanwhile is of no interest.
type LeaseSettle struct{ Attempts []Attempt }

// Attempt is one attempt to revoke a lease.
type Attempt struct {
	Lease   string
	Tries   uint32  // that had failed before it
	Error   string  // empty: it is gone
	NextTry Instant // after a failure, or after waiting
	Waited  bool    // its turn did not come: it counts for nothing, not even where Force is set
}

func (a *Attempt) fields(c *coder) {
	c.string(&a.Lease, MaxLeaseBytes)
	c.u32(&a.Tries)
	c.string(&a.Error, MaxLeaseErrorBytes)
	c.instant(&a.NextTry)
	c.bool(&a.Waited)
}

func (*LeaseSettle) kind() Kind { return kindLeaseSettle }
func (*LeaseSettle) cluster()   {}

func (s *LeaseSettle) fields(c *coder) {
	list(c, &s.Attempts, MaxSettled, func(c *coder, a *Attempt) { a.fields(c) })
}

// Validate bounds the attempts.
func (s *LeaseSettle) Validate() error {
	if len(s.Attempts) > MaxSettled {
		return invalid(OutOfRange, "number of attempts", len(s.Attempts), "at most 128")
	}
	for _, a := range s.Attempts {
		if err := checkLease(a.Lease); err != nil {
			return err
		}
		if len(a.Error) > MaxLeaseErrorBytes {
			return invalid(OutOfRange, "error length", len(a.Error), "at most 240 bytes")
		}
		if a.Waited && a.Error != "" {
			return invalid(OutOfRange, "waited", a.Waited, "false with an error")
		}
	}
	return nil
}

func (*LeaseSettle) access(*State, *Actor) Access { return Access{} }

func (s *LeaseSettle) apply(tx *Tx, _ *Actor) (Result, *Error) {
	for _, a := range s.Attempts {
		l, ok := tx.st.Lease(a.Lease)
		switch {
		case !ok || l.held() || l.Tries != a.Tries:
		case a.Waited:
			tx.changeLease(l, func(l *Lease) { l.NextTry = tx.nextTry(a) })
		case a.Error == "" || l.Force:
			tx.dropLease(l)
		default:
			tx.failedTry(l, a)
		}
	}
	return &Done{}, nil
}

// failedTry leaves a lease to be tried again. After MaxLeaseTries it is what
// Vault calls irrevocable: it is tried still, but seldom, and shown apart.
func (tx *Tx) failedTry(l *Lease, a Attempt) {
	tx.changeLease(l, func(l *Lease) {
		l.Tries++
		l.LastError = a.Error
		l.NextTry = tx.nextTry(a)
		if l.Tries >= MaxLeaseTries {
			l.Phase = Irrevocable
		}
	})
}

// nextTry is when a lease is tried again, within bounds.
func (tx *Tx) nextTry(a Attempt) Instant {
	return min(max(a.NextTry, tx.clock()), tx.clock().Add(MaxRetryPause))
}
