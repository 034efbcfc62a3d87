package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// UserSet creates a user of a userpass mount or changes what the request names
// of one.
type UserSet struct {
	Endpoint UserEndpoint
	Mount    string // path of the mount
	Name     string // in lower case
	Hash     []byte // of the new password; empty: not given
	Params   TokenParams
	Given    ParamFields
}

// UserEndpoint is the API path by which the request came.
type UserEndpoint uint8

// The endpoints, append-only.
const (
	UserWhole    UserEndpoint = 0 // users/<name>
	UserPassword UserEndpoint = 1 // users/<name>/password
	UserPolicies UserEndpoint = 2 // users/<name>/policies
)

var userEndpoints = [...]string{"", "/password", "/policies"}

func (*UserSet) kind() Kind { return kindUserSet }

func (u *UserSet) fields(c *coder) {
	c.u8((*uint8)(&u.Endpoint))
	c.string(&u.Mount, MaxMountBytes)
	c.string(&u.Name, MaxUserBytes)
	c.bytes(&u.Hash, bcryptBytes)
	u.Params.fields(c)
	u.Given.fields(c)
}

// Validate checks each field by itself.
func (u *UserSet) Validate() error {
	switch {
	case int(u.Endpoint) >= len(userEndpoints):
		return invalid(OutOfRange, "endpoint", u.Endpoint, "a known one")
	case len(u.Hash) > 0 && !isBcrypt(u.Hash):
		return invalid(PasswordHashBad, MinPasswordCost, MaxPasswordCost)
	case u.Endpoint == UserPassword && len(u.Hash) == 0:
		return invalid(PasswordMissing)
	case u.Given > AllParams,
		u.Endpoint == UserPassword && u.Given != 0,
		u.Endpoint == UserPolicies && (u.Given&^GivenTokenPolicies != 0 || len(u.Hash) > 0):
		return invalid(OutOfRange, "given fields", u.Given, "those of the endpoint")
	}
	if err := checkUser(u.Mount, u.Name); err != nil {
		return err
	}
	if err := u.Params.check(); err != nil {
		return err
	}
	return nil
}

// checkUser wants a mount's path and a user's name within their bounds.
func checkUser(mount, name string) *Error {
	switch {
	case mount == "" || len(mount) > MaxMountBytes:
		return invalid(OutOfRange, "mount path length", len(mount), "1 to 128 bytes")
	case !IsUserName(name) || name != foldName(name):
		return invalid(UserNameBad)
	}
	return nil
}

// access is create or update, as the user is new or not.
func (u *UserSet) access(s *State, _ *Actor) Access {
	need := policy.Update
	if m, ok := s.AuthMount(u.Mount); ok && u.Endpoint == UserWhole {
		if _, there := s.User(m, u.Name); !there {
			need = policy.Create
		}
	}
	return Access{Path: userPath(u.Mount, u.Name) + userEndpoints[u.Endpoint], Capability: need}
}

func (u *UserSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountUserpass, u.Mount)
	if err != nil {
		return nil, err
	}
	user := User{Mount: m.Serial, Name: u.Name}
	old, there := tx.st.User(m, u.Name)
	switch {
	case there:
		user = *old
	case u.Endpoint != UserWhole:
		return nil, invalid(UserUnknown)
	case len(u.Hash) == 0:
		return nil, invalid(PasswordMissing)
	case tx.st.users.len() >= MaxUsers:
		return nil, verdict(Limit, TooManyUsers, MaxUsers)
	}
	user.Version = tx.serial()
	user.Params.take(&u.Params, u.Given)
	if err := user.Params.fits(); err != nil {
		return nil, err
	}
	if len(u.Hash) > 0 {
		user.Hash = u.Hash
		tx.forgive(user.key()) // failures were about the password that is gone
	}
	putRecord(tx, &tx.st.users, user.key(), &user)
	return &Done{}, nil
}
