package fsm

import (
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

// ApproleSet creates a role of an approle mount, or changes what the request
// names of one, or gives that its default again.
type ApproleSet struct {
	Endpoint ApproleEndpoint
	Mount    string // path of the mount
	Name     string // in lower case
	Reset    bool   // DELETE of an endpoint for one field
	Given    ApproleFields
	// RoleID is drawn by the proposer for a new role unless the request gives one.
	RoleID      string
	Rules       SecretIDRules
	GivenParams ParamFields
	Params      TokenParams
}

// ApproleFields says which of a role's own fields a request named. Bits are
// append-only.
type ApproleFields uint32

// One bit a field.
const (
	GivenRoleID ApproleFields = 1 << iota
	GivenBindSecretID
	GivenSecretIDCIDRs
	GivenSecretIDNumUses
	GivenSecretIDTTL
	GivenLocalSecretIDs
	allApproleFields = 1<<iota - 1
)

func (f *ApproleFields) fields(c *coder) {
	c.u32((*uint32)(f))
	if *f > allApproleFields {
		c.fail(errNotCanonical)
	}
}

// ApproleEndpoint is the API path by which the request came.
type ApproleEndpoint uint8

// The endpoints, append-only.
const (
	ApproleWhole         ApproleEndpoint = 0
	ApproleRoleID        ApproleEndpoint = 1
	ApprolePolicies      ApproleEndpoint = 2
	ApproleBindSecretID  ApproleEndpoint = 3
	ApproleBoundCIDRList ApproleEndpoint = 4 // the older name of the next
	ApproleSecretIDCIDRs ApproleEndpoint = 5
	ApproleTokenCIDRs    ApproleEndpoint = 6
	ApproleSecretIDUses  ApproleEndpoint = 7
	ApproleSecretIDTTL   ApproleEndpoint = 8
	ApprolePeriod        ApproleEndpoint = 9
	ApproleTokenUses     ApproleEndpoint = 10
	ApproleTokenTTL      ApproleEndpoint = 11
	ApproleTokenMaxTTL   ApproleEndpoint = 12
)

// approleEndpoints are their paths below the role, and what each may change.
var approleEndpoints = [...]struct {
	path   string
	own    ApproleFields
	params ParamFields
}{
	ApproleWhole:         {"", allApproleFields, AllParams},
	ApproleRoleID:        {"/role-id", GivenRoleID, 0},
	ApprolePolicies:      {"/policies", 0, GivenTokenPolicies},
	ApproleBindSecretID:  {"/bind-secret-id", GivenBindSecretID, 0},
	ApproleBoundCIDRList: {"/bound-cidr-list", GivenSecretIDCIDRs, 0},
	ApproleSecretIDCIDRs: {"/secret-id-bound-cidrs", GivenSecretIDCIDRs, 0},
	ApproleTokenCIDRs:    {"/token-bound-cidrs", 0, GivenTokenBoundCIDRs},
	ApproleSecretIDUses:  {"/secret-id-num-uses", GivenSecretIDNumUses, 0},
	ApproleSecretIDTTL:   {"/secret-id-ttl", GivenSecretIDTTL, 0},
	ApprolePeriod:        {"/period", 0, GivenTokenPeriod},
	ApproleTokenUses:     {"/token-num-uses", 0, GivenTokenNumUses},
	ApproleTokenTTL:      {"/token-ttl", 0, GivenTokenTTL},
	ApproleTokenMaxTTL:   {"/token-max-ttl", 0, GivenTokenMaxTTL},
}

// Takes is the endpoint's path below the role, and what it may change.
func (e ApproleEndpoint) Takes() (path string, own ApproleFields, params ParamFields) {
	t := &approleEndpoints[e]
	return t.path, t.own, t.params
}

func (*ApproleSet) kind() Kind { return kindApproleSet }

func (a *ApproleSet) fields(c *coder) {
	c.u8((*uint8)(&a.Endpoint))
	c.string(&a.Mount, MaxMountBytes)
	c.string(&a.Name, MaxUserBytes)
	c.bool(&a.Reset)
	a.Given.fields(c)
	c.string(&a.RoleID, MaxRoleIDBytes)
	a.Rules.fields(c)
	a.GivenParams.fields(c)
	a.Params.fields(c)
}

// Validate checks each field by itself.
func (a *ApproleSet) Validate() error {
	if int(a.Endpoint) >= len(approleEndpoints) {
		return invalid(OutOfRange, "endpoint", a.Endpoint, "a known one")
	}
	e := &approleEndpoints[a.Endpoint]
	switch {
	case a.Given&^e.own != 0, a.GivenParams&^e.params != 0:
		return invalid(OutOfRange, "given fields", a.Given, "those of the endpoint")
	case a.Reset && (a.Endpoint <= ApproleRoleID || a.Given != 0 || a.GivenParams != 0):
		return invalid(OutOfRange, "reset", a.Endpoint, "an endpoint for one field that has a default")
	case a.Rules.NumUses > MaxUses:
		return invalid(OutOfRange, "secret_id_num_uses", a.Rules.NumUses, "at most 2147483648")
	case (a.Endpoint == ApproleWhole || a.Endpoint == ApproleRoleID) && !isRoleID(a.RoleID):
		return invalid(RoleIDBad, MaxRoleIDBytes)
	case len(a.RoleID) > MaxRoleIDBytes:
		return invalid(RoleIDBad, MaxRoleIDBytes)
	}
	if err := checkApprole(a.Mount, a.Name); err != nil {
		return err
	}
	if err := checkDuration("secret_id_ttl", a.Rules.TTL); err != nil {
		return err
	}
	if err := checkCIDRs(a.Rules.CIDRs); err != nil {
		return err
	}
	if err := a.Params.check(); err != nil {
		return err
	}
	return nil
}

// isRoleID says whether a login can name a role by a text. As in Vault a login
// trims it, so blanks at its ends would make it unusable.
func isRoleID(text string) bool {
	return text != "" && len(text) <= MaxRoleIDBytes && text == strings.Trim(text, asciiSpace)
}

// access is create or update, as the role is new or not; delete for a reset.
func (a *ApproleSet) access(s *State, _ *Actor) Access {
	need := policy.Update
	if a.Reset {
		need = policy.Delete
	}
	if m, ok := s.AuthMount(a.Mount); ok && a.Endpoint == ApproleWhole {
		if _, there := s.Approle(m, a.Name); !there {
			need = policy.Create
		}
	}
	return Access{Path: approlePath(a.Mount, a.Name) + approleEndpoints[a.Endpoint].path, Capability: need}
}

func (a *ApproleSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountApprole, a.Mount)
	if err != nil {
		return nil, err
	}
	role := Approle{Serial: tx.serial(), Mount: m.Serial, Name: a.Name, RoleID: a.RoleID, Rules: SecretIDRules{Bind: true}}
	old, there := tx.st.Approle(m, a.Name)
	switch {
	case there && a.Given&GivenLocalSecretIDs != 0:
		return nil, invalid(LocalSecretIDsFixed)
	case there:
		role = *old
	case a.Reset: // as in Vault
		return &Done{}, nil
	case a.Endpoint != ApproleWhole:
		return nil, verdict(NotFound, ApproleUnknown, a.Name)
	case tx.st.approles.len() >= MaxApproles:
		return nil, verdict(Limit, TooManyApproles, MaxApproles)
	}
	a.change(&role)
	if err := role.fits(); err != nil {
		return nil, err
	}
	if other, used := tx.st.ApproleByID(m, role.RoleID); used && other.Serial != role.Serial {
		return nil, verdict(Exists, RoleIDUsed)
	}
	tx.putApprole(&role)
	return &Done{}, nil
}

