package main

import (
	"context"
	"sync"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// Three nodes become five and three again while clients write: newcomers vote when
// they have caught up, five survive two, who was removed has no say, and is let in again
// when it comes back. Nothing that was acknowledged is lost.
func TestThreeFiveThree(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := start(t, procs.Config{Later: 2})
	h := client.New(patience)
	three, later := c.Nodes[:3], c.Nodes[3:]
	tokens := newWriter(t, ctx, c)

	for i, n := range later {
		must(t, n.Start())
		serving(t, ctx, c, n)
		must(t, c.AwaitVoters(wait(t, ctx), c.Nodes[:4+i]...))
	}
	tokens.more()
	for _, n := range three[1:] {
		must(t, n.Kill())
	}
	leader(t, ctx, c, three[1:]...)
	tokens.more()
	for _, n := range three[1:] {
		must(t, n.Start())
	}
	serving(t, ctx, c, c.Nodes...)

	for _, n := range later {
		ask(t, ctx, h, client.Request{Node: three[0].URL, Path: "sys/storage/raft/remove-peer", Token: c.Root, Body: map[string]any{"server_id": n.ID}})
		must(t, n.Kill()) // which would ask to be let in again
	}
	must(t, c.AwaitVoters(wait(t, ctx), three...))
	tokens.more()
	must(t, three[0].Kill()) // three survive one
	leader(t, ctx, c, three[0], later[0], later[1])
	tokens.more()
	must(t, three[0].Start())
	serving(t, ctx, c, three...)

	must(t, later[0].Start())
	must(t, c.AwaitVoters(wait(t, ctx), c.Nodes[:4]...))
	for i, token := range tokens.stop() {
		alive(t, ctx, h, c.Nodes[i%4], token)
	}
}

// Each node loses its disk, one after the other, until no server is left of those that
// formed the cluster. Nothing that was acknowledged meanwhile is lost.
func TestEveryNodeIsReplaced(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := start(t, procs.Config{})
	h := client.New(patience)
	tokens := newWriter(t, ctx, c)
	tokens.more()
	for _, n := range c.Nodes {
		must(t, n.Kill())
		must(t, n.Wipe())
		leader(t, ctx, c, n)
		tokens.more()
		must(t, n.Start())
		serving(t, ctx, c, n)
		must(t, c.AwaitVoters(wait(t, ctx))) // those of the disks of now, and nobody else
	}
	tokens.more()
	for i, token := range tokens.stop() {
		alive(t, ctx, h, c.Nodes[i%3], token)
	}
}

// writer makes tokens through all nodes that run, one after the other, without a pause,
// and keeps those that were acknowledged.
type writer struct {
	t    *testing.T
	ctx  context.Context
	end  chan struct{}
	done chan struct{}

	mu     sync.Mutex
	tokens []client.Token
}

func newWriter(t *testing.T, ctx context.Context, c *procs.Cluster) *writer {
	w := &writer{t: t, ctx: ctx, end: make(chan struct{}), done: make(chan struct{})}
	h := client.New(patience)
	go func() {
		defer close(w.done)
		for k := 0; ; k++ {
			select {
			case <-w.end:
				return
			default:
			}
			n := c.Nodes[k%len(c.Nodes)]
			if !n.Running() {
				continue
			}
			if token, a := h.CreateToken(ctx, n.URL, c.Root, "", client.TokenRequest{}); a.Outcome == client.Done {
				w.mu.Lock()
				w.tokens = append(w.tokens, token)
				w.mu.Unlock()
			}
		}
	}()
	return w
}

func (w *writer) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.tokens)
}

// more waits until more tokens have been acknowledged.
func (w *writer) more() {
	w.t.Helper()
	before := w.count()
	must(w.t, poll(wait(w.t, w.ctx), func() bool { return w.count() >= before+50 }))
}

// stop ends the writing and returns all that was acknowledged.
func (w *writer) stop() []client.Token {
	close(w.end)
	<-w.done
	return w.tokens
}
