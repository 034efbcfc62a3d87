package http

import (
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// legacyRoutes are the forms of 2015 that carry a token in the path, where
// access logs and histories find it. They are answered with a warning, judged by
// the path without the token, and can be turned off. revoke-prefix carries no
// secret.
func (s *Server) legacyRoutes() {
	const why = "the token belongs into the body; paths end up in logs"
	s.handle(route{path: "auth/token/lookup/{token}", secret: true, read: func(c *call) (answer, error) {
		c.deprecated(why)
		if err := c.decoded(); err != nil {
			return answer{}, err
		}
		return c.lookupNamed(c.variable("token"))
	}, about: about{
		read: "Shows a token. Deprecated: the token belongs into the body.",
	}})
	s.handle(route{path: "auth/token/renew/{token}", secret: true, update: func(c *call) (answer, error) {
		c.deprecated(why)
		return c.renewNamed(c.variable("token"))
	}, about: about{
		update: "Renews a token. Deprecated: the token belongs into the body.", takes: "increment",
	}})
	s.handle(route{path: "auth/token/revoke/{token}", secret: true, update: func(c *call) (answer, error) {
		c.deprecated(why)
		return c.revokeNamed(c.variable("token"))
	}, about: about{
		update: "Revokes a token and its tree. Deprecated: the token belongs into the body.", takes: plannedTakes,
	}})
	s.handle(route{path: "auth/token/revoke-orphan/{token}", secret: true, update: func(c *call) (answer, error) {
		c.deprecated(why)
		return c.revokeOrphanNamed(c.variable("token"))
	}, about: about{
		update: "Revokes a token alone. Deprecated: the token belongs into the body.", takes: plannedTakes,
	}})
	s.handle(route{path: "auth/token/revoke-prefix/{prefix:.*}", update: func(c *call) (answer, error) {
		c.deprecated("use sys/leases/revoke-prefix")
		p, prefix := c.plan(), strings.Trim(c.variable("prefix"), "/")
		if err := c.decoded(); err != nil {
			return answer{}, err
		}
		return c.revokeAs(&fsm.PrefixRevoke{Endpoint: fsm.TokenRevokePrefix, Prefix: prefix}, p)
	}, about: about{
		update: "Revokes what was made under a path. Deprecated: sys/leases/revoke-prefix.", takes: plannedTakes,
	}})
}

// deprecated tells the client that the form of its request is old: in the
// warnings of an answer that has a body, and in a header of any.
func (c *call) deprecated(instead string) {
	c.notice = "This form of the request is deprecated: " + instead
}
