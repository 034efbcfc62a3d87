package bench

import (
	"testing"
	"time"
)

// TestRateBoundsTheRounds: no more rounds count than were to begin.
func TestRateBoundsTheRounds(t *testing.T) {
	s := newFakeServer(t, true)
	c := quick("lookup", 3, s.URL)
	c.Duration, c.Rate = 200*time.Millisecond, 100
	r := runOne(t, c)
	if n := r.Rows[0].Count; n == 0 || n > 20 {
		t.Errorf("%d rounds in 0.2 s at 100 a second", n)
	}
}

// TestLatencyCountsFromWhenARoundWasDue: a connection that was busy does not hide for how
// long, in the first request of a round; the others count from when they begin.
func TestLatencyCountsFromWhenARoundWasDue(t *testing.T) {
	s := newFakeServer(t, true)
	c := quick("create", 1, s.URL)
	w := newWorker(0, 1, c, workload{name: "create", step: stepCreate}, newConn(t.Context(), mustTarget(t, s.URL), time.Minute), rootToken, new(shared))
	now := time.Now()
	w.window = window{from: now.Add(-2 * time.Hour), to: now.Add(time.Hour)}
	w.due = now.Add(-time.Hour)
	for range 2 {
		if _, ok := w.measure(opCreate, w.createRequest); !ok {
			t.Fatalf("refused: %v", w.ops[opCreate].sample)
		}
	}
	hist := &w.ops[opCreate].hist
	if late, prompt := hist.Max(), hist.Quantile(0.5); late < time.Hour || prompt >= time.Hour {
		t.Errorf("late by %s and prompt within %s, want an hour and less", late, prompt)
	}
}

func TestANegativeRateIsRefused(t *testing.T) {
	c := quick("lookup", 1, "http://127.0.0.1:1")
	c.Rate = -1
	if err := c.Validate(); err == nil {
		t.Error("accepted")
	}
}
