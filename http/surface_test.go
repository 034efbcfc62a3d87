package http_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestTools(t *testing.T) {
	s := newStand(t)
	for path, want := range map[string]int{
		"sys/tools/random": 32, "sys/tools/random/8": 8, "sys/tools/random/platform": 32, "sys/tools/random/all/131072": 131072,
	} {
		text, _ := s.must(200, "POST", path, root, nil).data()["random_bytes"].(string)
		if b, err := base64.StdEncoding.DecodeString(text); err != nil || len(b) != want {
			t.Errorf("%s drew %d bytes, %v, want %d", path, len(b), err, want)
		}
	}
	text, _ := s.must(200, "POST", "sys/tools/random/platform", root, object{"bytes": "5", "format": "hex"}).data()["random_bytes"].(string)
	if b, err := hex.DecodeString(text); err != nil || len(b) != 5 {
		t.Errorf("drew %q, %v, want 5 bytes", text, err)
	}
	input := base64.StdEncoding.EncodeToString([]byte("abc"))
	for path, want := range map[string]string{ // of the standards' own examples
		"sys/tools/hash":          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"sys/tools/hash/sha2-224": "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
		"sys/tools/hash/sha3-256": "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
	} {
		if got := s.must(200, "POST", path, root, object{"input": input}).data()["sum"]; got != want {
			t.Errorf("%s: %v, want %s", path, got, want)
		}
	}
	d := s.must(200, "POST", "sys/tools/hash", root, object{"input": input, "algorithm": "sha2-512", "format": "base64"}).data()
	if sum, _ := d["sum"].(string); !strings.HasPrefix(sum, "3a81oZNherrMQXNJ") {
		t.Errorf("sum is %v", sum)
	}
}

func TestLockedUsers(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "sys/auth/up", root, object{"type": "userpass", "config": object{"user_lockout_config": object{"lockout_threshold": 1}}})
	s.must(204, "POST", "auth/up/users/alice", root, object{"password": "right"})
	if d := s.must(200, "GET", "sys/locked-users", root, nil).data(); d["total"] != 0.0 {
		t.Errorf("at first %v", d)
	}
	s.must(400, "POST", "auth/up/login/alice", "", object{"password": "wrong"})
	s.must(403, "POST", "auth/up/login/alice", "", object{"password": "right"})
	d := s.must(200, "GET", "sys/locked-users", root, nil).data()
	if d["total"] != 1.0 || !strings.Contains(fmt.Sprint(d["by_namespace"]), "alias_identifiers:[alice]") {
		t.Fatalf("locked out are %v", d)
	}
	mount := d["by_namespace"].([]any)[0].(map[string]any)["mount_accessors"].([]any)[0].(map[string]any)["mount_accessor"].(string)
	if d := s.must(200, "GET", "sys/locked-users?mount_accessor="+mount, root, nil).data(); d["total"] != 1.0 {
		t.Errorf("of the mount %v", d)
	}
	s.must(204, "POST", "sys/locked-users/"+mount+"/unlock/Alice", root, nil)
	s.must(200, "POST", "auth/up/login/alice", "", object{"password": "right"})
}

func TestUIMounts(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "sys/auth/shown", root, object{"type": "userpass", "description": "people", "config": object{"listing_visibility": "unauth"}})
	s.must(204, "POST", "sys/auth/corp/hidden", root, object{"type": "userpass"})
	s.policy("corp", `path "auth/corp/hidden/users" { capabilities = ["list"] }`)
	member, _ := s.token(object{"policies": []string{"corp", "default"}, "ttl": "1h", "num_uses": 1})
	for token, want := range map[string]string{
		"": "[shown/]/[]", "jts_made-up": "[shown/]/[]", member: "[corp/hidden/ shown/ token/]/[cubbyhole/ sys/]",
		root: "[corp/hidden/ shown/ token/]/[cubbyhole/ sys/]",
	} {
		d := s.must(200, "GET", "sys/internal/ui/mounts", token, nil).data()
		if got := fmt.Sprint(sorted(d["auth"]), "/", sorted(d["secret"])); got != want {
			t.Errorf("%q sees %s, want %s", token, got, want)
		}
	}
	shown := s.must(200, "GET", "sys/internal/ui/mounts", "", nil).data()["auth"].(map[string]any)["shown/"].(map[string]any)
	if shown["type"] != "userpass" || shown["description"] != "people" || shown["accessor"] != nil {
		t.Errorf("anybody is shown %v", shown)
	}
	for path, want := range map[string]string{"cubbyhole/a/b": "cubbyhole/", "auth/corp/hidden/users": "auth/corp/hidden/", "auth/token": "auth/token/"} {
		if d := s.must(200, "GET", "sys/internal/ui/mounts/"+path, member, nil).data(); d["path"] != want {
			t.Errorf("%s is of %v, want %s", path, d["path"], want)
		}
	}
	if !s.lives(member) {
		t.Error("looking at mounts cost a use")
	}
}

func TestResultantACL(t *testing.T) {
	s := newStand(t)
	s.policy("p", `path "a" { capabilities = ["read"] } path "b/*" { capabilities = ["list"] } path "c/+/d" { capabilities = ["deny"] }
path "sys/internal/ui/resultant-acl" { capabilities = ["read"] }`)
	token, _ := s.token(object{"policies": []string{"p"}, "no_default_policy": true, "ttl": "1h"})
	d := s.must(200, "GET", "sys/internal/ui/resultant-acl", token, nil).data()
	want := "map[a:map[capabilities:[read]] sys/internal/ui/resultant-acl:map[capabilities:[read]]] map[b/:map[capabilities:[list]] c/+/d:map[capabilities:[deny]]] false"
	if got := fmt.Sprint(d["exact_paths"], d["glob_paths"], d["root"]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if d := s.must(200, "GET", "sys/internal/ui/resultant-acl", root, nil).data(); d["root"] != true {
		t.Errorf("root has %v", d)
	}
}

func TestAboutTheNode(t *testing.T) {
	s := newStand(t)
	for path, want := range map[string]string{
		"sys/host-info": "cpu", "sys/config/state/sanitized": "listeners", "sys/plugins/catalog": "detailed", "sys/internal/counters/tokens": "counters",
	} {
		if d := s.must(200, "GET", path, root, nil).data(); d[want] == nil {
			t.Errorf("%s shows no %s: %v", path, want, d)
		}
	}
	if keys := s.keys("sys/plugins/catalog/auth"); !strings.Contains(strings.Join(keys, " "), "token userpass") {
		t.Errorf("methods are %v", keys)
	}
	for kind, want := range map[string]string{"secret": "cubbyhole database webhook", "database": "postgresql-database-plugin"} {
		if got := strings.Join(s.keys("sys/plugins/catalog/"+kind), " "); got != want {
			t.Errorf("of type %s there are %s, want %s", kind, got, want)
		}
	}
	if d := s.must(200, "LIST", "sys/version-history", root, nil).data(); fmt.Sprint(d["keys"]) != "[dev]" {
		t.Errorf("versions are %v", d)
	}
	plain, _ := s.token(object{"policies": []string{"default"}, "ttl": "1h"})
	for _, path := range []string{"sys/host-info", "sys/config/state/sanitized", "sys/plugins/catalog", "sys/internal/counters/tokens", "sys/locked-users"} {
		s.must(403, "GET", path, plain, nil)
	}
}

func sorted(of any) []string {
	m, _ := of.(map[string]any)
	return slices.Sorted(maps.Keys(m))
}
