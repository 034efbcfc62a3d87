package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// The drill of docs/operations.md: two of three disks are gone for ever. What is left
// begins the cluster again, the two others join without data, and every token that was
// acknowledged while all three were there is good.
func TestRecovery(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := start(t, procs.Config{})
	h := client.New(patience)
	writing := newWriter(t, ctx, c)
	writing.more()
	tokens := writing.stop()
	led := leader(t, ctx, c)
	left := c.Others(led)[0]
	must(t, c.AwaitCaughtUp(wait(t, ctx), left, led))
	recovers := func(force bool, dirs ...string) (string, error) {
		args := append([]string{"operator", "recover", "-yes"}, dirs...)
		if force {
			args = append([]string{"operator", "recover", "-yes", "-force"}, dirs...)
		}
		path, err := binary()
		must(t, err)
		out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
		return string(out), err
	}
	if out, err := recovers(false, left.DataDir); err == nil || !strings.Contains(out, "a node runs on") {
		t.Fatalf("a node that runs: %v\n%s", err, out)
	}
	for _, n := range c.Nodes {
		must(t, n.Kill())
	}
	if out, err := recovers(false, c.Nodes[0].DataDir, c.Nodes[1].DataDir); err == nil || !strings.Contains(out, "start them") {
		t.Fatalf("with a quorum there: %v\n%s", err, out)
	}

	// One of the lost disks turns up again later.
	lost := c.Others(left)
	aside := lost[0].DataDir + ".aside"
	must(t, os.Rename(lost[0].DataDir, aside))
	must(t, lost[1].Wipe())
	before, err := os.ReadFile(left.DataDir + "/server-id")
	must(t, err)
	out, err := recovers(false, left.DataDir)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if after, err := os.ReadFile(left.DataDir + "/server-id"); err != nil || string(after) == string(before) {
		t.Fatalf("the server id is still %s (%v)", after, err)
	}
	must(t, left.Start())
	serving(t, ctx, c, left)
	for _, token := range tokens {
		alive(t, ctx, h, left, token)
	}
	create(t, ctx, h, left.URL, c.Root, client.TokenRequest{})

	must(t, os.Rename(aside, lost[0].DataDir))
	must(t, lost[0].Start())
	must(t, lost[1].Start())
	serving(t, ctx, c, left, lost[1])
	if a := c.Health(ctx, lost[0], true); a.Status == http.StatusOK {
		t.Errorf("a server of before serves with its data: %s", a)
	}
	must(t, lost[0].Kill())
	must(t, lost[0].Wipe())
	must(t, lost[0].Start())
	serving(t, ctx, c, c.Nodes...)
	must(t, c.AwaitVoters(wait(t, ctx)))
	for i, token := range tokens {
		alive(t, ctx, h, c.Nodes[i%3], token)
	}
	must(t, left.Kill()) // the three are worth a quorum again
	leader(t, ctx, c, left)
	create(t, ctx, h, lost[0].URL, c.Root, client.TokenRequest{})
}

// alive wants a node to know a token.
func alive(t *testing.T, ctx context.Context, h *client.Client, n *procs.Node, token client.Token) {
	t.Helper()
	a := h.Do(ctx, client.Request{Node: n.URL, Method: http.MethodGet, Path: "auth/token/lookup-self", Token: token.ID})
	if a.Status != http.StatusOK {
		t.Errorf("%s: %s", n.ID, a)
	}
}
