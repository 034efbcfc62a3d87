package http

import (
	"net/http"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// jwtRoutes are what a jwt mount answers, the login first.
func jwtRoutes() []mountRoute {
	return []mountRoute{
		below("login", route{open: true, login: true, update: loginJWT, about: about{
			update: "Makes a token for a JWT.", takes: "jwt jwt.role",
		}}),
		below("role", route{folder: true, list: listJWTRoles, about: about{
			list: "Lists the roles.",
		}}),
		below("role/{name}", route{read: readJWTRole, update: writeJWTRole, delete: deleteJWTRole, about: about{
			read: "Shows a role.", update: "Makes a role or changes what is named of one.", delete: "Deletes a role.",
			takes: jwtRoleTakes + " " + paramTakes + " " + olderTakes + " jwt.period num_uses",
		}}),
		below("config", route{read: readJWTConfig, update: writeJWTConfig, about: about{
			read: "Shows how JWTs are verified.", update: "Says how JWTs are verified, as a whole.", takes: jwtConfigTakes,
		}}),
		below("oidc/auth_url", route{open: true, update: refuseOIDC, about: about{
			update: "Refused: there is no browser flow.",
		}}),
		below("oidc/callback", route{open: true, read: refuseOIDC, update: refuseOIDC, about: about{
			read: "Refused: there is no browser flow.", update: "Refused: there is no browser flow.",
		}}),
	}
}

const jwtConfigTakes = "jwt_validation_pubkeys jwks_url jwks_ca_pem jwks_pairs oidc_discovery_url oidc_discovery_ca_pem bound_issuer" +
	" jwt_supported_algs default_role skip_jwks_validation oidc_client_id oidc_client_secret oidc_response_mode oidc_response_types" +
	" provider_config namespace_in_state"

func refuseOIDC(*call) (answer, error) {
	return answer{}, rebuff(http.StatusBadRequest, "the browser flow of OIDC is not supported; show a JWT to the login path, for a role of role_type \"jwt\"")
}

// readJWTConfig shows a configuration. Its keys are public.
func readJWTConfig(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return answer{}, err
	}
	config, ok := view.State.JWTConfig(m)
	if !ok {
		return answer{}, errNothing
	}
	return answer{data: configData(config)}, nil
}

func configData(config *fsm.JWTConfig) object {
	data := object{
		"jwt_validation_pubkeys": listed(config.Keys), "jwks_url": "", "jwks_ca_pem": "", "jwks_pairs": []object{},
		"oidc_discovery_url": "", "oidc_discovery_ca_pem": "", "bound_issuer": config.Issuer,
		"jwt_supported_algs": listed(config.Algs), "default_role": config.DefaultRole,
	}
	switch config.Source {
	case fsm.JWTURL:
		data["jwks_url"], data["jwks_ca_pem"] = config.Endpoints[0].URL, config.Endpoints[0].CA
	case fsm.JWTDiscovery:
		data["oidc_discovery_url"], data["oidc_discovery_ca_pem"] = config.Endpoints[0].URL, config.Endpoints[0].CA
	case fsm.JWTPairs:
		pairs := make([]object, 0, len(config.Endpoints))
		for _, e := range config.Endpoints {
			pairs = append(pairs, object{"jwks_url": e.URL, "jwks_ca_pem": e.CA})
		}
		data["jwks_pairs"] = pairs
	}
	return data
}

