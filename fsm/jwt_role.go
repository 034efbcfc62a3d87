package fsm

import "time"

// JWTRole is the record of one role of a jwt mount: which tokens it takes, and
// what it gives for them.
type JWTRole struct {
	Mount   uint64 // serial of the mount
	Name    string // in lower case
	Version uint64 // serial of the command that wrote it

	Audiences []string // one of them has to be in the token; none: it may name no audience
	Subject   string
	Globs     bool         // bound claims are patterns
	Claims    []BoundClaim // in order of their names
	Mappings  []MetaPair   // claim to metadata key, in order of the claims

	UserClaim   string // what names the user
	UserPointer bool   // UserClaim is a JSON pointer
	GroupsClaim string // kept for readers: there are no identity groups here

	// Leeways as asked for: 0 is the default, negative is none.
	ExpirationLeeway, NotBeforeLeeway, ClockSkewLeeway time.Duration

	Params TokenParams
}

// BoundClaim is a claim that a token has to have with one of some values.
type BoundClaim struct {
	Name   string
	List   bool // the values were given as a list; a reader is shown one
	Values []ClaimValue
}

// ClaimValue is a scalar of JSON.
type ClaimValue struct {
	Kind ClaimKind
	Text string // a number as its node spelled it, true or false, or the string
}

// ClaimKind is the type of a ClaimValue.
type ClaimKind uint8

// The kinds, append-only.
const (
	ClaimString ClaimKind = 1
	ClaimNumber ClaimKind = 2
	ClaimBool   ClaimKind = 3
)

func (b *BoundClaim) fields(c *coder) {
	c.string(&b.Name, MaxNameBytes)
	c.bool(&b.List)
	list(c, &b.Values, MaxClaimValues, func(c *coder, v *ClaimValue) {
		c.u8((*uint8)(&v.Kind))
		if v.Kind < ClaimString || v.Kind > ClaimBool {
			c.fail(errNotCanonical)
		}
		c.string(&v.Text, MaxClaimBytes)
	})
}

func (r *JWTRole) key() jwtRoleKey { return jwtRoleKey{r.Mount, r.Name} }

// jwtRoleKey orders roles by mount, then by name.
type jwtRoleKey = userKey

func (r *JWTRole) tag() recordTag { return tagJWTRole }

func (r *JWTRole) fields(c *coder) {
	c.u64(&r.Mount)
	c.string(&r.Name, MaxUserBytes)
	c.u64(&r.Version)
	c.strings(&r.Audiences, MaxJWTBounds, MaxClaimBytes)
	c.string(&r.Subject, MaxClaimBytes)
	c.bool(&r.Globs)
	list(c, &r.Claims, MaxJWTBounds, func(c *coder, b *BoundClaim) { b.fields(c) })
	metaFields(c, &r.Mappings)
	c.string(&r.UserClaim, MaxNameBytes)
	c.bool(&r.UserPointer)
	c.string(&r.GroupsClaim, MaxNameBytes)
	for _, d := range r.leeways() {
		c.duration(d)
	}
	r.Params.fields(c)
}

func (r *JWTRole) leeways() [3]*time.Duration {
	return [3]*time.Duration{&r.ExpirationLeeway, &r.NotBeforeLeeway, &r.ClockSkewLeeway}
}

// JWTRole finds a role of a mount by its name in lower case.
func (s *State) JWTRole(m *AuthMount, name string) (*JWTRole, bool) {
	return s.jwtRoles.find(jwtRoleKey{m.Serial, name})
}

// JWTRoleNames lists the roles of a mount in order.
func (s *State) JWTRoleNames(m *AuthMount) (names []string) {
	s.jwtRoles.ascend(row[jwtRoleKey, *JWTRole]{key: jwtRoleKey{mount: m.Serial}}, func(it row[jwtRoleKey, *JWTRole]) bool {
		if it.key.mount != m.Serial {
			return false
		}
		names = append(names, it.key.name)
		return true
	})
	return names
}

// dropFirstJWTRole is the roles' belonging.
func (tx *Tx) dropFirstJWTRole(mount uint64) bool {
	it, ok := tx.st.jwtRoles.from(row[jwtRoleKey, *JWTRole]{key: jwtRoleKey{mount: mount}})
	if !ok || it.key.mount != mount {
		return false
	}
	delRecord(tx, &tx.st.jwtRoles, it.key)
	return true
}

// JWTRoleName is the form in which roles are stored.
func JWTRoleName(text string) string { return foldName(text) }

// isJWTRoleName says whether a text is the stored form of a role's name.
func isJWTRoleName(name string) bool {
	return isWord(name) && len(name) <= MaxUserBytes && name == foldName(name) &&
		isWordByte(name[0]) && isWordByte(name[len(name)-1])
}
