package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/raft"
)

// A node that crashed comes back with its data, at new ports and at the old ones,
// and catches up by the log and by a snapshot, whatever the log is kept in; in the end
// each goes on with its log in the other kind of store.
func TestRestart(t *testing.T) {
	t.Parallel()
	for kind, other := range map[string]string{logInBolt: logInWAL, logInWAL: logInBolt} { // order: each stands alone
		t.Run(kind, func(t *testing.T) { testRestart(t, kind, other) })
	}
}

func testRestart(t *testing.T, kind, other string) {
	t.Parallel()
	c := startCluster(t, 3, func(_ int, cfg *Config) {
		cfg.SnapshotBytes, cfg.TrailingLogs, cfg.LogStore = 8<<10, 4, kind
	})
	ctx, cancel := testContext(t)
	defer cancel()
	create := func(node, n int, prefix string) {
		t.Helper()
		for i := range n {
			if err := c.create(ctx, node, fmt.Sprintf("%s-%d", prefix, i), 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	create(0, 5, "before")

	t.Run("by the log", func(t *testing.T) {
		i := c.follower()
		c.crash(i)
		create(c.leader(), 3, "log")
		leader := c.nodes[c.leader()]
		if err := leader.raiseOnce(ctx, leader.leading.Load()); err == nil {
			t.Error("the level may rise although a server was not asked")
		}
		c.start(i) // at other ports: the ones configured are 0
		c.awaitEqual()
		if _, err := c.read(ctx, i, "log-2"); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("by a snapshot, at the old ports", func(t *testing.T) {
		i := c.follower()
		n := c.nodes[i]
		c.cfgs[i].ClusterAddr, c.cfgs[i].GossipAddr = n.ClusterAddr(), n.GossipAddr()
		last := n.raft.LastIndex()
		c.crash(i)
		create(c.leader(), 60, "snap")
		if err := c.revoke(ctx, c.leader(), "before-0"); err != nil {
			t.Fatal(err)
		}
		leader := c.nodes[c.leader()]
		await(t, "the leader to drop what the crashed node lacks", func() bool {
			first, err := leader.stores.cached.FirstIndex()
			return err == nil && first > last+1
		})
		c.start(i)
		c.awaitEqual()
		if _, err := c.read(ctx, i, "snap-59"); err != nil {
			t.Error(err)
		}
		if _, err := c.read(ctx, i, "before-0"); !denied(err) {
			t.Errorf("a token that was revoked meanwhile: %v", err)
		}
		if err := c.create(ctx, i, "after", 0); err != nil {
			t.Error(err)
		}
	})
	t.Run("all at once", func(t *testing.T) {
		id := c.nodes[0].Status().ClusterID
		for i := range c.nodes {
			c.crash(i)
			c.cfgs[i].LogStore = other
		}
		for i := range c.nodes {
			c.start(i)
		}
		c.awaitReady()
		for i, n := range c.nodes {
			if has, err := logKind(c.cfgs[i].DataDir); err != nil || has != other {
				t.Errorf("node %d has its log in %q: %v", i, has, err)
			}
			if _, err := c.read(ctx, i, "after"); err != nil {
				t.Errorf("node %d: %v", i, err)
			}
			if n.Status().ClusterID != id {
				t.Errorf("node %d is in cluster %s, want %s", i, n.Status().ClusterID, id)
			}
		}
		create(c.leader(), 1, "again")
		c.awaitEqual()
	})
}

// A node that lost its disk comes back as another server: first without a vote,
// then in the place of its former self. A node that wants no vote gets none, and
// one that claims the id of a node that lives replaces nobody.
func TestNewcomers(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 5, 3, func(i int, cfg *Config) {
		if i >= 3 {
			cfg.BootstrapExpect = 0
		}
		if i == 3 {
			cfg.NonVoter = true
		}
	})
	for i := range 3 {
		c.start(i)
	}
	c.awaitReady()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	member := func(serverID string) (Member, bool) {
		for _, m := range c.nodes[c.leader()].Status().Members {
			if m.ServerID == serverID {
				return m, true
			}
		}
		return Member{}, false
	}

	reader := c.start(3)
	c.awaitReady()
	if err := c.create(ctx, 3, "by the reader", 0); err != nil {
		t.Error(err)
	}
	for i := range 4 {
		if _, err := c.read(ctx, i, "by the reader"); err != nil {
			t.Errorf("node %d: %v", i, err)
		}
	}

	// The same node id on another disk, while its owner lives.
	impostor := c.follower()
	c.cfgs[4].NodeID = c.cfgs[impostor].NodeID
	second := c.start(4)
	await(t, "the second of one id to be let in", func() bool { _, ok := member(second.serverID); return ok })
	led := c.nodes[c.leader()]
	led.promote(led.leading.Load(), second.serverID, 0)
	if m, ok := member(second.serverID); !ok || m.Voter {
		t.Errorf("the second of one id: %+v", m)
	}
	if m, ok := member(c.nodes[impostor].serverID); !ok || !m.Voter {
		t.Errorf("the first of one id: %+v", m)
	}
	if err := c.nodes[0].RemovePeer(ctx, second.serverID); err != nil {
		t.Fatal(err)
	}
	c.stop(4)

	lost := c.follower()
	former := c.nodes[lost].serverID
	c.crash(lost)
	c.cfgs[lost].DataDir = t.TempDir()
	fresh := c.start(lost)
	if fresh.serverID == former {
		t.Fatal("the same server on another disk")
	}
	c.awaitReady()
	if _, err := c.read(ctx, lost, "by the reader"); err != nil {
		t.Error(err)
	}
	await(t, "the newcomer to take the place of its former self", func() bool {
		m, ok := member(fresh.serverID)
		_, still := member(former)
		return ok && m.Voter && !still
	})
	if m, ok := member(reader.serverID); !ok || m.Voter {
		t.Errorf("the node that wants no vote: %+v", m)
	}
	if n := len(c.nodes[c.leader()].voters()); n != 3 {
		t.Errorf("%d voters", n)
	}
	c.awaitEqual()

	if err := c.nodes[lost].RemovePeer(ctx, reader.serverID); err != nil {
		t.Fatal(err)
	}
	await(t, "the removal", func() bool { _, ok := member(reader.serverID); return !ok })
	if err := c.nodes[lost].RemovePeer(ctx, reader.serverID); err != nil {
		t.Errorf("removed again: %v", err)
	}
}

// A server that was removed while it was away, and is a member by all that it knows, is let
// in again when it comes back with its data.
func TestRemovedWhileAway(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 4, 4)
	for i := range 4 {
		c.start(i)
	}
	c.awaitReady()
	ctx, cancel := testContext(t)
	defer cancel()
	away := c.follower()
	id := c.nodes[away].serverID
	c.crash(away)
	led := c.leader()
	if err := c.nodes[led].RemovePeer(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := c.create(ctx, led, "while it was away", 0); err != nil {
		t.Fatal(err)
	}
	c.start(away)
	c.awaitReady()
	if _, err := c.read(ctx, away, "while it was away"); err != nil {
		t.Error(err)
	}
	await(t, "the vote of who was removed", func() bool { return c.nodes[c.leader()].isVoter(id) })
	c.awaitEqual()
}

func TestAdmission(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 1)
	n := c.nodes[0]
	await(t, "the first level", func() bool { return n.machine.View().Level > 0 })
	ours, good := n.formationID(), "x-0123456789abcdef"
	for _, tt := range []struct {
		name, server, cluster string
		level                 uint64
		ok                    bool
	}{
		{"one of ours", good, ours, 1, true},
		{"of a later release", good, ours, 99, true},
		{"of another cluster", good, "0123", 1, false},
		{"of no cluster", good, "", 1, false},
		{"without a node id", "0123456789abcdef", ours, 1, false},
		{"of a release too old", good, ours, 0, false},
	} {
		if err := n.admits(tt.server, tt.cluster, tt.level); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// faultyLog is a disk that can hang or fail.
type faultyLog struct {
	raft.LogStore
	hang chan struct{} // closed: go on
	mode chan string   // holds what is wrong
}

func (f *faultyLog) StoreLogs(logs []*raft.Log) error {
	select {
	case mode := <-f.mode:
		f.mode <- mode
		if mode == "hang" {
			<-f.hang
		}
		return errDisk
	default:
		return f.LogStore.StoreLogs(logs)
	}
}

// A leader whose disk hangs keeps its leadership, and one whose disk fails would
// go on with a log that nobody knows: both must end.
func TestAFaultyDiskEndsTheLeader(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"hang", "fail"} {
		t.Run(mode, func(t *testing.T) {
			disks, faults := make([]*faultyLog, 3), make([]chan error, 3)
			c := startCluster(t, 3, func(i int, cfg *Config) {
				cfg.StallTimeout = 3 * time.Second
				disks[i] = &faultyLog{hang: make(chan struct{}), mode: make(chan string, 1)}
				faults[i] = make(chan error, 1)
				cfg.wrapLog = func(s raft.LogStore) raft.LogStore { disks[i].LogStore = s; return disks[i] }
				cfg.OnFault = func(err error) { faults[i] <- err }
			})
			ctx, cancel := testContext(t)
			defer cancel()
			leader := c.leader()
			disks[leader].mode <- mode
			done := make(chan error, 1)
			go func() { done <- c.create(ctx, (leader+1)%3, "through", 0) }()
			err := <-faults[leader]
			if mode == "fail" && !errors.Is(err, errDisk) {
				t.Errorf("fault: %v", err)
			}
			close(disks[leader].hang)
			c.crash(leader)
			if err := <-done; err != nil {
				t.Errorf("a write that outlived the leader: %v", err)
			}
			for i, f := range faults {
				if i != leader && len(f) > 0 {
					t.Errorf("node %d: %v", i, <-f)
				}
			}
			c.awaitEqual()
		})
	}
}

// lose removes what raft keeps in a data directory.
func lose(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"log.db", "wal", "vars.db", "snapshots"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}
