package http_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
	"github.com/jeton-io/jeton/http/waypoint"
)

// bootstrapped is a stand whose Waypoint surface is bootstrapped, and its first token.
func bootstrapped(t *testing.T) (s *stand, first string) {
	s = newStand(t)
	return s, s.signed("bootstrap", "", object{})
}

// signed has a path below token/ make a token.
func (s *stand) signed(path, by string, fields object) string {
	s.t.Helper()
	text, _ := s.must(200, "POST", "token/"+path, by, fields).body["token"].(string)
	if _, err := waypoint.Parse(text); err != nil {
		s.t.Fatalf("token/%s made %q: %v", path, text, err)
	}
	return text
}

func TestWaypointBootstrap(t *testing.T) {
	s, first := bootstrapped(t)
	if r := s.must(403, "POST", "token/bootstrap", "", object{}); r.body["code"] != 7.0 || r.errors() == "" {
		t.Errorf("a second bootstrap: %s", r.text)
	}
	user := s.must(200, "GET", "user", first, nil).body["user"].(map[string]any)
	if user["id"] != waypoint.DefaultUserID || user["username"] != "waypoint" {
		t.Errorf("user %v", user)
	}
	data := s.must(200, "GET", "auth/token/lookup-self", first, nil).data()
	if data["type"] != "waypoint" || data["display_name"] != "waypoint" || data["expire_time"] != nil || len(data["accessor"].(string)) != 24 {
		t.Errorf("looks like %v", data)
	}
	s.must(403, "GET", "sys/mounts", first, nil) // its user has no policies
	s.must(401, "GET", "user", "", nil)
	s.must(401, "GET", "user", "gibberish", nil)
	s.must(401, "GET", "user", first[:len(first)-1]+"1", nil)
}

func TestSignedTokenExpires(t *testing.T) {
	s, first := bootstrapped(t)
	short := s.signed("login", first, object{"duration": "1h"})
	s.must(200, "GET", "user", short, nil)
	s.cluster.Advance(2 * time.Hour)
	if r := s.must(401, "GET", "user", short, nil); !strings.Contains(r.errors(), "expired") || r.body["code"] != 16.0 {
		t.Errorf("expired: %s", r.text)
	}
	s.must(401, "POST", "token/decode", "", object{"token": short})
	s.must(200, "POST", "token/decode", "", object{"token": first})
}

func TestSignedTokenEnds(t *testing.T) {
	s, first := bootstrapped(t)
	s.must(200, "POST", "jeton/users", root, object{"username": "carol", "policies": []string{"default"}})
	carol := s.signed("login", root, object{"user": object{"username": object{"username": "Carol"}}})
	s.must(200, "GET", "user", carol, nil)
	s.must(204, "POST", "auth/token/revoke-self", carol, nil)
	if r := s.must(401, "GET", "user", carol, nil); !strings.Contains(r.errors(), "revoked") {
		t.Errorf("revoked: %s", r.text)
	}
	again := s.signed("login", first, object{"user": object{"username": object{"username": "carol"}}})
	s.must(200, "POST", "jeton/signed/revoke", root, object{"token": again})
	s.must(401, "GET", "user", again, nil)
	for _, path := range []string{"auth/token/revoke", "auth/token/revoke-orphan", "auth/token/renew"} {
		if r := s.must(400, "POST", path, root, object{"token": first}); !strings.Contains(r.errors(), "jeton/signed/revoke") {
			t.Errorf("%s: %s", path, r.text)
		}
	}
	third := s.signed("refresh", s.signed("login", root, object{"user": object{"username": object{"username": "carol"}}}), nil)
	s.must(200, "GET", "user", third, nil)
	s.must(200, "DELETE", "user/by-username/carol", first, nil)
	if r := s.must(401, "GET", "user", third, nil); !strings.Contains(r.errors(), "does not exist") {
		t.Errorf("user deleted: %s", r.text)
	}
	if r := s.must(400, "DELETE", "user/by-id/"+waypoint.DefaultUserID, first, nil); r.body["code"] != 9.0 {
		t.Errorf("the last user: %s", r.text)
	}
}

func TestInvite(t *testing.T) {
	s, first := bootstrapped(t)
	invite := s.signed("invite", first, object{"duration": "1h", "signup": object{"initialUsername": "dora"}})
	s.must(401, "GET", "user", invite, nil)
	login := s.signed("exchange", "", object{"token": invite})
	user := s.must(200, "GET", "user", login, nil).body["user"].(map[string]any)
	if user["username"] != "dora" {
		t.Errorf("signed up %v", user)
	}
	s.must(401, "POST", "token/exchange", "", object{"token": invite})
	s.must(204, "POST", "jeton/waypoint", root, object{"reusable_invites": true})
	again := s.signed("invite", first, object{"duration": "1h"})
	s.signed("exchange", "", object{"token": again})
	s.signed("exchange", "", object{"token": again})
	s.must(400, "POST", "token/invite", first, object{})
	s.must(400, "POST", "token/exchange", "", object{"token": first})
}

