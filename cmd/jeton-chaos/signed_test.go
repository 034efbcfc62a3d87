package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// issueSigned makes Waypoint's tokens of every kind on all nodes, takes over a signing
// key, writes a deployment's configuration, and shows all of it where it does not
// belong.
func (made *issuedTokens) issueSigned(t *testing.T, ctx context.Context, c *procs.Cluster) {
	t.Helper()
	h, turn := client.New(patience), 0
	do := func(path, token string, body map[string]any) client.Answer {
		t.Helper()
		turn++
		a := h.Do(ctx, client.Request{Node: c.Nodes[turn%len(c.Nodes)].URL, Method: "POST", Path: path, Token: token, Body: body})
		if a.Outcome != client.Done {
			t.Fatalf("%s: %s", path, a)
		}
		return a
	}
	token := func(path, by string, body map[string]any) string {
		t.Helper()
		var made struct{ Token string }
		must(t, do(path, by, body).Decode(&made))
		return made.Token
	}
	key := make([]byte, 32)
	rand.Read(key)
	keyHex := hex.EncodeToString(key)
	first := token("token/bootstrap", "", map[string]any{})
	do("jeton/keyring/waypoint/old", c.Root, map[string]any{"key_hex": keyHex})
	value := "configuration-" + rand.Text()
	do("jeton/deployments/web", c.Root, map[string]any{"config": map[string]string{"PASSWORD": value}})
	line := map[string]any{"duration": "1h"}
	all := map[string]string{
		"first Waypoint token": first, "signing key": keyHex, "configuration": value,
		"login": token("token/login", first, line), "trigger": token("token/login", first, map[string]any{"trigger": true}),
		"runner": token("token/runner", first, map[string]any{"id": "R-1", "labels": map[string]string{"env": "prod"}}),
	}
	for i := range 10 {
		invite := token("token/invite", first, map[string]any{"duration": "1h", "signup": map[string]any{"initialUsername": fmt.Sprintf("user-%d", i)}})
		all[fmt.Sprint("invite ", i)] = invite
		login := token("token/exchange", "", map[string]any{"token": invite})
		all[fmt.Sprint("exchanged ", i)] = login
		all[fmt.Sprint("refreshed ", i)] = token("token/refresh", login, nil)
	}
	var config struct{ Config struct{ Cookie string } }
	a := h.Do(ctx, client.Request{Node: c.Nodes[0].URL, Method: "GET", Path: "server/config", Token: first})
	must(t, a.Decode(&config))
	all["cookie"] = config.Config.Cookie
	for name, text := range all { // order: each stands alone
		made.secret(t, name, text)
		for _, r := range []client.Request{
			{Method: "POST", Path: "token/decode", Body: map[string]any{"token": text}},
			{Method: "POST", Path: "token/exchange", Body: map[string]any{"token": []string{text}}},
			{Method: "POST", Path: "token/login", Token: first, Body: map[string]any{"duration": text, "trigger": text}},
			{Method: "POST", Path: "jeton/signed/revoke", Token: c.Root, Body: map[string]any{"accessor": text}},
			{Method: "POST", Path: "jeton/keyring/waypoint/bad", Token: c.Root, Body: map[string]any{"key_hex": text + "x"}},
			{Method: "GET", Path: "auth/token/lookup-self", Token: text},
			{Method: "GET", Path: "trigger/none?token=" + text},
		} {
			r.Node = c.Nodes[turn%len(c.Nodes)].URL
			h.Do(ctx, r)
		}
	}
}
