package http

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
	"github.com/jeton-io/jeton/http/jwt"
)

const jwtRoleTakes = "role_type bound_audiences bound_subject bound_claims bound_claims_type claim_mappings user_claim" +
	" user_claim_json_pointer groups_claim expiration_leeway not_before_leeway clock_skew_leeway" +
	" allowed_redirect_uris oidc_scopes oauth2_metadata verbose_oidc_logging max_age"

// olderJWTParams are the parameters that roles had under names without token_.
const olderJWTParams = olderParams | fsm.GivenTokenPeriod | fsm.GivenTokenNumUses

func listJWTRoles(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return answer{}, err
	}
	return names(view.State.JWTRoleNames(m))
}

func readJWTRole(c *call) (answer, error) {
	view, _, err := c.read(c.jwtRoleAccess(policy.Read))
	if err != nil {
		return answer{}, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return answer{}, err
	}
	r, ok := view.State.JWTRole(m, fsm.JWTRoleName(c.place.name))
	if !ok {
		return answer{}, errNothing
	}
	return answer{data: jwtRoleData(r)}, nil
}

func deleteJWTRole(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(&fsm.JWTRoleDelete{Mount: c.place.mount, Name: fsm.JWTRoleName(c.place.name)})
	return answer{}, err
}

// writeJWTRole makes a role or changes what the request names of one.
func writeJWTRole(c *call) (answer, error) {
	cmd := &fsm.JWTRoleSet{Mount: c.place.mount, Role: fsm.JWTRole{Name: fsm.JWTRoleName(c.place.name)}}
	b := &c.body
	if kind := b.text("role_type"); kind != "" && kind != "jwt" {
		b.fail("role_type", "is %s, expected jwt; the browser flow of OIDC is not supported", quote(kind))
	}
	b.noBrowserFlow("allowed_redirect_uris", "oidc_scopes", "oauth2_metadata", "verbose_oidc_logging", "max_age")
	cmd.Given = b.jwtRole(&cmd.Role)
	cmd.GivenParams = b.tokenParams(&cmd.Role.Params, olderJWTParams)
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

// jwtRole takes the fields of a role that are its own, and says which were given.
func (b *body) jwtRole(r *fsm.JWTRole) (given fsm.JWTRoleFields) {
	for _, f := range []struct {
		name string
		bit  fsm.JWTRoleFields
		set  func(name string)
	}{
		{"bound_audiences", fsm.GivenAudiences, func(name string) { r.Audiences = b.commaList(name, fsm.MaxJWTBounds) }},
		{"bound_subject", fsm.GivenSubject, func(name string) { r.Subject = b.text(name) }},
		{"bound_claims_type", fsm.GivenGlobs, func(name string) { r.Globs = b.globs(name) }},
		{"bound_claims", fsm.GivenClaims, func(name string) { r.Claims = b.boundClaims(name) }},
		{"claim_mappings", fsm.GivenMappings, func(name string) { r.Mappings = b.pairs(name, fsm.MaxMetaPairs-1) }},
		{"user_claim", fsm.GivenUserClaim, func(name string) { r.UserClaim = b.text(name) }},
		{"user_claim_json_pointer", fsm.GivenUserPointer, func(name string) { r.UserPointer = b.flag(name, false) }},
		{"groups_claim", fsm.GivenGroupsClaim, func(name string) { r.GroupsClaim = b.text(name) }},
		{"expiration_leeway", fsm.GivenExpirationLeeway, func(name string) { r.ExpirationLeeway = b.leeway(name) }},
		{"not_before_leeway", fsm.GivenNotBeforeLeeway, func(name string) { r.NotBeforeLeeway = b.leeway(name) }},
		{"clock_skew_leeway", fsm.GivenClockSkewLeeway, func(name string) { r.ClockSkewLeeway = b.leeway(name) }},
	} {
		if _, ok := b.take(f.name); ok {
			f.set(f.name)
			given |= f.bit
		}
	}
	return given
}

func (b *body) globs(name string) bool {
	text := b.text(name)
	if text != "" && text != "string" && text != "glob" {
		b.fail(name, "is %s, expected string or glob", quote(text))
	}
	return text == "glob"
}

// leeway is a duration, or a negative one for none.
func (b *body) leeway(name string) time.Duration {
	v, _ := b.take(name)
	if text, _ := v.asText(); strings.HasPrefix(strings.TrimSpace(text), "-") {
		if d, ok := duration(strings.TrimSpace(text)); ok && d < 0 {
			return -time.Second
		}
	}
	return b.duration(name)
}

// boundClaims is an object of scalars or lists of them, sorted by name.
func (b *body) boundClaims(name string) []fsm.BoundClaim {
	v, _ := b.take(name)
	if v.kind != jsonObject {
		b.fail(name, "is %s, expected an object", v.kind)
		return nil
	}
	members := scanFields(v)
	if len(members) > fsm.MaxJWTBounds {
		b.fail(name, "has %d entries, at most %d are allowed", len(members), fsm.MaxJWTBounds)
		return nil
	}
	claims := make([]fsm.BoundClaim, 0, len(members))
	for _, m := range members {
		claim := fsm.BoundClaim{Name: string(m.name), List: m.kind == jsonList}
		items := []span{m.span}
		if claim.List {
			items = scanList(m.span)
		}
		for _, item := range items {
			x, err := item.decode()
			value, ok := jwt.Scalar(x)
			if err != nil || !ok || len(items) > fsm.MaxClaimValues {
				b.fail(name, "entry %s is not a string, a number, a boolean or a list of at most %d of them", quote(claim.Name), fsm.MaxClaimValues)
				return nil
			}
			claim.Values = append(claim.Values, value)
		}
		claims = append(claims, claim)
	}
	slices.SortFunc(claims, func(a, b fsm.BoundClaim) int { return strings.Compare(a.Name, b.Name) })
	return claims
}

func jwtRoleData(r *fsm.JWTRole) object {
	data := paramData(&r.Params)
	claims, mappings := object{}, object{}
	for _, b := range r.Claims {
		values := make([]any, 0, len(b.Values))
		for _, v := range b.Values {
			values = append(values, claimData(v))
		}
		if claims[b.Name] = values; !b.List {
			claims[b.Name] = values[0]
		}
	}
	for _, p := range r.Mappings {
		mappings[p.Key] = p.Value
	}
	data["role_type"], data["bound_claims_type"] = "jwt", "string"
	if r.Globs {
		data["bound_claims_type"] = "glob"
	}
	data["bound_audiences"], data["bound_subject"] = listed(r.Audiences), r.Subject
	data["bound_claims"], data["claim_mappings"] = claims, mappings
	data["user_claim"], data["user_claim_json_pointer"], data["groups_claim"] = r.UserClaim, r.UserPointer, r.GroupsClaim
	data["expiration_leeway"] = int64(r.ExpirationLeeway / time.Second)
	data["not_before_leeway"] = int64(r.NotBeforeLeeway / time.Second)
	data["clock_skew_leeway"] = int64(r.ClockSkewLeeway / time.Second)
	return data
}

// claimData is a bound value as JSON has it.
func claimData(v fsm.ClaimValue) any {
	switch v.Kind {
	case fsm.ClaimNumber:
		return json.Number(v.Text)
	case fsm.ClaimBool:
		return v.Text == "true"
	}
	return v.Text
}
