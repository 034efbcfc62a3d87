package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// The disks of a cluster really fill up. One that is low costs its node the leadership
// and no client a request; when all are low, only what ends something is taken, and below
// the floor nothing is. Reads go on, and with room again everything does, by itself.
func TestDisksThatFill(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c, disks := startOnDisks(t, "--min-free-disk", fmt.Sprint(lowMark>>20))
	h := client.New(patience)
	var live []client.Token
	newToken := func(n *procs.Node) client.Token { return create(t, ctx, h, n.URL, c.Root, client.TokenRequest{}) }
	kept, policy := newToken(c.Nodes[0]), client.Request{Node: c.Nodes[1].URL, Path: "sys/policies/acl/p", Token: c.Root}
	live = append(live, kept)
	dead := []client.Token{newToken(c.Nodes[0]), newToken(c.Nodes[1]), newToken(c.Nodes[2])}
	policy.Method, policy.Body = http.MethodPut, map[string]any{"policy": `path "a" { capabilities = ["read"] }`}
	ask(t, ctx, h, policy)

	lead := leader(t, ctx, c)
	disks[lead].leave(t, lowMark*3/4)
	must(t, poll(wait(t, ctx), func() bool {
		for _, n := range c.Nodes {
			live = append(live, newToken(n)) // each is answered, whoever leads
		}
		p, err := c.Position(ctx, lead)
		return err == nil && !p.Leads
	}))

	for _, n := range c.Nodes {
		disks[n].leave(t, lowMark*3/4)
	}
	creates := func(n *procs.Node) client.Answer {
		token, a := h.CreateToken(ctx, n.URL, c.Root, "", client.TokenRequest{})
		if a.Outcome == client.Done {
			live = append(live, token)
		}
		return a
	}
	must(t, poll(wait(t, ctx), func() bool { return creates(c.Nodes[0]).Outcome != client.Done }))
	for i, n := range c.Nodes {
		refusedForSpace(t, creates(n))
		alive(t, ctx, h, n, kept)
		if a := h.Revoke(ctx, n.URL, c.Root, dead[i].ID); a.Outcome != client.Done {
			t.Errorf("%s revokes on a disk that is low: %s", n.ID, a)
		}
	}
	policy.Method, policy.Body = http.MethodDelete, nil
	ask(t, ctx, h, policy)

	for _, n := range c.Nodes {
		disks[n].leave(t, lowMark/8)
	}
	must(t, poll(wait(t, ctx), func() bool { // to revoke again does nothing, but is logged
		return h.Revoke(ctx, c.Nodes[0].URL, c.Root, dead[0].ID).Outcome != client.Done
	}))
	for _, n := range c.Nodes {
		refusedForSpace(t, creates(n))
		refusedForSpace(t, h.Revoke(ctx, n.URL, c.Root, kept.ID))
		alive(t, ctx, h, n, kept)
	}

	for _, n := range c.Nodes {
		disks[n].clear(t)
	}
	for _, n := range c.Nodes {
		must(t, poll(wait(t, ctx), func() bool { return creates(n).Outcome == client.Done }))
	}
	serving(t, ctx, c, c.Nodes...)
	for _, n := range c.Nodes {
		for _, token := range live {
			alive(t, ctx, h, n, token)
		}
		for _, token := range dead {
			if a := h.LookupSelf(ctx, n.URL, token.ID); a.Status != http.StatusForbidden {
				t.Errorf("%s, a revoked token: %s, want 403", n.ID, a)
			}
		}
	}
}

// refusedForSpace wants an answer as Vault's clients read it and try again on.
func refusedForSpace(t *testing.T, a client.Answer) {
	t.Helper()
	var body struct{ Errors []string }
	if err := a.Decode(&body); err != nil || a.Status != http.StatusServiceUnavailable || a.Outcome != client.Void || a.Header.Get("Retry-After") == "" ||
		len(body.Errors) == 0 || !strings.Contains(body.Errors[0], "disk is nearly full") {
		t.Errorf("%s (%v), want a 503 that tells of the disk", a, err)
	}
}

// Without a mark the log is written until there is no space at all. The node ends then,
// be it the leader, and the others go on; with room it catches up, and has everything that
// was acknowledged before and since.
func TestADiskWithoutSpaceEndsItsNode(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c, disks := startOnDisks(t, "--min-free-disk", "0")
	h := client.New(patience)
	tokens := newWriter(t, ctx, c)
	for _, role := range []string{"leader", "follower"} {
		tokens.more()
		n := leader(t, ctx, c)
		if role == "follower" {
			n = c.Others(n)[0]
		}
		disks[n].leave(t, 0)
		why, err := n.AwaitGivingUp(wait(t, ctx))
		must(t, err)
		if !strings.Contains(why, syscall.ENOSPC.Error()) {
			t.Errorf("the %s gave up for another reason: %s", role, why)
		}
		next := leader(t, ctx, c, n)
		tokens.more()
		disks[n].clear(t)
		must(t, n.Start())
		serving(t, ctx, c, n)
		must(t, c.AwaitCaughtUp(wait(t, ctx), n, next))
	}
	tokens.more()
	for _, token := range tokens.stop() {
		for _, n := range c.Nodes {
			alive(t, ctx, h, n, token)
		}
	}
}

const (
	diskBytes = 64 << 20
	lowMark   = 16 << 20
)

// disk is a file system of its own that a test fills.
type disk struct{ dir string }

// startOnDisks is start with a small disk for the data of each node.
func startOnDisks(t *testing.T, flags ...string) (context.Context, *procs.Cluster, map[*procs.Node]disk) {
	t.Helper()
	dir := t.TempDir()
	for _, id := range []string{"n1", "n2", "n3"} { // as package procs names them
		at := filepath.Join(dir, id)
		must(t, os.Mkdir(at, 0o700))
		mountDisk(t, at, diskBytes)
	}
	ctx, c := start(t, procs.Config{Dir: dir, Flags: append(flags, "--raft-log-store", "boltdb")}) // a segment is there before it is full
	disks := make(map[*procs.Node]disk)
	for _, n := range c.Nodes {
		disks[n] = disk{n.DataDir}
		if free := disks[n].free(t); free == 0 || free > diskBytes {
			t.Fatalf("%s has %d bytes left on a disk of %d", n.ID, free, diskBytes)
		}
	}
	return ctx, c, disks
}

func (d disk) filler() string { return filepath.Join(d.dir, "filler") }

func (d disk) free(t *testing.T) int {
	t.Helper()
	var s syscall.Statfs_t
	must(t, syscall.Statfs(d.dir, &s))
	return int(s.Bavail) * int(s.Bsize)
}

// leave fills the disk until there are no more bytes free than these.
func (d disk) leave(t *testing.T, bytes int) {
	t.Helper()
	f, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	defer f.Close()
	block := make([]byte, 4<<10)
	for d.free(t) > bytes {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			return // the node has taken the last
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func (d disk) clear(t *testing.T) {
	t.Helper()
	must(t, os.Remove(d.filler()))
}

// mountDisk puts a file system of so many bytes over a folder, until the test ends.
func mountDisk(t *testing.T, dir string, bytes int) {
	t.Helper()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%d,mode=700", bytes), "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("NO FULL DISK IS TESTED HERE: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil { // nodes may have a file open
			t.Errorf("%v: %s", err, out)
		}
	})
}
