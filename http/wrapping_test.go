package http_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
)

// wrapped asks for something to be wrapped for a minute and returns wrap_info.
func (s *stand) wrapped(method, path, token string, body any, header ...string) map[string]any {
	s.t.Helper()
	r := s.must(200, method, path, token, body, append(header, "X-Vault-Wrap-TTL", "1m")...)
	info, _ := r.body["wrap_info"].(map[string]any)
	if info == nil || r.body["data"] != nil || r.body["auth"] != nil {
		s.t.Fatalf("%s %s: answer is not wrapped: %s", method, path, r.text)
	}
	return info
}

// wrapToken is the token alone.
func (s *stand) wrapToken(method, path, token string, body any, header ...string) string {
	s.t.Helper()
	return s.wrapped(method, path, token, body, header...)["token"].(string)
}

const notWrapping = "wrapping token is not valid or does not exist"

func TestWrapHidesTheAnswer(t *testing.T) {
	s := newStand(t)
	info := s.wrapped("POST", "auth/token/create", root, object{"policies": []string{"default", "not-there"}, "ttl": "1h"})
	w := info["token"].(string)
	if !strings.HasPrefix(w, "jtw_") || len(w) != 38 || info["ttl"] != 60.0 || info["creation_path"] != "auth/token/create" {
		t.Errorf("wrap_info is %v", info)
	}
	if d := s.must(200, "POST", "auth/token/lookup-accessor", root, object{"accessor": info["accessor"]}).data(); d["path"] != "auth/token/create" || d["num_uses"] != 1.0 || d["orphan"] != true {
		t.Errorf("the wrapping token is %v", d)
	}
	r := s.must(200, "PUT", "sys/wrapping/unwrap", w, nil)
	auth, _ := r.body["auth"].(map[string]any)
	if auth["accessor"] != info["wrapped_accessor"] || r.body["wrap_info"] != nil || !strings.Contains(r.text, `policy \"not-there\" does not exist`) {
		t.Errorf("unwrapped %s", r.text)
	}
	s.must(200, "GET", "auth/token/lookup-self", auth["client_token"].(string), nil)
}

