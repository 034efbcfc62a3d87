package http_test

import (
	"strings"
	"testing"
)

func TestHostileMounts(t *testing.T) {
	s := people(t)
	s.policy("plain", `path "*" { capabilities = ["create","read","update","delete","list"] }`)
	plain, _ := s.token(object{"policies": []string{"plain"}})
	userpass := object{"type": "userpass"}
	with := func(config any) object { return object{"type": "userpass", "config": config} }
	const x, tune = "sys/auth/x", "sys/auth/up/tune"
	s.run(t, []row{
		{"no type", "POST", x, root, object{}, 400, "backend type must be specified as a string"},
		{"a type nobody knows", "POST", x, root, object{"type": "ldap"}, 400, "plugin not found in the catalog: ldap"},
		{"a type too long", "POST", x, root, object{"type": strings.Repeat("t", 1000)}, 400, ""},
		{"a type that is a list", "POST", x, root, object{"type": []string{"userpass"}}, 400, `"type"`},
		{"the token method", "POST", x, root, object{"type": "token"}, 400, "cannot be instantiated"},
		{"in use", "POST", "sys/auth/up", root, userpass, 400, "path is already in use at up/"},
		{"below one in use", "POST", "sys/auth/up/x", root, userpass, 400, "path is already in use at up/"},
		{"at the token method", "POST", "sys/auth/token", root, userpass, 400, "path is already in use at token/"},
		{"below the token method", "POST", "sys/auth/token/x", root, userpass, 400, "path is already in use at token/"},
		{"no path", "POST", "sys/auth/", root, userpass, 405, "unsupported operation"},
		{"a blank", "POST", "sys/auth/a%20b", root, userpass, 400, "mount path"},
		{"a glob", "POST", "sys/auth/a*", root, userpass, 400, "mount path"},
		{"a wildcard", "POST", "sys/auth/+/a", root, userpass, 400, "mount path"},
		{"a dot segment", "POST", "sys/auth/a/../b", root, userpass, 400, ".."},
		{"too long", "POST", "sys/auth/" + strings.Repeat("m", 129), root, userpass, 400, "128"},
		{"options", "POST", x, root, object{"type": "userpass", "options": object{"a": "b"}}, 400, "options"},
		{"config as a list", "POST", x, root, with([]int{1}), 400, `"config"`},
		{"a ttl that is none", "POST", x, root, with(object{"default_lease_ttl": "soon"}), 400, "default_lease_ttl"},
		{"a negative ttl", "POST", x, root, with(object{"max_lease_ttl": -5}), 400, "negative"},
		{"a ttl of eleven years", "POST", x, root, with(object{"max_lease_ttl": "4015d"}), 400, "too long"},
		{"default above max", "POST", x, root, with(object{"default_lease_ttl": "2h", "max_lease_ttl": "1h"}), 400, "greater than"},
		{"default above the system's max", "POST", x, root, with(object{"default_lease_ttl": "800h"}), 400, "greater than"},
		{"no such visibility", "POST", x, root, with(object{"listing_visibility": "all"}), 400, "listing_visibility"},
		{"a threshold too high", "POST", x, root, with(object{"user_lockout_config": object{"lockout_threshold": "1001"}}), 400, "lockout_threshold"},
		{"a lockout that is none", "POST", x, root, with(object{"user_lockout_config": "off"}), 400, "user_lockout_config"},
		{"a description too long", "POST", x, root, object{"type": "userpass", "description": strings.Repeat("d", 513)}, 400, "description"},
		{"tune nothing", "POST", "sys/auth/none/tune", root, object{"description": "x"}, 400, "no auth method is mounted at none/"},
		{"tune to what does not fit", "POST", tune, root, object{"default_lease_ttl": "800h"}, 400, "greater than"},
		{"tune the token method's type", "POST", "sys/auth/token/tune", root, object{"token_type": "service"}, 400, "token_type"},
		{"read nothing", "GET", "sys/auth/none", root, nil, 400, "no auth method is mounted"},
		{"read settings of nothing", "GET", "sys/auth/none/tune", root, nil, 400, "no auth method is mounted"},
		{"disable the token method", "DELETE", "sys/auth/token", root, nil, 400, "token credential backend cannot be disabled"},
		{"delete settings", "DELETE", tune, root, nil, 404, "unsupported path"},
		{"LIST a mount", "LIST", "sys/auth/up", root, nil, 405, "unsupported operation"},
		{"PATCH a mount", "PATCH", "sys/auth/up", root, object{}, 405, "unsupported operation"},
		{"a mount by sys/mounts", "GET", "sys/mounts/auth/up", root, nil, 404, "unsupported path"},
		{"enable without sudo", "POST", x, plain, userpass, 403, "permission denied"},
		{"enable without sudo, malformed", "POST", x, plain, `{"type":`, 403, "permission denied"},
		{"read without sudo", "GET", "sys/auth/up", plain, nil, 403, "permission denied"},
		{"tune without sudo", "POST", tune, plain, object{"description": "x"}, 403, "permission denied"},
		{"tune without sudo by sys/mounts", "POST", "sys/mounts/auth/up/tune", plain, object{"description": "x"}, 403, "permission denied"},
		{"disable without sudo", "DELETE", "sys/auth/up", plain, nil, 403, "permission denied"},
		{"without a token", "GET", "sys/auth", "", nil, 403, "permission denied"},
		{"listing needs none", "GET", "sys/auth", plain, nil, 200, ""},
	})
	data := s.must(200, "GET", "sys/auth", root, nil).data()
	if len(data) != 2 {
		t.Errorf("mounts %v", data)
	}
}

func TestTuneOverHTTP(t *testing.T) {
	s := people(t)
	s.must(204, "POST", "sys/auth/up/tune", root, object{
		"default_lease_ttl": "10m", "max_lease_ttl": 3600, "description": "folk", "listing_visibility": "unauth", "token_type": "service",
		"audit_non_hmac_request_keys": "a,b", "user_lockout_config": object{"lockout_threshold": 9, "lockout_duration": "1m"},
	})
	s.must(204, "POST", "sys/mounts/auth/up/tune", root, object{
		"default_lease_ttl": "", "max_lease_ttl": "system", "options": nil, "user_lockout_config": object{"lockout_disable": true},
	})
	data := s.must(200, "GET", "sys/mounts/auth/up/tune", root, nil).data()
	for name, want := range map[string]any{
		"default_lease_ttl": 600.0, "max_lease_ttl": 2764800.0, "description": "folk", "listing_visibility": "unauth", "token_type": "service",
	} { // order: each stands alone
		if data[name] != want {
			t.Errorf("%s is %v, want %v", name, data[name], want)
		}
	}
	if data["user_lockout_threshold"] != 9.0 || data["user_lockout_duration"] != 60.0 || data["user_lockout_disable"] != true {
		t.Errorf("lockout %v", data)
	}
	config := s.must(200, "GET", "sys/auth/up", root, nil).data()["config"].(map[string]any)
	if keys := config["audit_non_hmac_request_keys"].([]any); len(keys) != 2 || config["max_lease_ttl"] != 0.0 || config["user_lockout_config"].(map[string]any)["user_lockout_threshold"] != 9.0 {
		t.Errorf("config %v", config)
	}
	// a path that ends in the word, and one that is the word
	s.must(204, "POST", "sys/auth/tune", root, object{"type": "userpass"})
	s.must(204, "POST", "sys/auth/tune/tune", root, object{"description": "x"})
	if got := s.must(200, "GET", "sys/auth/tune", root, nil).data()["description"]; got != "x" {
		t.Errorf("description %v", got)
	}
}
