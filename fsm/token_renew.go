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
		r.Token = newToken()
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

// Validate checks shape and bounds.
func (r *TokenRenew) Validate() error {
	if err := r.Target.check(); err != nil {
		return err
	}
	if err := checkDuration("increment", r.Increment); err != nil {
		return err
	}
	return nil
}

func (r *TokenRenew) access(*State, *Actor) Access {
	return Access{Path: r.Target.path("renew"), Capability: policy.Update}
}

func (r *TokenRenew) apply(tx *Tx, a *Actor) (Result, *Error) {
	return r.renew(tx, a, tx.st.renewal)
}

// renew renews the token within the bounds that a function names for it.
func (r *TokenRenew) renew(tx *Tx, a *Actor, bounds func(*Token) (lifetime, *Error)) (Result, *Error) {
	t, err := r.Target.live(tx, a)
	switch {
	case err != nil:
		return nil, err
	case t.IsBatch():
		return nil, invalid(BatchNotRenewable)
	case t.signed != nil:
		return nil, invalid(SignedNotRenewable)
	case t.Path == rootPath:
		return nil, invalid(LeaseUnknown) // the first root token has no lease
	case !t.Renewable:
		return nil, invalid(NotRenewable)
	}
	life, err := bounds(t)
	if err != nil {
		return nil, err
	}
	if increment := wholeSeconds(r.Increment); increment > 0 {
		life.asked = increment
	}
	now := tx.clock()
	ttl, warnings, err := life.grant(now)
	if err != nil {
		return nil, err
	}
	t = tx.changeToken(t, func(t *Token) {
		t.Deadline, t.RenewedAt, t.Increment = now.Add(ttl), now, ttl
	})
	return &TokenRenewed{Token: t, TTL: ttl, Warnings: warnings}, nil
}

// renewal is what bounds a renewal that asks for nothing: it gets what was
// granted last. As in Vault a token that was made by a role has the period and
// the explicit maximum that the role names now, and can not be renewed once the
// role is gone. Its own explicit maximum holds besides: that one was promised at
// creation.
func (s *State) renewal(t *Token) (lifetime, *Error) {
	life := lifetime{created: t.CreatedAt, asked: t.Increment, period: t.Period, explicitMax: t.ExplicitMaxTTL}
	if m, _, ok := s.storedMountOf(t.Path); ok {
		if method, ok := authMethods[m.Type]; ok {
			return method.renewal(s, m, t)
		}
		life = life.on(m)
	}
	if t.Role == "" {
		return life, nil
	}
	role, ok := s.Role(t.Role)
	if !ok {
		return life, invalid(RoleGone, t.Role)
	}
	life.period = role.Period
	life.explicitMax = lesser(life.explicitMax, role.ExplicitMaxTTL)
	return life, nil
}