// Numbers keep their digits and texts their characters on the way through a box.
func TestWrapKeepsValues(t *testing.T) {
	s := newStand(t)
	for _, value := range []string{
		`{"big":123456789012345678901234567890,"small":1e-400,"zero":0.0}`, `{"t":"<&>\u2028 \u00e4 \ud83d\ude00 \" \\"}`, `{}`,
		`{"data":{"data":null},"auth":null,"warnings":[1],"wrap_info":{"token":"x"}}`,
	} {
		w := s.wrapToken("POST", "sys/wrapping/wrap", root, value)
		r := s.must(200, "POST", "sys/wrapping/unwrap", root, object{"token": w})
		var envelope struct{ Data json.RawMessage }
		if err := json.Unmarshal([]byte(r.text), &envelope); err != nil {
			t.Fatal(err)
		}
		if got, want := canonical(t, envelope.Data), canonical(t, []byte(value)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What is nested comes out layer by layer.
func TestWrapAWrappedAnswer(t *testing.T) {
	s := newStand(t)
	first := s.wrapped("POST", "auth/token/create", root, object{"ttl": "1h"})
	second := s.wrapped("POST", "sys/wrapping/unwrap", first["token"].(string), nil)
	if second["wrapped_accessor"] != first["wrapped_accessor"] || second["creation_path"] != "sys/wrapping/unwrap" {
		t.Errorf("wrap_info is %v, of %v", second, first)
	}
	r := s.must(200, "POST", "sys/wrapping/unwrap", second["token"].(string), nil)
	if auth, _ := r.body["auth"].(map[string]any); auth["accessor"] != first["wrapped_accessor"] {
		t.Errorf("unwrapped %s", r.text)
	}
}

// Who comes second learns that somebody was there first, and when.
func TestSecondUnwrapIsToldOfTheFirst(t *testing.T) {
	tests := []struct {
		name string
		use  func(s *stand, w string)
		says string
	}{
		{"unwrapped by itself", func(s *stand, w string) { s.must(200, "POST", "sys/wrapping/unwrap", w, nil) }, "has been unwrapped already at 20"},
		{"unwrapped by another", func(s *stand, w string) { s.must(200, "POST", "sys/wrapping/unwrap", root, object{"token": w}) }, "has been unwrapped already at 20"},
		{"rewrapped", func(s *stand, w string) { s.must(200, "POST", "sys/wrapping/rewrap", root, object{"token": w}) }, "moved into another wrapping token at 20"},
		{"rewrapping itself", func(s *stand, w string) { s.must(403, "POST", "sys/wrapping/rewrap", w, nil) }, "only use of the wrapping token has been spent at 20"},
		{"another path", func(s *stand, w string) { s.must(403, "GET", "auth/token/lookup-self", w, nil) }, "only use of the wrapping token has been spent at 20"},
		{"no path at all", func(s *stand, w string) { s.must(403, "GET", "no/such/path", w, nil) }, "only use of the wrapping token has been spent at 20"},
		{"the older way", func(s *stand, w string) { s.must(200, "GET", "cubbyhole/response", w, nil) }, "only use of the wrapping token has been spent at 20"},
		{"expired", func(s *stand, _ string) { s.cluster.Advance(time.Minute) }, "expired at 20"},
		{"revoked", func(s *stand, w string) { s.must(204, "POST", "auth/token/revoke", root, object{"token": w}) }, "was revoked at 20"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStand(t)
			w := s.wrapToken("POST", "sys/wrapping/wrap", root, object{"k": "v"})
			tt.use(s, w)
			s.run(t, []row{
				{"unwrap by itself", "POST", "sys/wrapping/unwrap", w, nil, 400, notWrapping + "; "},
				{"unwrap", "POST", "sys/wrapping/unwrap", root, object{"token": w}, 400, tt.says},
				{"rewrap", "POST", "sys/wrapping/rewrap", root, object{"token": w}, 400, tt.says},
				{"lookup", "POST", "sys/wrapping/lookup", "", object{"token": w}, 400, tt.says},
				{"lookup by header", "GET", "sys/wrapping/lookup", w, nil, 400, tt.says},
				{"any other path", "GET", "auth/token/lookup-self", w, nil, 403, "permission denied"},
			})
		})
	}
}

// Nothing is told of what became of other tokens, and nothing to guesses.
func TestWrappingRefusalsTellNothing(t *testing.T) {
	s := newStand(t)
	dead, _ := s.token(object{"ttl": "1h"})
	s.must(204, "POST", "auth/token/revoke", root, object{"token": dead})
	for _, path := range []string{"sys/wrapping/unwrap", "sys/wrapping/rewrap", "sys/wrapping/lookup"} {
		if r := s.must(400, "POST", path, root, object{"token": dead}); r.errors() != notWrapping {
			t.Errorf("%s: %s", path, r.text)
		}
	}
	s.must(403, "POST", "sys/wrapping/unwrap", dead, nil)
}

// The older way of unwrapping, which old clients fall back to.
func TestUnwrapByCubbyhole(t *testing.T) {
	s := newStand(t)
	w := s.wrapToken("POST", "sys/wrapping/wrap", root, object{"k": "v"})
	r := s.must(200, "GET", "cubbyhole/response", w, nil)
	text, _ := r.data()["response"].(string)
	if !strings.Contains(text, `"data":{"k":"v"}`) {
		t.Errorf("got %s", r.text)
	}
	s.must(403, "GET", "cubbyhole/response", w, nil)
	w = s.wrapToken("POST", "sys/wrapping/wrap", root, object{"k": "v"})
	s.must(403, "GET", "cubbyhole/other", w, nil)
	s.must(404, "GET", "cubbyhole/response", root, nil)
}

func TestRewrapKeepsItsBounds(t *testing.T) {
	s := newStand(t)
	w := s.wrapToken("POST", "auth/token/create", root, object{"ttl": "1h"})
	for _, tt := range []struct {
		header string
		ttl    float64
	}{{"", 60}, {"1h", 60}, {"10s", 10}, {"", 10}} {
		r := s.must(200, "POST", "sys/wrapping/rewrap", root, object{"token": w}, "X-Vault-Wrap-TTL", tt.header)
		info := r.body["wrap_info"].(map[string]any)
		if info["ttl"] != tt.ttl || info["creation_path"] != "auth/token/create" || info["wrapped_accessor"] == nil {
			t.Errorf("wrap_info is %v, want ttl %v", info, tt.ttl)
		}
		w = info["token"].(string)
	}
	if r := s.must(200, "POST", "sys/wrapping/unwrap", w, nil); r.body["auth"] == nil {
		t.Errorf("unwrapped %s", r.text)
	}
}

// Every request costs a counted caller one use, whatever comes of it.
func TestWrappingCostsOneUse(t *testing.T) {
	s := newStand(t)
	s.policy("wrapping", `path "sys/wrapping/*" { capabilities = ["update"] }`)
	w := func() string { return s.wrapToken("POST", "sys/wrapping/wrap", root, object{"k": "v"}) }
	spent := w()
	s.must(200, "POST", "sys/wrapping/unwrap", spent, nil)
	for _, tt := range []struct {
		name, method, path string
		body               any
		status             int
	}{
		{"wrap", "POST", "sys/wrapping/wrap", object{"k": "v"}, 200},
		{"unwrap", "POST", "sys/wrapping/unwrap", object{"token": w()}, 200},
		{"rewrap", "POST", "sys/wrapping/rewrap", object{"token": w()}, 200},
		{"unwrap nothing", "POST", "sys/wrapping/unwrap", object{"token": "x"}, 400},
		{"unwrap itself", "POST", "sys/wrapping/unwrap", nil, 400},
		{"rewrap nothing", "POST", "sys/wrapping/rewrap", object{"token": spent}, 400},
		{"an answer", "GET", "cubbyhole/none", nil, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			token, accessor := s.token(object{"policies": []string{"wrapping"}, "no_default_policy": true, "num_uses": 3})
			s.must(tt.status, tt.method, tt.path, token, tt.body, "X-Vault-Wrap-TTL", "1m")
			if left := usesOf(s, accessor); left != 2 {
				t.Errorf("%v uses are left, want 2", left)
			}
		})
	}
	last, _ := s.token(object{"policies": []string{"default"}, "num_uses": 1})
	box := s.wrapToken("GET", "auth/token/lookup-self", last, nil) // its caller is gone when it is wrapped
	if r := s.must(200, "POST", "sys/wrapping/unwrap", box, nil); r.data()["num_uses"] != -1.0 {
		t.Errorf("unwrapped %s", r.text)
	}
}

// A retry under the client's key gets what the first request got, also when that
// ended its caller; the content is not to be had otherwise.
func TestIdempotentWrapping(t *testing.T) {
	s := newStand(t)
	key := func(k string) []string { return []string{"Idempotency-Key", k} }
	w := s.wrapToken("POST", "sys/wrapping/wrap", root, object{"k": "v"}, key("wrap")...)
	if again := s.wrapToken("POST", "sys/wrapping/wrap", root, object{"k": "v"}, key("wrap")...); again != w {
		t.Errorf("the retry made another token")
	}
	var moved string
	for range 2 {
		r := s.must(200, "POST", "sys/wrapping/rewrap", root, object{"token": w}, key("rewrap")...)
		token := r.body["wrap_info"].(map[string]any)["token"].(string)
		if moved != "" && token != moved {
			t.Error("the retry of a rewrap made another token")
		}
		moved = token
	}
	for range 2 {
		if r := s.must(200, "POST", "sys/wrapping/unwrap", moved, nil, key("unwrap")...); r.data()["k"] != "v" {
			t.Errorf("unwrapped %s", r.text)
		}
	}
	s.must(400, "POST", "sys/wrapping/unwrap", moved, nil)
	s.must(400, "POST", "sys/wrapping/unwrap", moved, nil, key("other")...)
	s.cluster.Advance(fsm.KeyWindow)
	s.must(400, "POST", "sys/wrapping/unwrap", moved, nil, key("unwrap")...)

	before := s.cluster.Local().CountTokens()
	one := s.wrapped("POST", "auth/token/create", root, object{"ttl": "1h"}, key("create")...)
	two := s.wrapped("POST", "auth/token/create", root, object{"ttl": "1h"}, key("create")...)
	if one["wrapped_accessor"] != two["wrapped_accessor"] {
		t.Error("the retry of a wrapped creation made another token")
	}
	if n := s.cluster.Local().CountTokens(); n != before+3 {
		t.Errorf("%d tokens were made, want one and two that hold it", n-before)
	}
	a := s.must(200, "POST", "sys/wrapping/unwrap", one["token"].(string), nil)
	b := s.must(200, "POST", "sys/wrapping/unwrap", two["token"].(string), nil)
	if x, y := a.body["auth"].(map[string]any)["client_token"], b.body["auth"].(map[string]any)["client_token"]; x != y {
		t.Error("the retry holds another token")
	}
}

// What the machine holds gives nothing of the content away: not while it waits,
// and not in what the window keeps of its unwrapping.
func TestWrappedContentIsSealed(t *testing.T) {
	s := newStand(t)
	const secret = "correct horse battery staple"
	w := s.wrapToken("POST", "sys/wrapping/wrap", root, object{"password": secret}, "Idempotency-Key", "k")
	inside := s.wrapToken("POST", "auth/token/create", root, object{"ttl": "1h"}, "Idempotency-Key", "k2")
	hides := func(when string, texts ...string) {
		t.Helper()
		var disk bytes.Buffer
		if _, err := s.cluster.Local().WriteTo(&disk); err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if bytes.Contains(disk.Bytes(), []byte(text)) {
				t.Errorf("%s: the state holds %q", when, text)
			}
		}
	}
	hides("wrapped", secret, "password", w, inside)
	s.must(200, "POST", "sys/wrapping/unwrap", w, nil, "Idempotency-Key", "k3")
	r := s.must(200, "POST", "sys/wrapping/unwrap", root, object{"token": inside}, "Idempotency-Key", "k4")
	hides("unwrapped", secret, "password", w, inside, r.body["auth"].(map[string]any)["client_token"].(string))
}

