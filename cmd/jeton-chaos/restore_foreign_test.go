package main

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// After the loss of a whole cluster: three nodes that nobody has initialized take its
// archive in one step, through any of them, and all its tokens go on.
func TestRestoreFoundsACluster(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, old := start(t, procs.Config{})
	h := client.New(patience)
	var tokens []client.Token
	for i := range 30 {
		tokens = append(tokens, create(t, ctx, h, old.Nodes[i%3].URL, old.Root, client.TokenRequest{}))
	}
	ask(t, ctx, h, client.Request{Node: old.Nodes[0].URL, Path: "auth/token/revoke", Token: old.Root, Body: map[string]any{"token": tokens[0].ID}})
	saved := archive(t, ctx, old.Nodes[1], old.Root, nil)
	for _, n := range old.Nodes {
		must(t, n.Kill())
	}

	ctx, c := start(t, procs.Config{Heir: old})
	follower := c.Nodes[0]
	if p, err := c.Position(ctx, follower); err == nil && p.Leads {
		follower = c.Nodes[1]
	}
	archive(t, ctx, follower, "", saved)
	serving(t, ctx, c, c.Nodes...)
	for i, n := range c.Nodes {
		for j, token := range tokens {
			want := http.StatusOK
			if j == 0 {
				want = http.StatusForbidden
			}
			if a := h.Do(ctx, client.Request{Node: n.URL, Method: http.MethodGet, Path: "auth/token/lookup-self", Token: token.ID}); a.Status != want {
				t.Errorf("token %d on node %d: %s, want %d", j, i, a, want)
			}
		}
		create(t, ctx, h, n.URL, c.Root, client.TokenRequest{ID: fmt.Sprint("after-", i)})
	}
	if a := h.Do(ctx, client.Request{Node: c.Nodes[2].URL, Method: http.MethodPost, Path: "sys/storage/raft/snapshot"}); a.Status != http.StatusForbidden {
		t.Errorf("whoever comes later: %s", a)
	}
}
