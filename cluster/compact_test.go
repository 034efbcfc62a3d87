package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// A store is smaller after a compaction, and the node goes on from it as before.
func TestCompact(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, 1, func(_ int, cfg *Config) { cfg.SnapshotEntries, cfg.TrailingLogs = 100, 10 })
	c.start(0)
	c.awaitReady()
	ctx, cancel := testContext(t)
	defer cancel()
	for i := range 300 {
		if err := c.create(ctx, 0, fmt.Sprint("token ", i), 0); err != nil {
			t.Fatal(err)
		}
	}
	dir := c.cfgs[0].DataDir
	if _, _, err := Compact(dir); !errors.Is(err, ErrInUse) {
		t.Fatalf("while a node runs: %v", err)
	}
	if err := settled(c.nodes[0].raft.Snapshot(), c.nodes[0].down); err != nil {
		t.Fatal(err)
	}
	c.stop(0)
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, "log.db"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	was := size()
	before, after, err := Compact(dir)
	if err != nil {
		t.Fatal(err)
	}
	if before < was || after >= before || size() >= was {
		t.Errorf("%d bytes became %d; the log had %d and has %d", before, after, was, size())
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.compact")); err != nil || len(left) > 0 {
		t.Errorf("%v is left (%v)", left, err)
	}
	c.start(0)
	c.awaitReady()
	for _, name := range []string{"token 0", "token 299"} {
		if _, err := c.read(ctx, 0, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.create(ctx, 0, "after", 0); err != nil {
		t.Error(err)
	}
	if _, _, err := Compact(t.TempDir()); err == nil {
		t.Error("an empty directory was compacted")
	}
}
