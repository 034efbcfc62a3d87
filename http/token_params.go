package http

import (
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// paramTakes are the parameters of a token that every login method has;
// olderTakes the names that some had before.
const (
	paramTakes = "token_policies token_ttl token_max_ttl token_bound_cidrs token_explicit_max_ttl" +
		" token_period token_num_uses token_no_default_policy token_type"
	olderTakes = "policies ttl max_ttl bound_cidrs"
)

// olderParams are those of olderTakes.
const olderParams = fsm.GivenTokenPolicies | fsm.GivenTokenTTL | fsm.GivenTokenMaxTTL | fsm.GivenTokenBoundCIDRs

// tokenParams takes the token_* parameters that every login method has, and says
// which were given. Those among older have an older name without token_, too; the
// newer one wins, and who used the older one is shown it again.
func (b *body) tokenParams(p *fsm.TokenParams, older fsm.ParamFields) (given fsm.ParamFields) {
	return b.someParams(p, fsm.AllParams, older)
}

// someParams is tokenParams for an endpoint that has only some of them.
func (b *body) someParams(p *fsm.TokenParams, some, older fsm.ParamFields) (given fsm.ParamFields) {
	param := func(name string, bit fsm.ParamFields, set func(name string)) {
		if some&bit == 0 {
			return
		}
		_, new := b.take("token_" + name)
		if older&bit != 0 {
			if _, old := b.take(name); old {
				p.Deprecated |= bit
				if !new {
					set(name)
					given |= bit
				}
			}
		}
		if new {
			set("token_" + name)
			given |= bit
		}
	}
	duration := func(to *time.Duration) func(string) {
		return func(name string) { *to = b.duration(name) }
	}
	param("policies", fsm.GivenTokenPolicies, func(name string) { p.Policies = b.commaList(name, fsm.MaxPolicies) })
	param("ttl", fsm.GivenTokenTTL, duration(&p.TTL))
	param("max_ttl", fsm.GivenTokenMaxTTL, duration(&p.MaxTTL))
	param("bound_cidrs", fsm.GivenTokenBoundCIDRs, func(name string) { p.BoundCIDRs = b.cidrs(name) })
	param("explicit_max_ttl", fsm.GivenTokenExplicitMaxTTL, duration(&p.ExplicitMaxTTL))
	param("period", fsm.GivenTokenPeriod, duration(&p.Period))
	param("num_uses", fsm.GivenTokenNumUses, func(name string) { p.NumUses = uint32(b.whole(name, fsm.MaxUses)) })
	param("no_default_policy", fsm.GivenTokenNoDefaultPolicy, func(name string) { p.NoDefaultPolicy = b.flag(name, false) })
	param("type", fsm.GivenTokenTokenType, func(name string) { p.Type = b.tokenType(name, b.text(name)) })
	return given
}

// tokenType is the type of token that a login method's user, role or mount asks
// for.
func (b *body) tokenType(name, text string) fsm.TokenType {
	if text == "" || text == "default" {
		return fsm.TypeUnset
	}
	for t, known := range roleTypes { // order: at most one is equal
		if known == text {
			return t
		}
	}
	b.fail(name, "is %s, expected service, batch, default-service or default-batch", quote(text))
	return fsm.TypeUnset
}

// paramData shows the parameters, those under their older names too that were
// written under them.
func paramData(p *fsm.TokenParams) object {
	data := object{
		"token_policies":          listed(p.Policies),
		"token_ttl":               int64(p.TTL / time.Second),
		"token_max_ttl":           int64(p.MaxTTL / time.Second),
		"token_explicit_max_ttl":  int64(p.ExplicitMaxTTL / time.Second),
		"token_period":            int64(p.Period / time.Second),
		"token_num_uses":          p.NumUses,
		"token_bound_cidrs":       showCIDRs(p.BoundCIDRs),
		"token_no_default_policy": p.NoDefaultPolicy,
		"token_type":              "default",
	}
	if p.Type != fsm.TypeUnset {
		data["token_type"] = roleTypes[p.Type]
	}
	for name, bit := range map[string]fsm.ParamFields{ // order: each stands alone
		"policies": fsm.GivenTokenPolicies, "ttl": fsm.GivenTokenTTL,
		"max_ttl": fsm.GivenTokenMaxTTL, "bound_cidrs": fsm.GivenTokenBoundCIDRs,
		"period": fsm.GivenTokenPeriod, "num_uses": fsm.GivenTokenNumUses,
	} {
		if p.Deprecated&bit != 0 {
			data[name] = data["token_"+name]
		}
	}
	return data
}
