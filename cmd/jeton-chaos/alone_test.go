package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// A node whose two companions hang vouches for nothing: neither the leader, which
// has every acknowledged write, nor a follower. It serves again by itself.
func TestANodeLeftAloneAnswersNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := start(t, procs.Config{})
	h := client.New(patience)
	for _, alone := range []string{"leader", "follower"} {
		lead := leader(t, ctx, c)
		last := lead
		if alone == "follower" {
			last = c.Others(lead)[0]
		}
		token := create(t, ctx, h, lead.URL, c.Root, client.TokenRequest{})
		for _, n := range c.Others(last) {
			must(t, n.Pause())
		}
		refusesToServe(t, ctx, c, last, token.ID)
		for _, n := range c.Others(last) {
			must(t, n.Continue())
		}
		serving(t, ctx, c, c.Nodes...)
		for _, n := range c.Nodes {
			if a := h.LookupSelf(ctx, n.URL, token.ID); a.Outcome != client.Done {
				t.Errorf("%s alone, afterwards on %s: %s", alone, n.ID, a)
			}
		}
	}
}

// A node cut off by the network vouches for nothing, while the others go on and
// revoke what it still believes in; when the network heals it follows them.
func TestANodeCutOffAnswersNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := startApart(t)
	h := client.New(patience)
	for _, cut := range []string{"leader", "follower"} {
		lead := leader(t, ctx, c)
		lone := lead
		if cut == "follower" {
			lone = c.Others(lead)[0]
		}
		revoked := create(t, ctx, h, lead.URL, c.Root, client.TokenRequest{})
		kept := create(t, ctx, h, lead.URL, c.Root, client.TokenRequest{})
		must(t, c.Cut(lone))
		next := leader(t, ctx, c, lone)
		if a := h.Revoke(ctx, next.URL, c.Root, revoked.ID); a.Outcome != client.Done {
			t.Fatalf("revoke on the majority's side: %s", a)
		}
		refusesToServe(t, ctx, c, lone, revoked.ID)
		must(t, c.Heal(lone))
		serving(t, ctx, c, c.Nodes...)
		for _, n := range c.Nodes {
			if a := h.LookupSelf(ctx, n.URL, revoked.ID); a.Status != http.StatusForbidden {
				t.Errorf("%s cut off, a revoked token on %s: %s, want 403", cut, n.ID, a)
			}
			if a := h.LookupSelf(ctx, n.URL, kept.ID); a.Outcome != client.Done {
				t.Errorf("%s cut off, a live token on %s: %s", cut, n.ID, a)
			}
		}
	}
}

// A leader whose words are lost, while it hears all others, does not keep the
// cluster from being served by another.
func TestALeaderThatIsNotHeardIsReplaced(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := startApart(t)
	h := client.New(patience)
	lead := leader(t, ctx, c)
	token := create(t, ctx, h, lead.URL, c.Root, client.TokenRequest{})
	must(t, c.CutOneWay(lead))
	next := leader(t, ctx, c, lead)
	if a := h.Revoke(ctx, next.URL, c.Root, token.ID); a.Outcome != client.Done {
		t.Fatalf("revoke through the new leader: %s", a)
	}
	refusesToServe(t, ctx, c, lead, token.ID)
	must(t, c.HealOneWay(lead))
	serving(t, ctx, c, c.Nodes...)
}

// readLimit is longer than a node looks for a quorum to read with (10 s), and
// shorter than it does for one to write with (15 s).
const readLimit = 14 * time.Second

// refusesToServe asks a node whose quorum has just gone for reads and writes: no
// answer is anything but a 503 that can be tried again. A write that was logged
// before the node knew may stay unanswered; its fate is open until the others are
// back. Once the node's health says that it does not serve, everything is answered.
func refusesToServe(t *testing.T, ctx context.Context, c *procs.Cluster, n *procs.Node, token string) {
	t.Helper()
	var together sync.WaitGroup
	ask := func(when string, h *client.Client, logged bool) {
		for what, ask := range questions(ctx, h, c, n, token) {
			together.Go(func() {
				a := ask()
				if logged && a.Status == 0 && a.Outcome == client.Open && !strings.HasPrefix(what, "read") {
					return
				}
				if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
					t.Errorf("%s %s: %s, want 503 with Retry-After", when, what, a)
				}
			})
		}
	}
	ask("just left alone:", client.New(readLimit), true)
	for _, standbyOK := range []bool{false, true} {
		var last client.Answer
		if err := poll(wait(t, ctx), func() bool {
			last = c.Health(ctx, n, standbyOK)
			return last.Status == http.StatusServiceUnavailable
		}); err != nil {
			t.Errorf("health of a node without a quorum: %s, want 503", last)
		}
	}
	ask("without a quorum:", client.New(patience), false)
	together.Wait()
}

// questions are a few reads and writes.
func questions(ctx context.Context, h *client.Client, c *procs.Cluster, n *procs.Node, token string) map[string]func() client.Answer {
	return map[string]func() client.Answer{
		"read itself":    func() client.Answer { return h.LookupSelf(ctx, n.URL, token) },
		"read another":   func() client.Answer { return h.Lookup(ctx, n.URL, c.Root, token) },
		"read cubbyhole": func() client.Answer { return h.Get(ctx, n.URL, token, "x") },
		"revoke":         func() client.Answer { return h.Revoke(ctx, n.URL, c.Root, "no-such-token") },
		"create": func() client.Answer {
			_, a := h.CreateToken(ctx, n.URL, c.Root, "", client.TokenRequest{})
			return a
		},
		"write cubbyhole": func() client.Answer { return h.Put(ctx, n.URL, token, "x", map[string]string{"a": "b"}) },
	}
}
