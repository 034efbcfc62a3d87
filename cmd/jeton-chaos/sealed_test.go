package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
	"github.com/jeton-io/jeton/http/engine/postgres/pgtest"
	"github.com/jeton-io/jeton/http/jwt/jwttest"
)

// given is what an answer may hold.
type given struct {
	Data map[string]any
	Auth struct {
		ClientToken string `json:"client_token"`
	}
	WrapInfo struct{ Token string } `json:"wrap_info"`
}

func (g given) text(t *testing.T, field string) string {
	t.Helper()
	text, _ := g.Data[field].(string)
	if text == "" {
		t.Fatalf("there is no %s", field)
	}
	return text
}

// ask sends a request, a POST if nothing else is said, that must be done.
func ask(t *testing.T, ctx context.Context, h *client.Client, r client.Request) (g given) {
	t.Helper()
	if r.Method == "" {
		r.Method = "POST"
	}
	a := h.Do(ctx, r)
	if a.Outcome != client.Done {
		t.Fatalf("%s: %s", r.Path, a)
	}
	if a.Status == 200 {
		must(t, a.Decode(&g))
	}
	return g
}

// issueLogins has passwords and JWTs taken, and shows them where they do not belong.
func (made *issuedTokens) issueLogins(t *testing.T, ctx context.Context, c *procs.Cluster) {
	t.Helper()
	h, signer := client.New(patience), jwttest.NewKey("k1")
	do := func(node int, path string, body map[string]any) given {
		t.Helper()
		return ask(t, ctx, h, client.Request{Node: c.Nodes[node%len(c.Nodes)].URL, Path: path, Token: c.Root, Body: body})
	}
	do(0, "sys/auth/userpass", map[string]any{"type": "userpass"})
	do(0, "sys/auth/jwt", map[string]any{"type": "jwt"})
	do(1, "auth/jwt/config", map[string]any{"jwt_validation_pubkeys": signer.PEM()})
	do(2, "auth/jwt/role/build", map[string]any{"role_type": "jwt", "bound_audiences": "us", "user_claim": "sub"})
	for i := range 6 {
		now, user, password := time.Now().Unix(), fmt.Sprintf("auth/userpass/users/u%d", i), "password-"+rand.Text()
		made.secret(t, fmt.Sprintf("password %d", i), password)
		do(i, user, map[string]any{"password": password})
		login := do(i+1, fmt.Sprintf("auth/userpass/login/u%d", i), map[string]any{"password": password})
		made.secret(t, fmt.Sprintf("token of password %d", i), login.Auth.ClientToken)
		changed := "changed-" + rand.Text()
		made.secret(t, fmt.Sprintf("changed password %d", i), changed)
		do(i, user+"/password", map[string]any{"password": changed})

		jwt := signer.Sign(map[string]any{"sub": "build", "aud": "us", "iat": now, "exp": now + 600, "n": i})
		made.secret(t, fmt.Sprintf("JWT %d", i), jwt)
		made.secret(t, fmt.Sprintf("signature of JWT %d", i), jwt[strings.LastIndex(jwt, ".")+1:])
		login = do(i, "auth/jwt/login", map[string]any{"role": "build", "jwt": jwt})
		made.secret(t, fmt.Sprintf("token of JWT %d", i), login.Auth.ClientToken)
		for _, r := range []client.Request{
			{Path: fmt.Sprintf("auth/userpass/login/u%d", i), Body: map[string]any{"password": password}}, // the old one
			{Path: fmt.Sprintf("auth/userpass/login/u%d", i), Body: map[string]any{"password": []string{changed}, changed: 1}},
			{Path: user, Token: c.Root, Body: map[string]any{"password": changed, "token_ttl": changed}},
			{Path: "auth/jwt/login", Body: map[string]any{"role": jwt, "jwt": jwt}},
			{Path: "auth/jwt/login", Body: map[string]any{"role": "build", "jwt": jwt + "x"}},
			{Path: "auth/token/lookup-self", Token: jwt},
			{Path: "auth/userpass/login/nobody?password=" + changed},
		} {
			r.Node, r.Method = c.Nodes[i%len(c.Nodes)].URL, "POST"
			h.Do(ctx, r)
		}
	}
}

