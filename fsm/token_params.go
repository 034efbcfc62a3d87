package fsm

import (
	"net/netip"
	"time"
)

// TokenParams are the token_* parameters that every login method has for the
// tokens of its users or roles.
type TokenParams struct {
	Policies        []string // a policySet, without the default policy unless named
	TTL             time.Duration
	MaxTTL          time.Duration
	ExplicitMaxTTL  time.Duration
	Period          time.Duration
	NumUses         uint32
	BoundCIDRs      []netip.Prefix
	Type            TokenType // TypeUnset: as the mount says
	NoDefaultPolicy bool

	// Deprecated says which were last written by their names without token_; a
	// reader is shown those names too.
	Deprecated ParamFields
}

// ParamFields says which parameters a request named. Bits are append-only.
type ParamFields uint32

// One bit a parameter.
const (
	GivenTokenPolicies ParamFields = 1 << iota
	GivenTokenTTL
	GivenTokenMaxTTL
	GivenTokenExplicitMaxTTL
	GivenTokenPeriod
	GivenTokenNumUses
	GivenTokenBoundCIDRs
	GivenTokenTokenType
	GivenTokenNoDefaultPolicy
	AllParams = 1<<iota - 1

	// everOld are the parameters that have a second name without token_.
	everOld = GivenTokenPolicies | GivenTokenTTL | GivenTokenMaxTTL | GivenTokenPeriod | GivenTokenNumUses | GivenTokenBoundCIDRs
)

func (f *ParamFields) fields(c *coder) {
	c.u32((*uint32)(f))
	if *f > AllParams {
		c.fail(errNotCanonical)
	}
}

func (p *TokenParams) fields(c *coder) {
	c.strings(&p.Policies, MaxPolicies, MaxNameBytes)
	c.duration(&p.TTL)
	c.duration(&p.MaxTTL)
	c.duration(&p.ExplicitMaxTTL)
	c.duration(&p.Period)
	c.u32(&p.NumUses)
	list(c, &p.BoundCIDRs, MaxBoundCIDRs, func(c *coder, p *netip.Prefix) { c.prefix(p) })
	p.Type.fields(c)
	c.bool(&p.NoDefaultPolicy)
	p.Deprecated.fields(c)
}

// check wants each parameter by itself within its bounds.
func (p *TokenParams) check() *Error {
	switch {
	case len(p.Policies) > MaxPolicies:
		return invalid(OutOfRange, "number of policies", len(p.Policies), "at most 64")
	case p.NumUses > MaxUses:
		return invalid(OutOfRange, "token_num_uses", p.NumUses, "at most 2147483648")
	case p.Type > TypeDefaultBatch:
		return invalid(BadTokenType)
	case p.Deprecated&^everOld != 0:
		return invalid(OutOfRange, "deprecated fields", p.Deprecated, "those that have two names")
	}
	for _, n := range p.Policies {
		if err := checkName("policy name", n); err != nil {
			return err
		}
	}
	for _, d := range [...]struct {
		field string
		value time.Duration
	}{
		{"token_ttl", p.TTL}, {"token_max_ttl", p.MaxTTL},
		{"token_explicit_max_ttl", p.ExplicitMaxTTL}, {"token_period", p.Period},
	} {
		if err := checkDuration(d.field, d.value); err != nil {
			return err
		}
	}
	return checkCIDRs(p.BoundCIDRs)
}

// take copies the given parameters.
func (p *TokenParams) take(from *TokenParams, given ParamFields) {
	if given&GivenTokenPolicies != 0 {
		p.Policies = policySet(from.Policies, false)
	}
	for _, d := range [...]struct {
		bit      ParamFields
		to, from *time.Duration
	}{
		{GivenTokenTTL, &p.TTL, &from.TTL}, {GivenTokenMaxTTL, &p.MaxTTL, &from.MaxTTL},
		{GivenTokenExplicitMaxTTL, &p.ExplicitMaxTTL, &from.ExplicitMaxTTL}, {GivenTokenPeriod, &p.Period, &from.Period},
	} {
		if given&d.bit != 0 {
			*d.to = wholeSeconds(*d.from)
		}
	}
	if given&GivenTokenNumUses != 0 {
		p.NumUses = from.NumUses
	}
	if given&GivenTokenBoundCIDRs != 0 {
		p.BoundCIDRs = from.BoundCIDRs
	}
	if given&GivenTokenTokenType != 0 {
		p.Type = from.Type
	}
	if given&GivenTokenNoDefaultPolicy != 0 {
		p.NoDefaultPolicy = from.NoDefaultPolicy
	}
	p.Deprecated = p.Deprecated&^given | from.Deprecated&given
}

// fits checks the parameters against each other.
func (p *TokenParams) fits() *Error {
	batch := p.Type == TypeBatch || p.Type == TypeDefaultBatch
	switch {
	case p.MaxTTL > 0 && p.TTL > p.MaxTTL:
		return invalid(TTLAboveMax)
	case batch && p.Period > 0:
		return invalid(BatchLogin, "periodic tokens")
	case batch && p.NumUses > 0:
		return invalid(BatchLogin, "tokens with limited use count")
	}
	return nil
}

// admits says whether a login from an address is allowed.
func (p *TokenParams) admits(from netip.Addr) bool {
	return (&Terms{CIDRs: p.BoundCIDRs}).admits(from)
}

// lifetime is what bounds a token of these parameters that is, or was, made at an
// instant by a mount.
func (p *TokenParams) lifetime(created Instant, m *AuthMount) lifetime {
	l := lifetime{created: created, asked: p.TTL, period: p.Period, explicitMax: p.ExplicitMaxTTL}.on(m)
	l.max = lesser(l.max, p.MaxTTL)
	return l
}

// grantedPolicies is what a login gives. Never root: that is given from token to
// token only.
func (p *TokenParams) grantedPolicies() ([]string, *Error) {
	set := policySet(p.Policies, !p.NoDefaultPolicy)
	switch {
	case hasName(set, rootPolicy):
		return nil, invalid(RootByLogin)
	case hasName(set, wrappingPolicy):
		return nil, invalid(PolicyUnassignable, wrappingPolicy)
	}
	return set, nil
}

// stillGrants says whether a token's policies are what a login would give now.
// The default policy may come and go, as in Vault.
func (p *TokenParams) stillGrants(policies []string) bool {
	now, then := withoutName(policySet(p.Policies, false), defaultPolicy), withoutName(policies, defaultPolicy)
	return len(now) == len(then) && subsetOf(now, then)
}

// token is a new login token without its times: an orphan, with the parameters
// written down as Vault shows them.
func (p *TokenParams) token(d Digest, accessor string, policies []string) *Token {
	return &Token{
		tokenBody: &tokenBody{Digest: d, accessor: accessorKey([]byte(accessor)), UsesLeft: p.NumUses},
		Terms: &Terms{
			Policies: policies, CIDRs: p.BoundCIDRs, NumUses: p.NumUses,
			ExplicitMaxTTL: p.ExplicitMaxTTL, Period: p.Period, Renewable: true,
		},
	}
}
