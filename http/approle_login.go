package http

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// errBadApprole does not say which of the two was wrong.
var errBadApprole = rebuff(http.StatusBadRequest, "invalid role or secret ID")

// loginApprole makes a token of a role-id and a secret-id.
func loginApprole(c *call) (answer, error) {
	roleID, secret := strings.Trim(c.body.text("role_id"), blanks), strings.Trim(c.body.text("secret_id"), blanks)
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if c.clientKey != "" {
		c.warn("The header Idempotency-Key has no effect on a login: each makes a token of its own.")
	}
	switch {
	case roleID == "":
		return answer{}, rebuff(http.StatusBadRequest, "missing role_id")
	case c.s.guesses.spent(c.caller.Addr, time.Now()):
		return answer{}, errGuessing
	}
	reply, err := c.loginToRole(roleID, secret)
	if err != nil {
		if no := new(refusal); isVerdict(err) || errors.As(err, &no) {
			c.s.guesses.allow(c.caller.Addr, time.Now())
		}
		return answer{}, err
	}
	c.index = reply.Index
	return c.handOver(reply.Result.(*fsm.TokenCreated))
}

// loginToRole proposes the login. The machine decides it, at the index where the
// use of the secret-id is spent; but what is sure to be refused is refused here,
// without a log entry, and only on a linearizable view, for the local state may
// be old.
func (c *call) loginToRole(roleID, secret string) (cluster.Reply, error) {
	c.created = newServiceToken()
	local := c.s.cluster.Local()
	view, fresh := cluster.View{State: local, At: local.Clock}, false
	for try := 0; ; try++ {
		cmd, err := c.approleLogin(view, roleID, secret)
		if err == nil {
			var reply cluster.Reply
			reply, err = c.s.cluster.Propose(c.ctx, cluster.Proposal{Command: cmd})
			if !isRecheck(err) || try == maxRechecks {
				return reply, err
			}
		} else if fresh {
			return cluster.Reply{}, err
		}
		if view, err = c.s.cluster.View(c.ctx); err != nil {
			return cluster.Reply{}, err
		}
		fresh = true
	}
}

// approleLogin is the command for a login that a view admits.
func (c *call) approleLogin(view cluster.View, roleID, secret string) (*fsm.ApproleLogin, error) {
	m, err := c.mountIn(view.State)
	if err != nil {
		return nil, err
	}
	r, ok := view.State.ApproleByID(m, roleID)
	switch {
	case !ok, len(secret) > maxSecretIDBytes:
		return nil, errBadApprole
	case r.Rules.Bind && secret == "":
		return nil, rebuff(http.StatusBadRequest, "missing secret_id")
	}
	cmd := &fsm.ApproleLogin{Mount: m.Path, RoleID: roleID, Role: r.Name, From: c.caller.Addr, Accessor: newAccessor()}
	if cmd.SecretID, err = c.digestSecretID(r.Name, secret); err != nil {
		return nil, err
	}
	if cmd.Token, err = c.s.cluster.Digest(c.created); err != nil {
		return nil, err
	}
	if _, no := view.State.AdmitApprole(r, cmd.SecretID, c.caller.Addr, view.At); no != nil {
		return nil, no
	}
	return cmd, nil
}
