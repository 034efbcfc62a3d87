package http

import (
	"slices"
	"strings"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

func listAccounts(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	keys, info := make([]string, 0, view.State.CountSignedUsers()), object{}
	view.State.SignedUsers(func(u *fsm.SignedUser) bool {
		keys = append(keys, u.ID)
		info[u.ID] = object{"username": u.Username}
		return true
	})
	if len(keys) == 0 {
		return answer{}, errNothing
	}
	return answer{data: object{"keys": keys, "key_info": info}}, nil
}

func accountData(u *fsm.SignedUser) object {
	return object{
		"id": u.ID, "username": u.Username, "display": u.Display, "email": u.Email,
		"policies": listOf(u.Policies), "creation_time": u.CreatedAt.Time(),
	}
}

func readAccount(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	u, ok := view.State.SignedUser(fsm.UserRef{By: fsm.UserByAny, Text: c.variable("ref")}, nil)
	if !ok {
		return answer{}, &fsm.Error{Code: fsm.NotFound, Reason: fsm.SignedUserUnknown}
	}
	return answer{data: accountData(u)}, nil
}

// accountFields takes what a request says of a user.
func (c *call) accountFields() (u fsm.SignedUser, given fsm.SignedUserFields) {
	b := &c.body
	u.Username, u.Display, u.Email = b.text("username"), b.text("display"), b.text("email")
	for _, p := range b.commaList("policies", fsm.MaxPolicies) {
		u.Policies = append(u.Policies, strings.ToLower(p))
	}
	slices.Sort(u.Policies)
	u.Policies = slices.Compact(u.Policies)
	for name, f := range map[string]fsm.SignedUserFields{ // order: bits of a set
		"username": fsm.GivenUsername, "display": fsm.GivenDisplay, "email": fsm.GivenEmail, "policies": fsm.GivenUserPolicies,
	} {
		if b.has(name) {
			given |= f
		}
	}
	return u, given
}

// createAccount makes a user. One that comes from a Waypoint server brings its id along,
// which its tokens name.
func createAccount(c *call) (answer, error) {
	u, given := c.accountFields()
	if u.ID = c.body.text("id"); u.ID == "" {
		u.ID = newULID()
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return accountStored(c.propose(&fsm.SignedUserSet{Create: true, Admin: true, New: u, Given: given}))
}

func updateAccount(c *call) (answer, error) {
	u, given := c.accountFields()
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	ref := fsm.UserRef{By: fsm.UserByAny, Text: c.variable("ref")}
	return accountStored(c.propose(&fsm.SignedUserSet{Admin: true, User: ref, New: u, Given: given}))
}

func accountStored(reply cluster.Reply, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return answer{data: accountData(reply.Result.(*fsm.SignedUserStored).User)}, nil
}

func deleteAccount(c *call) (answer, error) {
	_, err := c.propose(&fsm.SignedUserDelete{Admin: true, User: fsm.UserRef{By: fsm.UserByAny, Text: c.variable("ref")}})
	return answer{}, err
}
