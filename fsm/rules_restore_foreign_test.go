package fsm_test

import (
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// away is the archive of another cluster, of which the state is given too.
func away(t *testing.T) ([]byte, *fsm.State) {
	t.Helper()
	l := fsmtest.New(t)
	l.Must("root", fsmtest.Policy("web", fsmtest.Allow("a", policy.Read)))
	l.Create("root", "there", fsmtest.TTL(hour), fsmtest.Policies("root"))
	l.Create("there", "child", fsmtest.TTL(hour))
	l.Create("root", "dead", fsmtest.TTL(hour))
	l.Must("root", fsmtest.Revoke("dead"))
	l.Clean(100)
	archive := fsm.Changed(l.Archive(), func(cluster *fsm.Digest, _ *uint64) { *cluster = fsmtest.Digest("elsewhere") })
	return archive, l.State()
}

// A cluster that nobody has initialized takes an archive from whoever comes, and is
// the archive's cluster from then on.
func TestRestoreFounds(t *testing.T) {
	archive, was := away(t)
	l := fsmtest.Blank(t)
	l.Refused("", fsmtest.Create("early"), fsm.NotInitialized)
	done := l.MustRestore("", archive)
	st := l.State()
	if st.Cluster != fsmtest.Digest("elsewhere") || st.Salt.KeyID != was.Salt.KeyID || st.Epoch != 1 || st.Serial < was.Serial {
		t.Fatalf("%+v", st.Origin())
	}
	if want := (fsm.RestoreDone{Tokens: 3}); *done != want {
		t.Errorf("%+v, want %+v", *done, want)
	}
	for name, want := range map[string]bool{"root": true, "there": true, "child": true, "dead": false} { // order: each stands alone
		if l.Alive(name) != want {
			t.Errorf("%s lives: %v", name, !want)
		}
	}
	if _, buried := st.Tombstone(fsmtest.Digest("dead")); !buried {
		t.Error("the archive's dead are forgotten")
	}
	if _, there := st.Policy("web"); !there || st.CountTokens() != was.CountTokens() {
		t.Errorf("%d tokens, want %d; the policy is there: %v", st.CountTokens(), was.CountTokens(), there)
	}
	l.Create("there", "later", fsmtest.TTL(hour))
	l.Refused("", fsmtest.Begin("again", archive), fsm.PermissionDenied)
	sound(t, l)
}

// What an empty cluster took from an archive is older than any revocation that follows,
// although the cluster's own log is shorter than the archive's was.
func TestRestoreFoundsThenPrefixFalls(t *testing.T) {
	archive, _ := away(t)
	l := fsmtest.Blank(t)
	l.MustRestore("", archive)
	l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create"})
	l.Create("root", "later", fsmtest.TTL(hour))
	for _, swept := range []bool{false, true} {
		for name, want := range map[string]bool{"there": false, "child": false, "later": true} { // order: each stands alone
			if l.Alive(name) != want {
				t.Errorf("%s lives: %v, swept: %v", name, !want, swept)
			}
		}
		l.Clean(100)
	}
	sound(t, l)
}

// What nobody began is nobody's to go on with once the cluster is somebody's.
func TestRestoreAfterInitialization(t *testing.T) {
	archive, _ := away(t)
	l := fsmtest.Blank(t)
	l.Must("", fsmtest.Begin("it", archive))
	l.Must("", fsmtest.Part("it", archive, 0))
	l.Cluster(fsmtest.Bootstrap())
	commit := &fsm.RestoreCommit{ID: fsmtest.RestoreID("it")}
	l.Refused("", commit, fsm.PermissionDenied)
	l.Refused("root", commit, fsm.StagingUnknown)
	l.Must("root", &fsm.RestoreAbort{ID: commit.ID})
	if _, under := l.State().Staging(); !under {
		t.Error("root has ended what nobody began")
	}
	l.Wait(fsm.StagingPatience)
	l.Clean(100)
	if _, under := l.State().Staging(); under {
		t.Error("it is there for ever")
	}
	sound(t, l)
}

func TestRestoreForeign(t *testing.T) {
	archive, was := away(t)
	l := fsmtest.New(t)
	l.Create("root", "here", fsmtest.TTL(hour))
	l.Create("root", "operator", fsmtest.TTL(hour), fsmtest.Policies("root"))
	l.Must("root", fsmtest.Revoke("here")) // a death that says nothing over there
	l.Create("root", "lost", fsmtest.TTL(hour))
	if _, err := l.Restore("operator", archive); err == nil || err.Reason != fsm.ArchiveForeign {
		t.Fatalf("without force: %v", err)
	}
	l.Clean(100)
	before := l.State()
	done := l.MustRestore("operator", archive, fsmtest.Force)
	st := l.State()
	if st.Cluster != fsmtest.Digest("elsewhere") || st.Epoch != before.Epoch+1 || st.Serial <= max(before.Serial, was.Serial) || st.Clock < before.Clock {
		t.Fatalf("epoch %d, serial %d", st.Epoch, st.Serial)
	}
	if want := (fsm.RestoreDone{Tokens: 4, Lost: 3}); *done != want {
		t.Errorf("%+v, want %+v", *done, want)
	}
	me, ok := st.Live(fsmtest.Adopted("operator"), st.Clock)
	if !ok || me.Accessor() != fsmtest.Accessor("operator") || !me.Parent.IsZero() || me.Serial <= was.Serial {
		t.Fatalf("the caller is %+v", me)
	}
	if l.Alive("operator") || l.Alive("lost") || !l.Alive("there") {
		t.Error("tokens of the former state live, or those of the archive do not")
	}
	if _, buried := st.Tombstone(fsmtest.Digest("here")); buried {
		t.Error("a death of the former state is remembered")
	}
	sound(t, l)
}

func TestRestoreForeignRefusals(t *testing.T) {
	archive, _ := away(t)
	l := fsmtest.New(t)
	l.Must("root", fsmtest.Begin("it", archive))
	l.Clean(100)
	forced := fsmtest.Begin("it", archive)
	forced.Force = true
	l.Must("root", forced)
	l.Must("root", fsmtest.Part("it", archive, 0))
	epoch := l.State().Epoch
	l.Refused("root", &fsm.RestoreCommit{ID: forced.ID}, fsm.RestorerBad) // without its digest over there
	if l.State().Epoch != epoch {
		t.Error("something has changed")
	}
	sound(t, l)
}

// With the state of another cluster nobody could revoke what leases stand for.
func TestRestoreForeignOverLeases(t *testing.T) {
	archive, _ := away(t)
	l := fsmtest.New(t)
	l.AddRole("ro", hour, 2*hour)
	l.Create("root", "operator", fsmtest.TTL(hour), fsmtest.Policies("root"))
	l.Lease("root", "ro", "one")
	if _, err := l.Restore("operator", archive, fsmtest.Force); err == nil || err.Reason != fsm.RestoreForeignLeases {
		t.Fatalf("%v", err)
	}
	l.Must("root", &fsm.LeaseRevoke{Lease: fsmtest.LeaseID("ro", "one")})
	l.Cluster(&fsm.LeaseSettle{Attempts: []fsm.Attempt{{Lease: fsmtest.LeaseID("ro", "one")}}})
	l.Clean(100)
	l.MustRestore("operator", archive, fsmtest.Force)
	sound(t, l)
}

// Two clusters may have been given one token text. Restored by it, the archive's token
// stays what it was there, with all that is below it.
func TestRestoreForeignByATokenOfBoth(t *testing.T) {
	both := "operator of another cluster" // whose digest there is Adopted("operator")
	old := fsmtest.New(t)
	old.Create("root", both, fsmtest.TTL(hour), fsmtest.Policies("root"))
	old.Create(both, "below", fsmtest.TTL(hour))
	archive := fsm.Changed(old.Archive(), func(cluster *fsm.Digest, _ *uint64) { *cluster = fsmtest.Digest("elsewhere") })
	l := fsmtest.New(t)
	l.Create("root", "operator", fsmtest.TTL(hour), fsmtest.Policies("root"))
	done := l.MustRestore("operator", archive, fsmtest.Force)
	if done.Tokens != 3 || !l.Alive(both) || !l.Alive("below") {
		t.Errorf("%+v", done)
	}
	sound(t, l)
}
