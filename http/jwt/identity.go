package jwt

import (
	"slices"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// Identity is what a verified token says of who showed it.
type Identity struct {
	User string
	Meta []fsm.MetaPair // the role and the mapped claims, in order of their keys

	// The token is good from NotBefore on and before NotAfter, leeways included.
	NotBefore, NotAfter fsm.Instant
}

// identify judges the claims of a token whose signature is good.
func identify(claims map[string]any, config *fsm.JWTConfig, role *fsm.JWTRole, at fsm.Instant) (*Identity, error) {
	if err := checkBounds(claims, issuerOf(config), role); err != nil {
		return nil, err
	}
	id := new(Identity)
	var err error
	if id.NotBefore, id.NotAfter, err = validity(claims, role); err != nil {
		return nil, err
	}
	switch {
	case at < id.NotBefore:
		return nil, refuse("error validating token: invalid not before (nbf) or issued at (iat) claim: token not yet valid")
	case at >= id.NotAfter:
		return nil, refuse("error validating token: invalid expiration time (exp) claim: token is expired")
	}
	if err := checkClaims(claims, role); err != nil {
		return nil, err
	}
	if id.User, err = userOf(claims, role); err != nil {
		return nil, err
	}
	if err := checkGroups(claims, role); err != nil {
		return nil, err
	}
	id.Meta, err = metaOf(claims, role)
	return id, err
}

// issuerOf is what the iss claim has to be. An issuer that was found by discovery
// signs for itself unless the configuration names another.
func issuerOf(config *fsm.JWTConfig) string {
	if config.Issuer == "" && config.Source == fsm.JWTDiscovery {
		return config.Endpoints[0].URL
	}
	return config.Issuer
}

func checkBounds(claims map[string]any, issuer string, role *fsm.JWTRole) error {
	if issuer != "" && claims["iss"] != issuer {
		return refuse("error validating token: invalid issuer (iss) claim")
	}
	if role.Subject != "" && claims["sub"] != role.Subject {
		return refuse("error validating token: invalid subject (sub) claim")
	}
	audiences, ok := texts(claims["aud"])
	switch {
	case !ok:
		return refuse("error validating token: invalid audience (aud) claim: it is neither a string nor a list of strings")
	case len(role.Audiences) == 0 && len(audiences) > 0:
		return refuse("error validating claims: audience claim found in JWT but no audiences bound to the role")
	case len(role.Audiences) > 0 && !slices.ContainsFunc(role.Audiences, func(a string) bool { return slices.Contains(audiences, a) }):
		return refuse("error validating token: invalid audience (aud) claim: audience claim does not match any expected audience")
	}
	return nil
}

// texts is a claim that is a string or a list of strings. No claim is no strings.
func texts(v any) ([]string, bool) {
	switch v := v.(type) {
	case nil:
		return nil, true
	case string:
		return []string{v}, true
	case []any:
		var out []string
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return nil, false
			}
			out = append(out, s)
		}
		return out, true
	}
	return nil, false
}

func userOf(claims map[string]any, role *fsm.JWTRole) (string, error) {
	v, ok := claims[role.UserClaim]
	if role.UserPointer {
		v, ok = claim(claims, role.UserClaim)
	}
	if !ok || v == nil {
		return "", refuse("claim %q not found in token", role.UserClaim)
	}
	user, ok := v.(string)
	if !ok || user == "" {
		return "", refuse("claim %q could not be converted to string", role.UserClaim)
	}
	return user, nil
}

// checkGroups wants the groups claim that a role names, as Vault does, though no
// groups are made of it.
func checkGroups(claims map[string]any, role *fsm.JWTRole) error {
	if role.GroupsClaim == "" {
		return nil
	}
	v, ok := claim(claims, role.GroupsClaim)
	if !ok || v == nil {
		return refuse("claim %q not found in token", role.GroupsClaim)
	}
	if _, ok := texts(v); !ok {
		return refuse("claim %q could not be converted to string list", role.GroupsClaim)
	}
	return nil
}

// metaOf is the metadata of the login's token. A mapped claim that is not there is
// left out.
func metaOf(claims map[string]any, role *fsm.JWTRole) ([]fsm.MetaPair, error) {
	meta := []fsm.MetaPair{{Key: "role", Value: role.Name}}
	size := 0
	for _, m := range role.Mappings {
		v, ok := claim(claims, m.Key)
		if !ok || v == nil {
			continue
		}
		text, ok := v.(string)
		if !ok {
			return nil, refuse("error converting claim %q to string", m.Key)
		}
		meta = append(meta, fsm.MetaPair{Key: m.Value, Value: text})
		size += len(m.Value) + len(text)
	}
	if size += len("role") + len(role.Name); size > fsm.MaxMetaBytes {
		return nil, refuse("mapped claims have %d bytes, at most %d are allowed", size, fsm.MaxMetaBytes)
	}
	slices.SortFunc(meta, func(a, b fsm.MetaPair) int { return strings.Compare(a.Key, b.Key) })
	return meta, nil
}
