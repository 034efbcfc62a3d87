package fsm

// SessionOpen registers a node process as one that may propose with request
// ids. Opening twice is the same as once.
type SessionOpen struct{ Session uint64 }

func (*SessionOpen) kind() Kind        { return kindSessionOpen }
func (*SessionOpen) cluster()          {}
func (o *SessionOpen) fields(c *coder) { c.u64(&o.Session) }

// Validate refuses the number that stands for no session.
func (o *SessionOpen) Validate() error {
	if o.Session == 0 {
		return invalid(OutOfRange, "session", 0, "a number above 0")
	}
	return nil
}

func (*SessionOpen) access(*State, *Actor) Access { return Access{} }

func (o *SessionOpen) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if _, ok := tx.st.sessions.find(o.Session); ok {
		return &Done{}, nil
	}
	if tx.st.sessions.len() >= MaxSessions {
		return nil, verdict(Limit, TooManySessions)
	}
	putRecord(tx, &tx.st.sessions, o.Session, &session{id: o.Session, low: 1, touched: minute(tx.clock())})
	return &Done{}, nil
}
