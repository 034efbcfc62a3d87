package fsm

// LoginFail counts a wrong password against a user who exists. Nodes propose it
// only while the user is not locked out, so that guessing costs the log no more
// than the threshold of entries in each lockout.
type LoginFail struct {
	Mount   string
	Name    string
	Version uint64 // of the record whose password it was not
}

func (*LoginFail) kind() Kind { return kindLoginFail }
func (*LoginFail) anonymous() {}

func (f *LoginFail) fields(c *coder) {
	c.string(&f.Mount, MaxMountBytes)
	c.string(&f.Name, MaxUserBytes)
	c.u64(&f.Version)
}

// Validate bounds the names.
func (f *LoginFail) Validate() error {
	if err := checkUser(f.Mount, f.Name); err != nil {
		return err
	}
	return nil
}

func (*LoginFail) access(*State, *Actor) Access { return Access{} }

func (f *LoginFail) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountUserpass, f.Mount)
	if err != nil {
		return nil, err
	}
	u, ok := tx.st.User(m, f.Name)
	if ok && u.Version == f.Version && !m.Config.Lockout.Off && !tx.st.LockedOut(m, u, tx.clock()) {
		tx.blame(m, u)
	}
	return &Done{}, nil
}