// writeJWTConfig stores a configuration once it has worked: what the addresses
// say is fetched first, after the right to it was looked at.
func writeJWTConfig(c *call) (answer, error) {
	b := &c.body
	cmd := &fsm.JWTConfigSet{Mount: c.place.mount, Config: b.jwtConfig()}
	skip := b.flag("skip_jwks_validation", false)
	b.noBrowserFlow("oidc_client_id", "oidc_client_secret", "oidc_response_mode", "oidc_response_types", "provider_config", "namespace_in_state")
	if err := c.admit(cmd); err != nil { // fetching is dear
		return answer{}, err
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if err := cmd.Validate(); err != nil {
		status, messages := c.show(err)
		return answer{}, &refusal{status: status, messages: messages, judgedFirst: true, cause: err}
	}
	if err := c.s.jwts.Check(c.ctx, &cmd.Config, !skip); err != nil {
		return answer{}, invalid("%v", err)
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

// jwtConfig takes the fields of a configuration.
func (b *body) jwtConfig() fsm.JWTConfig {
	config := fsm.JWTConfig{
		Keys:   b.commaList("jwt_validation_pubkeys", fsm.MaxJWTKeys),
		Issuer: b.text("bound_issuer"), Algs: b.commaList("jwt_supported_algs", len(fsm.JWTAlgs)),
		DefaultRole: fsm.JWTRoleName(b.text("default_role")),
	}
	sources := 0
	if len(config.Keys) > 0 {
		config.Source, sources = fsm.JWTStatic, sources+1
	}
	for _, from := range []struct {
		source  fsm.JWTSource
		url, ca string
	}{
		{fsm.JWTURL, b.text("jwks_url"), b.text("jwks_ca_pem")},
		{fsm.JWTDiscovery, b.text("oidc_discovery_url"), b.text("oidc_discovery_ca_pem")},
	} {
		if from.url != "" {
			config.Source, sources = from.source, sources+1
			config.Endpoints = []fsm.JWTEndpoint{{URL: from.url, CA: from.ca}}
		}
	}
	if pairs := b.jwksPairs(); len(pairs) > 0 {
		config.Source, sources, config.Endpoints = fsm.JWTPairs, sources+1, pairs
	}
	if sources != 1 {
		config.Source = 0 // which the command refuses
	}
	return config
}

// jwksPairs is a list of addresses with their authorities.
func (b *body) jwksPairs() (pairs []fsm.JWTEndpoint) {
	v, ok := b.take("jwks_pairs")
	if !ok {
		return nil
	}
	if v.kind != jsonList {
		b.fail("jwks_pairs", "is %s, expected a list of objects with jwks_url and jwks_ca_pem", v.kind)
		return nil
	}
	for i, item := range scanList(v) {
		if item.kind != jsonObject || i >= fsm.MaxJWTEndpoints {
			b.fail("jwks_pairs", "item %d is %s, expected at most %d objects with jwks_url and jwks_ca_pem", i, item.kind, fsm.MaxJWTEndpoints)
			return nil
		}
		inner := &body{fields: scanFields(item)}
		pairs = append(pairs, fsm.JWTEndpoint{URL: inner.text("jwks_url"), CA: inner.text("jwks_ca_pem")})
		if unknown := inner.unknownFields(); inner.err != nil || unknown != "" {
			b.fail("jwks_pairs", "item %d holds something else than the strings jwks_url and jwks_ca_pem", i)
		}
	}
	return pairs
}

// noBrowserFlow refuses what has a meaning only for a flow that is not there.
// Clients send the fields without anything in them.
func (b *body) noBrowserFlow(names ...string) {
	for _, name := range names {
		v, ok := b.take(name)
		if ok && !v.hollow() {
			b.fail(name, "belongs to the browser flow of OIDC, which is not supported")
		}
	}
}

// hollow says whether a value is as good as none.
func (v span) hollow() bool {
	switch v.kind {
	case jsonNull:
		return true
	case jsonList:
		return len(scanList(v)) == 0
	case jsonObject:
		return len(scanFields(v)) == 0
	}
	text, _ := v.asText()
	return text == "" || text == "0"
}

// jwtRoleAccess is the right to a role, by its name as it is stored.
func (c *call) jwtRoleAccess(need policy.Capability) fsm.Access {
	return fsm.Access{Path: "auth/" + c.place.mount + "/role/" + fsm.JWTRoleName(c.place.name), Capability: need}
}