func TestEntrypoint(t *testing.T) {
	s, first := bootstrapped(t)
	s.must(204, "POST", "jeton/deployments/web-1", root, object{"config": object{"COLOR": "blue"}})
	invite := s.signed("invite", first, object{"duration": "1h", "login": object{
		"userId": waypoint.DefaultUserID, "entrypoint": object{"deploymentId": "web-1"},
	}})
	e := s.signed("exchange", "", object{"token": invite})
	config := s.must(200, "GET", "entrypoint/config/web-1", e, nil).body["config"].(map[string]any)
	if config["COLOR"] != "blue" {
		t.Errorf("config %v", config)
	}
	s.must(200, "POST", "entrypoint/logs/web-1", e, object{"lines": []string{"one", "two"}})
	s.must(403, "GET", "entrypoint/config/web-2", e, nil)
	s.must(401, "GET", "user", e, nil)
	lines := s.must(200, "GET", "jeton/deployments/web-1", root, nil).data()["lines"].([]any)
	if len(lines) != 2 || lines[1].(map[string]any)["text"] != "two" {
		t.Errorf("lines %v", lines)
	}
}

func TestRunnerAdoption(t *testing.T) {
	s, first := bootstrapped(t)
	cookie := s.must(200, "GET", "server/config", first, nil).body["config"].(map[string]any)["cookie"].(string)
	runner := object{"runner": object{"id": "R-1", "remote": object{}, "labels": object{"env": "prod"}}}
	s.must(403, "POST", "runner/R-1/token", "", runner)
	s.must(403, "POST", "runner/R-1/token", "", runner, "Grpc-Metadata-Wpcookie", "WPCwrong")
	done := make(chan string)
	go func() {
		r := s.send("POST", "runner/R-1/token", "", runner, "Grpc-Metadata-Wpcookie", strings.ToLower(cookie))
		token, _ := r.body["token"].(string)
		done <- token
	}()
	registered := func(st *fsm.State) bool { _, ok := st.Runner("R-1"); return ok }
	if err := s.cluster.Await(t.Context(), registered); err != nil {
		t.Fatal(err)
	}
	s.must(200, "POST", "runner/R-1/adopt", first, object{"adopt": true})
	token := <-done
	s.must(200, "GET", "runners", token, nil)
	s.must(200, "POST", "runner/R-1/online", token, runner)
	s.must(403, "POST", "runner/R-1/token", "", runner, "Grpc-Metadata-Wpcookie", cookie) // it has its token
	// One that works by a token is not sent away by who knows the cookie alone.
	own := s.signed("runner", first, object{"id": "R-2"})
	s.must(200, "POST", "runner/R-2/online", own, object{"runner": object{"id": "R-2"}})
	s.must(403, "POST", "runner/R-2/offline", "", object{}, "Grpc-Metadata-Wpcookie", cookie)
	s.must(403, "POST", "runner/R-2/offline", "", object{})
	s.must(200, "GET", "runner/R-2", first, nil)
	s.must(200, "POST", "runner/R-2/offline", own, object{})
	s.must(404, "GET", "runner/R-2", first, nil)
	s.must(200, "POST", "runner/R-1/adopt", first, object{})
	if r := s.must(403, "GET", "runners", token, nil); !strings.Contains(r.errors(), "rejected") {
		t.Errorf("rejected: %s", r.text)
	}
}

// Who does not want Waypoint's surface has nobody bootstrap it.
func TestNoWaypoint(t *testing.T) {
	c := httptestcluster.New()
	s := &stand{t, c, newServer(t, httpd.Config{Cluster: c, NoWaypoint: true}).Handler()}
	s.must(404, "POST", "token/bootstrap", "", object{})
	s.must(404, "GET", "users", root, nil)
	s.must(200, "POST", "jeton/users", root, object{"username": "carol"})
}

func TestWaypointIsNotWrapped(t *testing.T) {
	s, first := bootstrapped(t)
	s.must(400, "POST", "token/login", first, object{}, "X-Vault-Wrap-TTL", "1m")
	s.must(400, "POST", "token/bootstrap", "", object{}, "X-Vault-Wrap-TTL", "1m")
}

func TestSigningKeys(t *testing.T) {
	s, first := bootstrapped(t)
	s.must(204, "POST", "sys/rotate", root, nil)
	next := s.signed("login", first, object{})
	s.must(204, "POST", "jeton/keyring/k1/retire", root, nil)
	if r := s.must(401, "GET", "user", first, nil); !strings.Contains(r.errors(), "retired") {
		t.Errorf("retired: %s", r.text)
	}
	s.must(200, "GET", "user", next, nil)
	s.must(204, "POST", "jeton/keyring/waypoint/K9", root, object{"key_hex": strings.Repeat("ab", 16)})
	s.must(204, "POST", "jeton/keyring/waypoint/k9", root, object{"key_hex": strings.Repeat("ab", 16)})
	s.must(400, "POST", "jeton/keyring/waypoint/k9", root, object{"key_hex": strings.Repeat("cd", 16)})
	old, err := waypoint.Mint(waypoint.New(&waypoint.Login{UserID: waypoint.DefaultUserID}, [16]byte{1}, time.Now(), 0), "k9", []byte(strings.Repeat("\xab", 16)))
	if err != nil {
		t.Fatal(err)
	}
	s.must(200, "GET", "user", old, nil)
	s.must(200, "POST", "jeton/not-before", root, object{"scope": "signed-key", "key": "k9"})
	s.must(401, "GET", "user", old, nil)
	s.must(200, "GET", "user", next, nil)
	s.must(200, "POST", "jeton/not-before", root, object{"scope": "user", "user": "waypoint"})
	s.must(401, "GET", "user", next, nil)
}
