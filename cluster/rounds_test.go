package cluster

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// A caller must get a round that started after it arrived, never one in flight.
func TestRoundsStartAfterArrival(t *testing.T) {
	var clock atomic.Int64
	r := rounds[int64]{do: func(int) (int64, error) { return clock.Add(1), nil }}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 500 {
				arrived := clock.Add(1)
				started, err := r.join(t.Context())
				if err != nil || started <= arrived {
					t.Errorf("arrived at %d, round of %d, %v", arrived, started, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestRoundsGatherWhileOneIsInFlight(t *testing.T) {
	started, finish := make(chan int), make(chan error)
	r := rounds[int]{do: func(waiters int) (int, error) {
		started <- waiters
		return waiters, <-finish
	}}
	join := func(ctx context.Context, out chan<- error) {
		_, err := r.join(ctx)
		out <- err
	}
	first, rest := make(chan error, 1), make(chan error, 3)
	go join(t.Context(), first)
	if n := <-started; n != 1 {
		t.Fatalf("first round serves %d", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go join(ctx, rest)
	go join(t.Context(), rest)
	go join(t.Context(), rest)
	for waiting := 0; waiting < 3; {
		r.mu.Lock()
		if r.next != nil {
			waiting = r.next.waiters
		}
		r.mu.Unlock()
	}
	cancel()
	if err := <-rest; !errors.Is(err, context.Canceled) {
		t.Fatalf("who gave up got %v", err)
	}
	finish <- errMalformed
	if err := <-first; !errors.Is(err, errMalformed) {
		t.Fatalf("first round: %v", err)
	}
	if n := <-started; n != 3 {
		t.Fatalf("second round serves %d, want 3", n)
	}
	finish <- nil
	for range 2 {
		if err := <-rest; err != nil {
			t.Fatal(err)
		}
	}
	for running := true; running; { // the loop ends when nobody waits
		r.mu.Lock()
		running = r.running
		r.mu.Unlock()
	}
}
