package fsm_test

import (
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// The side that makes the secret may be slow: while it may still be at it, nothing
// is revoked, because "not there" would be no proof.
func TestLeaseEndsWhileItIsIssued(t *testing.T) {
	begin := func(t *testing.T) *fsmtest.Lab {
		l := databases(t)
		l.Create("root", "own", fsmtest.Policies("db"), fsmtest.TTL(10*time.Hour))
		l.Must("own", l.Issue("ro", "a"))
		return l
	}
	lost := func(t *testing.T, l *fsmtest.Lab) {
		t.Helper()
		if stands := l.Must("", &fsm.LeaseConfirm{Lease: id("a")}).(*fsm.LeaseStands); !stands.Found || stands.Lease != nil {
			t.Fatalf("confirmed as %+v, want ended", stands)
		}
		if got := due(l); len(got) != 1 {
			t.Fatalf("due are %q, want the lease", got)
		}
		wantPhase(t, l, "a", fsm.Revoking)
	}
	t.Run("token revoked, then swept", func(t *testing.T) {
		l := begin(t)
		l.Must("root", fsmtest.Revoke("own"))
		l.Clean(10)
		if got := due(l); len(got) != 0 {
			t.Fatalf("due are %q while the node may be at it", got)
		}
		lost(t, l)
	})
	t.Run("token revoked", func(t *testing.T) {
		l := begin(t)
		l.Must("root", fsmtest.Revoke("own"))
		lost(t, l)
	})
	t.Run("failed", func(t *testing.T) {
		l := begin(t)
		l.Must("", &fsm.LeaseConfirm{Lease: id("a"), Error: "no connection"})
		x, _ := l.State().Lease(id("a"))
		if got := due(l); len(got) != 1 || x.End.Cause != fsm.NotIssued || x.LastError != "no connection" {
			t.Fatalf("due are %q, lease is %+v", got, x)
		}
		lost(t, l) // a confirmation that comes late changes nothing
	})
	t.Run("failed, and may be made yet", func(t *testing.T) {
		l := begin(t)
		l.Must("", &fsm.LeaseConfirm{Lease: id("a"), Error: "no answer in time", Unsure: true})
		wantPhase(t, l, "a", fsm.Revoking)
		l.Must("root", &fsm.LeaseRevoke{Lease: id("a")}) // which brings nothing forward
		l.Wait(fsm.IssueWindow - 1)
		if got := due(l); len(got) != 0 {
			t.Fatalf("due are %q while the other side may be at it", got)
		}
		l.Wait(1)
		if got := due(l); len(got) != 1 {
			t.Fatalf("due are %q, want the lease", got)
		}
		lost(t, l)
	})
	t.Run("made, and never handed out", func(t *testing.T) {
		l := begin(t)
		l.Must("", &fsm.LeaseConfirm{Lease: id("a")})
		wantPhase(t, l, "a", fsm.Live)
		l.Must("", &fsm.LeaseConfirm{Lease: id("a"), Error: "nobody has it"})
		lost(t, l)
	})
	t.Run("never confirmed", func(t *testing.T) {
		l := begin(t)
		l.Wait(fsm.IssueWindow - 1)
		l.Clean(10)
		wantPhase(t, l, "a", fsm.Issuing)
		l.Wait(1)
		wantPhase(t, l, "a", fsm.Revoking)
		l.Clean(10)
		lost(t, l)
	})
	t.Run("revoked by its id, nobody confirms", func(t *testing.T) {
		l := begin(t)
		l.Must("root", &fsm.LeaseRevoke{Lease: id("a")})
		l.Wait(fsm.IssueWindow - 1)
		if got := due(l); len(got) != 0 {
			t.Fatalf("due are %q while the node may be at it", got)
		}
		l.Wait(1)
		if got := due(l); len(got) != 1 {
			t.Fatalf("due are %q, want the lease", got)
		}
	})
	t.Run("gone", func(t *testing.T) {
		l := begin(t)
		if stands := l.Must("", &fsm.LeaseConfirm{Lease: id("b")}).(*fsm.LeaseStands); stands.Found {
			t.Fatal("a lease that nobody made was found")
		}
	})
}

// A configuration stays while something may have to be revoked by it.
func TestConfigInUse(t *testing.T) {
	l := databases(t)
	for _, path := range []string{"config", "config/main", "config/other", "configured", "roles/config"} {
		l.Must("root", &fsm.EngineSet{Mount: "db", Path: path, Base: l.Version(path), Body: []byte("x")})
	}
	l.Must("root", l.Issue("ro", "a"))
	phases := []struct {
		name string
		next func()
	}{
		{"issuing", func() { l.Must("", &fsm.LeaseConfirm{Lease: id("a")}) }},
		{"live", func() { l.Must("root", &fsm.LeaseRevoke{Lease: id("a")}) }},
		{"revoking", func() { settle(l, "", 0) }},
	}
	for _, phase := range phases {
		for _, path := range []string{"config", "config/main", "config/other"} {
			l.Refused("root", &fsm.EngineDelete{Mount: "db", Path: path}, fsm.ConfigInUse)
		}
		l.Must("root", &fsm.EngineDelete{Mount: "db", Path: "config/none"}) // which is gone already
		phase.next()
	}
	l.Must("root", &fsm.EngineDelete{Mount: "db", Path: "config"})
	l.Must("root", l.Issue("ro", "b"))
	l.Refused("root", &fsm.EngineDelete{Mount: "db", Path: "config/other"}, fsm.ConfigInUse)
	for _, del := range []*fsm.EngineDelete{
		{Mount: "db", Path: "configured"}, {Mount: "db", Path: "roles/config"}, {Mount: "db", Path: "config/other", Force: true}, {Mount: "db", Path: "config/main", Force: true},
	} {
		l.Must("root", del)
		if l.Version(del.Path) != 0 {
			t.Errorf("%s is there still", del.Path)
		}
	}
}
