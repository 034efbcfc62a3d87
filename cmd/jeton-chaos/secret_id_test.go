package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// issueSecretIDs makes secret-ids in every way there is, on all nodes, logs in with
// them, and shows them where they do not belong.
func (made *issuedTokens) issueSecretIDs(t *testing.T, ctx context.Context, c *procs.Cluster) {
	t.Helper()
	h := client.New(patience)
	do := func(node, path, key string, body map[string]any) given {
		t.Helper()
		return ask(t, ctx, h, client.Request{Node: node, Path: path, Token: c.Root, Key: key, Body: body})
	}
	const role = "auth/approle/role/web"
	do(c.Nodes[0].URL, "sys/auth/approle", "", map[string]any{"type": "approle"})
	do(c.Nodes[0].URL, role, "", map[string]any{"role_id": "web-id", "secret_id_num_uses": 2})
	for i := range 30 {
		node, path, key, body := c.Nodes[i%len(c.Nodes)].URL, role+"/secret-id", "", map[string]any{"metadata": map[string]string{"n": fmt.Sprint(i)}}
		switch i % 3 {
		case 1:
			key = fmt.Sprint("secret-id-", i)
		case 2:
			path, body["secret_id"] = role+"/custom-secret-id", fmt.Sprintf("a-secret-id-of-our-own-%d", i)
		}
		text := do(node, path, key, body).text(t, "secret_id")
		made.secret(t, fmt.Sprintf("secret-id %d", i), text)
		shown := map[string]any{"role_id": "web-id", "secret_id": text}
		login := do(c.Nodes[(i+1)%len(c.Nodes)].URL, "auth/approle/login", "", shown)
		made.secret(t, fmt.Sprintf("token of secret-id %d", i), login.Auth.ClientToken)
		for _, r := range []client.Request{
			{Method: "POST", Path: role + "/secret-id/" + text, Token: c.Root},
			{Method: "GET", Path: "auth/approle/login?role_id=web-id&secret_id=" + text},
			{Method: "POST", Path: "auth/approle/login", Body: map[string]any{"role_id": text, "secret_id": []string{text}}},
			{Method: "POST", Path: "auth/token/lookup-self", Token: text},
			{Method: "POST", Path: role + "/secret-id/lookup", Token: c.Root, Body: shown},
		} {
			r.Node = node
			h.Do(ctx, r)
		}
	}
}
