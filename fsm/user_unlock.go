package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// UserUnlock forgets the failed logins of a user, who may try again at once.
type UserUnlock struct {
	Mount string // accessor or path of the mount, as the request has it
	Name  string // in lower case
}

func (*UserUnlock) kind() Kind { return kindUserUnlock }

func (u *UserUnlock) fields(c *coder) {
	c.string(&u.Mount, MaxMountBytes)
	c.string(&u.Name, MaxUserBytes)
}

// Validate checks shape and bounds.
func (u *UserUnlock) Validate() error {
	if err := checkUser(u.Mount, u.Name); err != nil {
		return err
	}
	return nil
}

func (u *UserUnlock) access(*State, *Actor) Access {
	return Access{Path: "sys/locked-users/" + u.Mount + "/unlock/" + u.Name, Capability: policy.Update}
}

// apply does nothing for a user who is not locked out, as Vault does.
func (u *UserUnlock) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, ok := tx.st.AuthMountNamed(u.Mount)
	if !ok {
		return nil, invalid(NothingMounted, u.Mount)
	}
	tx.forgive(userKey{m.Serial, u.Name})
	return &Done{}, nil
}

// AuthMountNamed finds a login method by its accessor or its path.
func (s *State) AuthMountNamed(name string) (*AuthMount, bool) {
	for _, m := range s.AuthMounts() {
		if m.Accessor == name {
			return m, true
		}
	}
	return s.AuthMount(name)
}

// LockedUsers visits the users who may not log in at an instant, by mount in the
// order of their enabling, then by name, until f says no.
func (s *State) LockedUsers(at Instant, f func(*AuthMount, *Lockout) bool) {
	s.lockouts.each(func(l *Lockout) bool {
		m, ok := s.mounts.find(l.Mount)
		if !ok || m.Closed || !m.Config.Lockout.locks(l, at) {
			return true
		}
		return f(m, l)
	})
}
