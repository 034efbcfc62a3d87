package fsm

// SignedUser is a user of Waypoint's: whom signed tokens log in. Its policies say
// what they may do outside Waypoint's own surface.
type SignedUser struct {
	ID        string // as it was given; letter case does not count
	Username  string // unique, letter case apart
	Display   string
	Email     string
	Policies  []string // sorted; never root
	Serial    uint64
	CreatedAt Instant

	// What its tokens are told, held ready; in no record.
	granted []string
	meta    []MetaPair
}

// DefaultSignedUser is the id of the user that bootstrapping makes, whom tokens
// from before there were users log in.
const (
	DefaultSignedUser     = "00000000000000000000000001"
	defaultSignedUsername = "waypoint"
)

type signedName struct{ name, id string } // both folded

func (a signedName) less(b signedName) bool { return a.name < b.name }

func (u *SignedUser) key() string { return foldName(u.ID) }

func (u *SignedUser) tag() recordTag { return tagSignedUser }

func (u *SignedUser) fields(c *coder) {
	c.string(&u.ID, MaxSignedIDBytes)
	c.string(&u.Username, maxUsernameBytes)
	c.string(&u.Display, MaxNameBytes)
	c.string(&u.Email, MaxNameBytes)
	c.strings(&u.Policies, MaxPolicies, MaxNameBytes)
	c.u64(&u.Serial)
	c.instant(&u.CreatedAt)
}

// UserRef names a user by its id or its name; the zero one is the caller's.
type UserRef struct {
	By   UserRefBy
	Text string
}

// UserRefBy is the way a user is named.
type UserRefBy uint8

// The ways, append-only.
const (
	UserSelf   UserRefBy = 0
	UserByID   UserRefBy = 1
	UserByName UserRefBy = 2
	UserByAny  UserRefBy = 3 // id, then name
)

func (r *UserRef) fields(c *coder) {
	c.u8((*uint8)(&r.By))
	if r.By > UserByAny {
		c.fail(errNotCanonical)
	}
	c.string(&r.Text, MaxSignedIDBytes)
}

func (r *UserRef) check() *Error {
	if r.By > UserByAny || len(r.Text) > MaxSignedIDBytes || r.By == UserSelf && r.Text != "" {
		return invalid(OutOfRange, "user", r.Text, "an id or a name of at most 128 bytes")
	}
	return nil
}

// SignedUserByID finds a user by its id, letter case apart.
func (s *State) SignedUserByID(id string) (*SignedUser, bool) {
	if id == "" {
		return nil, false
	}
	return s.signedUsers.find(foldName(id))
}

// SignedUser finds the user that a reference names for a caller, who may be nil.
func (s *State) SignedUser(r UserRef, a *Actor) (u *SignedUser, ok bool) {
	switch r.By {
	case UserSelf:
		if a != nil && a.Token.signed != nil && a.Token.signed.Kind != SignedRunner {
			return s.SignedUserByID(a.Token.signed.User)
		}
		return nil, false
	case UserByName:
	default:
		if u, ok = s.SignedUserByID(r.Text); ok || r.By == UserByID {
			return u, ok
		}
	}
	it, ok := s.signedNames.get(signedName{name: foldName(r.Text)})
	if !ok {
		return nil, false
	}
	return s.signedUsers.find(it.id)
}

// SignedUsers lists the users in the order of their ids, until f says no.
func (s *State) SignedUsers(f func(*SignedUser) bool) { s.signedUsers.each(f) }

// CountSignedUsers is how many there are.
func (s *State) CountSignedUsers() int { return s.signedUsers.len() }

// putSignedUser stores a user whose name is free or its own.
func (tx *Tx) putSignedUser(u *SignedUser) *Error {
	switch at, taken := tx.st.signedNames.get(signedName{name: foldName(u.Username)}); {
	case taken && at.id != u.key():
		return verdict(Exists, SignedNameTaken, u.Username)
	case tx.st.signedUsers.len() >= MaxSignedUsers:
		if _, there := tx.st.signedUsers.find(u.key()); !there {
			return verdict(Limit, TooManySignedUsers, MaxSignedUsers)
		}
	}
	ready := *u
	ready.granted = policySet(u.Policies, true)
	ready.meta = []MetaPair{{"user_id", u.ID}, {"username", u.Username}}
	old, had := putRecord(tx, &tx.st.signedUsers, u.key(), &ready)
	if had {
		del(tx, &tx.st.signedNames, signedName{name: foldName(old.Username)})
	}
	put(tx, &tx.st.signedNames, signedName{foldName(u.Username), u.key()})
	return nil
}

// enterSignedUser is putSignedUser for a record that is read.
func (tx *Tx) enterSignedUser(u *SignedUser) bool {
	if !above(&tx.st.signedUsers, u.key()) {
		return false
	}
	return tx.putSignedUser(u) == nil
}

const maxUsernameBytes = 38

// isUsername is Waypoint's rule, which is GitHub's: 2 to 38 letters, digits, dashes
// and underscores, a letter or digit first and last.
func isUsername(s string) bool {
	if len(s) < 2 || len(s) > maxUsernameBytes {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isWordByte(c) && c != '-' {
			return false
		}
	}
	return isAlphanumeric(s[:1]) && isAlphanumeric(s[len(s)-1:])
}