// issueSealed makes batch tokens, and wraps, takes and rewraps texts.
func (made *issuedTokens) issueSealed(t *testing.T, ctx context.Context, c *procs.Cluster) {
	t.Helper()
	h := client.New(patience)
	for i := range 12 {
		node, key := c.Nodes[i%len(c.Nodes)].URL, ""
		if i%2 == 1 {
			key = "sealed-" + rand.Text()
		}
		do := func(path, token, wrap string, body map[string]any) given {
			t.Helper()
			return ask(t, ctx, h, client.Request{Node: node, Path: path, Token: token, Key: key, Wrap: wrap, Body: body})
		}
		batch := do("auth/token/create", c.Root, "", map[string]any{"type": "batch", "policies": "default", "ttl": "1h"}).Auth.ClientToken
		if !strings.HasPrefix(batch, "jtb_") {
			t.Fatal("not a batch token")
		}
		made.secret(t, fmt.Sprintf("batch token %d", i), batch)
		h.LookupSelf(ctx, c.Nodes[(i+1)%len(c.Nodes)].URL, batch)
		misuse(ctx, h, node, c.Root, batch)

		content := "content-" + rand.Text()
		made.secret(t, fmt.Sprintf("wrapped content %d", i), content)
		key = "" // of the next request it would be another's
		wrapping := do("sys/wrapping/wrap", c.Root, "1h", map[string]any{"content": content}).WrapInfo.Token
		made.secret(t, fmt.Sprintf("wrapping token %d", i), wrapping)
		if i%3 == 0 {
			wrapping = do("sys/wrapping/rewrap", c.Root, "", map[string]any{"token": wrapping}).WrapInfo.Token
			made.secret(t, fmt.Sprintf("second wrapping token %d", i), wrapping)
		}
		if i%3 != 1 {
			if got := do("sys/wrapping/unwrap", wrapping, "", nil).text(t, "content"); got != content {
				t.Errorf("unwrapped something else")
			}
		}
	}
}

// issueByWebhook has secrets made by a service that is told a key and a header.
func (made *issuedTokens) issueByWebhook(t *testing.T, ctx context.Context, c *procs.Cluster) {
	t.Helper()
	service, err := startHook(map[string]*hooked{"hooks/": new(hooked)})
	must(t, err)
	defer service.close()
	h := client.New(patience)
	do := func(method, path string, body map[string]any) given {
		t.Helper()
		r := client.Request{Node: c.Nodes[0].URL, Method: method, Path: path, Token: c.Root}
		if body != nil {
			r.Body = body
		}
		return ask(t, ctx, h, r)
	}
	key, header := "signing-"+rand.Text(), "Bearer "+rand.Text()
	made.secret(t, "signing key", key)
	made.secret(t, "header of a webhook", header)
	do("POST", "sys/mounts/hooks", map[string]any{"type": "webhook"})
	do("POST", "hooks/config", map[string]any{"url": service.URL, "signing_key": key, "headers": map[string]string{"Authorization": header}})
	do("POST", "hooks/config", map[string]any{"max_retries": 1}) // the rest is sealed again
	do("GET", "hooks/config", nil)
	do("POST", "hooks/roles/ci", map[string]any{"default_ttl": "1h"})
	for i := range 10 {
		made.secret(t, fmt.Sprintf("secret %d of a webhook", i), do("GET", "hooks/creds/ci", nil).text(t, "key"))
	}
	h.Do(ctx, client.Request{Node: c.Nodes[1].URL, Method: "POST", Path: "hooks/config", Token: c.Root,
		Body: map[string]any{"signing_key": []string{key}, "headers": header, "timeout": key}})
}

// issueAccounts has accounts made by a real PostgreSQL. What its manager's password
// is rotated to, only the cluster knows, and the log of the server.
func (made *issuedTokens) issueAccounts(t *testing.T, ctx context.Context, c *procs.Cluster) {
	server := pgtest.Start(t)
	d := newAccounts(t, ctx, c, server)
	made.secret(t, "password of a manager", server.Password)
	d.do(t, "POST", "database/config/shop", map[string]any{"max_open_connections": 2})
	d.do(t, "POST", "database/rotate-root/shop", nil)
	_, rotated, found := strings.Cut(server.Log(), `ALTER ROLE "`+server.User+`" WITH PASSWORD '`)
	rotated, _, ended := strings.Cut(rotated, "'")
	if !found || !ended {
		t.Fatal("the password was not rotated")
	}
	made.secret(t, "rotated password", rotated)
	for i := range 10 {
		a := d.do(t, "GET", "database/creds/reader", nil)
		var g given
		must(t, a.Decode(&g))
		made.secret(t, fmt.Sprintf("password of account %d", i), g.text(t, "password"))
	}
	for _, body := range []map[string]any{
		{"password": []string{server.Password}, "username": server.Password + "x"},
		{"connection_url": "postgresql://manager:" + server.Password + "@127.0.0.1/shop"},
		{"connection_url": "postgresql://{{username}}:{{password}}@127.0.0.1:1/shop", "password": server.Password},
		{"password": rotated + rotated},
	} {
		if a := d.h.Do(ctx, client.Request{Node: c.Nodes[2].URL, Method: "POST", Path: "database/config/shop", Token: c.Root, Body: body}); a.Outcome == client.Done {
			t.Errorf("a configuration that is wrong was taken: %s", a)
		}
	}
}
