package http

import (
	"net/http"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

func readServerConfig(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	config := view.State.SignedConfig()
	shown := &api.ServerConfig{Platform: config.Platform}
	if shown.Cookie, err = c.cookieIn(view.State); err != nil {
		return answer{}, err
	}
	for _, a := range config.Addresses {
		shown.AdvertiseAddrs = append(shown.AdvertiseAddrs, &api.ServerConfig_AdvertiseAddr{Addr: a.Addr, Tls: a.TLS, TlsSkipVerify: a.TLSSkipVerify})
	}
	return said(&api.GetServerConfigResponse{Config: shown})
}

// setServerConfig sets the address. A cookie in the request is ignored, as in Waypoint:
// runners know the old one.
func setServerConfig(c *call) (answer, error) {
	var req api.SetServerConfigRequest
	if err := c.message(&req); err != nil {
		return answer{}, err
	}
	cookie, err := c.sealedCookie()
	if err != nil {
		return answer{}, err
	}
	set := &fsm.SignedConfigSet{Given: fsm.GivenAddresses, Config: fsm.SignedConfig{Cookie: cookie, Platform: req.Config.GetPlatform()}}
	for _, a := range req.Config.GetAdvertiseAddrs() {
		set.Config.Addresses = append(set.Config.Addresses, fsm.AdvertiseAddr{Addr: a.GetAddr(), TLS: a.GetTls(), TLSSkipVerify: a.GetTlsSkipVerify()})
	}
	return c.nothingSaid(c.propose(set))
}

// entrypointConfig shows a deployment what an operator wrote for it.
func entrypointConfig(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	d, ok := view.State.Deployment(c.variable("id"))
	if !ok {
		c.about = detail{"deployment_id", c.variable("id")}
		return answer{}, &fsm.Error{Code: fsm.NotFound, Reason: fsm.DeploymentUnknown}
	}
	config, err := c.s.openConfig(c.ctx, d)
	if err != nil {
		return answer{}, err
	}
	return answer{bare: object{"deploymentId": d.ID, "config": config}}, nil
}

func entrypointLogs(c *call) (answer, error) {
	lines := c.body.list("lines", fsm.MaxLogLines)
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return c.nothingSaid(c.propose(&fsm.DeploymentLog{ID: c.variable("id"), Lines: lines}))
}

// runTrigger is where a trigger token is good for something. There are no triggers
// here, so who may ask learns just that.
func runTrigger(c *call) (answer, error) {
	text := c.body.text("token")
	if text == "" {
		return answer{}, errNoTrigger
	}
	s, err := c.openField("token", text)
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
	if no := view.State.MayTrigger(s.said, view.State.Clock); no != nil {
		return answer{}, no
	}
	return answer{}, errNoTrigger
}

var errNoTrigger = rebuff(http.StatusPreconditionFailed, "there is no such trigger")
