package http_test

import (
	"strings"
	"testing"
)

func TestSecretMounts(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "sys/mounts/db", root, object{
		"type": "database", "description": "shops", "config": object{"default_lease_ttl": "10m", "max_lease_ttl": "1h", "options": nil},
	})
	s.must(204, "POST", "sys/mounts/team/pg", root, object{"type": "plugin", "plugin_name": "postgresql"})
	list := s.must(200, "GET", "sys/mounts", root, nil).data()
	for path, kind := range map[string]string{"db/": "database", "team/pg/": "database", "sys/": "system", "cubbyhole/": "cubbyhole"} {
		m, _ := list[path].(map[string]any)
		if m["type"] != kind {
			t.Errorf("at %s is %v, want %s", path, m, kind)
		}
	}
	one := s.must(200, "GET", "sys/mounts/db", root, nil).data()
	config, _ := one["config"].(map[string]any)
	if one["description"] != "shops" || config["default_lease_ttl"] != 600.0 || config["token_type"] != nil || one["options"] != nil {
		t.Errorf("the mount is %v", one)
	}
	s.must(204, "POST", "sys/mounts/db/tune", root, object{"default_lease_ttl": "20m", "description": "", "listing_visibility": "hidden"})
	tuned := s.must(200, "GET", "sys/mounts/db/tune", root, nil).data()
	if tuned["default_lease_ttl"] != 1200.0 || tuned["max_lease_ttl"] != 3600.0 || tuned["description"] != "" || tuned["listing_visibility"] != "hidden" || tuned["token_type"] != nil {
		t.Errorf("tuned to %v", tuned)
	}
	s.must(204, "DELETE", "sys/mounts/db", root, nil)
	s.must(204, "DELETE", "sys/mounts/db", root, nil)
	s.must(400, "GET", "sys/mounts/db", root, nil)
	s.must(204, "POST", "sys/mounts/db", root, object{"type": "webhook"})
}

// What no honest client sends is refused with a message that names what is wrong,
// and changes nothing.
func TestHostileSecretMounts(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "sys/mounts/db", root, object{"type": "database"})
	s.must(204, "POST", "sys/auth/people", root, object{"type": "userpass"})
	plain, _ := s.token(object{"policies": []string{"default"}})
	s.run(t, []row{
		{"without a type", "POST", "sys/mounts/x", root, object{}, 400, "backend type must be specified"},
		{"of no known type", "POST", "sys/mounts/x", root, object{"type": "kv"}, 400, "plugin not found in the catalog: kv"},
		{"a login method", "POST", "sys/mounts/x", root, object{"type": "userpass"}, 400, "plugin not found"},
		{"type as a list", "POST", "sys/mounts/x", root, object{"type": []string{"database"}}, 400, `"type"`},
		{"in use", "POST", "sys/mounts/db", root, object{"type": "database"}, 400, "path is already in use at db/"},
		{"below one in use", "POST", "sys/mounts/db/x", root, object{"type": "database"}, 400, "path is already in use at db/"},
		{"at sys", "POST", "sys/mounts/sys", root, object{"type": "database"}, 400, `cannot mount "sys/"`},
		{"below sys", "POST", "sys/mounts/sys/x", root, object{"type": "database"}, 400, "cannot mount"},
		{"at cubbyhole", "POST", "sys/mounts/cubbyhole", root, object{"type": "database"}, 400, "cannot mount"},
		{"below auth", "POST", "sys/mounts/auth/x", root, object{"type": "database"}, 404, "unsupported path"},
		{"with a glob", "POST", "sys/mounts/x*", root, object{"type": "database"}, 400, "mount path is holding"},
		{"with options", "POST", "sys/mounts/x", root, object{"type": "database", "options": object{"version": "2"}}, 400, `"options"`},
		{"config as text", "POST", "sys/mounts/x", root, object{"type": "database", "config": "none"}, 400, `"config"`},
		{"negative ttl", "POST", "sys/mounts/x", root, object{"type": "database", "config": object{"max_lease_ttl": -1}}, 400, "negative"},
		{"default above max", "POST", "sys/mounts/x", root, object{"type": "database", "config": object{"default_lease_ttl": "2h", "max_lease_ttl": "1h"}}, 400, "greater than"},
		{"a login method's setting", "POST", "sys/mounts/x", root, object{"type": "database", "config": object{"token_type": "service"}}, 400, "'token_type'"},
		{"tune a login method's setting", "POST", "sys/mounts/db/tune", root, object{"user_lockout_config": object{"lockout_disable": true}}, 400, "'user_lockout_config'"},
		{"tune nothing", "POST", "sys/mounts/none/tune", root, object{"description": "x"}, 400, "no secrets engine is mounted at none/"},
		{"read nothing", "GET", "sys/mounts/none", root, nil, 400, "no secrets engine is mounted"},
		{"a login method by its name", "GET", "sys/mounts/people", root, nil, 400, "no secrets engine is mounted"},
		{"unmount cubbyhole", "DELETE", "sys/mounts/cubbyhole", root, nil, 400, "cannot mount"},
		{"unmount settings", "DELETE", "sys/mounts/db/tune", root, nil, 404, "unsupported path"},
		{"move one", "POST", "sys/remount", root, object{"from": "db", "to": "x"}, 400, "not supported"},
		{"move without a right", "POST", "sys/remount", plain, object{"from": "db", "to": "x"}, 403, "permission denied"},
		{"mount without a right", "POST", "sys/mounts/x", plain, object{"type": "kv"}, 403, "permission denied"},
		{"unmount without a right", "DELETE", "sys/mounts/db", plain, nil, 403, "permission denied"},
		{"list without a right", "GET", "sys/mounts", plain, nil, 403, "permission denied"},
		{"nobody", "GET", "sys/mounts", "", nil, 403, "permission denied"},
		{"PATCH", "PATCH", "sys/mounts/db", root, object{}, 405, "unsupported operation"},
	})
	if _, ok := s.cluster.Local().SecretMount("x"); ok || len(s.cluster.Local().SecretMounts()) != 1 {
		t.Error("a refused request mounted something")
	}
}

func TestClientsMounts(t *testing.T) {
	clients(t, func(t *testing.T, c official, _ *stand) {
		get := fields(t)
		get(nil2(nil, c.mount("db", "database", "1h")))
		mounts := get(c.mounts())
		db, _ := mounts["db/"].(map[string]any)
		if config, _ := db["config"].(map[string]any); db["type"] != "database" || config["default_lease_ttl"] != 3600.0 || len(mounts) != 3 {
			t.Errorf("mounts are %v", mounts)
		}
		get(nil2(nil, c.tuneMount("db", "2h")))
		if m := get(c.mountConfig("db")); m["max_lease_ttl"] != 7200.0 || m["default_lease_ttl"] != 3600.0 {
			t.Errorf("settings are %v", m)
		}
		if err := c.remount("db", "else"); err == nil || !strings.Contains(err.Error(), "not supported") {
			t.Errorf("a mount was moved: %v", err)
		}
		get(nil2(nil, c.unmount("db")))
	})
}
