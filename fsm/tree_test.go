package fsm_test

import (
	"fmt"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// grow makes a tree of n tokens below "top": each token has some children. The
// names are t0, t1, …; each is a descendant of t0, and so of top.
func grow(t testing.TB, l *fsmtest.Lab, n int) {
	l.Create("root", "top", fsmtest.TTL(hour))
	const batch, children = 500, 7
	for from := 0; from < n; from += batch {
		var envelopes []*fsm.Envelope
		for i := from; i < min(n, from+batch); i++ {
			parent := "top"
			if i > 0 {
				parent = fmt.Sprint("t", (i-1)/children)
			}
			envelopes = append(envelopes, l.Envelope(parent, fsmtest.Create(fmt.Sprint("t", i), fsmtest.TTL(hour))))
		}
		for _, o := range l.Entry(envelopes...) {
			if o.Err != nil {
				t.Fatal(o.Err)
			}
		}
	}
}

func TestLargeTree(t *testing.T) {
	n := 100_000
	if testing.Short() || raced {
		n = 10_000
	}
	l := fsmtest.New(t)
	grow(t, l, n)
	before := l.State().CountTokens()
	written := fsm.CountWrites(l.Machine, l.Envelope("root", fsmtest.Revoke("top")))
	if written > 10 {
		t.Fatalf("revoking the tree wrote %d records", written)
	}
	l.Must("root", fsmtest.Revoke("top"))
	if got := l.State().CountTokens(); got != before {
		t.Fatalf("revoking removed %d records at once", before-got)
	}
	for i := range n {
		if l.Alive(fmt.Sprint("t", i)) {
			t.Fatalf("t%d lives", i)
		}
	}
	l.Refused(fmt.Sprint("t", n-1), fsmtest.LookupSelf(), fsm.PermissionDenied)
	const limit = 1000
	rounds := 0
	for left := before; l.State().SweepPending(); rounds++ {
		swept := l.Cluster(&fsm.Sweep{Limit: limit}).(*fsm.Swept)
		now := l.State().CountTokens()
		if left-now > limit || left == now || int(swept.Removed) != left-now {
			t.Fatalf("a sweep of %d removed %d, says %d", limit, left-now, swept.Removed)
		}
		left = now
	}
	if got := l.State().CountTokens(); got != 1 || rounds > n/limit+2 {
		t.Fatalf("%d tokens left after %d sweeps", got, rounds)
	}
	if _, ok := l.State().Tombstone(fsmtest.Digest("top")); !ok {
		t.Fatal("the last death is forgotten")
	}
	if err := fsm.CheckInvariants(l.State()); err != nil { // tombstones are bounded, too
		t.Fatal(err)
	}
}

func TestWidePrefix(t *testing.T) {
	const roles = 300
	l := fsmtest.New(t)
	for i := range roles {
		role := fmt.Sprint("r", i)
		l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: role}})
		l.Create("root", "old "+role, fsmtest.ByRole(role))
	}
	l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create"})
	for i := range roles {
		role := fmt.Sprint("r", i)
		l.Create("root", "new "+role, fsmtest.ByRole(role))
	}
	// Newer tokens stand under every path: each costs a look, none is walked over
	// again and again.
	for looks := 0; l.State().SweepPending(); looks++ {
		if looks > 2*roles+10 {
			t.Fatal("the sweep looks at the same paths over and over")
		}
		l.Cluster(&fsm.Sweep{Limit: 1})
	}
	for i := range roles {
		if l.Alive(fmt.Sprint("old r", i)) || !l.Alive(fmt.Sprint("new r", i)) {
			t.Fatalf("r%d: wrong one lives", i)
		}
	}
}

func TestMarksAreBounded(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r"}})
	for i := range fsm.MaxMarks {
		l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", PathSuffix: fmt.Sprint("s", i)}, Given: fsm.GivenPathSuffix})
		l.Create("root", fmt.Sprint("t", i), fsmtest.ByRole("r"))
		l.Must("root", &fsm.PrefixRevoke{Prefix: fmt.Sprint("auth/token/create/r/s", i)})
	}
	l.Create("root", "more")
	if err := l.Refused("root", &fsm.PrefixRevoke{Prefix: "auth/token/create"}, fsm.TooManyMarks); err.Code != fsm.Limit {
		t.Fatalf("code %d", err.Code)
	}
	l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create/r/s0"}) // stands already
	l.Clean(100)
	l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create"})
	if l.Alive("more") {
		t.Fatal("alive")
	}
}
