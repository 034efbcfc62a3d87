package http

import (
	"net/netip"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

func (s *Server) roleRoutes() {
	s.handle(route{path: "auth/token/roles", list: s.listRoles, folder: true, about: about{
		list: "Lists the token roles.",
	}})
	s.handle(route{path: "auth/token/roles/{role}", read: s.readRole, update: s.writeRole, delete: s.deleteRole, about: about{
		read: "Shows a token role.", update: "Makes a token role or changes what is named of one.", delete: "Deletes a token role.", takes: roleTakes,
	}})
}

func (s *Server) listRoles(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	return names(view.State.RoleNames())
}

func (s *Server) readRole(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	role, ok := view.State.Role(c.variable("role"))
	if !ok {
		return answer{}, errNothing
	}
	return answer{data: roleData(role)}, nil
}

func (s *Server) deleteRole(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(&fsm.RoleDelete{Name: c.variable("role")})
	return answer{}, err
}

// writeRole makes a role or changes the fields that the request names.
func (s *Server) writeRole(c *call) (answer, error) {
	cmd := &fsm.RoleSet{Role: fsm.Role{Name: c.variable("role")}}
	c.roleFields(cmd)
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	reply, err := c.propose(cmd)
	if err != nil {
		return answer{}, err
	}
	c.warnAll(reply.Result.(*fsm.RoleStored).Warnings)
	return answer{}, nil
}

const roleTakes = "allowed_policies disallowed_policies allowed_policies_glob disallowed_policies_glob" +
	" allowed_entity_aliases orphan renewable path_suffix token_no_default_policy token_num_uses" +
	" token_period token_explicit_max_ttl token_bound_cidrs period explicit_max_ttl bound_cidrs token_type"

// roleFields takes the fields of a role. A field that is null keeps its value.
func (c *call) roleFields(cmd *fsm.RoleSet) {
	b, r := &c.body, &cmd.Role
	given := func(name string, bit fsm.RoleFields) bool {
		_, ok := b.take(name)
		if ok {
			cmd.Given |= bit
		}
		return ok
	}
	for _, l := range []struct {
		name string
		bit  fsm.RoleFields
		to   *[]string
	}{
		{"allowed_policies", fsm.GivenAllowedPolicies, &r.AllowedPolicies},
		{"disallowed_policies", fsm.GivenDisallowedPolicies, &r.DisallowedPolicies},
		{"allowed_policies_glob", fsm.GivenAllowedPoliciesGlob, &r.AllowedPoliciesGlob},
		{"disallowed_policies_glob", fsm.GivenDisallowedPoliciesGlob, &r.DisallowedPoliciesGlob},
		{"allowed_entity_aliases", fsm.GivenAllowedEntityAliases, &r.AllowedEntityAliases},
	} {
		if given(l.name, l.bit) {
			*l.to = b.commaList(l.name, fsm.MaxRoleGlobs)
		}
	}
	if given("orphan", fsm.GivenOrphan) {
		r.Orphan = b.flag("orphan", false)
	}
	if given("renewable", fsm.GivenRenewable) {
		r.Renewable = b.flag("renewable", true)
	}
	if given("path_suffix", fsm.GivenPathSuffix) {
		r.PathSuffix = b.text("path_suffix")
	}
	if given("token_no_default_policy", fsm.GivenNoDefaultPolicy) {
		r.NoDefaultPolicy = b.flag("token_no_default_policy", false)
	}
	if given("token_num_uses", fsm.GivenNumUses) {
		r.NumUses = uint32(b.whole("token_num_uses", fsm.MaxUses))
	}
	c.roleTwins(cmd)
	if given("token_type", fsm.GivenTokenType) {
		r.TokenType = roleTokenType(b)
	}
}

// roleTwins takes the fields that have an older name without token_. The newer
// one wins.
func (c *call) roleTwins(cmd *fsm.RoleSet) {
	b, r := &c.body, &cmd.Role
	twin := func(name string, bit fsm.RoleFields, set func(name string)) {
		_, older := b.take(name)
		_, newer := b.take("token_" + name)
		switch {
		case newer:
			set("token_" + name)
			if older {
				c.warn("Both \"token_" + name + "\" and deprecated \"" + name + "\" are given; the deprecated one is ignored")
			}
		case older:
			set(name)
			r.Deprecated |= bit
		default:
			return
		}
		cmd.Given |= bit
	}
	twin("period", fsm.GivenPeriod, func(name string) { r.Period = b.duration(name) })
	twin("explicit_max_ttl", fsm.GivenExplicitMaxTTL, func(name string) { r.ExplicitMaxTTL = b.duration(name) })
	twin("bound_cidrs", fsm.GivenBoundCIDRs, func(name string) { r.BoundCIDRs = b.cidrs(name) })
}

var roleTypes = map[fsm.TokenType]string{
	fsm.TypeService:        "service",
	fsm.TypeBatch:          "batch",
	fsm.TypeDefaultService: "default-service",
	fsm.TypeDefaultBatch:   "default-batch",
}

func roleTokenType(b *body) fsm.TokenType {
	text := b.text("token_type")
	if text == "" || text == "default" {
		return fsm.TypeDefaultService
	}
	for t, name := range roleTypes { // order: at most one is equal
		if name == text {
			return t
		}
	}
	b.fail("token_type", "is %s, expected service, batch, default-service or default-batch", quote(text))
	return fsm.TypeUnset
}

// cidrs is a list of address ranges; a bare address is a range of one.
func (b *body) cidrs(name string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range b.commaList(name, fsm.MaxBoundCIDRs) {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil || addr.Zone() != "" {
				b.fail(name, "%s is neither an IP address nor a range such as 10.0.0.0/8", quote(text))
				return nil
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		if p.Addr().Is4In6() {
			if p.Bits() < 96 {
				b.fail(name, "%s reaches beyond IPv4 in IPv6", quote(text))
				return nil
			}
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		out = append(out, p.Masked())
	}
	return out
}

// showCIDRs spells ranges as Vault does: a range of one as its address.
func showCIDRs(ranges []netip.Prefix) []string {
	out := make([]string, 0, len(ranges))
	for _, p := range ranges {
		if p.IsSingleIP() {
			out = append(out, p.Addr().String())
		} else {
			out = append(out, p.String())
		}
	}
	return out
}

func roleData(r *fsm.Role) object {
	data := object{
		"name":                     r.Name,
		"allowed_policies":         listed(r.AllowedPolicies),
		"disallowed_policies":      listed(r.DisallowedPolicies),
		"allowed_policies_glob":    listed(r.AllowedPoliciesGlob),
		"disallowed_policies_glob": listed(r.DisallowedPoliciesGlob),
		"allowed_entity_aliases":   r.AllowedEntityAliases, // null when there is none, as in Vault
		"orphan":                   r.Orphan,
		"renewable":                r.Renewable,
		"path_suffix":              r.PathSuffix,
		"period":                   0,
		"explicit_max_ttl":         0,
		"token_period":             int64(r.Period / time.Second),
		"token_explicit_max_ttl":   int64(r.ExplicitMaxTTL / time.Second),
		"token_no_default_policy":  r.NoDefaultPolicy,
		"token_type":               roleTypes[r.TokenType],
	}
	if r.Deprecated&fsm.GivenPeriod != 0 {
		data["period"] = int64(r.Period / time.Second)
	}
	if r.Deprecated&fsm.GivenExplicitMaxTTL != 0 {
		data["explicit_max_ttl"] = int64(r.ExplicitMaxTTL / time.Second)
	}
	if len(r.BoundCIDRs) > 0 {
		data["token_bound_cidrs"] = showCIDRs(r.BoundCIDRs)
		if r.Deprecated&fsm.GivenBoundCIDRs != 0 {
			data["bound_cidrs"] = showCIDRs(r.BoundCIDRs)
		}
	}
	if r.NumUses > 0 {
		data["token_num_uses"] = r.NumUses
	}
	return data
}

// listed is a list that is never null.
func listed(names []string) []string { return append([]string{}, names...) }
