package http_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/jeton-io/jeton/cluster"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// people is a server with a mount named up and a user named alice.
func people(t *testing.T) *stand {
	s := newStand(t)
	s.must(204, "POST", "sys/auth/up", root, object{"type": "userpass"})
	s.must(204, "POST", "auth/up/users/alice", root, object{"password": "secret", "token_policies": "dev"})
	return s
}

// login logs in and returns the token.
func (s *stand) login(path, password string) string {
	s.t.Helper()
	r := s.must(200, "POST", path, "", object{"password": password})
	return r.body["auth"].(map[string]any)["client_token"].(string)
}

func TestPasswords(t *testing.T) {
	for name, password := range map[string]string{
		"beyond ASCII":      "Pässwörter 密码 🔑",
		"blanks at the end": "  two  ",
		"72 bytes":          strings.Repeat("x", 72),
		"72 bytes of UTF-8": strings.Repeat("é", 36),
		"a NUL inside":      "a\x00b",
		"looks like JSON":   `{"a":"\u0000"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := people(t)
			s.must(204, "POST", "auth/up/users/alice/password", root, object{"password": password})
			s.login("auth/up/login/alice", password)
			for _, other := range []string{password + "x", password[:len(password)-1], strings.TrimSpace(password) + " ", "a", strings.ToUpper(password) + "."} {
				if other != password {
					s.must(400, "POST", "auth/up/login/alice", "", object{"password": other})
				}
			}
		})
	}
}

// The two spellings of an umlaut are two passwords: nothing is normalised.
func TestPasswordIsTakenAsItIs(t *testing.T) {
	s := people(t)
	s.must(204, "POST", "auth/up/users/alice/password", root, object{"password": "caf\u00e9"})
	s.must(400, "POST", "auth/up/login/alice", "", object{"password": "cafe\u0301"})
	s.login("auth/up/login/alice", "caf\u00e9")
}

func TestPasswordHash(t *testing.T) {
	s := people(t)
	hash, err := bcrypt.GenerateFromPassword([]byte("brought along"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	s.must(204, "POST", "auth/up/users/bob", root, object{"password_hash": string(hash)})
	s.login("auth/up/login/bob", "brought along")
	s.must(204, "POST", "auth/up/users/bob/password", root, object{"password_hash": strings.Replace(string(hash), "$2a$", "$2y$", 1)})
	s.login("auth/up/login/bob", "brought along")
}

func TestHostileLogins(t *testing.T) {
	s := people(t)
	s.must(204, "POST", "sys/auth/bound", root, object{"type": "userpass"})
	s.must(204, "POST", "auth/bound/users/bob", root, object{"password": "secret", "token_bound_cidrs": "203.0.113.0/24"})
	s.must(204, "POST", "auth/bound/users/boss", root, object{"password": "secret", "policies": "root"})
	plain, _ := s.token(object{"policies": []string{"default"}})
	const login, bob = "auth/up/login/alice", "auth/up/users/bob"
	pw := func(p any) object { return object{"password": p} }
	tokens := s.cluster.Local().CountTokens()
	s.run(t, []row{
		{"wrong password", "POST", login, "", pw("wrong"), 400, "invalid username or password"},
		{"nobody", "POST", "auth/up/login/nobody", "", pw("secret"), 400, "invalid username or password"},
		{"no password", "POST", login, "", object{}, 400, "missing password"},
		{"no body", "POST", login, "", nil, 400, "missing password"},
		{"empty password", "POST", login, "", pw(""), 400, "missing password"},
		{"null", "POST", login, "", pw(nil), 400, "missing password"},
		{"a list", "POST", login, "", pw([]string{"secret"}), 400, `"password"`},
		{"an object", "POST", login, "", pw(object{"$ne": ""}), 400, `"password"`},
		{"true", "POST", login, "", pw(true), 400, "invalid username or password"},
		{"much too long", "POST", login, "", pw(strings.Repeat("x", 10<<10)), 400, "invalid username or password"},
		{"a body too large", "POST", login, "", pw(strings.Repeat("x", 20<<10)), 413, "16384"},
		{"no JSON", "POST", login, "", `password=secret`, 400, "JSON"},
		{"no UTF-8", "POST", login, "", "{\"password\":\"\xff\"}", 400, "UTF-8"},
		{"the hash", "POST", login, "", object{"password_hash": "$2a$10$x"}, 400, "missing password"},
		{"GET", "GET", login + "?password=secret", "", nil, 405, "unsupported operation"},
		{"LIST", "LIST", login, "", nil, 403, "permission denied"},
		{"DELETE", "DELETE", login, "", nil, 405, "unsupported operation"},
		{"no name", "POST", "auth/up/login", "", pw("secret"), 403, "permission denied"},
		{"no name, a slash", "POST", "auth/up/login/", "", pw("secret"), 403, "permission denied"},
		{"a name that is none", "POST", "auth/up/login/-a", "", pw("secret"), 403, "permission denied"},
		{"more behind the name", "POST", login + "/x", "", pw("secret"), 403, "permission denied"},
		{"no such mount", "POST", "auth/none/login/alice", "", pw("secret"), 403, "permission denied"},
		{"above the mounts", "POST", "auth/login/alice", "", pw("secret"), 403, "permission denied"},
		{"from another address", "POST", "auth/bound/login/bob", "", pw("secret"), 403, "permission denied"},
		{"for a root token", "POST", "auth/bound/login/boss", "", pw("secret"), 400, "root"},

		{"unknown below a mount", "GET", "auth/up/config", root, nil, 404, "unsupported path"},
		{"unknown mount", "GET", "auth/none/users", root, nil, 404, "no handler for route"},
		{"users of nothing", "LIST", "auth/users", root, nil, 404, "no handler for route"},
		{"a user without a name", "POST", "auth/up/users/", root, pw("secret"), 405, "unsupported operation"},
		{"a user with a slash", "POST", "auth/up/users/a/b", root, pw("secret"), 404, "unsupported path"},
		{"a user beyond ASCII", "POST", "auth/up/users/%C3%A4", root, pw("secret"), 404, "unsupported path"},
		{"a name too long", "POST", "auth/up/users/" + strings.Repeat("n", 121), root, pw("secret"), 404, "unsupported path"},
		{"a new user without a password", "POST", bob, root, object{"policies": "a"}, 400, "must provide either password or password_hash"},
		{"an empty password", "POST", bob, root, pw(""), 400, "must provide either password or password_hash"},
		{"a password too long", "POST", bob, root, pw(strings.Repeat("x", 73)), 400, "73 bytes"},
		{"a password as a list", "POST", bob, root, pw([]int{1}), 400, `"password"`},
		{"both", "POST", bob, root, object{"password": "a", "password_hash": "b"}, 400, "cannot both be given"},
		{"a hash that is none", "POST", bob, root, object{"password_hash": "secret"}, 400, "not a bcrypt hash"},
		{"a hash too dear", "POST", bob, root, object{"password_hash": "$2a$31$" + strings.Repeat("a", 53)}, 400, "not a bcrypt hash"},
		{"a hash too long", "POST", bob, root, object{"password_hash": strings.Repeat("a", 61)}, 400, "61 bytes"},
		{"a type of token that is none", "POST", bob, root, object{"password": "a", "token_type": "bitch"}, 400, `"token_type"`},
		{"a ttl above its max", "POST", bob, root, object{"password": "a", "token_ttl": "2h", "token_max_ttl": "1h"}, 400, "token_max_ttl"},
		{"a negative ttl", "POST", bob, root, object{"password": "a", "ttl": -1}, 400, "negative"},
		{"negative uses", "POST", bob, root, object{"password": "a", "token_num_uses": -1}, 400, "negative"},
		{"a range that is none", "POST", bob, root, object{"password": "a", "bound_cidrs": "10.0.0.0/33"}, 400, "bound_cidrs"},
		{"too many policies", "POST", bob, root, object{"password": "a", "token_policies": strings.Repeat("p,", 65) + "p"}, 400, "64"},
		{"password of nobody", "POST", bob + "/password", root, pw("x"), 400, "username does not exist"},
		{"policies of nobody", "POST", bob + "/policies", root, object{"token_policies": "x"}, 400, "username does not exist"},
		{"password that is not given", "POST", "auth/up/users/alice/password", root, object{}, 400, "must provide"},
		{"GET a password", "GET", "auth/up/users/alice/password", root, nil, 405, "unsupported operation"},
		{"nobody", "GET", bob, root, nil, 404, ""},
		{"denied before faulted", "POST", bob, plain, object{"password": []int{}}, 403, "permission denied"},
		{"denied to read", "GET", "auth/up/users/alice", plain, nil, 403, "permission denied"},
		{"denied to list", "LIST", "auth/up/users", plain, nil, 403, "permission denied"},
		{"denied to delete", "DELETE", "auth/up/users/alice", plain, nil, 403, "permission denied"},
		{"without a token", "LIST", "auth/up/users", "", nil, 403, "permission denied"},
	})
	if n := s.cluster.Local().CountTokens(); n != tokens {
		t.Errorf("%d tokens, %d before", n, tokens)
	}
	if keys := s.keys("auth/up/users"); len(keys) != 1 {
		t.Errorf("users %v", keys)
	}
}

// What a login does not take from its request.
func TestLoginHeaders(t *testing.T) {
	s := people(t)
	body := object{"password": "secret"}
	s.must(200, "POST", "auth/up/login/alice", "jts_made_up_0000000000000000000000000000", body) // the token does not matter
	r := s.must(200, "POST", "auth/up/login/alice", "", body, "Idempotency-Key", "k")
	again := s.must(200, "POST", "auth/up/login/alice", "", body, "Idempotency-Key", "k")
	if r.body["auth"].(map[string]any)["accessor"] == again.body["auth"].(map[string]any)["accessor"] || len(r.body["warnings"].([]any)) != 1 {
		t.Errorf("with a key: %s", r.text)
	}
	if r.header.Get("X-Jeton-Index") == "" {
		t.Error("a login has no index")
	}
	before := s.cluster.Local().CountTokens()
	s.must(400, "POST", "auth/up/login/alice", "", body, "X-Vault-Namespace", "team")
	s.must(400, "POST", "auth/up/login/alice", "", body, "X-Vault-Wrap-TTL", "soon")
	if n := s.cluster.Local().CountTokens(); n != before {
		t.Errorf("refused logins made %d tokens", n-before)
	}
}

func TestUserNamesFold(t *testing.T) {
	s := people(t)
	s.policy("bob-only", `path "auth/up/users/bob" { capabilities = ["read", "create"] }`)
	clerk, _ := s.token(object{"policies": []string{"bob-only"}})
	s.must(204, "POST", "auth/up/users/BOB", clerk, object{"password": "x"}) // the right is on the folded name
	s.must(200, "GET", "auth/up/users/Bob", clerk, nil)
	s.must(403, "GET", "auth/up/users/ALICE", clerk, nil)
	s.login("auth/up/login/bOb", "x")
}

func TestUserFields(t *testing.T) {
	s := people(t)
	s.must(204, "POST", "auth/up/users/bob", root, object{
		"password": "x", "ttl": "5m", "max_ttl": 600, "policies": "b, A", "bound_cidrs": []string{"192.0.2.0/24"}, "token_num_uses": "3",
		"token_period": "1h", "token_explicit_max_ttl": "2h", "token_no_default_policy": "true", "token_type": "service",
	})
	data := s.must(200, "GET", "auth/up/users/bob", root, nil).data()
	for name, want := range map[string]any{
		"ttl": 300.0, "token_ttl": 300.0, "max_ttl": 600.0, "token_max_ttl": 600.0, "token_num_uses": 3.0, "token_period": 3600.0,
		"token_explicit_max_ttl": 7200.0, "token_no_default_policy": true, "token_type": "service",
	} { // order: each stands alone
		if data[name] != want {
			t.Errorf("%s is %v, want %v", name, data[name], want)
		}
	}
	for _, name := range []string{"policies", "token_policies"} {
		if l, _ := data[name].([]any); len(l) != 2 || l[0] != "a" || l[1] != "b" {
			t.Errorf("%s is %v", name, data[name])
		}
	}
	s.must(204, "POST", "auth/up/users/bob", root, object{"token_ttl": "1m", "token_policies": []string{}})
	data = s.must(200, "GET", "auth/up/users/bob", root, nil).data()
	if _, old := data["ttl"]; old || data["token_ttl"] != 60.0 || data["token_max_ttl"] != 600.0 || len(data["token_policies"].([]any)) != 0 {
		t.Errorf("after a partial update: %v", data)
	}
	s.login("auth/up/login/bob", "x")
}

func TestLockoutOverHTTP(t *testing.T) {
	s := people(t)
	for range 5 {
		s.must(400, "POST", "auth/up/login/alice", "", object{"password": "wrong"})
	}
	index := s.cluster.Local().Index()
	for range 3 {
		s.must(403, "POST", "auth/up/login/alice", "", object{"password": "secret"})
		s.must(403, "POST", "auth/up/login/alice", "", object{"password": "wrong"})
	}
	if now := s.cluster.Local().Index(); now != index {
		t.Errorf("logins of a locked user made %d log entries", now-index)
	}
	s.cluster.Advance(15 * time.Minute)
	s.login("auth/up/login/alice", "secret")
}

func TestGuessesAreLimited(t *testing.T) {
	c := httptestcluster.New()
	s := &stand{t, c, newServer(t, httpd.Config{Cluster: c, Limits: httpd.Limits{StrangerBurst: 3, StrangerRate: 1e-9}}).Handler()}
	s.must(204, "POST", "sys/auth/up", root, object{"type": "userpass"})
	for range 3 {
		s.must(400, "POST", "auth/up/login/nobody", "", object{"password": "x"})
	}
	r := s.must(429, "POST", "auth/up/login/nobody", "", object{"password": "x"})
	if r.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	s.must(200, "GET", "auth/token/lookup-self", root, nil) // others at the address do not suffer
}

func TestLoginUnavailable(t *testing.T) {
	s := people(t)
	s.cluster.Fail(cluster.ErrNoLeader)
	for _, path := range []string{"auth/up/login/alice", "auth/up/login/nobody", "auth/none/login/alice"} {
		if r := s.must(503, "POST", path, "", object{"password": "secret"}); r.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
}

func TestHashingIsBounded(t *testing.T) {
	h := httpd.NewHashing(1, 1)
	if err := h.Enter(context.Background()); err != nil {
		t.Fatal(err)
	}
	entered := make(chan error)
	go func() { entered <- h.Enter(context.Background()) }()
	for h.Waiting() == 0 { // until it is in the queue
		time.Sleep(time.Millisecond)
	}
	if err := h.Enter(context.Background()); err == nil {
		t.Fatal("the queue has no end")
	}
	h.Leave()
	if err := <-entered; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.Enter(ctx); err == nil {
		t.Fatal("a client that is gone came in")
	}
	h.Leave()
	if err := h.Enter(context.Background()); err != nil || h.Waiting() != 0 {
		t.Fatalf("afterwards: %v, %d waiting", err, h.Waiting())
	}
}

// A password is in no state, in no log line and in no answer.
func TestPasswordsStayOut(t *testing.T) {
	var lines bytes.Buffer
	c := httptestcluster.New()
	server, err := httpd.New(httpd.Config{Cluster: c, Logger: slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{t, c, server.Handler()}
	var answers strings.Builder
	send := func(method, path string, body any) {
		r := s.send(method, path, root, body)
		answers.WriteString(r.text)
	}
	const secret, hash = "kW7-never-to-be-seen", "$2a$04$OTtOXAKYFO7WNLgpuXz6eeLv0lT7l1Lnr4ScbGmjCVDFwMD6vVrfO"
	send("POST", "sys/auth/up", object{"type": "userpass", "description": "x"})
	send("POST", "auth/up/users/alice", object{"password": secret})
	send("POST", "auth/up/users/alice/password", object{"password": secret})
	send("POST", "auth/up/users/hashed", object{"password_hash": hash})
	send("POST", "auth/up/users/bad", object{"password_hash": secret})
	send("POST", "auth/up/users/bad", object{"password": []string{secret}})
	send("POST", "auth/up/users/bad", `{"password":"`+secret+`"`)
	send("POST", "auth/up/login/alice", object{"password": secret})
	send("POST", "auth/up/login/alice", object{"password": secret + "-wrong"})
	send("POST", "auth/up/login/nobody", object{"password": secret})
	send("GET", "auth/up/users/alice", nil)
	send("GET", "auth/up/users/hashed", nil)
	var state bytes.Buffer
	if _, err := c.Local().WriteTo(&state); err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"state": state.String(), "log": lines.String(), "answers": answers.String()} {
		if strings.Contains(text, secret) {
			t.Errorf("the password is in the %s", where)
		}
		if where != "state" && strings.Contains(text, "$2a$") {
			t.Errorf("a hash is in the %s", where)
		}
	}
	if !strings.Contains(lines.String(), "auth/{mount}/login/{name}") || strings.Contains(lines.String(), "alice") {
		t.Error("the log names users, or not the route")
	}
}

// Mounts may be made on another node a moment ago: what the node's own state does
// not have is looked for in a linearizable view.
func TestPathsBelowAuth(t *testing.T) {
	s := people(t)
	s.must(204, "POST", "sys/auth/a/b/c", root, object{"type": "userpass"})
	s.must(204, "POST", "auth/a/b/c/users/x", root, object{"password": "x"})
	s.login("auth/a/b/c/login/x", "x")
	s.must(404, "GET", "auth/a/b/users/x", root, nil)
	s.must(404, "POST", "auth/token/no-such-thing", root, object{})
	s.must(404, "GET", "auth", root, nil)
	s.must(404, "GET", "auth/", root, nil)
	s.must(404, "GET", "auth/up", root, nil)
	s.must(404, "GET", "auth/up/", root, nil)
	req := httptest.NewRequest(http.MethodPost, "/v1/auth/up/login/alice", strings.NewReader(`{"password":"secret"}`))
	req.RemoteAddr = "@" // a unix socket
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, req)
	if w.Code != 200 {
		t.Errorf("login over a unix socket: %d %s", w.Code, w.Body)
	}
}