// A box opens with its own token and for its own path alone.
func TestWrappedContentIsBound(t *testing.T) {
	s := newStand(t)
	w := s.wrapToken("POST", "sys/wrapping/wrap", root, object{"k": "v"})
	d, err := s.cluster.Digest(w)
	if err != nil {
		t.Fatal(err)
	}
	held, _ := s.cluster.Local().WrappedBy(d)
	for name, change := range map[string]func(*fsm.Wrap){
		"another token": func(*fsm.Wrap) {},
		"a changed bit": func(c *fsm.Wrap) { c.Box[len(c.Box)-1] ^= 1 },
		"cut short":     func(c *fsm.Wrap) { c.Box = c.Box[:5] },
		"another form":  func(c *fsm.Wrap) { c.Box[0]++ },
	} {
		other := httpd.NewWrappingToken()
		cmd := &fsm.Wrap{Accessor: other[:24], Path: "sys/wrapping/wrap", TTL: time.Minute, Box: bytes.Clone(held.Box)}
		if cmd.Token, err = s.cluster.Digest(other); err != nil {
			t.Fatal(err)
		}
		change(cmd)
		s.cluster.Must(root, cmd)
		if r := s.must(500, "POST", "sys/wrapping/unwrap", root, object{"token": other}); !strings.Contains(r.text, "internal error") {
			t.Errorf("%s: %s", name, r.text)
		}
	}
}

