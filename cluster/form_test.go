package cluster

import (
	"context"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/peer"
)

// prepare draws the server ids of a cluster's nodes before they start.
func (c *testCluster) prepare() (ids []string) {
	c.Helper()
	for _, cfg := range c.cfgs {
		id, err := openIdentity(cfg.DataDir, cfg.NodeID)
		if err != nil {
			c.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// promised has a node's directory hold a promise.
func (c *testCluster) promised(i int, servers ...string) {
	c.Helper()
	f, err := openFormation(c.cfgs[i].DataDir)
	if err == nil {
		slices.Sort(servers)
		_, err = f.promise(configurationID(c.cfgs[i].ClusterName, servers), servers, true)
	}
	if err != nil {
		c.Fatal(err)
	}
}

func (c *testCluster) startAll() {
	c.Helper()
	for i := range c.nodes {
		c.start(i)
	}
	c.awaitReady()
}

// oneCluster wants all nodes in one cluster, and returns its id.
func (c *testCluster) oneCluster() string {
	c.Helper()
	id := c.nodes[0].Status().ClusterID
	for _, n := range c.nodes {
		if got := n.Status().ClusterID; got != id || id == "" {
			c.Errorf("%s is in cluster %q, n1 in %q", n.cfg.NodeID, got, id)
		}
	}
	return id
}

// Four nodes of which any three may form the cluster: one forms, the fourth
// joins it.
func TestFourNodesExpectThree(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 4, 3)
	c.startAll()
	c.oneCluster()
	await(t, "the fourth to vote", func() bool { return len(c.nodes[c.leader()].voters()) == 4 })
	c.awaitEqual()
}

// A promise is pursued although others would form something else, and those join.
func TestAPromiseIsPursued(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 4, 3)
	ids := c.prepare()
	c.promised(0, ids[0], ids[2], ids[3]) // without it, the first three would form
	c.startAll()
	if id, want := c.oneCluster(), configurationID(t.Name(), []string{ids[0], ids[2], ids[3]}); id != want {
		t.Errorf("cluster %s, promised was %s", id, want)
	}
}

// Crashes at each point between promise and the end of bootstrap.
func TestFormationGoesOnAfterCrashes(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, 3)
	ids := c.prepare()
	watch := newWatchdog(c.cfgs[0].StallTimeout, func(err error) { t.Error(err) })
	for i := range c.nodes {
		c.promised(i, slices.Clone(ids)...)
	}
	// n1: after its promise. n2: after its stores were made. n3: after bootstrap,
	// before it noted that.
	for i := 1; i < 3; i++ {
		s, err := openStores(c.cfgs[i].DataDir, logInBolt, watch, newRaftLogger(testLogger()))
		if err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			f, err := openFormation(t.TempDir()) // another place: the note is lost
			if err != nil {
				t.Fatal(err)
			}
			n := &Node{cfg: c.cfgs[i], log: testLogger(), serverID: ids[i], stores: s, formation: f}
			if err := n.bootstrap(slices.Sorted(slices.Values(ids))); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	}
	c.startAll()
	c.oneCluster()
	c.awaitEqual()
}

// A server that promised, went away and comes back when the others have formed is
// part of what it promised; its empty log is filled.
func TestAPromisedServerComesBackLate(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, 3)
	ids := c.prepare()
	c.startAll()
	i := c.follower()
	c.crash(i)
	lose(t, c.cfgs[i].DataDir)
	f := &formation{path: filepath.Join(c.cfgs[i].DataDir, "formation.json")}
	if err := f.write(formationFile{Promised: slices.Sorted(slices.Values(ids))}); err != nil {
		t.Fatal(err)
	}
	c.start(i)
	c.awaitReady()
	c.oneCluster()
	c.awaitEqual()
}

// A promise of another configuration keeps a node from joining until it is
// certain that the other one never formed.
func TestAPromiseIsGivenUpOnlyWhenItCanNotForm(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 5, 3)
	ids := c.prepare()
	c.promised(3, ids[2], ids[3], "gone-0123456789abcdef") // n3 will be bound elsewhere
	c.promised(4, ids[4], "gone-0123456789abcdef", "lost-0123456789abcdef")
	c.promised(0, ids[0], ids[1], ids[2])
	for i := range 4 {
		c.start(i)
	}
	c.awaitReady() // n4 too: n3 said never

	n := c.start(4)
	ctx, cancel := testContext(t)
	defer cancel()
	var id string
	await(t, "gossip to reach n5", func() bool { id = n.livingCluster(ctx, n.gossip.Members()); return id != "" })
	if n.mayJoin(ctx, id) {
		t.Error("n5 may join although what it promised may have formed")
	}
	if n.formationID() != "" || n.raftNow.Load() != nil {
		t.Error("n5 joined")
	}
}

