package cluster

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jeton-io/jeton/fsm"
)

func TestSessionLowFollowsTheFirstUnanswered(t *testing.T) {
	s := newSession()
	draw := func() fsm.RequestID {
		t.Helper()
		id, ok := s.next()
		if !ok || id.Session != s.id {
			t.Fatalf("next: %+v, %v", id, ok)
		}
		return id
	}
	steps := []struct {
		done     uint64 // answered before the next is drawn, 0: none
		seq, low uint64 // of that
	}{
		{0, 1, 1}, {0, 2, 1}, {0, 3, 1},
		{2, 4, 1}, // the first is still open
		{1, 5, 3}, // 1 and 2 are answered
		{3, 6, 4}, {5, 7, 4}, {4, 8, 6}, {6, 9, 7}, {8, 10, 7}, {7, 11, 9},
	}
	for i, st := range steps {
		if st.done > 0 {
			s.done(st.done)
		}
		if id := draw(); id.Seq != st.seq || id.Low != st.low {
			t.Fatalf("step %d: drew seq %d low %d, want %d and %d", i, id.Seq, id.Low, st.seq, st.low)
		}
	}
}

func TestSessionIsBounded(t *testing.T) {
	s := newSession()
	for range fsm.MaxOutcomesSession {
		if _, ok := s.next(); !ok {
			t.Fatal("refused below the bound")
		}
	}
	s.done(2) // the first still holds all the others
	if _, ok := s.next(); ok {
		t.Fatal("drew a number although the machine would have to remember too many")
	}
	s.done(1)
	if id, ok := s.next(); !ok || id.Low != 3 {
		t.Fatalf("after the first was answered: %+v, %v", id, ok)
	}
}

func TestSessionConcurrent(t *testing.T) {
	s := newSession()
	var seen sync.Map
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var open []uint64
			for range 500 {
				id, _ := s.next()
				if _, twice := seen.LoadOrStore(id.Seq, true); twice {
					t.Errorf("number %d drawn twice", id.Seq)
				}
				if id.Low > id.Seq || len(open) > 0 && id.Low > open[0] {
					t.Errorf("low %d above an open number", id.Low)
				}
				open = append(open, id.Seq)
				if rand.IntN(2) == 0 {
					s.done(open[0])
					open = open[1:]
				}
			}
			for _, seq := range open {
				s.done(seq)
			}
		})
	}
	wg.Wait()
	if id, _ := s.next(); id.Seq != 4001 || id.Low != 4001 {
		t.Fatalf("in the end seq %d low %d, want 4001 and 4001", id.Seq, id.Low)
	}
}
