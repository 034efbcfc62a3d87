package cluster

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

func TestDiskGauge(t *testing.T) {
	free, failed := uint64(1000), error(nil)
	d := &diskGauge{least: 400, log: slog.New(slog.DiscardHandler), free: func(string) (uint64, error) { return free, failed }}
	unknown := errors.New("not known")
	for i, step := range []struct {
		free uint64
		err  error
		want shortage
	}{
		{1000, nil, diskAmple}, {400, nil, diskAmple}, {399, nil, diskLow},
		{400, nil, diskLow}, {439, nil, diskLow}, {440, nil, diskAmple}, // only with a tenth more is there room again
		{439, nil, diskAmple}, {0, unknown, diskAmple}, {100, nil, diskLow}, {99, nil, diskFull},
		{1000, unknown, diskFull}, {109, nil, diskFull}, {110, nil, diskLow}, {0, nil, diskFull}, {1000, nil, diskAmple}, {0, nil, diskFull},
	} {
		free, failed = step.free, step.err
		if d.look(); d.shortage() != step.want {
			t.Errorf("step %d, %d bytes: %d, want %d", i, step.free, d.shortage(), step.want)
		}
	}
	d = &diskGauge{log: d.log, free: func(string) (uint64, error) { return 0, nil }}
	if d.look(); d.shortage() != diskAmple {
		t.Error("switched off, and still at work")
	}
}

func TestShortageOfTheMajority(t *testing.T) {
	for _, tt := range []struct {
		voters, readers   string
		low, full, silent string
		want              shortage
	}{
		{"abc", "", "", "", "", diskAmple}, {"abc", "", "a", "", "", diskAmple}, {"abc", "", "ab", "", "", diskLow}, {"abc", "", "abc", "", "", diskLow},
		{"abcde", "", "ab", "", "", diskAmple}, {"abcde", "", "abc", "", "", diskLow}, {"abcd", "", "a", "", "", diskAmple}, {"abcd", "", "ab", "", "", diskLow},
		{"a", "", "a", "", "", diskLow}, {"abc", "r", "ar", "", "", diskAmple}, {"abc", "r", "", "ar", "", diskAmple},
		{"abc", "", "", "", "b", diskAmple}, {"abc", "", "a", "", "b", diskLow}, {"abcde", "", "a", "", "b", diskAmple}, {"abcde", "", "a", "", "bc", diskLow},
		{"abc", "", "", "a", "", diskAmple}, {"abc", "", "b", "a", "", diskLow}, {"abc", "", "bc", "a", "", diskLow}, {"abc", "", "", "ab", "", diskFull},
		{"abc", "", "c", "ab", "", diskFull}, {"a", "", "", "a", "", diskFull}, {"abc", "", "b", "a", "c", diskFull}, {"abcde", "", "c", "ab", "", diskLow},
	} {
		c, servers := newCare(), careServers(tt.voters, tt.readers)
		answers := answersOf(servers, tt.voters+tt.readers, 1)
		for i, s := range servers {
			switch id := string(s.ID); {
			case strings.Contains(tt.low, id):
				answers[i].short = diskLow
			case strings.Contains(tt.full, id):
				answers[i].short = diskFull
			case strings.Contains(tt.silent, id):
				answers[i] = nil
			}
		}
		a, begin := fsm.Autopilot{LastContact: time.Second}, time.Now()
		c.note(servers, make([]*progress, len(servers)), a, 1, begin)
		c.note(servers, answers, a, 1, begin.Add(2*time.Second))
		if got := c.shortage(); got != tt.want {
			t.Errorf("of %s %q are low, %q full, %q silent: %d, want %d", tt.voters, tt.low, tt.full, tt.silent, got, tt.want)
		}
	}
}

// A leader that has just begun refuses nothing because of who has not answered yet.
func TestShortageAtFirst(t *testing.T) {
	c, servers := newCare(), careServers("abc", "")
	answers := answersOf(servers, "ab", 1)
	answers[0].short = diskFull
	c.note(servers, answers, fsm.Autopilot{LastContact: time.Second}, 1, time.Now())
	if got := c.shortage(); got != diskAmple {
		t.Errorf("of abc a is full, and c was asked once: %d", got)
	}
}

// testDisks are three nodes whose free space the test sets.
type testDisks struct {
	*testCluster
	free [3]atomic.Uint64
}

func newDisks(t *testing.T) *testDisks {
	d := new(testDisks)
	d.testCluster = newCluster(t, 3, 3, func(i int, cfg *Config) {
		d.free[i].Store(ampleBytes)
		cfg.MinFreeDisk, cfg.freeSpace = 400, func(string) (uint64, error) { return d.free[i].Load(), nil }
	})
	for i := range 3 {
		d.start(i)
	}
	d.awaitReady()
	return d
}

// What a disk has left that is short of space in each of the three ways.
const (
	ampleBytes = 1000
	lowBytes   = 200
	fullBytes  = 50
)

// leave leaves each disk so much, and waits until the leader goes by it.
func (d *testDisks) leave(bytes uint64, want shortage) {
	d.Helper()
	for i := range d.free {
		d.free[i].Store(bytes)
		d.nodes[i].disk.look() // now, and not within a second
	}
	await(d, "the leader to know", func() bool {
		l := d.nodes[d.leader()].leading.Load()
		return l != nil && l.shortage() == want && !l.outdone()
	})
}

