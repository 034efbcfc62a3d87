package main

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// What is written through any node is seen at once through every other, and what
// is revoked through any node is refused at once by every other.
func TestEveryNodeAnswersForAll(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	h := client.New(patience)
	for round := range 8 {
		for i, writer := range c.Nodes {
			token := create(t, ctx, h, writer.URL, c.Root, client.TokenRequest{})
			value := map[string]string{"n": fmt.Sprint(round, i)}
			for _, reader := range c.Nodes {
				if a := h.LookupSelf(ctx, reader.URL, token.ID); a.Outcome != client.Done {
					t.Fatalf("created through %s, looked up through %s: %s", writer.ID, reader.ID, a)
				}
			}
			if a := h.Put(ctx, writer.URL, token.ID, "at", value); a.Outcome != client.Done {
				t.Fatalf("write through %s: %s", writer.ID, a)
			}
			reader := c.Nodes[(i+1)%len(c.Nodes)]
			var got struct{ Data map[string]string }
			if a := h.Get(ctx, reader.URL, token.ID, "at"); a.Decode(&got) != nil || got.Data["n"] != value["n"] {
				t.Fatalf("read through %s: %s, got %v, want %v", reader.ID, a, got.Data, value)
			}
			if a := h.Revoke(ctx, reader.URL, c.Root, token.ID); a.Outcome != client.Done {
				t.Fatalf("revoke through %s: %s", reader.ID, a)
			}
			for _, n := range c.Nodes {
				if a := h.LookupSelf(ctx, n.URL, token.ID); a.Status != http.StatusForbidden {
					t.Fatalf("revoked through %s, looked up through %s: %s, want 403", reader.ID, n.ID, a)
				}
			}
		}
	}
}

// A one-time token that many use at once, through all nodes, is accepted once.
func TestOneTimeTokensAreAcceptedOnce(t *testing.T) {
	const tokens, uses = 100, 8
	ctx, c := start(t, procs.Config{})
	h := client.New(patience)
	for i := range tokens {
		token := create(t, ctx, h, c.Nodes[i%len(c.Nodes)].URL, c.Root, client.TokenRequest{NumUses: 1})
		var together sync.WaitGroup
		answers := make([]client.Answer, uses)
		gate := make(chan struct{})
		for u := range uses {
			node := c.Nodes[(i+u)%len(c.Nodes)]
			together.Go(func() {
				<-gate
				answers[u] = h.LookupSelf(ctx, node.URL, token.ID)
			})
		}
		close(gate)
		together.Wait()
		accepted := 0
		for _, a := range answers {
			switch a.Status {
			case http.StatusOK:
				accepted++
			case http.StatusForbidden:
			default:
				t.Errorf("token %d: %s, want 200 or 403", i, a)
			}
		}
		if accepted != 1 {
			t.Errorf("token %d was accepted %d times by %d uses", i, accepted, uses)
		}
		if t.Failed() {
			return
		}
	}
}

// The spent token stays spent across a restart of the whole cluster.
func TestSpentAndRevokedStaySoAfterARestart(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	h := client.New(patience)
	once := create(t, ctx, h, c.Nodes[0].URL, c.Root, client.TokenRequest{NumUses: 1})
	dead := create(t, ctx, h, c.Nodes[1].URL, c.Root, client.TokenRequest{})
	live := create(t, ctx, h, c.Nodes[2].URL, c.Root, client.TokenRequest{NumUses: 2})
	h.LookupSelf(ctx, c.Nodes[1].URL, once.ID)
	h.Revoke(ctx, c.Nodes[2].URL, c.Root, dead.ID)
	h.LookupSelf(ctx, c.Nodes[0].URL, live.ID)
	for _, n := range c.Nodes {
		must(t, n.Kill())
	}
	begin := time.Now()
	for _, n := range c.Nodes {
		must(t, n.Start())
	}
	serving(t, ctx, c, c.Nodes...)
	t.Logf("served again after %s", time.Since(begin).Round(time.Millisecond))
	for _, n := range c.Nodes {
		for _, gone := range []client.Token{once, dead} {
			if a := h.LookupSelf(ctx, n.URL, gone.ID); a.Status != http.StatusForbidden {
				t.Errorf("%s: %s, want 403", n.ID, a)
			}
		}
		if a := h.Lookup(ctx, n.URL, c.Root, live.ID); a.Outcome != client.Done {
			t.Errorf("%s: a token with a use left: %s", n.ID, a)
		}
	}
	if a := h.LookupSelf(ctx, c.Nodes[1].URL, live.ID); a.Outcome != client.Done {
		t.Errorf("last use: %s", a)
	}
	if a := h.LookupSelf(ctx, c.Nodes[2].URL, live.ID); a.Status != http.StatusForbidden {
		t.Errorf("one use too many: %s, want 403", a)
	}
}
