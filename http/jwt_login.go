package http

import (
	"errors"
	"net/http"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/jwt"
)

// loginJWT makes a token for a JWT.
func loginJWT(c *call) (answer, error) {
	text, role := c.body.text("jwt"), fsm.JWTRoleName(c.body.text("role"))
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if c.clientKey != "" {
		c.warn("The header Idempotency-Key has no effect on a login: each makes a token of its own.")
	}
	switch {
	case text == "":
		return answer{}, rebuff(http.StatusBadRequest, "missing token: field \"jwt\" is empty")
	case c.s.guesses.spent(c.caller.Addr, time.Now()):
		return answer{}, errGuessing
	}
	reply, err := c.sendJWT(text, role)
	if err != nil {
		return answer{}, err
	}
	c.index = reply.Index
	return c.handOver(reply.Result.(*fsm.TokenCreated))
}

// sendJWT verifies the JWT on this node, against a linearizable view, and has the
// machine compare the versions of what it was verified with. When either moved
// meanwhile the JWT is verified again.
func (c *call) sendJWT(text, name string) (cluster.Reply, error) {
	for try := 0; ; try++ {
		cmd, err := c.verifyJWT(text, name)
		if errors.Is(err, jwt.ErrMoved) && try < maxRechecks {
			continue
		}
		if err != nil {
			return cluster.Reply{}, c.refuseJWT(err)
		}
		reply, err := c.s.cluster.Propose(c.ctx, cluster.Proposal{Command: cmd})
		if !isRecheck(err) || try == maxRechecks {
			return reply, err
		}
	}
}

// verifyJWT is the command that a JWT is good for.
func (c *call) verifyJWT(text, name string) (*fsm.JWTLogin, error) {
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return nil, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return nil, err
	}
	config, ok := view.State.JWTConfig(m)
	if !ok {
		return nil, rebuff(http.StatusBadRequest, "could not load configuration")
	}
	if name == "" {
		name = config.DefaultRole
	}
	if name == "" {
		return nil, rebuff(http.StatusBadRequest, "missing role")
	}
	role, ok := view.State.JWTRole(m, name)
	if !ok {
		return nil, rebuff(http.StatusBadRequest, "role %s could not be found", quote(name))
	}
	id, err := c.s.jwts.Verify(c.ctx, text, config, role, view.At)
	if err != nil {
		return nil, err
	}
	c.created = newServiceToken()
	d, err := c.s.cluster.Digest(c.created)
	if err != nil {
		return nil, err
	}
	return &fsm.JWTLogin{
		Mount: m.Path, Role: role.Name, Config: config.Version, Version: role.Version, User: id.User, Meta: id.Meta,
		NotBefore: id.NotBefore, NotAfter: id.NotAfter, From: c.caller.Addr, Token: d, Accessor: newAccessor(),
	}, nil
}

// refuseJWT shows what a verifier says. A refusal counts against the client's
// address; what could not be found out is no verdict on the token.
func (c *call) refuseJWT(err error) error {
	var no *jwt.Refusal
	var away *jwt.Unavailable
	switch {
	case errors.As(err, &no):
		c.s.guesses.allow(c.caller.Addr, time.Now())
		return rebuff(http.StatusBadRequest, "%v", no)
	case errors.As(err, &away):
		return rebuff(http.StatusServiceUnavailable, "%v; %s", away, notApplied)
	case errors.Is(err, jwt.ErrMoved):
		return rebuff(http.StatusServiceUnavailable, "the configuration changed while the JWT was verified; %s", notApplied)
	}
	return err
}