// With room on no majority's disks writes are refused, whoever takes them, and below the
// floor what ends something, too. Reads go on, and with room again everything does.
func TestLowDisks(t *testing.T) {
	t.Parallel()
	c := newDisks(t)
	ctx, cancel := testContext(t)
	defer cancel()
	for _, text := range []string{"before", "a", "b", "c", "kept"} {
		if err := c.create(ctx, 0, text, 0); err != nil {
			t.Fatal(err)
		}
	}
	refuses := func(what string, do func(node int) error) {
		t.Helper()
		for i := range c.nodes {
			if err := do(i); !errors.Is(err, ErrNoSpace) {
				t.Errorf("node %d, %s: %v", i, what, err)
			}
			if _, err := c.read(ctx, i, "before"); err != nil {
				t.Errorf("node %d reads: %v", i, err)
			}
		}
	}
	creates := func(i int) error { return c.create(ctx, i, "refused", 0) }
	ticks := func() error {
		_, err := c.nodes[c.leader()].leading.Load().internal(ctx, &fsm.Tick{})
		return err
	}

	c.leave(lowBytes, diskLow)
	refuses("a creation on low disks", creates)
	for i, text := range []string{"a", "b", "c"} {
		if err := c.revoke(ctx, i, text); err != nil {
			t.Errorf("node %d revokes on low disks: %v", i, err)
		}
		if _, err := c.read(ctx, i, text); !denied(err) {
			t.Errorf("node %d, a revoked token: %v", i, err)
		}
	}

	if err := ticks(); err != nil {
		t.Errorf("the cluster's own on low disks: %v", err)
	}

	c.leave(fullBytes, diskFull)
	if err := ticks(); !errors.Is(err, ErrNoSpace) {
		t.Errorf("the cluster's own on full disks: %v", err)
	}
	refuses("a creation on full disks", creates)
	refuses("a revocation on full disks", func(i int) error { return c.revoke(ctx, i, "kept") })
	for i := range c.nodes {
		if _, err := c.read(ctx, i, "refused"); !denied(err) {
			t.Errorf("node %d knows what was refused: %v", i, err)
		}
		if _, err := c.read(ctx, i, "kept"); err != nil {
			t.Errorf("node %d has lost what was not revoked: %v", i, err)
		}
	}

	c.leave(ampleBytes, diskAmple)
	if err := c.create(ctx, 1, "after", 0); err != nil {
		t.Error(err)
	}
	c.awaitEqual()
}

// A leader that is shorter of space than a majority makes way, and those who asked it
// meanwhile wait for the next.
func TestLowDiskOfTheLeader(t *testing.T) {
	t.Parallel()
	c := newDisks(t)
	ctx, cancel := testContext(t)
	defer cancel()
	for round, bytes := range []uint64{lowBytes, fullBytes} {
		c.leave(ampleBytes, diskAmple)
		led := c.leader()
		c.free[led].Store(bytes)
		c.nodes[led].disk.look()
		for i := range c.nodes {
			if err := c.create(ctx, i, fmt.Sprintf("%d while it hands over %d", round, i), 0); err != nil {
				t.Errorf("node %d, the leader has %d bytes left: %v", i, bytes, err)
			}
		}
		await(t, "another to lead", func() bool { return c.leader() != led })
	}
	c.awaitEqual()
}

// A session can be opened on a disk that is low: a node that starts then has to revoke.
func TestSavesRoom(t *testing.T) {
	for _, tt := range []struct {
		command fsm.Command
		want    bool
	}{
		{&fsm.SessionOpen{Session: 1}, true}, {&fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken}}, true}, {&fsm.Tick{}, true}, {&fsm.TokenUse{}, false},
	} {
		env := fsm.Envelope{Command: tt.command}
		if got := savesRoom(env.Encode(), diskLow); got != tt.want {
			t.Errorf("%s: %v", fsm.Name(tt.command), got)
		}
	}
	if savesRoom([]byte("no command"), diskLow) {
		t.Error("what is no command is taken")
	}
}

// A snapshot that would take what is left for the log is not written.
func TestNoSnapshotWithoutRoom(t *testing.T) {
	t.Parallel()
	var free atomic.Uint64
	free.Store(1 << 40)
	c := startCluster(t, 1, func(_ int, cfg *Config) {
		cfg.freeSpace = func(string) (uint64, error) { return free.Load(), nil }
	})
	ctx, cancel := testContext(t)
	defer cancel()
	n := c.nodes[0]
	if err := n.raft.Snapshot().Error(); err != nil {
		t.Fatal(err)
	}
	if err := c.create(ctx, 0, "more", 0); err != nil {
		t.Fatal(err)
	}
	free.Store(n.cfg.MinFreeDisk / floorPart)
	if err := n.raft.Snapshot().Error(); err == nil {
		t.Error("a snapshot took what is left for the log")
	}
	free.Store(1 << 40)
	if err := n.raft.Snapshot().Error(); err != nil {
		t.Error(err)
	}
}
