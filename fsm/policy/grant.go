package policy

import (
	"slices"
	"strings"
	"time"
)

// Grant is what a token's policies give on one path. The zero Grant gives
// nothing.
type Grant struct {
	caps             Capability
	root             bool
	minWrap, maxWrap time.Duration
	params           *Parameters // nil: no restriction
}

// Allows says whether every capability of want is given.
func (g Grant) Allows(want Capability) bool {
	return g.root || g.caps&Deny == 0 && g.caps&want == want && want != 0
}

// Root says that the root policy decided: everything is given.
func (g Grant) Root() bool { return g.root }

// Names is the answer of sys/capabilities: sorted names, "root" for the root
// policy, "deny" for nothing at all.
func (g Grant) Names() []string {
	switch {
	case g.root:
		return []string{"root"}
	case g.caps == 0 || g.caps&Deny != 0:
		return []string{"deny"}
	}
	return g.caps.Names()
}

// HasParameters says whether CheckParameters can refuse: a caller who knows
// that it cannot need not have the request's parameters at hand.
func (g Grant) HasParameters() bool { return g.params != nil }

// CheckParameters says whether a request for this capability may have these
// parameters (body fields, or the query of a read). Only create, read, update
// and patch are restricted, with or without sudo. As in Vault the name of an allowed or denied
// parameter matches in any case, whereas a required one has to be there in
// lower case, as the endpoints read it.
func (g Grant) CheckParameters(op Capability, params map[string]any) bool {
	if g.params == nil || op&(Create|Read|Update|Patch) == 0 {
		return true
	}
	for _, name := range g.params.Required {
		if _, ok := params[name]; !ok {
			return false
		}
	}
	if len(params) == 0 {
		return true
	}
	return !g.params.denies(params) && g.params.allows(params)
}

// CheckWrapTTL says whether the response may be wrapped for that long; zero is
// a response that is not wrapped. Either bound makes wrapping a duty. Merged
// rules can leave a minimum above the maximum: then nothing fits.
func (g Grant) CheckWrapTTL(ttl time.Duration) bool {
	if g.minWrap == 0 && g.maxWrap == 0 {
		return true
	}
	return ttl > 0 && ttl >= g.minWrap && (g.maxWrap == 0 || ttl <= g.maxWrap)
}

// union is what rules of the same pattern give together.
func (g Grant) union(o Grant) Grant {
	if (g.caps|o.caps)&Deny != 0 {
		return Grant{caps: Deny}
	}
	g.caps |= o.caps
	g.minWrap = lesserBound(g.minWrap, o.minWrap)
	g.maxWrap = lesserBound(g.maxWrap, o.maxWrap)
	switch {
	case g.params == nil:
		g.params = o.params
	case o.params != nil:
		g.params = &Parameters{
			Allowed:  mergeParameters(g.params.Allowed, o.params.Allowed),
			Denied:   mergeParameters(g.params.Denied, o.params.Denied),
			Required: mergeNames(g.params.Required, o.params.Required),
		}
	}
	return g
}

// lesserBound is the lesser of two bounds, where zero is none. Vault takes the
// lesser minimum too, preferring short-lived wrappings to long ones.
func lesserBound(a, b time.Duration) time.Duration {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

func (p *Parameters) denies(params map[string]any) bool {
	if len(p.Denied) == 0 {
		return false
	}
	if find(p.Denied, "*") != nil {
		return true
	}
	for name, value := range params { // order: any one decides
		if d := find(p.Denied, fold(name)); d != nil && d.has(value) {
			return true
		}
	}
	return false
}

func (p *Parameters) allows(params map[string]any) bool {
	all := find(p.Allowed, "*") != nil
	if len(p.Allowed) == 0 || all && len(p.Allowed) == 1 {
		return true
	}
	for name, value := range params { // order: all have to agree
		a := find(p.Allowed, fold(name))
		if a == nil && !all || a != nil && !a.has(value) {
			return false
		}
	}
	return true
}

func find(list []Parameter, name string) *Parameter {
	i, ok := slices.BinarySearchFunc(list, name, func(p Parameter, name string) int {
		return strings.Compare(p.Name, name)
	})
	if !ok {
		return nil
	}
	return &list[i]
}

// has says whether the value is among those meant.
func (p *Parameter) has(value any) bool {
	if len(p.Values) == 0 {
		return true
	}
	for _, v := range p.Values {
		if v.matches(value) {
			return true
		}
	}
	return false
}
