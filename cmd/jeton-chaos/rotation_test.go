package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// TestARotatedAuditFileIsLetGo: an audit file that is renamed while all nodes write to
// it, or nothing, is closed on SIGHUP and grows no more, and every request that was
// answered stands in one of the files, once before and once after.
func TestARotatedAuditFileIsLetGo(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	enableAudit(t, ctx, c)
	h, file := client.New(patience), auditFile(c)
	serving(t, ctx, c, c.Nodes...)
	if !held(t, c, file) {
		t.Fatal("no node has the file open")
	}
	letGo(t, ctx, c, file+".idle") // while nobody asks them anything
	var mu sync.Mutex
	done, end := map[string]bool{}, make(chan struct{})
	answered := func() int { mu.Lock(); defer mu.Unlock(); return len(done) }
	var writers sync.WaitGroup
	for i, n := range c.Nodes {
		writers.Go(func() {
			for k := 0; ; k++ {
				select {
				case <-end:
					return
				default:
				}
				path := fmt.Sprintf("cubbyhole/of-%d-%d", i, k)
				if a := h.Do(ctx, client.Request{Node: n.URL, Method: "DELETE", Path: path, Token: c.Root}); a.Outcome != client.Done {
					t.Errorf("%s: %s", path, a)
					return
				}
				mu.Lock()
				done[path] = true
				mu.Unlock()
			}
		})
	}
	more := func() {
		t.Helper()
		before := answered()
		must(t, poll(wait(t, ctx), func() bool { return answered() >= before+100 || t.Failed() }))
	}
	files := []string{file}
	for k := range 3 {
		more()
		old := fmt.Sprintf("%s.%d", file, k)
		letGo(t, ctx, c, old)
		files = append(files, old)
		size := sizeOf(t, old)
		more()
		if now := sizeOf(t, old); now != size {
			t.Errorf("%s has grown from %d to %d after it was closed", old, size, now)
		}
		if sizeOf(t, file) == 0 {
			t.Error("the new file is empty")
		}
	}
	close(end)
	writers.Wait()
	entries := entriesOf(t, files)
	for path := range done { // order: none matters
		if n := entries[path]; n != "request response" {
			t.Errorf("%s has the entries %q", path, n)
		}
	}
	t.Logf("%d requests in %d files", len(done), len(files))
}

// letGo renames the audit file, tells every node, and waits until none has it open.
func letGo(t *testing.T, ctx context.Context, c *procs.Cluster, to string) {
	t.Helper()
	must(t, os.Rename(auditFile(c), to))
	for _, n := range c.Nodes {
		must(t, n.Reload())
	}
	must(t, poll(wait(t, ctx), func() bool { return !held(t, c, to) }))
}

func held(t *testing.T, c *procs.Cluster, path string) bool {
	t.Helper()
	for _, n := range c.Nodes {
		holds, err := n.Holds(path)
		if err != nil {
			t.Skipf("NOBODY SAYS WHO HAS A FILE OPEN HERE: %v", err)
		}
		if holds {
			return true
		}
	}
	return false
}

func sizeOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	return info.Size()
}

// entriesOf is what entries each path has in the files, requests first.
func entriesOf(t *testing.T, files []string) map[string]string {
	t.Helper()
	entries := make(map[string]string)
	for _, kind := range []string{"request", "response"} {
		for _, file := range files {
			f, err := os.Open(file)
			must(t, err)
			defer f.Close()
			for lines := bufio.NewScanner(f); lines.Scan(); {
				var e struct {
					Type    string
					Request struct{ Path string }
				}
				if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
					t.Fatalf("%s: %v: %s", file, err, lines.Text())
				}
				if e.Type == kind {
					entries[e.Request.Path] = strings.TrimSpace(entries[e.Request.Path] + " " + kind)
				}
			}
		}
	}
	return entries
}
