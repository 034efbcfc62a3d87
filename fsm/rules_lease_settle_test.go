package fsm_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// What only waited for its turn outside was no try: nothing counts it, and the lease
// comes up again.
func TestLeaseWaits(t *testing.T) {
	tests := []struct {
		name   string
		failed int  // tries before
		force  bool // it is forgotten when the next try fails
		pause  time.Duration
		want   fsm.LeasePhase
		next   time.Duration
	}{
		{"never tried", 0, false, time.Second, fsm.Revoking, time.Second},
		{"one try short of irrevocable", fsm.MaxLeaseTries - 1, false, time.Second, fsm.Revoking, time.Second},
		{"irrevocable", fsm.MaxLeaseTries, false, time.Second, fsm.Irrevocable, time.Second},
		{"forced", 0, true, time.Second, fsm.Revoking, time.Second},
		{"never again", 1, false, time.Duration(fsm.Never), fsm.Revoking, fsm.MaxRetryPause},
		{"in the past", 1, false, -hour, fsm.Revoking, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := databases(t)
			l.Lease("app", "ro", "a")
			l.Must("root", &fsm.LeaseRevoke{Lease: id("a")})
			for range tt.failed {
				settle(l, "no connection", 0)
			}
			if tt.force {
				l.Must("root", &fsm.PrefixRevoke{Endpoint: fsm.LeasesRevokeForce, Prefix: "db"})
				l.Clean(10)
			}
			before, _ := l.State().Lease(id("a"))
			wait := func(tries uint32) *fsm.Lease {
				t.Helper()
				l.Cluster(&fsm.LeaseSettle{Attempts: []fsm.Attempt{{Lease: id("a"), Tries: tries, NextTry: l.At.Add(tt.pause), Waited: true}}})
				wantPhase(t, l, "a", tt.want)
				after, _ := l.State().Lease(id("a"))
				return after
			}
			if after := wait(before.Tries + 1); after != before {
				t.Fatalf("a report of another try made it %+v", after)
			}
			for range 2 * fsm.MaxLeaseTries {
				want := *before
				want.NextTry = l.At.Add(tt.next)
				if after := wait(before.Tries); fmt.Sprintf("%+v", *after) != fmt.Sprintf("%+v", want) {
					t.Fatalf("lease is %+v, want %+v", *after, want)
				}
			}
			l.Wait(tt.next)
			if got := due(l); len(got) != 1 {
				t.Fatalf("due are %q", got)
			}
			settle(l, "", 0)
			wantPhase(t, l, "a", 0)
		})
	}
}

// A report about a lease that nothing has ended changes nothing.
func TestLeaseWaitsForNothing(t *testing.T) {
	l := databases(t)
	l.Lease("app", "ro", "a")
	x, _ := l.State().Lease(id("a"))
	l.Cluster(&fsm.LeaseSettle{Attempts: []fsm.Attempt{{Lease: id("a"), NextTry: l.At.Add(hour), Waited: true}}})
	if y, _ := l.State().Lease(id("a")); y != x {
		t.Fatalf("lease is %+v", y)
	}
	wantPhase(t, l, "a", fsm.Live)
}
