package http_test

import (
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
)

// A path that means the same with a slash at its end is judged the same: neither a
// deny nor the need for sudo can be walked round by spelling it differently.
func TestSlashIsNoWayRound(t *testing.T) {
	s := newStand(t)
	s.policy("all-but-sudo", `path "*" { capabilities = ["create", "read", "update", "delete", "list", "patch"] }`)
	verbs := map[string]string{"read": "GET", "update": "POST", "delete": "DELETE", "patch": "PATCH"}
	looked := 0
	for _, op := range httpd.FolderOperations(newServer(t, httpd.Config{Cluster: s.cluster})) {
		verb := verbs[op.Verb]
		s.policy("denied", `path "*" { capabilities = ["sudo", "create", "read", "update", "delete", "list", "patch"] }
			path "`+op.Route+`" { capabilities = ["deny"] }`)
		for _, name := range []string{"denied", "all-but-sudo"} {
			token, _ := s.token(object{"policies": []string{name}})
			// what is wrong with it is said to those who may, so that nothing is done
			plain := s.send(verb, op.Route, token, `{`)
			slash := s.send(verb, op.Route+"/", token, `{`)
			if (plain.status == 403) != (slash.status == 403) {
				t.Errorf("%s %s with %s: %d, with a slash %d", verb, op.Route, name, plain.status, slash.status)
			}
			if name == "denied" && plain.status != 403 {
				t.Errorf("%s %s is denied and answers %d", verb, op.Route, plain.status)
			}
		}
		looked++
	}
	if looked < 30 {
		t.Errorf("only %d operations were looked at", looked)
	}
	token, _ := s.token(object{"policies": []string{"all-but-sudo"}})
	for _, path := range []string{"sys/leases/lookup", "sys/leases/lookup/", "sys/leases/lookup/auth/"} {
		if r := s.send("LIST", path, token, nil); r.status != 403 || !strings.Contains(r.errors(), "permission denied") {
			t.Errorf("LIST %s without sudo: %d", path, r.status)
		}
	}
}
