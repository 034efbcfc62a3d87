package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/secrets"
)

// A crash writes down where every goroutine stood. All nodes are ended so in the middle
// of requests that show, make, wrap and store secrets: none of these is in what they
// wrote, and neither is the cluster's own.
func TestCrashDumps(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	wanted := &issuedTokens{secrets: secrets.New()}
	wanted.secret(t, "root token", c.Root)
	lines, err := c.Secrets()
	must(t, err)
	for i, line := range lines {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		must(t, err)
		wanted.secret(t, fmt.Sprintf("cluster secret %d", i), line)
		wanted.secret(t, fmt.Sprintf("cluster secret %d, raw", i), string(raw))
	}
	busy, stop := context.WithCancel(ctx)
	defer stop()
	var clients sync.WaitGroup
	begun := make(chan struct{}, 64)
	for i := range 12 {
		clients.Go(func() {
			h, node := client.New(patience), c.Nodes[i%len(c.Nodes)].URL
			for n := 0; busy.Err() == nil; n++ {
				wanted.spend(t, busy, h, node, c.Root)
				if n == 2 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range 12 {
		select {
		case <-begun:
		case <-ctx.Done():
			t.Fatal("clients get nothing done")
		}
	}
	var dumps sync.WaitGroup
	for _, n := range c.Nodes {
		dumps.Go(func() {
			if err := n.Dump(wait(t, ctx)); err != nil {
				t.Error(err)
			}
		})
	}
	dumps.Wait()
	stop()
	clients.Wait()
	serving := 0
	for _, n := range c.Nodes {
		text, err := n.Log()
		must(t, err)
		if !bytes.Contains(text, []byte("SIGQUIT: quit")) || bytes.Count(text, []byte("\ngoroutine ")) < 20 {
			t.Errorf("%s wrote no goroutines down: the search is blind", n.ID)
		}
		serving += bytes.Count(text, []byte("jeton/http.(*Server).serveHTTP("))
		report(t, wanted.secrets.Scan(n.LogFile, text))
		t.Logf("%s: looked for %d secrets in %d KiB", n.ID, wanted.secrets.Len(), len(text)>>10)
	}
	if serving == 0 {
		t.Error("no node was at work on a request")
	}
}

// spend makes, shows, wraps and stores what must not be written down.
func (i *issuedTokens) spend(t *testing.T, ctx context.Context, h *client.Client, node, root string) {
	token, a := h.CreateToken(ctx, node, root, "key-"+rand.Text(), client.TokenRequest{ID: "chosen-" + rand.Text()})
	if a.Outcome != client.Done {
		return // the end has come
	}
	value := "value-" + rand.Text()
	i.secret(t, "token", token.ID)
	i.secret(t, "value", value)
	h.LookupSelf(ctx, node, token.ID)
	h.Put(ctx, node, token.ID, "kept", map[string]string{"value": value})
	h.Do(ctx, client.Request{Node: node, Method: "POST", Path: "sys/wrapping/wrap", Token: token.ID,
		Body: map[string]any{"value": value}, Wrap: "60"})
}
