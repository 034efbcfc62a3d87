package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// JWTRoleSet creates a role of a jwt mount or changes the given fields of one.
type JWTRoleSet struct {
	Mount       string  // path of the mount
	Role        JWTRole // Mount and Version are ignored
	Given       JWTRoleFields
	GivenParams ParamFields
}

// JWTRoleFields says which fields of a role a request named. Bits are
// append-only.
type JWTRoleFields uint32

// One bit a field.
const (
	GivenAudiences JWTRoleFields = 1 << iota
	GivenSubject
	GivenGlobs
	GivenClaims
	GivenMappings
	GivenUserClaim
	GivenUserPointer
	GivenGroupsClaim
	GivenExpirationLeeway
	GivenNotBeforeLeeway
	GivenClockSkewLeeway
	allJWTRoleFields = 1<<iota - 1
)

func (f *JWTRoleFields) fields(c *coder) {
	c.u32((*uint32)(f))
	if *f > allJWTRoleFields {
		c.fail(errNotCanonical)
	}
}

func (*JWTRoleSet) kind() Kind { return kindJWTRoleSet }

func (r *JWTRoleSet) fields(c *coder) {
	c.string(&r.Mount, MaxMountBytes)
	r.Role.fields(c)
	r.Given.fields(c)
	r.GivenParams.fields(c)
}

// Validate checks each field by itself.
func (r *JWTRoleSet) Validate() error {
	if r.Given > allJWTRoleFields || r.GivenParams > AllParams {
		return invalid(OutOfRange, "given fields", r.Given, "known ones")
	}
	if err := checkJWTRole(r.Mount, r.Role.Name); err != nil {
		return err
	}
	if err := r.Role.check(); err != nil {
		return err
	}
	return nil
}

// checkJWTRole wants a mount's path and a role's name within their bounds.
func checkJWTRole(mount, name string) *Error {
	switch {
	case mount == "" || len(mount) > MaxMountBytes:
		return invalid(OutOfRange, "mount path length", len(mount), "1 to 128 bytes")
	case !isJWTRoleName(name):
		return invalid(RoleNameBad)
	}
	return nil
}

// access is create or update, as the role is new or not.
func (r *JWTRoleSet) access(s *State, _ *Actor) Access {
	need := policy.Update
	if m, ok := s.AuthMount(r.Mount); ok {
		if _, there := s.JWTRole(m, r.Role.Name); !there {
			need = policy.Create
		}
	}
	return Access{Path: jwtRolePath(r.Mount, r.Role.Name), Capability: need}
}

// jwtRolePath is where the API has a role.
func jwtRolePath(mount, name string) string { return "auth/" + mount + "/role/" + name }

func (r *JWTRoleSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountJWT, r.Mount)
	if err != nil {
		return nil, err
	}
	role := JWTRole{Mount: m.Serial, Name: r.Role.Name}
	if old, there := tx.st.JWTRole(m, role.Name); there {
		role = *old
	} else if tx.st.jwtRoles.len() >= MaxJWTRoles {
		return nil, verdict(Limit, TooManyJWTRoles, MaxJWTRoles)
	}
	role.Version = tx.serial()
	role.take(&r.Role, r.Given)
	role.Params.take(&r.Role.Params, r.GivenParams)
	if err := role.fits(); err != nil {
		return nil, err
	}
	putRecord(tx, &tx.st.jwtRoles, role.key(), &role)
	return &Done{}, nil
}

// take copies the given fields.
func (r *JWTRole) take(from *JWTRole, given JWTRoleFields) {
	if given&GivenAudiences != 0 {
		r.Audiences = from.Audiences
	}
	if given&GivenSubject != 0 {
		r.Subject = from.Subject
	}
	if given&GivenGlobs != 0 {
		r.Globs = from.Globs
	}
	if given&GivenClaims != 0 {
		r.Claims = from.Claims
	}
	if given&GivenMappings != 0 {
		r.Mappings = from.Mappings
	}
	if given&GivenUserClaim != 0 {
		r.UserClaim = from.UserClaim
	}
	if given&GivenUserPointer != 0 {
		r.UserPointer = from.UserPointer
	}
	if given&GivenGroupsClaim != 0 {
		r.GroupsClaim = from.GroupsClaim
	}
	to, by := r.leeways(), from.leeways()
	for i, bit := range [...]JWTRoleFields{GivenExpirationLeeway, GivenNotBeforeLeeway, GivenClockSkewLeeway} {
		if given&bit != 0 {
			*to[i] = max(wholeSeconds(*by[i]), -time.Second)
		}
	}
}
