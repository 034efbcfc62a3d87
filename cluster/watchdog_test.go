package cluster

import (
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
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

func TestWatchdogGivesMore(t *testing.T) {
	w := newWatchdog(time.Minute, nil)
	w.beginLong("apply", 3)
	for i := range 3 * looksPerLimit {
		if _, stuck := w.look(); stuck {
			t.Fatalf("hangs at look %d", i+1)
		}
	}
	if _, stuck := w.look(); !stuck {
		t.Fatal("does not hang after its limits")
	}
}

// A restore that is about to end is given time for all that was staged.
func TestRestoresTakeTheirTime(t *testing.T) {
	l := fsmtest.New(t)
	archive := l.Archive()
	if n := limitsFor(l.State()); n != 1 {
		t.Errorf("%d limits without a restore", n)
	}
	l.Must("root", fsmtest.Begin("it", archive))
	l.Must("root", fsmtest.Part("it", archive, 0))
	if n := limitsFor(l.State()); n != 1 {
		t.Errorf("%d limits for %d bytes", n, len(archive))
	}
	big := &fsm.RestoreBegin{ID: fsmtest.RestoreID("big"), Bytes: fsm.MaxStagedBytes}
	l.Must("root", &fsm.RestoreAbort{ID: fsmtest.RestoreID("it")})
	l.Clean(100)
	l.Must("root", big)
	part := make([]byte, fsm.StagedPartBytes)
	for seq := range uint64(2 * stagedPerLimit / fsm.StagedPartBytes) {
		l.Must("root", &fsm.RestorePart{ID: big.ID, Seq: seq, Data: part})
	}
	if n := limitsFor(l.State()); n != 3 {
		t.Errorf("%d limits for 128 MiB", n)
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
