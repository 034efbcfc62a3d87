package fsm

import (
	"net/netip"
	"time"
)

// Role is a token role: what tokens made under its name may and must be.
type Role struct {
	Name    string
	Version uint64 // serial of the command that wrote it

	AllowedPolicies        []string
	DisallowedPolicies     []string
	AllowedPoliciesGlob    []string
	DisallowedPoliciesGlob []string
	AllowedEntityAliases   []string

	Orphan          bool
	Renewable       bool
	PathSuffix      string
	Period          time.Duration // token_period
	ExplicitMaxTTL  time.Duration // token_explicit_max_ttl
	BoundCIDRs      []netip.Prefix
	TokenType       TokenType
	NoDefaultPolicy bool
	NumUses         uint32 // token_num_uses

	// Deprecated says which of Period, ExplicitMaxTTL and BoundCIDRs were last
	// written by their names without token_; a reader is shown those names too.
	Deprecated RoleFields
}

// TokenType is the kind of token that is asked for or that a role makes.
type TokenType uint8

// The token types, append-only.
const (
	TypeUnset          TokenType = 0
	TypeService        TokenType = 1
	TypeBatch          TokenType = 2
	TypeDefaultService TokenType = 3
	TypeDefaultBatch   TokenType = 4
)

func (t *TokenType) fields(c *coder) {
	c.u8((*uint8)(t))
	if *t > TypeDefaultBatch {
		c.fail(errNotCanonical)
	}
}

func (r *Role) tag() recordTag { return tagRole }

func (r *Role) fields(c *coder) {
	c.string(&r.Name, MaxNameBytes)
	c.u64(&r.Version)
	for _, l := range r.lists() {
		c.strings(l, MaxRoleGlobs, MaxNameBytes)
	}
	c.bool(&r.Orphan)
	c.bool(&r.Renewable)
	c.string(&r.PathSuffix, MaxNameBytes)
	c.duration(&r.Period)
	c.duration(&r.ExplicitMaxTTL)
	list(c, &r.BoundCIDRs, MaxBoundCIDRs, func(c *coder, p *netip.Prefix) { c.prefix(p) })
	r.TokenType.fields(c)
	c.bool(&r.NoDefaultPolicy)
	c.u32(&r.NumUses)
	r.Deprecated.fields(c)
}

// Role finds a role by name.
func (s *State) Role(name string) (*Role, bool) { return s.roles.find(name) }

// RoleNames lists all roles in order.
func (s *State) RoleNames() (names []string) {
	s.roles.each(func(r *Role) bool {
		names = append(names, r.Name)
		return true
	})
	return names
}