// An answer that can not be put away is not given in the clear either.
func TestWrappingFailsClosed(t *testing.T) {
	s := newStand(t)
	s.cluster.FailAfter(1, cluster.ErrNoLeader)
	r := s.must(503, "POST", "auth/token/create", root, object{"ttl": "1h"}, "X-Vault-Wrap-TTL", "1m")
	if !strings.Contains(r.errors(), "may have been applied") || r.header.Get("Retry-After") == "" || strings.Contains(r.text, "jt") {
		t.Errorf("got %s", r.text)
	}
	s.cluster.Fail(nil)
	if n := s.cluster.Local().CountTokens(); n != 2 {
		t.Errorf("%d tokens, want root and the one that was made", n)
	}
	s.policy("big", "# "+strings.Repeat("<", 40_000)) // grows sixfold in JSON that is harmless inside a page
	if r := s.must(413, "GET", "sys/policies/acl/big", root, nil, "X-Vault-Wrap-TTL", "1m"); !strings.Contains(r.errors(), "too large to be wrapped") {
		t.Errorf("got %s", r.text)
	}
}

func TestWrappingLookup(t *testing.T) {
	s := newStand(t)
	w := s.wrapToken("POST", "sys/wrapping/wrap", root, object{"k": "v"})
	for range 3 { // it uses nothing up
		r := s.must(200, "POST", "sys/wrapping/lookup", "", object{"token": w})
		if d := r.data(); d["creation_ttl"] != 60.0 || d["creation_path"] != "sys/wrapping/wrap" || len(d) != 3 {
			t.Errorf("lookup shows %v", d)
		}
	}
	s.must(200, "GET", "sys/wrapping/lookup", w, nil, "X-Vault-Wrap-TTL", "1m")
	s.cluster.Fail(cluster.ErrNoLeader)
	s.must(503, "POST", "sys/wrapping/lookup", "", object{"token": w})
}

