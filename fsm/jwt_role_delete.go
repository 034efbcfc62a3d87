package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// JWTRoleDelete removes a role of a jwt mount. As in Vault its tokens live on,
// but can no longer be renewed.
type JWTRoleDelete struct{ Mount, Name string }

func (*JWTRoleDelete) kind() Kind { return kindJWTRoleDelete }

func (d *JWTRoleDelete) fields(c *coder) {
	c.string(&d.Mount, MaxMountBytes)
	c.string(&d.Name, MaxUserBytes)
}

// Validate bounds the names.
func (d *JWTRoleDelete) Validate() error {
	if err := checkJWTRole(d.Mount, d.Name); err != nil {
		return err
	}
	return nil
}

func (d *JWTRoleDelete) access(*State, *Actor) Access {
	return Access{Path: jwtRolePath(d.Mount, d.Name), Capability: policy.Delete}
}

func (d *JWTRoleDelete) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountJWT, d.Mount)
	if err != nil {
		return nil, err
	}
	if r, ok := tx.st.JWTRole(m, d.Name); ok {
		delRecord(tx, &tx.st.jwtRoles, r.key())
	}
	return &Done{}, nil
}
