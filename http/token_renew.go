package http

import "github.com/jeton-io/jeton/fsm"

func (s *Server) renewSelf(c *call) (answer, error) {
	return c.renew(fsm.Target{By: fsm.BySelf}, c.secret)
}

func (s *Server) renew(c *call) (answer, error) { return c.renewNamed(c.body.text("token")) }

// renewNamed renews a token whose text the caller knows.
func (c *call) renewNamed(text string) (answer, error) {
	if c.body.err != nil {
		return answer{}, c.body.err
	}
	d, err := c.named(text)
	if err != nil {
		return answer{}, err
	}
	if err := c.notForBatch(text, fsm.BatchNotRenewable); err != nil {
		return answer{}, err
	}
	return c.renew(fsm.Target{By: fsm.ByToken, Token: d}, text)
}

func (s *Server) renewAccessor(c *call) (answer, error) {
	increment := c.body.duration("increment")
	accessor, err := c.accessorField()
	if err != nil {
		return answer{}, err
	}
	return c.renewBy(&fsm.TokenRenew{Target: fsm.Target{By: fsm.ByAccessor, Accessor: accessor}, Increment: increment}, "")
}

func (c *call) renew(target fsm.Target, text string) (answer, error) {
	cmd := &fsm.TokenRenew{Target: target, Increment: c.body.duration("increment")}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return c.renewBy(cmd, text)
}

func (c *call) renewBy(cmd *fsm.TokenRenew, text string) (answer, error) {
	reply, err := c.sendRenewal(cmd)
	if err != nil {
		return answer{}, err
	}
	renewed := reply.Result.(*fsm.TokenRenewed)
	c.warnAll(renewed.Warnings)
	t := renewed.Token
	return answer{auth: &authBlock{
		token: text, accessor: t.Accessor(), policies: t.Policies, meta: t.Meta,
		ttl: renewed.TTL, renewable: t.Renewable, orphan: t.Parent.IsZero() || c.s.cluster.Local().IsOrphan(t),
		numUses: t.NumUses,
	}}, nil
}