// Guesses at wrapping tokens are limited by address.
func TestWrappingGuessesAreLimited(t *testing.T) {
	s := newStand(t)
	limited := false
	for i := range 400 {
		r := s.send("POST", "sys/wrapping/lookup", "", object{"token": httpd.NewWrappingToken()})
		limited = limited || r.status == 429
		if r.status != 400 && r.status != 429 {
			t.Fatalf("guess %d: %d %s", i, r.status, r.text)
		}
	}
	if !limited {
		t.Error("400 guesses in a row were looked up")
	}
}

// The official clients wrap and unwrap in each of their ways.
func TestClientsUnwrap(t *testing.T) {
	clients(t, func(t *testing.T, c official, s *stand) {
		get := fields(t)
		wrap := func() string {
			t.Helper()
			c.setToken(root)
			c.setWrapTTL("60s")
			defer c.setWrapTTL("")
			m := get(c.create(tokenRequest{policies: []string{"default"}, ttl: "1h"}))
			info, _ := m["wrap_info"].(map[string]any)
			token, _ := info["token"].(string)
			if token == "" {
				t.Fatalf("not wrapped: %v", m)
			}
			return token
		}
		ways := map[string]func(string) (any, error){
			"as itself":             func(w string) (any, error) { c.setToken(w); return c.unwrap("") },
			"as itself and by name": func(w string) (any, error) { c.setToken(w); return c.unwrap(w) },
			"without a token":       func(w string) (any, error) { c.setToken(""); return c.unwrap(w) },
			"by another":            func(w string) (any, error) { c.setToken(root); return c.unwrap(w) },
		}
		for name, way := range ways { // order: each stands alone
			w := wrap()
			token, _ := auth(get(way(w)))
			if !s.lives(token) {
				t.Errorf("%s: got %q, which is no token", name, token)
			}
			if _, err := way(w); err == nil || !strings.Contains(err.Error(), "has been unwrapped already") {
				t.Errorf("%s, again: %v", name, err)
			}
		}
	})
}
