package http

import (
	"net/http"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

func shownUser(u *fsm.SignedUser) *api.User {
	return &api.User{Id: u.ID, Username: u.Username, Display: u.Display, Email: u.Email}
}

// errNoUser says that a user is not there, and by which of the two it was asked for.
func (c *call) noUser(key, value string) error {
	c.about = detail{key, value}
	return &fsm.Error{Code: fsm.NotFound, Reason: fsm.SignedUserUnknown}
}

// readCallersUser shows who asks. A runner's token has no user to show, as in Waypoint.
func readCallersUser(c *call) (answer, error) {
	view, a, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	resp := new(api.GetUserResponse)
	u, ok := view.State.SignedUser(fsm.UserRef{}, a)
	if !ok {
		return said(resp)
	}
	resp.User = shownUser(u)
	return answer{bare: protoAnswer{resp, object{"policies": listOf(u.Policies)}}}, nil
}

// listOf is a list that is shown as one even when it is empty.
func listOf(items []string) []string { return append([]string{}, items...) }

func readSignedUser(by fsm.UserRefBy) handler {
	return func(c *call) (answer, error) {
		view, _, err := c.read(c.access())
		if err != nil {
			return answer{}, err
		}
		u, ok := view.State.SignedUser(fsm.UserRef{By: by, Text: c.variable("id")}, nil)
		if !ok {
			return answer{}, c.noUser("id", c.variable("id"))
		}
		return answer{bare: protoAnswer{&api.GetUserResponse{User: shownUser(u)}, object{"policies": listOf(u.Policies)}}}, nil
	}
}

func listSignedUsers(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	resp := new(api.ListUsersResponse)
	view.State.SignedUsers(func(u *fsm.SignedUser) bool {
		resp.Users = append(resp.Users, shownUser(u))
		return true
	})
	return said(resp)
}

// updateSignedUser changes the two names of a user. What is left out is emptied, as in
// Waypoint; the id in the path counts.
func updateSignedUser(c *call) (answer, error) {
	var req api.UpdateUserRequest
	if err := c.message(&req); err != nil {
		return answer{}, err
	}
	if req.User == nil {
		return answer{}, refuse(http.StatusBadRequest, "field \"user\": is missing")
	}
	reply, err := c.propose(&fsm.SignedUserSet{
		User:  fsm.UserRef{By: fsm.UserByID, Text: c.variable("id")},
		New:   fsm.SignedUser{Username: req.User.Username, Display: req.User.Display},
		Given: fsm.GivenUsername | fsm.GivenDisplay,
	})
	if err != nil {
		c.about = detail{"id", c.variable("id")}
		return answer{}, err
	}
	return said(&api.UpdateUserResponse{User: shownUser(reply.Result.(*fsm.SignedUserStored).User)})
}

func deleteSignedUser(by fsm.UserRefBy) handler {
	return func(c *call) (answer, error) {
		return c.nothingSaid(c.propose(&fsm.SignedUserDelete{User: fsm.UserRef{By: by, Text: c.variable("id")}}))
	}
}

// nothingSaid is the answer to what has no answer: an empty message.
func (c *call) nothingSaid(_ cluster.Reply, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return answer{bare: object{}}, nil
}
