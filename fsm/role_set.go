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

	// everDeprecated are the fields that have a second name without token_.
	everDeprecated = GivenPeriod | GivenExplicitMaxTTL | GivenBoundCIDRs
)

func (f *RoleFields) fields(c *coder) {
	c.u32((*uint32)(f))
	if *f > allGiven {
		c.fail(errNotCanonical)
	}
}

// RoleStored is the result of RoleSet.
type RoleStored struct{ Warnings []Warning }

func (r *RoleStored) fields(c *coder) { warningFields(c, &r.Warnings) }

func warningFields(c *coder, w *[]Warning) {
	list(c, w, 128, func(c *coder, w *Warning) { w.fields(c) })
}

func (*RoleSet) kind() Kind { return kindRoleSet }

func (r *RoleSet) fields(c *coder) {
	r.Role.fields(c)
	r.Given.fields(c)
}

// Validate checks each field by itself.
func (r *RoleSet) Validate() error {
	if err := r.Role.check(); err != nil {
		return err
	}
	return nil
}

// access is create or update, as the role is new or not.
func (r *RoleSet) access(s *State, _ *Actor) Access {
	need := policy.Create
	if _, there := s.Role(r.Role.Name); there {
		need = policy.Update
	}
	return Access{Path: "auth/token/roles/" + r.Role.Name, Capability: need}
}

func (r *RoleSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	role := Role{Name: r.Role.Name, Renewable: true, TokenType: TypeDefaultService}
	if old, ok := tx.st.Role(r.Role.Name); ok {
		role = *old
	} else if tx.st.roles.len() >= MaxRoles {
		return nil, verdict(Limit, TooManyRoles, MaxRoles)
	}
	role.Version = tx.serial()
	role.take(&r.Role, r.Given)
	if err := role.fits(); err != nil {
		return nil, err
	}
	putRecord(tx, &tx.st.roles, role.Name, &role)
	stored := new(RoleStored)
	if role.ExplicitMaxTTL > MaxLeaseTTL {
		stored.Warnings = append(stored.Warnings, warning(ExplicitMaxTooLong, role.ExplicitMaxTTL, MaxLeaseTTL))
	}
	return stored, nil
}
