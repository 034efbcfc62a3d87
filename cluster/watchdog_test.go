package cluster

import (
	"strings"
	"testing"
	"time"
)

func TestWatchdogCountsLooks(t *testing.T) {
	var faults []error
	w := newWatchdog(time.Minute, func(err error) { faults = append(faults, err) })
	done := w.begin("log write")
	for i := range looksPerLimit {
		if what, stuck := w.look(); stuck {
			t.Fatalf("look %d says %s hangs", i+1, what)
		}
	}
	done()
	w.begin("apply") // never ends
	for range looksPerLimit {
		if what, stuck := w.look(); stuck {
			t.Fatalf("%s hangs before its limit", what)
		}
	}
	if what, stuck := w.look(); !stuck || what != "apply" {
		t.Fatalf("after the limit: %q, %v; want apply, true", what, stuck)
	}
}

func TestWatchdogReportsOnce(t *testing.T) {
	faults := make(chan error, 10)
	w := newWatchdog(looksPerLimit*time.Millisecond, func(err error) { faults <- err })
	w.begin("vote write")
	ctx, cancel := testContext(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.run(ctx)
	}()
	if err := <-faults; !strings.Contains(err.Error(), "vote write") {
		t.Fatalf("fault %q does not name what hangs", err)
	}
	w.begin("apply")
	w.fault(errMalformed)
	cancel()
	<-done
	if len(faults) != 0 {
		t.Fatalf("second fault: %v", <-faults)
	}
}
