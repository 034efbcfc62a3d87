package cluster

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// testWatch is a clock that can be set.
type testWatch struct {
	wall time.Time
	mono time.Duration
}

func (w *testWatch) pass(d time.Duration) { w.wall, w.mono = w.wall.Add(d), w.mono+d }
func (w *testWatch) set(d time.Duration)  { w.wall = w.wall.Add(d) }

func newTestClock(bound time.Duration) (*leaderClock, *testWatch) {
	w := &testWatch{wall: time.Unix(1_800_000_000, 0)}
	return &leaderClock{
		wall: func() time.Time { return w.wall }, mono: func() time.Duration { return w.mono },
		bound: bound, machine: fsm.NewMachine(),
	}, w
}

func TestStampsNeverGoBack(t *testing.T) {
	c, w := newTestClock(time.Second)
	c.judged(true)
	var last fsm.Instant
	for i, step := range []time.Duration{0, time.Millisecond, -900 * time.Millisecond, 100 * time.Millisecond, 900 * time.Millisecond} {
		w.set(step)
		at, err := c.stamp()
		if err != nil {
			t.Fatal(err)
		}
		if at < last || c.now() < at {
			t.Fatalf("step %d: stamp %d after %d, now %d", i, at, last, c.now())
		}
		if wall := fsm.Instant(w.wall.UnixNano()); wall > last && at != wall {
			t.Fatalf("step %d: stamp %d, the clock shows %d", i, at, wall)
		}
		last = at
	}
}

func TestStampsGoOnFromTheLog(t *testing.T) {
	c, w := newTestClock(time.Second)
	c.judged(true)
	ahead := fsm.Instant(w.wall.Add(time.Hour).UnixNano())
	e := fsm.Entry{At: ahead, Envelopes: [][]byte{(&fsm.Envelope{Command: &fsm.Tick{}}).Encode()}}
	c.machine.Apply(1, e.Encode())
	if at, err := c.stamp(); err != nil || at != ahead {
		t.Fatalf("stamp %d, %v; the log is at %d", at, err, ahead)
	}
}

func TestStampNeedsAgreement(t *testing.T) {
	const bound = time.Second
	tests := []struct {
		name  string
		do    func(*leaderClock, *testWatch)
		wrong bool // a majority said so
		ok    bool
	}{
		{"nobody was asked", func(*leaderClock, *testWatch) {}, true, false},
		{"agreed", func(c *leaderClock, _ *testWatch) { c.judged(true) }, false, true},
		{"agreed, an hour passed", func(c *leaderClock, w *testWatch) { c.judged(true); w.pass(time.Hour) }, false, true},
		{"set forward within the bound", func(c *leaderClock, w *testWatch) { c.judged(true); w.set(bound) }, false, true},
		{"set forward", func(c *leaderClock, w *testWatch) { c.judged(true); w.set(bound + 1) }, false, false},
		{"set back", func(c *leaderClock, w *testWatch) { c.judged(true); w.set(-bound - 1) }, false, false},
		{"stands still", func(c *leaderClock, w *testWatch) { c.judged(true); w.pass(time.Minute); w.set(-time.Minute) }, false, false},
		{"set, and agreed again", func(c *leaderClock, w *testWatch) { c.judged(true); w.set(time.Hour); c.judged(true) }, false, true},
		{"a majority disagrees", func(c *leaderClock, _ *testWatch) { c.judged(true); c.judged(false) }, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, w := newTestClock(bound)
			tt.do(c, w)
			_, err := c.stamp()
			if (err == nil) != tt.ok || errors.Is(err, errWrongClock) != tt.wrong {
				t.Fatalf("stamp: %v", err)
			}
		})
	}
}

// The batcher asks before it gives leadership away: a machine that was suspended
// comes back with a clock that jumped and is right.
func TestBatcherAsksAboutAClockInDoubt(t *testing.T) {
	tests := []struct {
		name      string
		verdict   error // of the voters
		committed bool
		lost      bool
	}{
		{"the clock is right", nil, true, false},
		{"the clock is wrong", errWrongClock, false, true},
		{"nobody answers", ErrNoLeader, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newTestBatcher(t)
			c, w := newTestClock(time.Second)
			c.judged(true)
			w.set(time.Hour)
			c.ask = func(context.Context, *leaderClock) error {
				if tt.verdict == nil || errors.Is(tt.verdict, errWrongClock) {
					c.judged(tt.verdict == nil)
				}
				return tt.verdict
			}
			b.clock = c
			lost := false
			b.lost = func(error) { lost = true }
			o := tick()
			b.commit(t.Context(), []*op{o})
			a := <-o.answer
			if (a.err == nil) != tt.committed || !tt.committed && !errors.Is(a.err, ErrNoLeader) {
				t.Fatalf("answer: %v", a.err)
			}
			if lost != tt.lost {
				t.Fatalf("gave leadership away: %v", lost)
			}
		})
	}
}
