package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// TokenRenew moves a token's deadline, forward or back, never past its maximum.
type TokenRenew struct {
	Target    Target
	Increment time.Duration // 0: what was granted last
}

// TokenRenewed is its result: what the auth block of the answer shows.
type TokenRenewed struct {
	Token    *Token // as it is after the renewal
	TTL      time.Duration
	Warnings []Warning
}

func (r *TokenRenewed) fields(c *coder) {
	if c.decoding {
		r.Token = new(Token)
	}
	r.Token.fields(c)
	c.duration(&r.TTL)
	warningFields(c, &r.Warnings)
}

func (*TokenRenew) kind() Kind { return kindTokenRenew }

func (r *TokenRenew) fields(c *coder) {
	r.Target.fields(c)
	c.duration(&r.Increment)
}

func (r *TokenRenew) access(*State, *Actor) Access {
	return Access{Path: r.Target.path("renew"), Capability: policy.Update}
}