// change writes the given fields.
func (a *ApproleSet) change(r *Approle) {
	given, params, rules := a.Given, a.GivenParams, a.Rules
	if a.Reset {
		e := &approleEndpoints[a.Endpoint]
		given, params, rules = e.own, e.params, SecretIDRules{Bind: true}
	}
	if given&GivenRoleID != 0 {
		r.RoleID = a.RoleID
	}
	if given&GivenBindSecretID != 0 {
		r.Rules.Bind = rules.Bind
	}
	if given&GivenSecretIDCIDRs != 0 {
		r.Rules.CIDRs = rules.CIDRs
	}
	if given&GivenSecretIDNumUses != 0 {
		r.Rules.NumUses = rules.NumUses
	}
	if given&GivenSecretIDTTL != 0 {
		r.Rules.TTL = wholeSeconds(rules.TTL)
	}
	if given&GivenLocalSecretIDs != 0 {
		r.Rules.Local = rules.Local
	}
	r.Params.take(&a.Params, params)
}

// fits checks the fields against each other.
func (r *Approle) fits() *Error {
	if !r.Rules.Bind && len(r.Rules.CIDRs) == 0 && len(r.Params.BoundCIDRs) == 0 {
		return invalid(ApproleUnbound)
	}
	return r.Params.fits()
}
