package http

import (
	"slices"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// approleTakes are the fields of a role that are not its tokens'.
const approleTakes = "role_id bind_secret_id bound_cidr_list secret_id_bound_cidrs secret_id_num_uses secret_id_ttl local_secret_ids"

// approleFields are the endpoints for single fields, by the names under which a
// request may give the field and an answer shows it.
var approleFields = []struct {
	endpoint fsm.ApproleEndpoint
	names    string
}{
	{fsm.ApprolePolicies, "token_policies policies"},
	{fsm.ApproleBindSecretID, "bind_secret_id"},
	{fsm.ApproleBoundCIDRList, "bound_cidr_list"},
	{fsm.ApproleSecretIDCIDRs, "secret_id_bound_cidrs"},
	{fsm.ApproleTokenCIDRs, "token_bound_cidrs"},
	{fsm.ApproleSecretIDUses, "secret_id_num_uses"},
	{fsm.ApproleSecretIDTTL, "secret_id_ttl"},
	{fsm.ApprolePeriod, "token_period period"},
	{fsm.ApproleTokenUses, "token_num_uses"},
	{fsm.ApproleTokenTTL, "token_ttl"},
	{fsm.ApproleTokenMaxTTL, "token_max_ttl"},
}

func approleFieldRoutes() (routes []mountRoute) {
	for _, f := range approleFields {
		path, _, _ := f.endpoint.Takes()
		names := strings.Fields(f.names)
		routes = append(routes, below("role/{name}"+path, route{
			folder: true, read: readRoleField(names...), update: writeRoleField(f.endpoint, names), delete: resetRoleField(f.endpoint),
			about: about{
				read: "Shows one field of a role.", update: "Changes one field of a role.", delete: "Gives one field of a role its default.",
				takes: f.names,
			},
		}))
	}
	return routes
}

// readRoleField shows what a role has under some names.
func readRoleField(names ...string) handler {
	return func(c *call) (answer, error) {
		_, _, r, err := c.onRole()
		if err != nil {
			return answer{}, err
		}
		all, data := approleData(r), object{}
		all["role_id"] = r.RoleID
		if all["bound_cidr_list"] = all["secret_id_bound_cidrs"]; names[0] == "bound_cidr_list" {
			c.warn("The \"bound_cidr_list\" field is deprecated. Please use \"secret_id_bound_cidrs\" instead.")
		}
		for _, name := range names {
			if v, ok := all[name]; ok {
				data[name] = v
			}
		}
		return answer{data: data}, nil
	}
}

// writeRoleField changes a field, which has to be given under one of its names.
func writeRoleField(endpoint fsm.ApproleEndpoint, names []string) handler {
	return func(c *call) (answer, error) {
		cmd := c.approleSet(endpoint)
		c.approleRules(cmd)
		_, _, params := endpoint.Takes()
		cmd.GivenParams = c.body.someParams(&cmd.Params, params, params&(fsm.GivenTokenPolicies|fsm.GivenTokenPeriod))
		if err := c.decoded(); err != nil {
			return answer{}, err
		}
		if cmd.Given == 0 && cmd.GivenParams == 0 {
			return answer{}, invalid("missing %s", names[0])
		}
		return c.setApprole(cmd)
	}
}

func resetRoleField(endpoint fsm.ApproleEndpoint) handler {
	return func(c *call) (answer, error) {
		cmd := c.approleSet(endpoint)
		cmd.Reset = true
		return c.setApprole(cmd)
	}
}

// approleRules takes the fields that the endpoint has of a role's own. A field
// that is null keeps its value.
func (c *call) approleRules(cmd *fsm.ApproleSet) {
	b, r := &c.body, &cmd.Rules
	_, own, _ := cmd.Endpoint.Takes()
	given := func(bit fsm.ApproleFields, names ...string) (name string) {
		if own&bit == 0 {
			return ""
		}
		for _, n := range slices.Backward(names) { // the first one wins
			if _, ok := b.take(n); ok {
				name = n
				cmd.Given |= bit
			}
		}
		return name
	}
	if name := given(fsm.GivenBindSecretID, "bind_secret_id"); name != "" {
		r.Bind = b.flag("bind_secret_id", true)
	}
	if name := given(fsm.GivenSecretIDCIDRs, "secret_id_bound_cidrs", "bound_cidr_list"); name != "" {
		r.CIDRs = b.cidrs(name)
	}
	if name := given(fsm.GivenSecretIDNumUses, "secret_id_num_uses"); name != "" {
		r.NumUses = uint32(b.whole("secret_id_num_uses", fsm.MaxUses))
	}
	if name := given(fsm.GivenSecretIDTTL, "secret_id_ttl"); name != "" {
		r.TTL = b.duration("secret_id_ttl")
	}
	if name := given(fsm.GivenLocalSecretIDs, "local_secret_ids"); name != "" {
		r.Local = b.flag("local_secret_ids", false)
	}
}
