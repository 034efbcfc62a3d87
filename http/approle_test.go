package http_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

const appRole, appSecret, appLogin = "auth/ar/role/web", "auth/ar/role/web/secret-id", "auth/ar/login"

// apps is a server with a mount named ar, whose role web has the role-id web-id.
func apps(t *testing.T, fields object) *stand {
	s := newStand(t)
	s.must(204, "POST", "sys/auth/ar", root, object{"type": "approle"})
	s.must(204, "POST", appRole, root, object{"role_id": "web-id", "token_policies": "dev"})
	s.must(204, "POST", appRole, root, fields)
	return s
}

// secretID makes a secret-id and returns it with its accessor.
func (s *stand) secretID(fields object) (secret, accessor string) {
	s.t.Helper()
	data := s.must(200, "POST", appSecret, root, fields).data()
	return data["secret_id"].(string), data["secret_id_accessor"].(string)
}

func shows(secret string) object { return object{"role_id": "web-id", "secret_id": secret} }

func TestApproleFields(t *testing.T) {
	s := apps(t, object{})
	s.must(204, "POST", appRole, root, object{
		"policies": "b, A", "period": "1h", "bound_cidr_list": "10.0.0.1/32,192.0.2.0/24", "secret_id_num_uses": "3", "secret_id_ttl": "10m",
		"token_ttl": 300, "token_max_ttl": "600", "token_num_uses": 4, "token_bound_cidrs": []string{"192.0.2.7"}, "bind_secret_id": "true",
	})
	data := s.must(200, "GET", appRole, root, nil).data()
	for name, want := range map[string]string{
		"policies": "[a b]", "token_policies": "[a b]", "period": "3600", "token_period": "3600", "secret_id_bound_cidrs": "[10.0.0.1/32 192.0.2.0/24]",
		"secret_id_num_uses": "3", "secret_id_ttl": "600", "token_ttl": "300", "token_max_ttl": "600", "token_num_uses": "4", "token_bound_cidrs": "[192.0.2.7]",
		"bind_secret_id": "true", "local_secret_ids": "false",
	} { // order: each stands alone
		if got := fmt.Sprint(data[name]); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for _, f := range []struct {
		path, field string
		write       any
		is, reset   string
	}{
		{"policies", "token_policies", "x", "[x]", "[]"},
		{"bind-secret-id", "bind_secret_id", false, "false", "true"},
		{"bound-cidr-list", "bound_cidr_list", "10.0.0.0/8", "[10.0.0.0/8]", "<nil>"},
		{"secret-id-bound-cidrs", "secret_id_bound_cidrs", "10.0.0.0/8", "[10.0.0.0/8]", "<nil>"},
		{"token-bound-cidrs", "token_bound_cidrs", "10.0.0.0/8", "[10.0.0.0/8]", "[]"},
		{"secret-id-num-uses", "secret_id_num_uses", 9, "9", "0"},
		{"secret-id-ttl", "secret_id_ttl", "1m", "60", "0"},
		{"period", "token_period", "2m", "120", "0"},
		{"token-num-uses", "token_num_uses", 7, "7", "0"},
		{"token-ttl", "token_ttl", "3m", "180", "0"},
		{"token-max-ttl", "token_max_ttl", "9m", "540", "0"},
	} {
		path := appRole + "/" + f.path
		shown := func() string { return fmt.Sprint(s.must(200, "GET", path, root, nil).data()[f.field]) }
		s.must(204, "POST", path, root, object{f.field: f.write})
		if got := shown(); got != f.is {
			t.Errorf("%s is %s, want %s", f.field, got, f.is)
		}
		s.must(204, "DELETE", path, root, nil)
		if got := shown(); got != f.reset {
			t.Errorf("%s is %s after the reset, want %s", f.field, got, f.reset)
		}
		s.must(400, "POST", path, root, object{})
		s.must(404, "POST", "auth/ar/role/nobody/"+f.path, root, object{f.field: f.write})
		s.must(404, "GET", "auth/ar/role/nobody/"+f.path, root, nil)
		s.must(204, "DELETE", "auth/ar/role/nobody/"+f.path, root, nil)
	}
	r := s.must(200, "POST", appRole, root, object{"token_type": "default-service"})
	if len(r.body["warnings"].([]any)) != 1 || s.must(200, "GET", appRole, root, nil).data()["token_type"] != "service" {
		t.Errorf("default-service: %s", r.text)
	}
}

func TestSecretIDs(t *testing.T) {
	s := apps(t, object{"secret_id_num_uses": 3, "secret_id_ttl": "1h"})
	s.must(404, "LIST", appSecret, root, nil)
	secret, accessor := s.secretID(object{"metadata": `{"team":"blue"}`, "cidr_list": "10.0.0.0/8", "num_uses": 2, "ttl": "5m"})
	data := s.must(200, "POST", appSecret+"/lookup", root, object{"secret_id": secret}).data()
	other := s.must(200, "POST", appSecret+"-accessor/lookup", root, object{"secret_id_accessor": accessor}).data()
	for name, want := range map[string]string{
		"secret_id_num_uses": "2", "secret_id_ttl": "300", "metadata": "map[team:blue]", "cidr_list": "[10.0.0.0/8]", "token_bound_cidrs": "[]",
		"secret_id_accessor": accessor,
	} { // order: each stands alone
		if fmt.Sprint(data[name]) != want || fmt.Sprint(other[name]) != want {
			t.Errorf("%s is %v and %v, want %s", name, data[name], other[name], want)
		}
	}
	if keys := s.keys(appSecret); len(keys) != 1 || keys[0] != accessor {
		t.Errorf("accessors %v", keys)
	}
	s.must(204, "POST", appSecret+"-accessor/destroy", root, object{"secret_id_accessor": accessor})
	s.must(404, "POST", appSecret+"-accessor/destroy", root, object{"secret_id_accessor": accessor})
	s.must(204, "POST", appSecret+"/lookup", root, object{"secret_id": secret})
	s.must(204, "POST", appSecret+"/destroy", root, object{"secret_id": secret})

	s.must(200, "POST", "auth/ar/role/web/custom-secret-id", root, object{"secret_id": "of my own"})
	s.must(400, "POST", "auth/ar/role/web/custom-secret-id", root, object{"secret_id": "of my own"})
	s.must(200, "POST", appLogin, "", shows(" of my own\n"))
	s.must(204, "DELETE", appSecret+"/destroy?secret_id=of+my+own", root, nil)
	s.must(400, "POST", appLogin, "", shows("of my own"))
	s.must(202, "POST", "auth/ar/tidy/secret-id", root, nil)
}

// A retry with a client's key gets the secret-id that the first attempt made.
func TestSecretIDRetry(t *testing.T) {
	s := apps(t, object{})
	first := s.must(200, "POST", appSecret, root, object{}, "Idempotency-Key", "k")
	again := s.must(200, "POST", appSecret, root, object{}, "Idempotency-Key", "k")
	if first.data()["secret_id"] != again.data()["secret_id"] || len(s.keys(appSecret)) != 1 {
		t.Fatalf("first %s, again %s", first.text, again.text)
	}
	s.must(200, "POST", appLogin, "", shows(first.data()["secret_id"].(string)))
}

// Expired ones are refused from their deadline on.
func TestSecretIDEnds(t *testing.T) {
	s := apps(t, object{"secret_id_ttl": "1m"})
	secret, _ := s.secretID(object{})
	s.must(200, "POST", appLogin, "", shows(secret))
	s.cluster.Advance(time.Minute)
	s.must(400, "POST", appLogin, "", shows(secret))
	s.must(404, "LIST", appSecret, root, nil)
}

func TestHostileApprole(t *testing.T) {
	s := apps(t, object{"secret_id_num_uses": 5, "secret_id_ttl": "1h", "secret_id_bound_cidrs": "192.0.2.0/24"})
	secret, _ := s.secretID(object{"cidr_list": "192.0.2.128/25"})
	plain, _ := s.token(object{"policies": []string{"default"}})
	const one, custom = "auth/ar/role/one", "auth/ar/role/web/custom-secret-id"
	tokens, role := s.cluster.Local().CountTokens(), s.must(200, "GET", appRole, root, nil).text
	s.run(t, []row{
		{"no role-id", "POST", appLogin, "", object{"secret_id": secret}, 400, "missing role_id"},
		{"no body", "POST", appLogin, "", nil, 400, "missing role_id"},
		{"blanks", "POST", appLogin, "", object{"role_id": " \t", "secret_id": secret}, 400, "missing role_id"},
		{"no secret-id", "POST", appLogin, "", object{"role_id": "web-id"}, 400, "missing secret_id"},
		{"wrong role-id", "POST", appLogin, "", object{"role_id": "x", "secret_id": secret}, 400, "invalid role or secret ID"},
		{"long role-id", "POST", appLogin, "", object{"role_id": strings.Repeat("x", 5000), "secret_id": secret}, 400, "invalid role or secret ID"},
		{"wrong secret-id", "POST", appLogin, "", shows("x"), 400, "invalid role or secret ID"},
		{"long secret-id", "POST", appLogin, "", shows(strings.Repeat("x", 5000)), 400, "invalid role or secret ID"},
		{"a list", "POST", appLogin, "", object{"role_id": []string{"web-id"}}, 400, `"role_id"`},
		{"an object", "POST", appLogin, "", object{"role_id": "web-id", "secret_id": object{"$ne": ""}}, 400, `"secret_id"`},
		{"another case", "POST", appLogin, "", object{"role_id": "WEB-ID", "secret_id": secret}, 400, "invalid role or secret ID"},
		{"the name for the role-id", "POST", appLogin, "", object{"role_id": "web", "secret_id": secret}, 400, "invalid role or secret ID"},
		{"GET", "GET", appLogin + "?role_id=web-id&secret_id=" + secret, "", nil, 405, "unsupported operation"},
		{"a name behind", "POST", appLogin + "/web", "", shows(secret), 403, "permission denied"},
		{"no such mount", "POST", "auth/none/login", "", shows(secret), 403, "permission denied"},

		{"a new role without a constraint", "POST", one, root, object{"bind_secret_id": false}, 400, "at least one constraint"},
		{"a role-id in use", "POST", one, root, object{"role_id": "web-id"}, 400, "role_id already in use"},
		{"an empty role-id", "POST", one, root, object{"role_id": ""}, 400, "role_id"},
		{"a role-id with blanks", "POST", one, root, object{"role_id": " x"}, 400, "white space"},
		{"a role-id too long", "POST", one, root, object{"role_id": strings.Repeat("x", 257)}, 400, "257 bytes"},
		{"local for an old role", "POST", appRole, root, object{"local_secret_ids": true}, 400, "during role creation"},
		{"negative uses", "POST", one, root, object{"secret_id_num_uses": -1}, 400, "negative"},
		{"a negative ttl", "POST", one, root, object{"secret_id_ttl": "-1s"}, 400, "negative"},
		{"a range that is none", "POST", one, root, object{"secret_id_bound_cidrs": "10.0.0.0/33"}, 400, "secret_id_bound_cidrs"},
		{"a ttl above its max", "POST", one, root, object{"token_ttl": "2h", "token_max_ttl": "1h"}, 400, "token_max_ttl"},
		{"a flag that is none", "POST", one, root, object{"bind_secret_id": "maybe"}, 400, `"bind_secret_id"`},
		{"a name beyond ASCII", "POST", "auth/ar/role/%C3%A4", root, object{}, 404, "unsupported path"},
		{"a name too long", "POST", "auth/ar/role/" + strings.Repeat("n", 121), root, object{}, 404, "unsupported path"},
		{"no such field", "GET", appRole + "/nothing", root, nil, 404, "unsupported path"},
		{"no role-id given", "POST", appRole + "/role-id", root, object{}, 400, "missing role_id"},
		{"DELETE a role-id", "DELETE", appRole + "/role-id", root, nil, 405, "unsupported operation"},
		{"no field given", "POST", appRole + "/token-ttl", root, object{}, 400, "missing token_ttl"},
		{"another field", "POST", appRole + "/token-ttl", root, object{"token_max_ttl": 5}, 400, "missing token_ttl"},

		{"more uses than the role has", "POST", appSecret, root, object{"num_uses": 6}, 400, "num_uses cannot be higher"},
		{"any number of uses", "POST", appSecret, root, object{"num_uses": 0}, 400, "num_uses cannot be higher"},
		{"longer than the role says", "POST", appSecret, root, object{"ttl": "2h"}, 400, "ttl cannot be longer"},
		{"beyond the role's ranges", "POST", appSecret, root, object{"cidr_list": "10.0.0.0/8"}, 400, "subset"},
		{"metadata that is a list", "POST", appSecret, root, object{"metadata": []int{1}}, 400, `"metadata"`},
		{"metadata that is no JSON", "POST", appSecret, root, object{"metadata": "a=b"}, 400, `"metadata"`},
		{"metadata that is a number in JSON", "POST", appSecret, root, object{"metadata": "7"}, 400, `"metadata"`},
		{"metadata with lists in it", "POST", appSecret, root, object{"metadata": `{"a":[]}`}, 400, `"metadata"`},
		{"metadata too large", "POST", appSecret, root, object{"metadata": object{"a": strings.Repeat("x", 4096)}}, 400, "size of meta"},
		{"for nobody", "POST", "auth/ar/role/nobody/secret-id", root, object{}, 404, "does not exist"},
		{"no text of one's own", "POST", custom, root, object{}, 400, "missing secret_id"},
		{"a text with blanks", "POST", custom, root, object{"secret_id": "x "}, 400, "white space"},
		{"a text too long", "POST", custom, root, object{"secret_id": strings.Repeat("x", 4097)}, 400, "4097 bytes"},
		{"looking up nothing", "POST", appSecret + "/lookup", root, object{}, 400, "missing secret_id"},
		{"looking up at nobody", "POST", "auth/ar/role/nobody/secret-id/lookup", root, object{"secret_id": "x"}, 404, "does not exist"},
		{"looking up no accessor", "POST", appSecret + "-accessor/lookup", root, object{"secret_id_accessor": "x"}, 404, "failed to find accessor"},
		{"no accessor", "POST", appSecret + "-accessor/lookup", root, object{}, 400, "missing secret_id_accessor"},
		{"an accessor too long", "POST", appSecret + "-accessor/destroy", root, object{"secret_id_accessor": strings.Repeat("x", 300)}, 400, "300 bytes"},
		{"denied to make", "POST", appSecret, plain, object{"num_uses": []int{}}, 403, "permission denied"},
		{"denied to read", "GET", appRole, plain, nil, 403, "permission denied"},
		{"denied to list", "LIST", "auth/ar/role", plain, nil, 403, "permission denied"},
		{"denied to look up", "POST", appSecret + "/lookup", plain, object{"secret_id": secret}, 403, "permission denied"},
		{"denied to tidy", "POST", "auth/ar/tidy/secret-id", plain, nil, 403, "permission denied"},
		{"without a token", "POST", appSecret, "", object{}, 403, "permission denied"},
	})
	if n := s.cluster.Local().CountTokens(); n != tokens {
		t.Errorf("%d tokens, %d before", n, tokens)
	}
	if roles, ids := s.keys("auth/ar/role"), s.keys(appSecret); len(roles) != 1 || len(ids) != 1 {
		t.Errorf("roles %v, secret-ids %v", roles, ids)
	}
	if now := s.must(200, "GET", appRole, root, nil).text; now[strings.Index(now, `"data"`):] != role[strings.Index(role, `"data"`):] {
		t.Errorf("the role is %s", now)
	}
}

// The address of the test's clients is 192.0.2.1. What is refused on account of it
// costs no use.
func TestApproleAddresses(t *testing.T) {
	s := apps(t, object{"secret_id_num_uses": 1})
	secret, _ := s.secretID(object{})
	s.must(204, "POST", appRole, root, object{"secret_id_bound_cidrs": "10.0.0.0/8"})
	s.must(400, "POST", appLogin, "", shows(secret))
	s.must(204, "POST", appRole, root, object{"secret_id_bound_cidrs": "192.0.2.0/24", "token_bound_cidrs": "10.0.0.0/8"})
	s.must(403, "POST", appLogin, "", shows(secret))
	s.must(204, "DELETE", appRole+"/token-bound-cidrs", root, nil)
	s.must(200, "POST", appLogin, "", shows(secret))
	s.must(400, "POST", appLogin, "", shows(secret))
}

// Wrong secret-ids cost the log nothing, and an address has only so many.
func TestApproleGuessing(t *testing.T) {
	s := apps(t, object{})
	index := s.cluster.Local().Index()
	var last int
	for range 250 {
		if last = s.send("POST", appLogin, "", shows("guess")).status; last == 429 {
			break
		}
	}
	if last != 429 || s.cluster.Local().Index() != index {
		t.Errorf("the last guess was answered with %d, and %d entries were logged", last, s.cluster.Local().Index()-index)
	}
	s.cluster.Fail(cluster.ErrNoLeader)
	r := s.send("POST", "auth/ar/login", "", shows("x"))
	if r.status != 429 {
		t.Errorf("without a leader: %d", r.status)
	}
}

func TestApproleUnavailable(t *testing.T) {
	s := apps(t, object{})
	secret, _ := s.secretID(object{})
	s.cluster.Fail(cluster.ErrNoLeader)
	for _, text := range []string{secret, "wrong"} {
		if r := s.must(503, "POST", appLogin, "", shows(text)); r.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
}

// A secret-id is in no state and in no log line, and in the one answer that made
// it.
func TestSecretIDsStayOut(t *testing.T) {
	var lines bytes.Buffer
	c := httptestcluster.New()
	server, err := httpd.New(httpd.Config{Cluster: c, Logger: slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{t, c, server.Handler()}
	s.must(204, "POST", "sys/auth/ar", root, object{"type": "approle"})
	s.must(204, "POST", appRole, root, object{"role_id": "web-id"})
	drawn, _ := s.secretID(object{})
	const own = "kW7-never-to-be-seen"
	var answers strings.Builder
	for _, text := range []string{drawn, own} {
		s.send("POST", "auth/ar/role/web/custom-secret-id", root, object{"secret_id": text})
		for _, path := range []string{appLogin, appSecret + "/lookup", appSecret + "/destroy", appSecret + "/lookup", appLogin} {
			answers.WriteString(s.send("POST", path, root, shows(text)).text)
		}
	}
	var state bytes.Buffer
	if _, err := c.Local().WriteTo(&state); err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"state": state.String(), "log": lines.String(), "answers": answers.String()} { // order: each stands alone
		if strings.Contains(text, own) || strings.Contains(text, drawn) {
			t.Errorf("a secret-id is in the %s", where)
		}
	}
}
