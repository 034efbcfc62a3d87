package http_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
	"github.com/jeton-io/jeton/http/jwt"
	"github.com/jeton-io/jeton/http/jwt/jwttest"
)

var signer = jwttest.NewKey("k1")

// issued is a server with a mount named jwt that trusts the signer, and a role
// named dev.
func issued(t testing.TB) *stand {
	s := newStand(t)
	s.must(204, "POST", "sys/auth/jwt", root, object{"type": "jwt"})
	s.must(204, "POST", "auth/jwt/config", root, object{"jwt_validation_pubkeys": []string{signer.PEM()}, "default_role": "dev"})
	s.must(204, "POST", "auth/jwt/role/dev", root, object{
		"role_type": "jwt", "bound_audiences": "jeton", "user_claim": "sub", "token_policies": "dev", "claim_mappings": object{"mail": "mail"},
	})
	return s
}

// soon are claims that the role takes, by the time of a test cluster.
func soon(changes object) object {
	c := object{"sub": "ann", "aud": "jeton", "mail": "ann@a.example", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	for name, v := range changes { // order: each stands alone
		c[name] = v
	}
	return c
}

func shown(changes object) object { return object{"role": "dev", "jwt": signer.Sign(soon(changes))} }

func TestJWTLogin(t *testing.T) {
	s := issued(t)
	for _, body := range []object{shown(nil), {"jwt": shown(nil)["jwt"]}, {"jwt": shown(nil)["jwt"], "role": "DEV"}} {
		auth := s.must(200, "POST", "auth/jwt/login", "", body).body["auth"].(map[string]any)
		if auth["metadata"].(map[string]any)["mail"] != "ann@a.example" || auth["metadata"].(map[string]any)["role"] != "dev" || auth["orphan"] != true {
			t.Errorf("auth %v", auth)
		}
		data := s.must(200, "GET", "auth/token/lookup-self", auth["client_token"].(string), nil).data()
		if data["path"] != "auth/jwt/login" || data["display_name"] != "jwt-ann" {
			t.Errorf("token %v", data)
		}
		s.must(200, "POST", "auth/token/renew-self", auth["client_token"].(string), nil)
	}
	// by the cluster's time, whatever this machine's watch says
	body := shown(object{"exp": time.Now().Add(30 * time.Minute).Unix()})
	s.cluster.Advance(29 * time.Minute)
	s.must(200, "POST", "auth/jwt/login", "", body)
	s.cluster.Advance(3 * time.Minute)
	s.must(400, "POST", "auth/jwt/login", "", body)
}

func TestHostileJWTs(t *testing.T) {
	s := issued(t)
	s.must(204, "POST", "auth/jwt/role/far", root, object{"bound_audiences": "jeton", "user_claim": "sub", "token_bound_cidrs": "203.0.113.0/24"})
	s.must(204, "POST", "auth/jwt/role/boss", root, object{"bound_audiences": "jeton", "user_claim": "sub", "token_policies": "root"})
	s.must(204, "POST", "sys/auth/bare", root, object{"type": "jwt"})
	s.must(204, "POST", "auth/bare/role/dev", root, object{"bound_subject": "ann", "user_claim": "sub"})
	plain, _ := s.token(object{"policies": []string{"default"}})
	const login, role, config = "auth/jwt/login", "auth/jwt/role/new", "auth/jwt/config"
	good := shown(nil)["jwt"]
	with := func(name string, v any) object {
		return object{"bound_subject": "ann", "user_claim": "sub", name: v}
	}
	keys := func(v any) object { return object{"jwt_validation_pubkeys": v} }
	tokens := s.cluster.Local().CountTokens()
	s.run(t, []row{
		{"no JWT", "POST", login, "", object{"role": "dev"}, 400, "missing token"},
		{"no body", "POST", login, "", nil, 400, "missing token"},
		{"null", "POST", login, "", object{"jwt": nil}, 400, "missing token"},
		{"a list", "POST", login, "", object{"jwt": []any{good}}, 400, `"jwt"`},
		{"nonsense", "POST", login, "", object{"jwt": "x.y.z"}, 400, "error validating token"},
		{"of another's key", "POST", login, "", object{"jwt": jwttest.NewKey("k1").Sign(soon(nil))}, 400, "no known key"},
		{"no such role", "POST", login, "", object{"jwt": good, "role": "none"}, 400, `role "none" could not be found`},
		{"a role that is none", "POST", login, "", object{"jwt": good, "role": "../x"}, 400, "could not be found"},
		{"a role as a list", "POST", login, "", object{"jwt": good, "role": []int{}}, 400, `"role"`},
		{"another audience", "POST", login, "", shown(object{"aud": "x"}), 400, "(aud)"},
		{"expired", "POST", login, "", shown(object{"exp": 1}), 400, "(exp)"},
		{"a user too long", "POST", login, "", shown(object{"sub": strings.Repeat("u", 300)}), 400, "300 bytes"},
		{"a user with line breaks", "POST", login, "", shown(object{"sub": "a\nb"}), 200, ""},
		{"from another address", "POST", login, "", object{"jwt": good, "role": "far"}, 403, "permission denied"},
		{"for a root token", "POST", login, "", object{"jwt": good, "role": "boss"}, 400, "root"},
		{"a body too large", "POST", login, "", object{"jwt": strings.Repeat("x", 20<<10)}, 413, "16384"},
		{"not configured", "POST", "auth/bare/login", "", object{"jwt": good, "role": "dev"}, 400, "could not load configuration"},
		{"no configuration", "GET", "auth/bare/config", root, nil, 404, ""},
		{"GET", "GET", login + "?jwt=x", "", nil, 405, "unsupported operation"},
		{"a name behind", "POST", login + "/dev", "", object{"jwt": good}, 403, "permission denied"},
		{"the browser flow", "POST", "auth/jwt/oidc/auth_url", "", object{"role": "dev", "redirect_uri": "x"}, 400, "browser flow"},
		{"the browser flow's end", "GET", "auth/jwt/oidc/callback?code=x&state=y", "", nil, 400, "browser flow"},

		{"an empty configuration", "POST", config, root, object{}, 400, "exactly one of"},
		{"two sources", "POST", config, root, object{"jwt_validation_pubkeys": []string{signer.PEM()}, "jwks_url": "https://a.example"}, 400, "exactly one of"},
		{"a key that is none", "POST", config, root, keys([]string{"secret"}), 400, `"jwt_validation_pubkeys": item 0 is not PEM`},
		{"a number for keys", "POST", config, root, keys(7), 400, `"jwt_validation_pubkeys"`},
		{"too many keys", "POST", config, root, keys(strings.Repeat("k,", 32) + "k"), 400, "at most 32"},
		{"no algorithm", "POST", config, root, object{"jwt_validation_pubkeys": []string{signer.PEM()}, "jwt_supported_algs": "none"}, 400, "jwt_supported_algs"},
		{"a shared secret", "POST", config, root, object{"jwt_validation_pubkeys": []string{signer.PEM()}, "jwt_supported_algs": "HS256"}, 400, "jwt_supported_algs"},
		{"a client of OIDC", "POST", config, root, object{"jwt_validation_pubkeys": []string{signer.PEM()}, "oidc_client_id": "x"}, 400, `"oidc_client_id"`},
		{"a provider", "POST", config, root, object{"jwt_validation_pubkeys": []string{signer.PEM()}, "provider_config": object{"provider": "azure"}}, 400, `"provider_config"`},
		{"http", "POST", config, root, object{"jwks_url": "http://issuer.example/keys"}, 400, `"jwks_url": error checking it: address is http`},
		{"nobody there", "POST", config, root, object{"jwks_url": "http://127.0.0.1:1/keys"}, 400, `"jwks_url": error checking it: http://127.0.0.1:1/keys: the connection failed`},
		{"no discovery there", "POST", config, root, object{"oidc_discovery_url": "http://127.0.0.1:1"}, 400, `"oidc_discovery_url"`},
		{"pairs of something else", "POST", config, root, object{"jwks_pairs": []any{"x"}}, 400, `"jwks_pairs"`},
		{"pairs with more", "POST", config, root, object{"jwks_pairs": []any{object{"jwks_url": "https://a.example", "x": 1}}}, 400, `"jwks_pairs"`},
		{"pairs as text", "POST", config, root, object{"jwks_pairs": "x"}, 400, `"jwks_pairs"`},
		{"a default role that is none", "POST", config, root, object{"jwt_validation_pubkeys": []string{signer.PEM()}, "default_role": "a b"}, 400, "role name"},
		{"denied before fetched", "POST", config, plain, object{"jwks_url": "http://127.0.0.1:1/keys"}, 403, "permission denied"},
		{"denied to read it", "GET", config, plain, nil, 403, "permission denied"},

		{"a role of OIDC", "POST", role, root, with("role_type", "oidc"), 400, `"role_type"`},
		{"redirects", "POST", role, root, with("allowed_redirect_uris", "https://a.example"), 400, `"allowed_redirect_uris"`},
		{"max_age", "POST", role, root, with("max_age", "1h"), 400, `"max_age"`},
		{"bound to nothing", "POST", role, root, object{"user_claim": "sub"}, 400, "at least one bound constraint"},
		{"no user claim", "POST", role, root, object{"bound_subject": "ann"}, 400, "user claim"},
		{"claims as text", "POST", role, root, with("bound_claims", "a=b"), 400, `"bound_claims"`},
		{"claims that are objects", "POST", role, root, with("bound_claims", object{"a": object{"b": 1}}), 400, `"bound_claims"`},
		{"claims that are null", "POST", role, root, with("bound_claims", object{"a": nil}), 400, `"bound_claims"`},
		{"claims in lists of lists", "POST", role, root, with("bound_claims", object{"a": []any{[]any{}}}), 400, `"bound_claims"`},
		{"a kind of claims that is none", "POST", role, root, with("bound_claims_type", "regex"), 400, `"bound_claims_type"`},
		{"globs of numbers", "POST", role, root, object{"user_claim": "sub", "bound_claims_type": "glob", "bound_claims": object{"a": 1}}, 400, "glob"},
		{"a mapping to the role", "POST", role, root, with("claim_mappings", object{"a": "role"}), 400, "reserved"},
		{"mappings to one key", "POST", role, root, with("claim_mappings", object{"a": "x", "b": "x"}), 400, "multiple keys"},
		{"mappings of lists", "POST", role, root, with("claim_mappings", object{"a": []string{"x"}}), 400, `"claim_mappings"`},
		{"a leeway that is none", "POST", role, root, with("clock_skew_leeway", "soon"), 400, `"clock_skew_leeway"`},
		{"a leeway as a list", "POST", role, root, with("clock_skew_leeway", []int{1}), 400, `"clock_skew_leeway"`},
		{"a ttl above its max", "POST", role, root, object{"bound_subject": "ann", "user_claim": "sub", "token_ttl": "2h", "token_max_ttl": "1h"}, 400, "token_max_ttl"},
		{"an at sign in the name", "POST", "auth/jwt/role/a@b", root, with("x", 1), 400, "role name"},
		{"beyond ASCII", "POST", "auth/jwt/role/%C3%A4", root, with("x", 1), 404, "unsupported path"},
		{"a slash", "POST", "auth/jwt/role/a/b", root, with("x", 1), 404, "unsupported path"},
		{"no name", "POST", "auth/jwt/role/", root, with("x", 1), 405, "unsupported operation"},
		{"nobody", "GET", role, root, nil, 404, ""},
		{"deleted twice", "DELETE", role, root, nil, 204, ""},
		{"denied before faulted", "POST", role, plain, object{"bound_claims": 1}, 403, "permission denied"},
		{"denied to list", "LIST", "auth/jwt/role", plain, nil, 403, "permission denied"},
		{"denied to delete", "DELETE", "auth/jwt/role/dev", plain, nil, 403, "permission denied"},
		{"users of another method", "LIST", "auth/jwt/users", root, nil, 404, "unsupported path"},
	})
	if n := s.cluster.Local().CountTokens(); n != tokens+1 {
		t.Errorf("%d tokens, %d before and one good login", n, tokens)
	}
	if names := s.keys("auth/jwt/role"); len(names) != 3 {
		t.Errorf("roles %v", names)
	}
}

func TestJWTRoleFields(t *testing.T) {
	s := issued(t)
	s.must(204, "POST", "auth/jwt/role/CI", root, object{
		"role_type": "jwt", "bound_audiences": []string{"a", "b"}, "bound_subject": "me", "bound_claims": object{"n": 7, "t": []any{"x", true}},
		"claim_mappings": object{"/a/b": "ab"}, "user_claim": "/sub", "user_claim_json_pointer": true, "groups_claim": "groups",
		"clock_skew_leeway": -1, "expiration_leeway": "2m", "not_before_leeway": 30, "ttl": "5m", "num_uses": 3, "period": "1h",
		"allowed_redirect_uris": []string{}, "verbose_oidc_logging": false, "max_age": 0,
	})
	data := s.must(200, "GET", "auth/jwt/role/ci", root, nil).data()
	for name, want := range map[string]string{
		"role_type": `"jwt"`, "bound_audiences": `["a","b"]`, "bound_subject": `"me"`, "bound_claims": `{"n":7,"t":["x",true]}`,
		"bound_claims_type": `"string"`, "claim_mappings": `{"/a/b":"ab"}`, "user_claim": `"/sub"`, "user_claim_json_pointer": `true`,
		"groups_claim": `"groups"`, "clock_skew_leeway": `-1`, "expiration_leeway": `120`, "not_before_leeway": `30`,
		"token_ttl": `300`, "ttl": `300`, "token_num_uses": `3`, "num_uses": `3`, "token_period": `3600`, "period": `3600`,
	} { // order: each stands alone
		if got, err := json.Marshal(data[name]); err != nil || string(got) != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	s.must(204, "POST", "auth/jwt/role/ci", root, object{"bound_subject": "you"})
	data = s.must(200, "GET", "auth/jwt/role/ci", root, nil).data()
	if data["bound_subject"] != "you" || data["groups_claim"] != "groups" || data["clock_skew_leeway"] != -1.0 {
		t.Errorf("after a partial update: %v", data)
	}
}

func TestJWTConfigFields(t *testing.T) {
	s := issued(t)
	issuer := jwttest.NewIssuer(signer)
	defer issuer.Close()
	for _, tt := range []struct {
		name  string
		write object
		read  string
	}{
		{"an address", object{"jwks_url": issuer.Keys(), "jwks_ca_pem": issuer.CA(), "jwt_supported_algs": "ES256, EdDSA"}, "jwks_url"},
		{"several", object{"jwks_pairs": []any{object{"jwks_url": issuer.Keys(), "jwks_ca_pem": issuer.CA()}}}, "jwks_pairs"},
		{"an issuer", object{"oidc_discovery_url": issuer.URL, "oidc_discovery_ca_pem": issuer.CA(), "bound_issuer": "x"}, "oidc_discovery_url"},
		{"one that is not there yet", object{"jwks_url": "https://127.0.0.1:1", "skip_jwks_validation": true, "oidc_client_id": ""}, "jwks_url"},
	} {
		s.must(204, "POST", "auth/jwt/config", root, tt.write)
		data := s.must(200, "GET", "auth/jwt/config", root, nil).data()
		want, _ := json.Marshal(tt.write[tt.read])
		if got, _ := json.Marshal(data[tt.read]); !bytes.Equal(got, want) {
			t.Errorf("%s: %s is %s, want %s", tt.name, tt.read, got, want)
		}
		if keys := data["jwt_validation_pubkeys"].([]any); len(keys) != 0 || data["default_role"] != "" {
			t.Errorf("%s: what was not named is still there: %v", tt.name, data)
		}
	}
}

// A mount whose issuer answers nothing keeps its own logins waiting for a while,
// and nobody else.
func TestSlowIssuer(t *testing.T) {
	issuer := jwttest.NewIssuer(signer)
	defer issuer.Close()
	release := make(chan struct{})
	defer close(release)
	c := httptestcluster.New()
	s := &stand{t, c, newServer(t, httpd.Config{Cluster: c, Limits: httpd.Limits{JWT: jwt.Limits{Timeout: 300 * time.Millisecond}}}).Handler()}
	for _, path := range []string{"slow", "fine"} {
		s.must(204, "POST", "sys/auth/"+path, root, object{"type": "jwt"})
		s.must(204, "POST", "auth/"+path+"/role/dev", root, object{"bound_audiences": "jeton", "user_claim": "sub"})
	}
	s.must(204, "POST", "auth/slow/config", root, object{"jwks_url": issuer.Keys(), "jwks_ca_pem": issuer.CA()})
	s.must(204, "POST", "auth/fine/config", root, object{"jwt_validation_pubkeys": signer.PEM()})
	asked := make(chan struct{}, 10)
	issuer.Answer(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-release
	})
	body := shown(nil)
	answered := make(chan reply, 1)
	go func() { answered <- s.send("POST", "auth/slow/login", "", body) }()
	<-asked
	s.must(200, "POST", "auth/fine/login", "", body)
	s.must(200, "GET", "auth/token/lookup-self", root, nil)
	r := <-answered
	if r.status != 503 || !strings.Contains(r.text, "waiting for keys to verify tokens with: "+issuer.Keys()+": no answer in time; the request was not applied") || r.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", r.status, r.text)
	}
	s.must(503, "POST", "auth/slow/login", "", body) // at once
	if n := len(asked); n != 0 {
		t.Errorf("%d more fetches", n)
	}
	r = s.must(400, "POST", "auth/slow/config", root, object{"jwks_url": issuer.Keys(), "jwks_ca_pem": issuer.CA()})
	if !strings.Contains(r.text, "no answer in time") {
		t.Errorf("configured: %s", r.text)
	}
}

