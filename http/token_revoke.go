package http

import "github.com/jeton-io/jeton/fsm"

func (s *Server) revokeSelf(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return c.revokeBy(fsm.Target{By: fsm.BySelf})
}

func (s *Server) revoke(c *call) (answer, error) { return c.revokeNamed(c.body.text("token")) }

// revokeNamed ends a token whose text the caller knows, and its tree. That there
// is no such token is no error: it is as the caller wants it.
func (c *call) revokeNamed(text string) (answer, error) {
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
	return c.revokeBy(fsm.Target{By: fsm.ByToken, Token: d})
}

func (s *Server) revokeAccessor(c *call) (answer, error) {
	accessor, err := c.accessorField()
	if err != nil {
		return answer{}, err
	}
	return c.revokeBy(fsm.Target{By: fsm.ByAccessor, Accessor: accessor})
}

func (c *call) revokeBy(target fsm.Target) (answer, error) {
	reply, err := c.propose(&fsm.TokenRevoke{Target: target})
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
	_, err = c.propose(&fsm.TokenRevokeOrphan{Token: d})
	return answer{}, err
}
