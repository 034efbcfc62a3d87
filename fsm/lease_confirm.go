package fsm

// LeaseConfirm says what became of an intent: the node that took the request has
// made the secret, or failed to. A secret that exists counts only from here on;
// one that may exist is revoked. The lease may have ended meanwhile, with its
// token for one. Then the client must not get the secret. A node that could not
// hand it out says so with an Error, in whatever order the log gets the two.
type LeaseConfirm struct {
	Lease string
	Error string // why it could not be made; empty: it was
	// Unsure goes with an error after which it may be made all the same: the other
	// side was asked and has not said what came of it. The lease stays open.
	Unsure bool
}

// LeaseStands is the result of LeaseConfirm and LeaseExtend.
type LeaseStands struct {
	Found bool   // the lease is there still
	Lease *Lease // it lives; nil: it does not
}

func (r *LeaseStands) fields(c *coder) {
	c.bool(&r.Found)
	lives := r.Lease != nil
	c.bool(&lives)
	if lives {
		if c.decoding {
			r.Lease = new(Lease)
		}
		r.Lease.fields(c)
	}
}

func (*LeaseConfirm) kind() Kind { return kindLeaseConfirm }
func (*LeaseConfirm) anonymous() {}

func (f *LeaseConfirm) fields(c *coder) {
	c.string(&f.Lease, MaxLeaseBytes)
	c.string(&f.Error, MaxLeaseErrorBytes)
	c.bool(&f.Unsure)
}

// Validate bounds the texts.
func (f *LeaseConfirm) Validate() error {
	if err := checkLease(f.Lease); err != nil {
		return err
	}
	if len(f.Error) > MaxLeaseErrorBytes {
		return invalid(OutOfRange, "error length", len(f.Error), "at most 240 bytes")
	}
	if f.Unsure && f.Error == "" {
		return invalid(OutOfRange, "unsure", f.Unsure, "false without an error")
	}
	return nil
}

// checkLease wants the id of a lease.
func checkLease(id string) *Error {
	switch {
	case id == "":
		return invalid(MissingLease)
	case len(id) > MaxLeaseBytes:
		return invalid(OutOfRange, "lease_id length", len(id), "at most 578 bytes")
	}
	return nil
}

func (*LeaseConfirm) access(*State, *Actor) Access { return Access{} }

func (f *LeaseConfirm) apply(tx *Tx, _ *Actor) (Result, *Error) {
	l, ok := tx.st.Lease(f.Lease)
	if !ok {
		return &LeaseStands{}, nil
	}
	cause := tx.st.leaseCause(l, tx.clock())
	made := cause == Alive && f.Error == ""
	l = tx.changeLease(l, func(l *Lease) {
		l.Open = l.Open && f.Unsure
		if f.Error != "" {
			l.LastError = f.Error
		}
		if l.Phase == Issuing && made {
			l.Phase = Live
		}
	})
	if made {
		return &LeaseStands{true, l}, nil
	}
	if cause == Alive {
		cause = NotIssued
	}
	tx.endLease(l, Death{Cause: cause, Serial: tx.serial(), At: tx.clock()}, false)
	return &LeaseStands{Found: true}, nil
}
