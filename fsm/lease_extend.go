package fsm

// LeaseExtend says that the other side knows of a lease's later deadline, which
// LeaseRenew granted. It changes nothing when the lease has ended meanwhile or
// another renewal came in between; said again, it is as good as the first time.
type LeaseExtend struct {
	Lease    string
	Deadline Instant
}

func (*LeaseExtend) kind() Kind { return kindLeaseExtend }
func (*LeaseExtend) anonymous() {}

func (e *LeaseExtend) fields(c *coder) {
	c.string(&e.Lease, MaxLeaseBytes)
	c.instant(&e.Deadline)
}

// Validate wants a lease.
func (e *LeaseExtend) Validate() error {
	if err := checkLease(e.Lease); err != nil {
		return err
	}
	return nil
}

func (*LeaseExtend) access(*State, *Actor) Access { return Access{} }

func (e *LeaseExtend) apply(tx *Tx, _ *Actor) (Result, *Error) {
	l, ok := tx.st.Lease(e.Lease)
	if !ok {
		return &LeaseStands{}, nil
	}
	now := tx.clock()
	switch {
	case l.Phase != Live || tx.st.leaseCause(l, now) != Alive:
		return &LeaseStands{Found: true}, nil
	case l.RenewedAt != 0 && l.Deadline == e.Deadline:
		return &LeaseStands{true, l}, nil
	case l.Granted == 0 || l.Granted != e.Deadline:
		return &LeaseStands{Found: true}, nil
	}
	l = tx.changeLease(l, func(l *Lease) {
		l.Deadline, l.TTL, l.RenewedAt = l.Granted, l.GrantedTTL, now
		l.Granted, l.GrantedTTL = 0, 0
	})
	return &LeaseStands{true, l}, nil
}
