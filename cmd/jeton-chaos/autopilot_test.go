package main

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// deadAfter is the shortest silence that can be configured for a server to be dead.
const deadAfter = time.Minute

// Two of five servers are dead for long enough. Nobody is removed while that is not
// wanted; when it is, one goes, and the other stays because too few would be left. Both
// are let in again when they come back, with their old data.
func TestDeadServersAreRemoved(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := start(t, procs.Config{Nodes: 5})
	h := client.New(patience)
	configure := func(cleanup bool) {
		t.Helper()
		ask(t, ctx, h, client.Request{Node: c.Nodes[0].URL, Path: "sys/storage/raft/autopilot/configuration", Token: c.Root, Body: map[string]any{
			"cleanup_dead_servers": cleanup, "min_quorum": 4, "dead_server_last_contact_threshold": deadAfter.String(),
		}})
	}
	configure(false)
	tokens := newWriter(t, ctx, c)
	tokens.more()
	dead := c.Nodes[3:]
	for _, n := range dead {
		must(t, n.Kill())
	}

	// A leader counts silence from its own beginning, so that one of ours may have to
	// wait for more than a minute.
	const rounds = 3 * time.Second // in which a leader that would remove somebody does
	var silent map[string]time.Duration
	must(t, poll(ctx, func() bool {
		silent = silences(ctx, c)
		return silent[dead[0].ID] > deadAfter+rounds && silent[dead[1].ID] > deadAfter+rounds || silent != nil && len(silent) < 5
	}))
	if len(silent) != 5 {
		t.Fatalf("somebody was removed, which was not wanted: %v", silent)
	}

	configure(true)
	must(t, poll(wait(t, ctx), func() bool {
		silent = silences(ctx, c)
		return len(silent) == 4
	}))
	stays := dead[0]
	if _, member := silent[stays.ID]; !member {
		stays = dead[1]
	}
	until := silent[stays.ID] + rounds
	must(t, poll(ctx, func() bool {
		silent = silences(ctx, c)
		return silent[stays.ID] > until || silent != nil && len(silent) < 4
	}))
	if len(silent) != 4 {
		t.Fatalf("servers were removed below the minimum: %v", silent)
	}
	tokens.more()

	for _, n := range dead {
		must(t, n.Start())
	}
	serving(t, ctx, c, dead...)
	must(t, c.AwaitVoters(wait(t, ctx)))
	for _, token := range tokens.stop() {
		for _, n := range dead {
			alive(t, ctx, h, n, token)
		}
	}
}

// silences is for how long the leader has not heard of each member; nil when nobody says.
func silences(ctx context.Context, c *procs.Cluster) map[string]time.Duration {
	a := client.New(patience).Do(ctx, client.Request{Node: c.Nodes[0].URL, Method: http.MethodGet, Path: "sys/storage/raft/autopilot/state", Token: c.Root})
	var body struct {
		Data struct {
			Servers map[string]struct {
				Name        string
				LastContact string `json:"last_contact"`
			}
		}
	}
	if a.Outcome != client.Done || a.Decode(&body) != nil {
		return nil
	}
	silent := make(map[string]time.Duration)
	for _, s := range body.Data.Servers { // order: each has a place of its own
		d, err := time.ParseDuration(s.LastContact)
		if err != nil {
			return nil
		}
		silent[s.Name] = d
	}
	return silent
}
