package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

func TestStand(t *testing.T) {
	a, b, c := fsm.Hash{1}, fsm.Hash{2}, fsm.Hash{3}
	three, five := []string{"1", "2", "3"}, []string{"1", "2", "3", "4", "5"}
	for _, tt := range []struct {
		name   string
		voters []string
		hashes map[string]fsm.Hash
		own    fsm.Hash
		want   standing
	}{
		{"all have it", three, map[string]fsm.Hash{"1": a, "2": a, "3": a}, a, standsWell},
		{"one has another", three, map[string]fsm.Hash{"1": a, "2": a, "3": b}, a, standsWell},
		{"it is that one", three, map[string]fsm.Hash{"1": a, "2": a, "3": b}, b, standsAlone},
		{"the third is silent", three, map[string]fsm.Hash{"1": a, "3": b}, a, standsSplit},
		{"and for the other", three, map[string]fsm.Hash{"1": a, "3": b}, b, standsSplit},
		{"three states", three, map[string]fsm.Hash{"1": a, "2": b, "3": c}, c, standsSplit},
		{"nobody else knows", three, map[string]fsm.Hash{"1": a}, a, standsUnknown},
		{"two of five are silent", five, map[string]fsm.Hash{"1": a, "2": a, "3": b}, b, standsSplit},
		{"two of five are wrong", five, map[string]fsm.Hash{"1": a, "2": a, "3": b, "4": a, "5": b}, b, standsAlone},
		{"two pairs", five, map[string]fsm.Hash{"1": a, "2": a, "3": b, "4": b, "5": c}, a, standsSplit},
		{"without a vote", three, map[string]fsm.Hash{"1": a, "2": a, "3": a, "4": b}, b, standsAlone},
		{"the only one", []string{"1"}, map[string]fsm.Hash{"1": a}, a, standsWell},
	} {
		if got := stand(tt.voters, tt.hashes, tt.own); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// divergent is a cluster that compares its states often, and tells which nodes stop.
type divergent struct {
	*testCluster
	faults chan string
}

func startDivergent(t *testing.T) *divergent {
	d := &divergent{faults: make(chan string, 8)}
	d.testCluster = startCluster(t, 3, func(_ int, cfg *Config) {
		cfg.checkEvery, cfg.ReadTimeout = 20*time.Millisecond, time.Second
		cfg.OnFault = func(err error) {
			if !errors.Is(err, errDiverged) {
				t.Errorf("%s: fault: %v", cfg.NodeID, err)
			}
			d.faults <- cfg.NodeID
		}
	})
	for _, name := range []string{"bent", "kept"} {
		ctx, cancel := testContext(t)
		defer cancel()
		if err := d.create(ctx, 0, name, 0); err != nil {
			t.Fatal(err)
		}
	}
	d.awaitEqual()
	return d
}

// bend flips a bit in a node's memory, and has the log touch what it is in.
func (d *divergent) bend(i, through int) {
	d.Helper()
	a, verdict := d.nodes[i].resolveLocal(d.caller("bent"))
	if verdict != nil {
		d.Fatal(verdict)
	}
	a.Token.CreatedAt ^= 1 << 20
	ctx, cancel := testContext(d)
	defer cancel()
	if err := d.revoke(ctx, through, "bent"); err != nil {
		d.Fatal(err)
	}
}

// awaitFence waits until a node, and no other, has stopped.
func (d *divergent) awaitFence(i int) {
	d.Helper()
	select {
	case id := <-d.faults:
		if want := d.cfgs[i].NodeID; id != want {
			d.Fatalf("%s stopped, want %s", id, want)
		}
	case <-time.After(time.Minute):
		d.Fatal("nobody stopped")
	}
	d.crash(i)
}

func TestADivergedFollowerIsReplaced(t *testing.T) {
	t.Parallel()
	d := startDivergent(t)
	i, leader := d.follower(), d.leader()
	was, dir := d.nodes[i].serverID, d.cfgs[i].DataDir
	d.bend(i, leader)
	d.awaitFence(i)
	if _, err := Examine(dir); err == nil {
		t.Error("what is marked as wrong can be recovered from without a word")
	}
	n := d.start(i)
	if n.serverID == was {
		t.Error("it is the same server")
	}
	await(t, "the new incarnation to vote in place of the old one", func() bool {
		ids := d.nodes[leader].voters()
		return slices.Contains(ids, n.serverID) && !slices.Contains(ids, was)
	})
	d.awaitEqual()
	for _, name := range []string{"server-id", "log.db", divergedMark} {
		if _, err := os.Stat(filepath.Join(dir, divergedDir, name)); err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := testContext(t)
	defer cancel()
	if _, err := d.read(ctx, i, "kept"); err != nil {
		t.Error(err)
	}
}

func TestADivergedLeaderStopsAndRepairsNobody(t *testing.T) {
	t.Parallel()
	d := startDivergent(t)
	leader := d.leader()
	was := d.nodes[leader].serverID
	d.bend(leader, leader)
	d.awaitFence(leader)
	ctx, cancel := testContext(t)
	defer cancel()
	next := d.leader(leader)
	if err := d.create(ctx, next, "after", 0); err != nil {
		t.Error(err)
	}
	// Its log is right: what is made of that anew is, too.
	if n := d.start(leader); n.serverID != was {
		t.Errorf("it has become another server, %s", n.serverID)
	}
	d.awaitEqual()
	if _, err := d.read(ctx, leader, "after"); err != nil {
		t.Error(err)
	}
}

func TestWithoutAMajorityNobodyVouches(t *testing.T) {
	t.Parallel()
	d := startDivergent(t)
	leader, silent := d.leader(), d.follower()
	bent := 3 - leader - silent
	d.crash(silent)
	d.bend(bent, leader)
	await(t, "both to be in doubt", func() bool { return d.nodes[leader].Status().Doubtful && d.nodes[bent].Status().Doubtful })
	ctx, cancel := testContext(t)
	defer cancel()
	for _, i := range []int{leader, bent} {
		if _, err := d.read(ctx, i, "kept"); !errors.Is(err, ErrDoubtful) {
			t.Errorf("read of %s: %v", d.cfgs[i].NodeID, err)
		}
	}
	// A restart makes nobody sure: the state is made of the same log again.
	d.crash(leader)
	if n := d.start(leader); !n.Status().Doubtful {
		t.Error("after a restart the doubt is forgotten")
	}
	d.start(silent)
	d.awaitFence(bent)
	await(t, "the others to answer", func() bool { return !d.nodes[leader].Status().Doubtful && !d.nodes[silent].Status().Doubtful })
	if err := d.create(ctx, silent, "after", 0); err != nil {
		t.Error(err)
	}
}

// A snapshot of damaged memory would outlive it.
func TestDamagedStateIsNotKept(t *testing.T) {
	t.Parallel()
	faults := make(chan error, 1)
	c := startCluster(t, 1, func(_ int, cfg *Config) { cfg.OnFault = func(err error) { faults <- err } })
	a, verdict := c.nodes[0].resolveLocal(c.caller(rootToken))
	if verdict != nil {
		t.Fatal(verdict)
	}
	a.Token.CreatedAt ^= 1 << 20
	if err := c.nodes[0].raft.Snapshot().Error(); err == nil {
		t.Error("a snapshot of it was taken")
	}
	if err := <-faults; !errors.Is(err, fsm.ErrDamaged) {
		t.Errorf("fault: %v", err)
	}
}

// Who was given another's state is no second voice for it while somebody is in doubt.
func TestACopyHasNoVoice(t *testing.T) {
	voters := []string{"1", "2", "3"}
	for _, tt := range []struct {
		name string
		said map[string]progress
		kept bool
	}{
		{"nobody answers", nil, true},
		{"too few answer", map[string]progress{"1": {}}, true},
		{"one of two is in doubt", map[string]progress{"1": {doubtful: true}, "2": {}}, true},
		{"most are sure", map[string]progress{"1": {}, "3": {}}, false},
	} {
		n := new(Node)
		n.copied.Store(true)
		if n.settleCopy(voters, tt.said); n.copied.Load() != tt.kept {
			t.Errorf("%s: the copy is kept silent: %v, want %v", tt.name, n.copied.Load(), tt.kept)
		}
	}
}

// What is damaged in the log of a leader makes every new server go wrong at one place: to
// wipe it over and over repairs nothing.
func TestNobodyIsWipedTwiceForOneIndex(t *testing.T) {
	dir := t.TempDir()
	mark := func(index uint64) {
		t.Helper()
		if err := markDiverged(dir, index); err != nil {
			t.Fatal(err)
		}
	}
	mark(7)
	if err := setAside(dir, testLogger()); err != nil {
		t.Fatal(err)
	}
	if err := setAside(dir, testLogger()); err != nil {
		t.Errorf("without a mark: %v", err)
	}
	mark(7)
	if err := setAside(dir, testLogger()); !errors.Is(err, errDivergedAgain) {
		t.Errorf("at the same index again: %v", err)
	}
	mark(8)
	if err := setAside(dir, testLogger()); err != nil {
		t.Errorf("at another index: %v", err)
	}
}
