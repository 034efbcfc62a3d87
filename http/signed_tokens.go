package http

import (
	"github.com/jeton-io/jeton/fsm"
)

// inspectSigned shows an operator all that is known of a token: what it says, and what
// would be said to who shows it.
func inspectSigned(c *call) (answer, error) {
	text := c.body.text("token")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if text == "" {
		return answer{}, invalid("field \"token\": is empty, expected a Waypoint token")
	}
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	s, err := c.openField("token", text)
	if err != nil {
		return answer{}, err
	}
	if view, err = c.s.cluster.ViewPast(c.ctx, view, s.said.Deadline()); err != nil {
		return answer{}, err
	}
	data := signedData(s.said)
	no := view.State.StandingOfSigned(s.said, view.State.Clock)
	data["valid"], data["reason"] = no == nil, ""
	if no != nil {
		data["reason"] = no.Error()
	}
	return answer{data: data}, nil
}

func signedData(s *fsm.SignedToken) object {
	data := object{"kind": s.Kind.String(), "accessor": s.Accessor, "key_id": s.KeyID, "issue_time": nil, "expire_time": nil}
	if s.Issued != 0 {
		data["issue_time"] = s.Issued.Time()
	}
	if s.ValidUntil != fsm.Never {
		data["expire_time"] = s.ValidUntil.Time()
	}
	for name, value := range map[string]string{ // order: fields of an object
		"user_id": s.User, "from_user_id": s.From, "deployment_id": s.Deployment, "signup_username": s.Username, "runner_id": s.Runner,
	} {
		if value != "" {
			data[name] = value
		}
	}
	if s.Kind == fsm.SignedRunner {
		data["label_hash"] = s.LabelHash
	}
	return data
}

// revokeSigned ends one token: the one whose text is shown, or the one of an accessor,
// of which it can not be said whether there is such a token.
func revokeSigned(c *call) (answer, error) {
	text, accessor := c.body.text("token"), c.body.text("accessor")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	cmd := &fsm.SignedRevoke{Accessor: accessor}
	switch {
	case (text == "") == (accessor == ""):
		return answer{}, invalid("either field \"token\" or field \"accessor\" is expected")
	case text != "":
		s, err := c.openField("token", text)
		if err != nil {
			return answer{}, err
		}
		cmd.Accessor, cmd.Until = s.said.Accessor, s.said.Deadline()
	}
	return c.fence(cmd)
}
