package cluster

import (
	"context"
	"errors"
	"testing"
)

func TestAppliedWakesThoseWhoWait(t *testing.T) {
	var a applied
	ctx := t.Context()
	if err := a.wait(ctx, 0); err != nil {
		t.Fatal(err)
	}
	done := make(chan uint64, 3)
	for _, i := range []uint64{5, 7, 7} {
		go func() {
			if err := a.wait(ctx, i); err == nil {
				done <- i
			}
		}()
	}
	a.set(4)
	a.set(6) // past 5 without having been 5: a snapshot, or no command at 5
	if got := <-done; got != 5 {
		t.Fatalf("%d woke at 6", got)
	}
	a.set(3) // never goes back
	if a.get() != 6 {
		t.Fatalf("index is %d, want 6", a.get())
	}
	a.set(7)
	<-done
	<-done
	if a.mu.Lock(); len(a.waiters) != 0 {
		t.Fatalf("%d waiters left", len(a.waiters))
	}
	a.mu.Unlock()
}

func TestAppliedForgetsWhoGaveUp(t *testing.T) {
	var a applied
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.wait(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Fatalf("wait: %v", err)
	}
	if len(a.waiters) != 0 {
		t.Fatal("the waiter is kept")
	}
}
