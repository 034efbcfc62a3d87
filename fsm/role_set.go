package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// RoleSet creates a role or changes the given fields of one.
type RoleSet struct {
	Role  Role // Version is ignored
	Given RoleFields
}

// RoleFields says which fields of a RoleSet the request named; the others keep
// their value, or their default in a new role. Bits are append-only.
type RoleFields uint32

// One bit a field.
const (
	GivenAllowedPolicies RoleFields = 1 << iota
	GivenDisallowedPolicies
	GivenAllowedPoliciesGlob
	GivenDisallowedPoliciesGlob
	GivenAllowedEntityAliases
	GivenOrphan
	GivenRenewable
	GivenPathSuffix
	GivenPeriod
	GivenExplicitMaxTTL
	GivenBoundCIDRs
	GivenTokenType
	GivenNoDefaultPolicy
	GivenNumUses
	allGiven = 1<<iota - 1
)

// RoleStored is the result of RoleSet.
type RoleStored struct{ Warnings []Warning }

func (r *RoleStored) fields(c *coder) { warningFields(c, &r.Warnings) }

func warningFields(c *coder, w *[]Warning) {
	list(c, w, 128, func(c *coder, w *Warning) { w.fields(c) })
}

func (*RoleSet) kind() Kind { return kindRoleSet }

func (r *RoleSet) fields(c *coder) {
	r.Role.fields(c)
	c.u32((*uint32)(&r.Given))
	if r.Given > allGiven {
		c.fail(errNotCanonical)
	}
}

// access is create or update, as the role is new or not.
func (r *RoleSet) access(s *State, _ *Actor) Access {
	need := policy.Create
	if _, there := s.Role(r.Role.Name); there {
		need = policy.Update
	}
	return Access{Path: "auth/token/roles/" + r.Role.Name, Capability: need}
}
