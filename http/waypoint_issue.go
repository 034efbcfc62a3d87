package http

import (
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// newToken answers with the text of a token that the machine has decided on.
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
		cmd.User = fsm.UserRef{By: fsm.UserByID, Text: login.UserId}
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

// openField is openSigned for a token that a field holds: what is wrong with it is
// wrong with the request.
func (c *call) openField(name, text string) (*signed, error) {
	s, err := c.openSigned(text)
	var no *waypoint.Refusal
	switch {
	case errors.As(err, &no) && no.Reason == waypoint.UnknownKey, errors.As(err, &no) && no.Reason == waypoint.BadMAC:
		return nil, errBadSigned(no)
	case errors.As(err, &no):
		return nil, invalid("field %q: %v", name, no)
	case err == nil && s == nil:
		return nil, invalid("field %q: is no Waypoint token", name)
	}
	return s, err
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

// decodeToken shows what a token says to anybody who has it, if a key of ours has
// signed it and it has not expired. Whether its user or runner is still there is not
// looked at.
func decodeToken(c *call) (answer, error) {
	var req api.DecodeTokenRequest
	if err := c.message(&req); err != nil {
		return answer{}, err
	}
	s, err := c.openField("token", req.Token)
	if err != nil {
		return answer{}, err
	}
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return answer{}, err
	}
	if view, err = c.s.cluster.ViewPast(c.ctx, view, s.said.Deadline()); err != nil {
		return answer{}, err
	}
	if end := view.State.EndOfSigned(s.said, view.State.Clock); end != nil && end.Reason == fsm.SignedExpired {
		return answer{}, end
	}
	return said(&api.DecodeTokenResponse{Token: shownToken(s.token), Transport: shownTransport(s.transport)})
}

func shownTransport(t *waypoint.Transport) *api.TokenTransport {
	shown := &api.TokenTransport{Body: t.Body, Signature: t.Signature, KeyId: t.KeyID, Metadata: t.Metadata}
	if o := t.OAuth; o != nil {
		shown.ExternalCreds = &api.TokenTransport_OauthCreds{OauthCreds: &api.TokenTransport_OAuthCredentials{
			Url: o.URL, ClientId: o.ClientID, ClientSecret: o.ClientSecret,
		}}
	}
	return shown
}

// shownToken is a token as a message. What old tokens had is shown untouched.
func shownToken(t *waypoint.Token) *api.Token {
	shown := &api.Token{
		AccessorId: t.Accessor, ValidUntil: shownTime(t.ValidUntil), IssuedTime: shownTime(t.Issued),
		UnusedUser: t.Legacy.User, UnusedLogin: t.Legacy.Login, UnusedInvite: t.Legacy.Invite,
		UnusedEntrypoint: shownEntrypoint(t.Legacy.Entrypoint),
	}
	switch g := t.Grant.(type) {
	case *waypoint.Login:
		shown.Kind = &api.Token_Login_{Login: shownLogin(g)}
	case *waypoint.Invite:
		invite := &api.Token_Invite{FromUserId: g.FromUserID, Login: shownLogin(g.Login)}
		if g.Signup != nil {
			invite.Signup = &api.Token_Invite_Signup{InitialUsername: g.Signup.Username}
		}
		shown.Kind = &api.Token_Invite_{Invite: invite}
	case *waypoint.Trigger:
		shown.Kind = &api.Token_Trigger_{Trigger: &api.Token_Trigger{FromUserId: g.FromUserID}}
	case *waypoint.Runner:
		shown.Kind = &api.Token_Runner_{Runner: &api.Token_Runner{Id: g.ID, LabelHash: g.LabelHash}}
	}
	return shown
}

func shownLogin(l *waypoint.Login) *api.Token_Login {
	if l == nil {
		return nil
	}
	return &api.Token_Login{UserId: l.UserID, Entrypoint: shownEntrypoint(l.Entrypoint)}
}

func shownEntrypoint(e *waypoint.Entrypoint) *api.Token_Entrypoint {
	if e == nil {
		return nil
	}
	return &api.Token_Entrypoint{DeploymentId: e.DeploymentID}
}

// shownTime is a time of a token, which may be one that no message may show.
func shownTime(t *waypoint.Timestamp) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	at, ok := t.Time()
	if shown := timestamppb.New(at); ok && shown.IsValid() {
		return shown
	}
	return nil
}
