package fsm

import "slices"

// JWTConfig is the record of how a jwt mount verifies the tokens that are shown
// to it. It holds nothing secret: public keys, or where to fetch them.
type JWTConfig struct {
	Mount       uint64 // serial of the mount
	Version     uint64 // serial of the command that wrote it
	Source      JWTSource
	Keys        []string      // PEM, of JWTStatic
	Endpoints   []JWTEndpoint // of the other sources
	Issuer      string        // that tokens have to name; empty: see the source
	Algs        []string      // accepted signature algorithms; none: all of them
	DefaultRole string        // of a login that names none
}

// JWTSource says where the keys come from.
type JWTSource uint8

// The sources, append-only.
const (
	JWTStatic    JWTSource = 1 // jwt_validation_pubkeys
	JWTURL       JWTSource = 2 // jwks_url: one endpoint
	JWTPairs     JWTSource = 3 // jwks_pairs: several
	JWTDiscovery JWTSource = 4 // oidc_discovery_url: one endpoint, the issuer's
)

// JWTEndpoint is an address from which a node fetches keys.
type JWTEndpoint struct {
	URL string
	CA  string // PEM of the authorities it is verified with; empty: the system's
}

func (e *JWTEndpoint) fields(c *coder) {
	c.string(&e.URL, MaxURLBytes)
	c.string(&e.CA, MaxJWTConfigBytes)
}

// JWTAlgs are the signature algorithms that a jwt mount may accept: with public
// keys only, so that no verifier can sign.
var JWTAlgs = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

func (j *JWTConfig) tag() recordTag { return tagJWTConfig }

func (j *JWTConfig) fields(c *coder) {
	c.u64(&j.Mount)
	c.u64(&j.Version)
	c.u8((*uint8)(&j.Source))
	if j.Source < JWTStatic || j.Source > JWTDiscovery {
		c.fail(errNotCanonical)
	}
	c.strings(&j.Keys, MaxJWTKeys, MaxJWTConfigBytes)
	list(c, &j.Endpoints, MaxJWTEndpoints, func(c *coder, e *JWTEndpoint) { e.fields(c) })
	c.string(&j.Issuer, MaxURLBytes)
	c.strings(&j.Algs, len(JWTAlgs), MaxNameBytes)
	c.string(&j.DefaultRole, MaxUserBytes)
}

// check wants one source, and everything within its bounds. What keys and
// addresses look like is for the node that can use them.
func (j *JWTConfig) check() *Error {
	keys, endpoints := len(j.Keys), len(j.Endpoints)
	single := j.Source == JWTURL || j.Source == JWTDiscovery
	switch {
	case (j.Source == JWTStatic) != (keys > 0), (j.Source == JWTStatic) == (endpoints > 0),
		single && endpoints != 1, j.Source > JWTDiscovery:
		return invalid(JWTSourceBad)
	case keys > MaxJWTKeys:
		return invalid(OutOfRange, "number of jwt_validation_pubkeys", keys, "at most 32")
	case endpoints > MaxJWTEndpoints:
		return invalid(OutOfRange, "number of jwks_pairs", endpoints, "at most 8")
	case len(j.Issuer) > MaxURLBytes:
		return invalid(OutOfRange, "bound_issuer length", len(j.Issuer), "at most 1024 bytes")
	case j.DefaultRole != "" && !isJWTRoleName(j.DefaultRole):
		return invalid(RoleNameBad)
	case len(j.Algs) > len(JWTAlgs):
		return invalid(OutOfRange, "number of jwt_supported_algs", len(j.Algs), "at most 10")
	}
	for _, a := range j.Algs {
		if !slices.Contains(JWTAlgs, a) {
			return invalid(JWTAlgBad, a)
		}
	}
	size := 0
	for _, k := range j.Keys {
		size += len(k)
	}
	for _, e := range j.Endpoints {
		if e.URL == "" || len(e.URL) > MaxURLBytes {
			return invalid(OutOfRange, "length of a URL", len(e.URL), "1 to 1024 bytes")
		}
		size += len(e.URL) + len(e.CA)
	}
	if size > MaxJWTConfigBytes {
		return invalid(OutOfRange, "size of keys and certificates", size, "at most 65536 bytes")
	}
	return nil
}

// JWTConfig finds the configuration of a mount.
func (s *State) JWTConfig(m *AuthMount) (*JWTConfig, bool) { return s.jwtConfigs.find(m.Serial) }

// dropJWTConfig is a mount's one configuration as a belonging.
func (tx *Tx) dropJWTConfig(mount uint64) bool {
	_, had := delRecord(tx, &tx.st.jwtConfigs, mount)
	return had
}
