package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// SignedUserSet makes a user or changes what the request names of one.
type SignedUserSet struct {
	Create bool
	// Admin says that the request came by Jeton's own path, which alone makes
	// users and gives policies. Waypoint's changes name and display of any user.
	Admin bool
	User  UserRef // to be changed
	New   SignedUser
	Given SignedUserFields
}

// SignedUserFields says which fields a request names.
type SignedUserFields uint8

// The fields.
const (
	GivenUsername SignedUserFields = 1 << iota
	GivenDisplay
	GivenEmail
	GivenUserPolicies
	allSignedUserFields = GivenUsername | GivenDisplay | GivenEmail | GivenUserPolicies
)

// SignedUserStored is its result.
type SignedUserStored struct{ User *SignedUser }

func (r *SignedUserStored) fields(c *coder) {
	if c.decoding {
		r.User = new(SignedUser)
	}
	r.User.fields(c)
}

const signedUsersPath = "jeton/users"

func (*SignedUserSet) kind() Kind { return kindSignedUserSet }

func (u *SignedUserSet) fields(c *coder) {
	c.bool(&u.Create)
	c.bool(&u.Admin)
	u.User.fields(c)
	u.New.fields(c)
	c.u8((*uint8)(&u.Given))
}

// Validate checks each field by itself.
func (u *SignedUserSet) Validate() error {
	if err := u.check(); err != nil {
		return err
	}
	return nil
}

func (u *SignedUserSet) check() *Error {
	n := &u.New
	switch {
	case u.Given&^allSignedUserFields != 0, !u.Admin && (u.Create || u.Given&^(GivenUsername|GivenDisplay) != 0):
		return invalid(OutOfRange, "given fields", u.Given, "those of the endpoint")
	case u.Create && !isWord(n.ID), len(n.ID) > MaxSignedIDBytes:
		return invalid(OutOfRange, "id", n.ID, "1 to 128 letters, digits, dashes, dots and underscores")
	case u.Create && u.Given&GivenUsername == 0, u.Given&GivenUsername != 0 && !isUsername(n.Username):
		return invalid(SignedNameBad)
	case len(n.Username) > maxUsernameBytes:
		return invalid(SignedNameBad)
	case len(n.Display) > MaxNameBytes || len(n.Email) > MaxNameBytes:
		return invalid(OutOfRange, "length of display or email", max(len(n.Display), len(n.Email)), "at most 256 bytes")
	case len(n.Policies) > MaxPolicies:
		return invalid(OutOfRange, "number of policies", len(n.Policies), "at most 64")
	case hasName(n.Policies, rootPolicy):
		return invalid(PolicyUnassignable, rootPolicy)
	case hasName(n.Policies, wrappingPolicy):
		return invalid(PolicyUnassignable, wrappingPolicy)
	}
	for _, p := range n.Policies {
		if err := checkName("policy", p); err != nil {
			return err
		}
	}
	if !isPolicySet(n.Policies) {
		return invalid(OutOfRange, "policies", n.Policies, "in lower case, sorted, each once")
	}
	return u.User.check()
}

func (u *SignedUserSet) access(*State, *Actor) Access {
	switch {
	case u.Create:
		return Access{Path: signedUsersPath, Capability: policy.Update}
	case u.Admin:
		return Access{Path: signedUsersPath + "/" + u.User.Text, Capability: policy.Update}
	}
	return Access{Path: "user/" + u.User.Text, Capability: policy.Update}
}

func (u *SignedUserSet) apply(tx *Tx, a *Actor) (Result, *Error) {
	user := SignedUser{ID: u.New.ID, Serial: tx.serial(), CreatedAt: tx.clock()}
	if u.Create {
		if _, twice := tx.st.SignedUserByID(u.New.ID); twice {
			return nil, verdict(Exists, SignedUserExists, u.New.ID)
		}
	} else {
		old, ok := tx.st.SignedUser(u.User, a)
		if !ok {
			return nil, verdict(NotFound, SignedUserUnknown)
		}
		user = *old
	}
	if u.Given&GivenUsername != 0 {
		user.Username = u.New.Username
	}
	if u.Given&GivenDisplay != 0 {
		user.Display = u.New.Display
	}
	if u.Given&GivenEmail != 0 {
		user.Email = u.New.Email
	}
	if u.Given&GivenUserPolicies != 0 {
		user.Policies = u.New.Policies
	}
	if err := tx.putSignedUser(&user); err != nil {
		return nil, err
	}
	return &SignedUserStored{&user}, nil
}

// SignedUserDelete removes a user and so ends all tokens of it, until somebody makes a
// user of the same id. The last user stays, or nobody could log in; the default one
// may go as long as others are there.
type SignedUserDelete struct {
	Admin bool
	User  UserRef
}

func (*SignedUserDelete) kind() Kind { return kindSignedUserDelete }

func (d *SignedUserDelete) fields(c *coder) {
	c.bool(&d.Admin)
	d.User.fields(c)
}

// Validate bounds what names the user.
func (d *SignedUserDelete) Validate() error {
	if err := d.User.check(); err != nil {
		return err
	}
	return nil
}

func (d *SignedUserDelete) access(*State, *Actor) Access {
	path := "user/by-id/"
	switch {
	case d.Admin:
		path = signedUsersPath + "/"
	case d.User.By == UserByName:
		path = "user/by-username/"
	}
	return Access{Path: path + d.User.Text, Capability: policy.Delete}
}

func (d *SignedUserDelete) apply(tx *Tx, a *Actor) (Result, *Error) {
	u, ok := tx.st.SignedUser(d.User, a)
	switch {
	case !ok:
		return &Done{}, nil
	case tx.st.signedUsers.len() == 1:
		return nil, verdict(Invalid, SignedUserLast)
	}
	delRecord(tx, &tx.st.signedUsers, u.key())
	del(tx, &tx.st.signedNames, signedName{name: foldName(u.Username)})
	return &Done{}, nil
}
