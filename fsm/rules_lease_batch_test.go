package fsm_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// 1.9.31: a lease of a batch token is its parent's, no longer than the token. It ends with it, whatever ends that, and with its parent.
func TestLeaseEndsWithItsBatchToken(t *testing.T) {
	for name, end := range map[string]func(l *fsmtest.Lab){
		"its parent revoked": func(l *fsmtest.Lab) { l.Must("root", fsmtest.Revoke("app")) },
		"its grandparent":    func(l *fsmtest.Lab) { l.Must("root", fsmtest.Revoke("top")) },
		"its parent cut":     func(l *fsmtest.Lab) { l.Must("root", &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("app")}) },
		"itself":             func(l *fsmtest.Lab) { l.Must("root", &fsm.BatchRevoke{Accessor: fsmtest.Accessor("b")}) },
		"its shown text": func(l *fsmtest.Lab) {
			l.Must("root", &fsm.BatchRevoke{Accessor: fsmtest.Accessor("b"), Until: l.BatchToken("b").Deadline()})
		},
		"a fence by path": func(l *fsmtest.Lab) { l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create/ci"}) },
		"a fence by role": func(l *fsmtest.Lab) { l.Must("root", &fsm.NotBefore{Scope: fsm.FenceRole, Name: "ci"}) },
		"a fence by key":  func(l *fsmtest.Lab) { l.Must("root", &fsm.NotBefore{Scope: fsm.FenceKey, Name: "b1"}) },
		"a fence for all": func(l *fsmtest.Lab) { l.Must("root", &fsm.NotBefore{Scope: fsm.FenceCluster}) },
		"its key retired": func(l *fsmtest.Lab) {
			l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{{Purpose: fsm.KeyBatch, ID: "b2", Box: fsm.Sealed{KeyID: "k1", Box: []byte("sealed")}}}})
			wantPhase(t, l, "b1", fsm.Live)
			l.Must("root", &fsm.KeyRetire{ID: "b1"})
		},
		"expired": func(l *fsmtest.Lab) { l.Wait(20 * time.Minute) },
	} {
		for _, limit := range []uint32{1, 1000} {
			t.Run(fmt.Sprint(name, ", sweeps of ", limit), func(t *testing.T) {
				l := fsmtest.New(t)
				l.AddRole("ro", hour, 2*hour)
				l.Must("root", fsmtest.Policy("db", fsmtest.Allow("db/creds/*", policy.Read), fsmtest.Allow("auth/token/create*", policy.Update)))
				l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "ci"}})
				l.Create("root", "top", fsmtest.Policies("db"), fsmtest.TTL(10*hour))
				l.Create("top", "app", fsmtest.Policies("db"), fsmtest.TTL(10*hour))
				l.Create("app", "b", fsmtest.Batch, fsmtest.ByRole("ci"), fsmtest.Policies("db"), fsmtest.TTL(20*time.Minute))
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

// The deny list of batch tokens may name anybody: what it can not end keeps its
// leases, and so does the parent of what it ends.
func TestDenyingABatchTokenLeavesOthersTheirLeases(t *testing.T) {
	l := databases(t)
	for _, b := range []string{"b", "other"} {
		l.Create("app", b, fsmtest.Batch, fsmtest.Policies("db"), fsmtest.TTL(20*time.Minute))
	}
	for _, caller := range []string{"app", "b", "other"} {
		l.Lease(caller, "ro", "of "+caller)
	}
	for _, name := range []string{"app", "nobody", "b"} {
		l.Must("root", &fsm.BatchRevoke{Accessor: fsmtest.Accessor(name)})
	}
	l.Clean(1000)
	wantPhase(t, l, "of app", fsm.Live)
	wantPhase(t, l, "of b", fsm.Revoking)
	wantPhase(t, l, "of other", fsm.Live)
	l.Must("root", fsmtest.Revoke("app"))
	l.Clean(1000)
	for _, caller := range []string{"app", "other"} {
		wantPhase(t, l, "of "+caller, fsm.Revoking)
	}
}
