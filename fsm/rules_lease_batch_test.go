package fsm_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// A lease of a batch token ends with it, whatever ends that, and with its parent.
func TestLeaseEndsWithItsBatchToken(t *testing.T) {
	for name, end := range map[string]func(l *fsmtest.Lab){
		"its parent revoked": func(l *fsmtest.Lab) { l.Must("root", fsmtest.Revoke("app")) },
		"a fence by path":    func(l *fsmtest.Lab) { l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create"}) },
		"expired":            func(l *fsmtest.Lab) { l.Wait(20 * time.Minute) },
	} {
		for _, limit := range []uint32{1, 1000} {
			t.Run(fmt.Sprint(name, ", sweeps of ", limit), func(t *testing.T) {
				l := databases(t)
				l.Create("app", "b", fsmtest.Batch, fsmtest.Policies("db"), fsmtest.TTL(20*time.Minute))
				for i := range 3 {
					if got := l.Lease("b", "ro", fmt.Sprint("b", i)); got.TTL != 20*time.Minute || got.OwnerAccessor != fsmtest.Accessor("app") {
						t.Fatalf("lease is %+v: want it the parent's, no longer than the token", got)
					}
				}
				l.Lease("root", "ro", "other")
				comesBack(t, l)
				end(l)
				l.Create("root", "next", fsmtest.Batch, fsmtest.Policies("db"), fsmtest.TTL(10*time.Minute))
				l.Lease("next", "ro", "next")
				wantPhase(t, l, "b1", fsm.Revoking)
				l.Clean(limit)
				wantPhase(t, l, "b1", fsm.Revoking)
				wantPhase(t, l, "next", fsm.Live)
				wantPhase(t, l, "other", fsm.Live)
				if got := due(l); len(got) != 3 {
					t.Fatalf("%d leases are due, want 3", len(got))
				}
				settle(l, "", 0)
				wantPhase(t, l, "b1", 0)
				wantPhase(t, l, "next", fsm.Live)
			})
		}
	}
}
