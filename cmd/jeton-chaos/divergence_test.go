package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// One bit on one disk is not what was written: the node that makes its state of it is
// found out, stops, and comes back without its data, while the others serve.
func TestADamagedDiskIsFoundOut(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := start(t, procs.Config{Flags: []string{"--raft-log-store", "boltdb"}})
	h := client.New(patience)
	const text = `path "auth/token/lookup" { capabilities = ["update"] } # written as it is`
	a := h.Do(ctx, client.Request{Node: c.Nodes[0].URL, Method: http.MethodPut, Path: "sys/policies/acl/p", Token: c.Root,
		Body: map[string]any{"policy": text}})
	if a.Outcome != client.Done {
		t.Fatal(a)
	}
	led := leader(t, ctx, c)
	bad := c.Others(led)[0]
	must(t, c.AwaitCaughtUp(wait(t, ctx), bad, led))
	must(t, bad.Stop(wait(t, ctx)))
	was := flip(t, filepath.Join(bad.DataDir, "log.db"), []byte("written as it is"))

	must(t, bad.Start())
	said, err := bad.AwaitGivingUp(wait(t, ctx))
	must(t, err)
	if !strings.Contains(said, "not that of most voters") {
		t.Fatalf("it stopped because of something else: %s", said)
	}
	serving(t, ctx, c, c.Others(bad)...)

	must(t, bad.Start())
	serving(t, ctx, c, bad) // first: until it has set its data aside it has the former id
	must(t, c.AwaitVoters(wait(t, ctx)))
	a = h.Do(ctx, client.Request{Node: bad.URL, Method: http.MethodGet, Path: "sys/policies/acl/p", Token: c.Root})
	if !bytes.Contains(a.Body, []byte("written as it is")) {
		t.Errorf("the node that came back has another policy: %s", a.Body)
	}
	aside, err := os.ReadFile(filepath.Join(bad.DataDir, "diverged", "log.db"))
	must(t, err)
	if bytes.Equal(aside, was) || !bytes.Contains(aside, []byte("Written as it is")) {
		t.Error("what was set aside is not what was damaged")
	}
}

// flip changes the case of the first letter of a text in a file, wherever it stands,
// and returns the file as it was.
func flip(t *testing.T, path string, text []byte) (was []byte) {
	t.Helper()
	was, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Contains(was, text) {
		t.Fatalf("%s does not hold %q", path, text)
	}
	now := bytes.Clone(text)
	now[0] ^= 0x20
	must(t, os.WriteFile(path, bytes.ReplaceAll(was, text, now), 0o600))
	return was
}