func TestJWTGuessesAreLimited(t *testing.T) {
	c := httptestcluster.New()
	s := &stand{t, c, newServer(t, httpd.Config{Cluster: c, Limits: httpd.Limits{StrangerBurst: 3, StrangerRate: 1e-9}}).Handler()}
	s.must(204, "POST", "sys/auth/jwt", root, object{"type": "jwt"})
	s.must(204, "POST", "auth/jwt/config", root, object{"jwt_validation_pubkeys": signer.PEM()})
	s.must(204, "POST", "auth/jwt/role/dev", root, object{"bound_audiences": "jeton", "user_claim": "sub"})
	for range 3 {
		s.must(400, "POST", "auth/jwt/login", "", object{"jwt": "x.y.z", "role": "dev"})
	}
	s.must(429, "POST", "auth/jwt/login", "", shown(nil))
	s.must(200, "GET", "auth/token/lookup-self", root, nil)
}

func TestJWTLoginUnavailable(t *testing.T) {
	s := issued(t)
	s.cluster.Fail(cluster.ErrNoLeader)
	s.must(503, "POST", "auth/jwt/login", "", shown(nil))
}

// A JWT is in no state, in no log line and in no answer.
func TestJWTsStayOut(t *testing.T) {
	var lines lockedBuffer
	c := httptestcluster.New()
	server, err := httpd.New(httpd.Config{Cluster: c, Logger: slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{t, c, server.Handler()}
	s.must(204, "POST", "sys/auth/jwt", root, object{"type": "jwt"})
	s.must(204, "POST", "auth/jwt/config", root, object{"jwt_validation_pubkeys": signer.PEM()})
	s.must(204, "POST", "auth/jwt/role/dev", root, object{"bound_audiences": "jeton", "user_claim": "sub"})
	good, bad := signer.Sign(soon(object{"private": "kW7-never-to-be-seen"})), signer.Sign(soon(object{"aud": "kW7-never-to-be-seen"}))
	answers := s.must(200, "POST", "auth/jwt/login", "", object{"jwt": good, "role": "dev"}).text
	for _, body := range []any{object{"jwt": bad, "role": "dev"}, object{"jwt": good + "x", "role": "dev"}, object{"jwt": []string{good}}, `{"jwt":"` + good + `"`} {
		answers += s.must(400, "POST", "auth/jwt/login", "", body).text
	}
	answers += s.send("GET", "auth/jwt/login?jwt="+good, "", nil).text
	var state bytes.Buffer
	if _, err := c.Local().WriteTo(&state); err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"state": state.String(), "log": lines.String(), "answers": answers} { // order: each stands alone
		for _, token := range []string{good, bad} {
			for _, secret := range append(strings.Split(token, ".")[1:], "never-to-be-seen") {
				if strings.Contains(text, secret) {
					t.Errorf("a JWT is in the %s", where)
				}
			}
		}
	}
	if !strings.Contains(lines.String(), "auth/{mount}/login") {
		t.Error("the log does not name the route")
	}
}
