package fsmtest

import (
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// SigningKey is a key for Waypoint tokens, wrapped.
func SigningKey(id string) fsm.NewKey {
	return fsm.NewKey{Purpose: fsm.KeyWaypoint, ID: id, Box: fsm.Sealed{KeyID: "k1", Box: []byte("sealed key")}}
}

// Cookie is a sealed cookie of a Waypoint server.
func Cookie() fsm.Sealed { return fsm.Sealed{KeyID: "s1", Box: []byte("sealed cookie")} }

// Signed is the signed token of a name as its text says, nil if it is none.
func (l *Lab) Signed(name string) *fsm.SignedToken { return l.signed[Accessor(name)] }

// Show makes a name stand for a signed token that was made elsewhere. Its accessor
// is the name's.
func (l *Lab) Show(name string, t fsm.SignedToken) *fsm.SignedToken {
	t.Accessor = Accessor(name)
	l.signed[t.Accessor] = &t
	return &t
}

// WaypointBootstrap is the command that makes the first login, of the default user.
func WaypointBootstrap(name string) *fsm.WaypointBootstrap {
	return &fsm.WaypointBootstrap{Accessor: Accessor(name), Key: SigningKey("w1"), Cookie: Cookie()}
}

// Login makes the login token of a name, of the caller.
func Login(name string, changes ...func(*fsm.LoginIssue)) *fsm.LoginIssue {
	c := &fsm.LoginIssue{Accessor: Accessor(name)}
	for _, change := range changes {
		change(c)
	}
	return c
}

// For is a change to a LoginIssue: whose login it is.
func For(user fsm.UserRef) func(*fsm.LoginIssue) {
	return func(c *fsm.LoginIssue) { c.User = user }
}

// Term is a change to a LoginIssue.
func Term(d time.Duration) func(*fsm.LoginIssue) {
	return func(c *fsm.LoginIssue) { c.Term = d }
}

// Trigger is a change to a LoginIssue.
func Trigger(c *fsm.LoginIssue) { c.Trigger = true }

// Invite makes the invite of a name, for the caller's user.
func Invite(name string, changes ...func(*fsm.InviteIssue)) *fsm.InviteIssue {
	c := &fsm.InviteIssue{Accessor: Accessor(name), Term: time.Hour}
	for _, change := range changes {
		change(c)
	}
	return c
}

// ToSignUp is a change to an InviteIssue: it makes a user of that name.
func ToSignUp(username string) func(*fsm.InviteIssue) {
	return func(c *fsm.InviteIssue) { c.Signup, c.Username = true, username }
}

// ToDeploy is a change to an InviteIssue: it is for an entrypoint token.
func ToDeploy(deployment string) func(*fsm.InviteIssue) {
	return func(c *fsm.InviteIssue) { c.Entrypoint, c.Deployment = true, deployment }
}

// Exchange turns the invite of a name into the login of another.
func (l *Lab) Exchange(invite, name string) *fsm.InviteExchange {
	return &fsm.InviteExchange{Invite: *l.Signed(invite), Accessor: Accessor(name), NewUser: UserID(name)}
}

// UserID is the id of the user that signs up by the login of a name.
func UserID(name string) string { return "u-" + name }

// ByID names a user.
func ByID(id string) fsm.UserRef { return fsm.UserRef{By: fsm.UserByID, Text: id} }

// ByName names a user.
func ByName(username string) fsm.UserRef { return fsm.UserRef{By: fsm.UserByName, Text: username} }

// NewUser makes a user of a name, whose id is UserID of that.
func NewUser(username string, policies ...string) *fsm.SignedUserSet {
	return &fsm.SignedUserSet{
		Create: true, Admin: true, New: fsm.SignedUser{ID: UserID(username), Username: username, Policies: policies},
		Given: fsm.GivenUsername | fsm.GivenUserPolicies,
	}
}

// RunnerToken makes the token of a name, for a runner, or any if its id is empty.
func RunnerToken(name, runner string, labels uint64) *fsm.RunnerIssue {
	return &fsm.RunnerIssue{Accessor: Accessor(name), Runner: runner, LabelHash: labels}
}

// Runner is what a remote runner says of itself.
func Runner(id string, labels uint64) fsm.Runner {
	return fsm.Runner{ID: id, Kind: fsm.RunnerRemote, LabelHash: labels}
}

// Register is a runner that asks to be adopted.
func Register(id string, labels uint64) *fsm.RunnerRegister {
	return &fsm.RunnerRegister{Runner: Runner(id, labels)}
}

// Online is a runner that begins to work.
func Online(id string, labels uint64) *fsm.RunnerOnline {
	return &fsm.RunnerOnline{Runner: Runner(id, labels)}
}
