package http

import "github.com/jeton-io/jeton/fsm"

func (s *Server) revokeSelf(c *call) (answer, error) {
	p := c.plan()
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return c.revokeBy(fsm.Target{By: fsm.BySelf}, p)
}

func (s *Server) revoke(c *call) (answer, error) { return c.revokeNamed(c.body.text("token")) }

// revokeNamed ends a token whose text the caller knows, and its tree. That there
// is no such token is no error: it is as the caller wants it.
func (c *call) revokeNamed(text string) (answer, error) {
	p := c.plan()
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	d, err := c.named(text)
	if err != nil {
		return answer{}, err
	}
	if err := c.notForBatch(text, fsm.BatchNotRevocable); err != nil {
		return answer{}, err
	}
	return c.revokeBy(fsm.Target{By: fsm.ByToken, Token: d}, p)
}

func (s *Server) revokeAccessor(c *call) (answer, error) {
	p := c.plan()
	accessor, err := c.accessorField()
	if err != nil {
		return answer{}, err
	}
	return c.revokeBy(fsm.Target{By: fsm.ByAccessor, Accessor: accessor}, p)
}

func (c *call) revokeBy(target fsm.Target, p plan) (answer, error) {
	cmd := &fsm.TokenRevoke{Target: target}
	if p.asked() {
		return c.plannedRevocation(cmd, p)
	}
	reply, err := c.propose(cmd)
	if err != nil {
		return answer{}, err
	}
	if target.By == fsm.ByAccessor && !reply.Result.(*fsm.TokenRevoked).Found {
		c.warn("No token found with this accessor")
	}
	return answer{}, nil
}

func (s *Server) revokeOrphan(c *call) (answer, error) {
	return c.revokeOrphanNamed(c.body.text("token"))
}

// revokeOrphanNamed ends a token and lets its children live.
func (c *call) revokeOrphanNamed(text string) (answer, error) {
	p := c.plan()
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	d, err := c.named(text)
	if err != nil {
		return answer{}, err
	}
	if err := c.notForBatch(text, fsm.BatchNotRevocable); err != nil {
		return answer{}, err
	}
	return c.revokeAs(&fsm.TokenRevokeOrphan{Token: d}, p)
}
