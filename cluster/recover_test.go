package cluster

import (
	"errors"
	"testing"
)

// What one of three disks holds is enough to begin again, under a new name.
func TestRecover(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{logInBolt, logInWAL} {
		t.Run(kind, func(t *testing.T) { testRecover(t, kind) })
	}
}

func testRecover(t *testing.T, kind string) {
	c := startCluster(t, 3, func(_ int, cfg *Config) { cfg.LogStore = kind })
	ctx, cancel := testContext(t)
	defer cancel()
	if err := c.create(ctx, 0, "before", 0); err != nil {
		t.Fatal(err)
	}
	c.awaitEqual()
	dir, was := c.cfgs[1].DataDir, c.nodes[1].serverID
	if _, err := Recover(dir, c.cfgs[1].Logger); !errors.Is(err, ErrInUse) {
		t.Fatalf("a node runs: %v", err)
	}
	for i := range 3 {
		c.crash(i)
	}
	r, err := Examine(dir)
	if err != nil {
		t.Fatal(err)
	}
	if r.ServerID != was || len(r.Servers) != 3 || r.LastIndex == 0 || r.LastTerm == 0 || r.Term < r.LastTerm || r.ClusterID == "" {
		t.Errorf("%+v", r)
	}
	id, err := Recover(dir, c.cfgs[1].Logger)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Examine(dir)
	if err != nil {
		t.Fatal(err)
	}
	if id == was || again.ServerID != id || again.ClusterID == r.ClusterID || again.LastIndex < r.LastIndex ||
		len(again.Servers) != 1 || again.Servers[0] != (Server{id, true}) {
		t.Fatalf("%s: %+v", id, again)
	}
	n := c.start(1)
	await(t, "the recovered node to lead", func() bool { return n.Status().Leader })
	if _, err := c.read(ctx, 1, "before"); err != nil {
		t.Error(err)
	}
	if err := c.create(ctx, 1, "after", 0); err != nil {
		t.Error(err)
	}
}

func TestExamineRefusals(t *testing.T) {
	if _, err := Examine(t.TempDir()); err == nil {
		t.Error("an empty directory has been examined")
	}
	if _, err := Recover(t.TempDir(), nil); err == nil {
		t.Error("an empty directory has been recovered")
	}
}
