package http

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// newSigned answers with the text of a token that the machine has decided on.
func (c *call) newSigned(reply cluster.Reply, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	c.index = reply.Index
	made := reply.Result.(*fsm.SignedMade)
	text, err := c.signedText(&made.Token)
	if err != nil {
		return answer{}, err
	}
	return said(&api.NewTokenResponse{Token: text})
}

// anonymously proposes a command that needs no caller: this node has checked what it
// rests on.
func (c *call) anonymously(cmd fsm.Command) (cluster.Reply, error) {
	if err := cmd.Validate(); err != nil {
		return cluster.Reply{}, err
	}
	return c.s.cluster.Propose(c.ctx, cluster.Proposal{Command: cmd})
}

// bootstrapWaypoint looks before it proposes, so that only one who comes first writes
// to the log.
func bootstrapWaypoint(c *call) (answer, error) {
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return answer{}, err
	}
	if len(view.State.DataKeys(fsm.KeyWaypoint)) > 0 || view.State.CountSignedUsers() > 0 {
		return answer{}, &fsm.Error{Code: fsm.Denied, Reason: fsm.AlreadyBootstrapped}
	}
	cookie, err := c.sealedCookie()
	if err != nil {
		return answer{}, err
	}
	return c.newSigned(c.anonymously(&fsm.WaypointBootstrap{
		Accessor: newSignedAccessor(), Key: c.s.newSigningKey(waypoint.DefaultKeyID), Cookie: cookie,
	}))
}

func (s *Server) newSigningKey(id string) fsm.NewKey {
	var key [waypoint.KeyBytes]byte
	rand.Read(key[:]) // never fails: the process ends instead
	return s.cluster.WrapKey(fsm.KeyWaypoint, id, key[:])
}

// term is a duration in Go's form. None, and one that is not positive, means no end, as
// in Waypoint.
func term(text string, needed bool) (time.Duration, error) {
	if text == "" && !needed {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, invalid("field \"duration\": is %s, expected a duration such as 720h or 90s", quote(text))
	}
	return d, nil
}

// userRef is whom a reference names; nil: the caller.
func userRef(r *api.Ref_User) (fsm.UserRef, error) {
	switch ref := r.GetRef().(type) {
	case *api.Ref_User_Id:
		return fsm.UserRef{By: fsm.UserByID, Text: ref.Id.GetId()}, nil
	case *api.Ref_User_Username:
		return fsm.UserRef{By: fsm.UserByName, Text: ref.Username.GetUsername()}, nil
	}
	if r == nil {
		return fsm.UserRef{}, nil
	}
	return fsm.UserRef{}, refuse(http.StatusPreconditionFailed, "field \"user\": names neither an id nor a username")
}

func issueLogin(c *call) (answer, error) {
	var req api.LoginTokenRequest
	if err := c.message(&req); err != nil {
		return answer{}, err
	}
	life, err := term(req.Duration, false)
	if err != nil {
		return answer{}, err
	}
	user, err := userRef(req.User)
	if err != nil {
		return answer{}, err
	}
	return c.newSigned(c.propose(&fsm.LoginIssue{Accessor: newSignedAccessor(), Term: life, User: user, Trigger: req.Trigger}))
}

// issueInvite takes the field of old for an entrypoint as Waypoint does: it is for the
// default user, and signs nobody up.
func issueInvite(c *call) (answer, error) {
	var req api.InviteTokenRequest
	if err := c.message(&req); err != nil {
		return answer{}, err
	}
	life, err := term(req.Duration, true)
	if err != nil {
		return answer{}, err
	}
	cmd := &fsm.InviteIssue{Accessor: newSignedAccessor(), Term: life}
	login := req.Login
	if old := req.UnusedEntrypoint; old != nil {
		login = &api.Token_Login{UserId: waypoint.DefaultUserID, Entrypoint: old}
	} else if s := req.Signup; s != nil {
		cmd.Signup, cmd.Username = true, s.InitialUsername
	}
	if login != nil {
		if login.UserId != "" || !cmd.Signup { // who signs up is nobody yet
			cmd.User = fsm.UserRef{By: fsm.UserByID, Text: login.UserId}
		}
		if e := login.Entrypoint; e != nil {
			cmd.Entrypoint, cmd.Deployment = true, e.DeploymentId
		}
	}
	return c.newSigned(c.propose(cmd))
}

func issueRunner(c *call) (answer, error) {
	var req api.GenerateRunnerTokenRequest
	if err := c.message(&req); err != nil {
		return answer{}, err
	}
	life, err := term(req.Duration, false)
	if err != nil {
		return answer{}, err
	}
	cmd := &fsm.RunnerIssue{Accessor: newSignedAccessor(), Term: life, Runner: req.Id}
	if len(req.Labels) > 0 {
		cmd.LabelHash = waypoint.LabelHash(req.Labels)
	}
	return c.newSigned(c.propose(cmd))
}

func refreshSigned(c *call) (answer, error) {
	return c.newSigned(c.propose(&fsm.SignedRefresh{Accessor: newSignedAccessor()}))
}

func exchangeInvite(c *call) (answer, error) {
	var req api.ConvertInviteTokenRequest
	if err := c.message(&req); err != nil {
		return answer{}, err
	}
	s, err := c.openField("token", req.Token)
	if err != nil {
		return answer{}, err
	}
	return c.newSigned(c.anonymously(&fsm.InviteExchange{Invite: *s.said, Accessor: newSignedAccessor(), NewUser: newULID()}))
}