// A server that is left of a cluster without a quorum is no cluster to join, and yet
// keeps others from forming one beside it.
func TestNobodyJoinsWhatRemains(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 6, 3)
	for i := range 3 {
		c.start(i)
	}
	c.awaitReady()
	c.crash(1)
	c.crash(2)
	await(t, "the quorum to be lost", func() bool { return !c.nodes[0].Status().HasQuorum })
	for i := 3; i < 6; i++ {
		c.start(i)
	}
	await(t, "gossip to reach the newcomers", func() bool {
		for i := 3; i < 6; i++ {
			if members := c.nodes[i].gossip.Members(); !anyFormed(members) || len(members) != 4 {
				return false
			}
		}
		return true
	})
	ctx, cancel := testContext(t)
	defer cancel()
	for i := 3; i < 6; i++ {
		if id := c.nodes[i].livingCluster(ctx, c.nodes[i].gossip.Members()); id != "" || c.nodes[i].formationID() != "" {
			t.Errorf("node %d joins %q", i, id)
		}
	}
	c.start(1)
	c.start(2)
	c.awaitReady() // and all six are one cluster
	for i, n := range c.nodes {
		if n.formationID() != c.nodes[0].formationID() {
			t.Errorf("node %d is in another cluster", i)
		}
	}
}

// Two clusters of one name that formed apart stay apart when they meet.
func TestClustersThatFormedApartRefuseEachOther(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2, 1)
	c.start(0)
	first := c.nodes[0]
	c.awaitReady()
	c.put(0, nil) // so that the second does not join it
	c.start(1)
	c.put(0, first)
	c.awaitReady()
	c.crash(1)
	second := c.start(1) // and now tries to
	c.awaitReady()
	if first.formationID() == second.formationID() {
		t.Fatal("they formed one cluster")
	}
	ctx, cancel := testContext(t)
	defer cancel()
	for i, n := range c.nodes {
		if _, err := n.View(ctx); err != nil {
			t.Error(err)
		}
		if m := n.gossip.Members(); len(m) != 1 || len(n.Status().Members) != 1 {
			t.Errorf("node %d sees %v", i, m)
		}
	}
	if _, err := second.link.Call(ctx, first.serverID, kindTerm, nil); !peer.NotHandled(err) {
		t.Errorf("a call between them: %v", err)
	}
	if _, err := first.handleJoin(ctx, second.serverID, joinRequest(second.formationID())); err == nil {
		t.Error("one may join the other")
	}
}

// hashicorp/raft#695: no heartbeat may take the transport's fast path.
func TestHeartbeatsGoThroughTheMainLoop(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 1)
	trans := reflect.ValueOf(c.nodes[0].raft).Elem().FieldByName("trans").Elem()
	if trans.Type() != reflect.TypeFor[*peer.Transport]() {
		t.Fatalf("raft runs over %s", trans.Type())
	}
	if h := trans.Elem().FieldByName("NetworkTransport").Elem().FieldByName("heartbeatFn"); !h.IsNil() {
		t.Fatal("the fast path is set")
	}
	var _ raft.WithPreVote = (*peer.Transport)(nil)
}

// A node closes at any time, at once, and leaves nothing behind.
func TestCloseLeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("nodes", func(t *testing.T) {
		lonely := newCluster(t, 1, 3)
		lonely.start(0) // never forms
		lonely.stop(0)
		hasty := newCluster(t, 1, 1)
		hasty.start(0) // forms right now
		hasty.stop(0)
		c := startCluster(t, 3)
		ctx, cancel := context.WithCancel(t.Context())
		l := startLoad(ctx, c, "x", 0, 1, 2)
		l.goesOn(10)
		l.stop()
		cancel()
		root, command := c.caller(rootToken), c.token("late", 0)
		for i, n := range c.nodes {
			c.stop(i)
			if err := n.Close(t.Context()); err != nil {
				t.Errorf("closed again: %v", err)
			}
			if _, err := n.View(t.Context()); err != ErrClosed {
				t.Errorf("view of a closed node: %v", err)
			}
			if _, err := n.Propose(t.Context(), Proposal{Caller: root, Command: command}); err != ErrClosed {
				t.Errorf("command for a closed node: %v", err)
			}
		}
	})
	await(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}
