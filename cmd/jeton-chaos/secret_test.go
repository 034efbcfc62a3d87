package main

import (
	"context"
	"maps"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// The cluster secret is replaced under load, one node after the other: brought to all,
// made the first, the old one taken away. The keyring goes under the new seal key by
// itself in between, and every token made meanwhile is good in the end.
func TestTheClusterSecretIsReplaced(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := start(t, procs.Config{})
	h := client.New(patience)
	path, err := binary()
	must(t, err)
	old, err := c.Secrets()
	must(t, err)
	fresh, err := c.NewSecret(ctx, path)
	must(t, err)

	tokens := newWriter(t, ctx, c)
	restart := func() {
		t.Helper()
		must(t, rollingRestart(wait(t, ctx), c, func(ctx context.Context) error {
			_, err := c.AwaitLeader(ctx)
			return err
		}))
	}
	before := sealedBy(t, ctx, c)
	for _, secrets := range [][]string{{old[0], fresh}, {fresh, old[0]}} {
		must(t, c.SetSecrets(secrets...))
		restart()
	}
	must(t, poll(wait(t, ctx), func() bool {
		now := sealedBy(t, ctx, c)
		return len(now) == 1 && !maps.Equal(now, before)
	}))
	must(t, c.SetSecrets(fresh))
	restart()
	made := tokens.stop()
	if len(made) == 0 {
		t.Fatal("nothing was written meanwhile")
	}
	for i, token := range made {
		alive(t, ctx, h, c.Nodes[i%3], token)
	}
	t.Logf("%d tokens were made meanwhile", len(made))
}

// sealedBy is how much of the keyring each seal key wraps.
func sealedBy(t *testing.T, ctx context.Context, c *procs.Cluster) map[string]int {
	t.Helper()
	var state struct {
		Data struct {
			SealedBy map[string]int `json:"sealed_by"`
		}
	}
	h := client.New(patience)
	a := h.Do(ctx, client.Request{Node: c.Nodes[0].URL, Method: "GET", Path: "sys/storage/raft/autopilot/state", Token: c.Root})
	if a.Outcome != client.Done {
		t.Fatalf("the state of the servers: %s", a)
	}
	must(t, a.Decode(&state))
	return state.Data.SealedBy
}
