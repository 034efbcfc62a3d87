package cluster

import (
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

func TestDiskGauge(t *testing.T) {
	free, failed := uint64(1000), error(nil)
	d := &diskGauge{least: 100, log: slog.New(slog.DiscardHandler), free: func(string) (uint64, error) { return free, failed }}
	for i, step := range []struct {
		free uint64
		err  error
		low  bool
	}{
		{1000, nil, false}, {100, nil, false}, {99, nil, true},
		{100, nil, true}, {109, nil, true}, {110, nil, false}, // only with a tenth more is there room again
		{109, nil, false}, {0, errors.New("not known"), false}, {0, nil, true},
		{1000, errors.New("not known"), true},
	} {
		free, failed = step.free, step.err
		if d.look(); d.low.Load() != step.low {
			t.Errorf("step %d, %d bytes: low: %v", i, step.free, d.low.Load())
		}
	}
}

func TestFull(t *testing.T) {
	for _, tt := range []struct {
		voters, readers string
		low, silent     string
		want            bool
	}{
		{"abc", "", "", "", false}, {"abc", "", "a", "", false}, {"abc", "", "ab", "", true}, {"abc", "", "abc", "", true},
		{"abcde", "", "ab", "", false}, {"abcde", "", "abc", "", true}, {"abcd", "", "a", "", false}, {"abcd", "", "ab", "", true},
		{"a", "", "a", "", true}, {"abc", "r", "ar", "", false},
		{"abc", "", "", "b", false}, {"abc", "", "a", "b", true}, {"abcde", "", "a", "b", false}, {"abcde", "", "a", "bc", true},
	} {
		c, servers := newCare(), careServers(tt.voters, tt.readers)
		answers := answersOf(servers, tt.voters+tt.readers, 1)
		for i, s := range servers {
			answers[i].lowDisk = strings.Contains(tt.low, string(s.ID))
			if strings.Contains(tt.silent, string(s.ID)) {
				answers[i] = nil
			}
		}
		c.note(servers, answers, fsm.Autopilot{LastContact: time.Second}, 1, time.Now())
		if got := c.full.Load(); got != tt.want {
			t.Errorf("%s of %s are low, %q silent: full: %v", tt.low, tt.voters, tt.silent, got)
		}
	}
}

// With room on no majority's disks writes are refused, whoever takes them, and nothing
// else; with room again they go on by themselves. A leader alone without room makes way.
func TestLowDisks(t *testing.T) {
	t.Parallel()
	var free [3]atomic.Uint64
	c := newCluster(t, 3, 3, func(i int, cfg *Config) {
		free[i].Store(1 << 30)
		cfg.freeSpace = func(string) (uint64, error) { return free[i].Load(), nil }
	})
	for i := range 3 {
		c.start(i)
	}
	c.awaitReady()
	ctx, cancel := testContext(t)
	defer cancel()
	if err := c.create(ctx, 0, "before", 0); err != nil {
		t.Fatal(err)
	}

	led := c.leader()
	free[led].Store(1)
	await(t, "another to lead", func() bool {
		now := c.leader()
		return now != led && c.nodes[now].Status().Leader
	})
	if err := c.create(ctx, led, "through who made way", 0); err != nil {
		t.Error(err)
	}

	for i := range free {
		free[i].Store(1)
	}
	await(t, "writes to be refused", func() bool {
		return errors.Is(c.create(ctx, 0, "while it fills", 0), ErrNoSpace)
	})
	for i := range c.nodes {
		if err := c.create(ctx, i, "refused", 0); !errors.Is(err, ErrNoSpace) {
			t.Errorf("node %d: %v", i, err)
		}
		if _, err := c.read(ctx, i, "before"); err != nil {
			t.Errorf("node %d reads: %v", i, err)
		}
		if _, err := c.read(ctx, i, "refused"); err == nil {
			t.Errorf("node %d knows what was refused", i)
		}
	}

	for i := range free {
		free[i].Store(1 << 30)
	}
	await(t, "writes to go on", func() bool { return c.create(ctx, 1, "after", 0) == nil })
	c.awaitEqual()
}
