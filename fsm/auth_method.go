package fsm

// authMethod is what the machine knows of one kind of login method.
type authMethod struct {
	// renewal is what bounds the renewal of a token that the method made.
	renewal func(*State, *AuthMount, *Token) (lifetime, *Error)
	// belongings are the kinds of records that are tied to a mount by its serial
	// and go with it.
	belongings []belonging
}

// belonging deletes the first record of its kind that a mount has. It says
// whether there was one.
type belonging func(tx *Tx, mount uint64) bool

// authMethods are the methods that can be enabled. The token method is always
// there, once, and is none of them.
var authMethods = map[string]authMethod{
	MountUserpass: {renewal: (*State).userRenewal, belongings: []belonging{(*Tx).dropFirstUser}},
	MountApprole:  {renewal: (*State).approleRenewal, belongings: []belonging{(*Tx).dropFirstApprole}},
	MountJWT:      {renewal: (*State).jwtRenewal, belongings: []belonging{(*Tx).dropFirstJWTRole, (*Tx).dropJWTConfig}},
	MountCert:     {renewal: (*State).unshownRenewal, belongings: []belonging{(*Tx).dropFirstCert}},
}

// methodAt finds the mount of a method at a path below auth/.
func (s *State) methodAt(method, path string) (*AuthMount, *Error) {
	m, ok := s.AuthMount(path)
	if !ok || m.Type != method {
		return nil, verdict(NotFound, NoSuchMount, "auth/"+path+"/")
	}
	return m, nil
}

func (m *Mount) belongings() []belonging {
	if m.Class == ClassSecret {
		return []belonging{(*Tx).dropFirstItem}
	}
	return authMethods[m.Type].belongings
}

// sweepMount deletes what is left of a closed mount, the mount last.
func (tx *Tx) sweepMount(serial uint64, budget *int) {
	m, ok := tx.st.mounts.find(serial)
	if !ok {
		return
	}
	for _, drop := range m.belongings() {
		for *budget > 0 && drop(tx, serial) {
			*budget--
		}
	}
	if *budget > 0 {
		*budget--
		del(tx, &tx.st.closed, serial)
		delRecord(tx, &tx.st.mounts, serial)
	}
}
