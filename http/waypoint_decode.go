package http

import (
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

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
