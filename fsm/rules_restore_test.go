package fsm_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// sound wants a state that holds together after a restore, swept and expired or not.
func sound(t *testing.T, l *fsmtest.Lab) {
	t.Helper()
	for range 2 {
		if err := fsm.CheckInvariants(l.State()); err != nil {
			t.Fatal(err)
		}
		if _, err := fsm.ReadState(bytes.NewReader(l.Archive())); err != nil {
			t.Fatal(err)
		}
		l.Clean(100)
	}
}

func TestRestoreTokens(t *testing.T) {
	l := fsmtest.New(t)
	for _, name := range []string{"stays", "revoked", "parent", "cut", "renewed", "spender"} {
		l.Create("root", name, fsmtest.TTL(2*hour), func(c *fsm.TokenCreate) {
			if name == "spender" {
				c.NumUses = 5
			}
		})
	}
	l.Create("parent", "child", fsmtest.TTL(hour))
	l.Create("cut", "orphan", fsmtest.TTL(hour))
	l.Create("root", "short", fsmtest.TTL(hour))
	l.Must("stays", &fsm.CubbyholeSet{Path: "a", Value: []byte("old")})
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "ci"}})
	l.Create("root", "by-role", fsmtest.ByRole("ci"), fsmtest.TTL(hour))
	l.Must("", fsmtest.Wrap("taken"))
	archive := l.Archive()

	l.Must("root", fsmtest.Revoke("revoked"))
	l.Must("root", fsmtest.Revoke("parent"))
	l.Must("root", &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("cut")})
	l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create/ci"})
	l.Must("root", &fsm.Unwrap{Token: fsmtest.Digest("taken")})
	l.Must("spender", fsmtest.LookupSelf())
	l.Must("stays", &fsm.CubbyholeSet{Path: "a", Value: []byte("new")})
	l.Create("root", "later", fsmtest.TTL(hour))
	epoch, serial := l.State().Epoch, l.State().Serial

	dead := []string{"revoked", "parent", "child", "cut", "by-role", "taken"}
	for _, forget := range []bool{false, true} {
		t.Run(map[bool]string{false: "keeps the dead", true: "forgets"}[forget], func(t *testing.T) {
			l := clone(t, l)
			var changes []func(*fsm.RestoreBegin)
			if forget {
				changes = append(changes, fsmtest.Forget)
			}
			done := l.MustRestore("root", archive, changes...)
			for _, name := range dead {
				if l.Alive(name) != forget {
					t.Errorf("%s lives: %v", name, !forget)
				}
			}
			for _, name := range []string{"root", "stays", "orphan", "short", "renewed", "spender"} {
				if !l.Alive(name) {
					t.Errorf("%s is dead", name)
				}
			}
			if l.Alive("later") {
				t.Error("a token that the archive lacks is alive")
			}
			if v, _ := l.State().CubbyholeValue(fsmtest.Digest("stays"), "a"); string(v) != "old" {
				t.Errorf("the cubbyhole holds %q", v)
			}
			left := map[bool]uint32{false: 4, true: 5}[forget]
			if got := l.Token("spender").UsesLeft; got != left {
				t.Errorf("%d uses left, want %d", got, left)
			}
			want := fsm.RestoreDone{Tokens: 6, KeptDead: 6, Lost: 1}
			if forget {
				want = fsm.RestoreDone{Tokens: 12, Revived: 6, Lost: 1}
			}
			if *done != want {
				t.Errorf("%+v, want %+v", *done, want)
			}
			if s := l.State(); s.Epoch != epoch+1 || s.Serial < serial {
				t.Errorf("epoch %d, serial %d", s.Epoch, s.Serial)
			}
			sound(t, l)
			if !l.Alive("orphan") {
				t.Error("the orphan went with the sweep")
			}
		})
	}
}

// clone is another lab with the same log.
func clone(t *testing.T, l *fsmtest.Lab) *fsmtest.Lab {
	twin := l.Twin(t)
	if !bytes.Equal(twin.Archive(), l.Archive()) {
		t.Fatal("the twin differs")
	}
	return twin
}

// What no record and no grave tells of comes back to life, and is counted.
func TestRestoreCountsTheRevived(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "t", fsmtest.TTL(hour))
	archive := l.Archive()
	l.Must("root", fsmtest.Revoke("t"))
	fsm.ForgetTombstones(l.Machine)
	if done := l.MustRestore("root", archive); done.Revived != 1 || done.KeptDead != 0 || !l.Alive("t") {
		t.Fatalf("%+v", done)
	}
	sound(t, l)
}

func TestRestoreKeepsTheCaller(t *testing.T) {
	t.Run("that the archive lacks", func(t *testing.T) {
		l := fsmtest.New(t)
		archive := l.Archive()
		l.Create("root", "admin", fsmtest.TTL(hour), fsmtest.Policies("root"))
		l.Create("root", "other", fsmtest.TTL(hour), fsmtest.Policies("root"))
		l.MustRestore("admin", archive)
		if !l.Alive("admin") || l.Alive("other") || !l.Token("admin").Parent.IsZero() {
			t.Fatal("the caller is not what is left")
		}
		sound(t, l)
	})
	t.Run("with its present deadline, below a parent that died", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Create("root", "p", fsmtest.TTL(3*hour), fsmtest.Policies("root"))
		l.Create("p", "admin", fsmtest.TTL(hour), fsmtest.Policies("root"))
		l.Create("admin", "child", fsmtest.TTL(time.Minute))
		archive := l.Archive()
		l.Must("admin", fsmtest.Renew("admin", 2*hour))
		l.Must("root", &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("p")})
		want := l.Token("admin").Deadline
		l.Wait(90 * time.Minute)
		l.MustRestore("admin", archive)
		if got := l.Token("admin").Deadline; got != want {
			t.Fatalf("ends at %d, want %d", got, want)
		}
		sound(t, l)
		l.Must("admin", fsmtest.LookupSelf())
	})
	t.Run("whose chosen id was another token's", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Create("root", "x", fsmtest.TTL(hour))
		l.Create("x", "below", fsmtest.TTL(hour))
		archive := l.Archive()
		l.Must("root", fsmtest.Revoke("x"))
		l.Clean(10)
		fsm.ForgetTombstones(l.Machine)
		l.Create("root", "x", fsmtest.TTL(hour), fsmtest.Policies("root"), func(c *fsm.TokenCreate) {
			c.ChosenID, c.Accessor = true, fsmtest.Accessor("x again")
		})
		for _, changes := range [][]func(*fsm.RestoreBegin){nil, {fsmtest.Forget}} {
			l := clone(t, l)
			l.MustRestore("x", archive, changes...)
			if k := l.Token("x"); k.Accessor() != fsmtest.Accessor("x again") || l.Alive("below") {
				t.Fatalf("%+v", k)
			}
			sound(t, l)
		}
		if l.MustRestore("root", archive); l.Alive("x") || l.Alive("below") {
			t.Fatal("who had the id before lives again")
		}
		sound(t, l)
	})
}

func TestRestoreWhatMachinesKeep(t *testing.T) {
	l := fsmtest.New(t)
	archive := l.Archive()
	l.Wait(time.Minute)
	l.Entry(keyed(l, "root", "k", "body", fsmtest.Create("t", fsmtest.TTL(hour))))
	l.Must("root", fsmtest.Policy("web", fsmtest.Allow("web/*", policy.Read)))
	l.Must("root", audit("file"))
	clock := l.State().Clock
	l.MustRestore("root", archive)
	s := l.State()
	if s.Clock != clock {
		t.Errorf("the clock fell to %d", s.Clock)
	}
	if _, there := s.Policy("web"); there {
		t.Error("a policy that the archive lacks is there")
	}
	if _, there := s.AuditDevice("file"); !there {
		t.Error("an audit device is gone")
	}
	again := keyed(l, "root", "k", "body", fsmtest.Create("t", fsmtest.TTL(hour)))
	if o := l.Entry(again)[0]; !o.Replayed {
		t.Errorf("the client's key is forgotten: %+v", o)
	}
	sound(t, l)
}

func TestRestoreKeepsKeys(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "batch", fsmtest.Batch, fsmtest.Policies("default"), fsmtest.TTL(hour))
	archive := l.Archive()
	l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{{Purpose: fsm.KeyBatch, ID: "b2", Box: fsm.Sealed{KeyID: "k1", Box: []byte("x")}}}})
	l.Create("root", "young", fsmtest.Batch, fsmtest.Policies("default"), fsmtest.TTL(3*hour))
	l.Must("root", &fsm.KeyRetire{ID: "b1"})
	l.MustRestore("root", archive)
	if k, _ := l.State().CurrentKey(fsm.KeyBatch); k.ID != "b2" || l.Alive("batch") || !l.Alive("young") {
		t.Fatalf("current %s, batch token lives: %v", k.ID, l.Alive("batch"))
	}
	sound(t, l)
	l.Wait(4 * hour)
	l.Clean(10)
	if _, there := l.State().DataKey(fsm.KeyBatch, "b1"); there {
		t.Fatal("the retired key stays")
	}
	l.Cluster(&fsm.SessionOpen{Session: 77}) // it was idle for long
	l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{{Purpose: fsm.KeyBatch, ID: "b3", Box: fsm.Sealed{KeyID: "k1", Box: []byte("x")}}}})
	l.MustRestore("root", archive, fsmtest.Forget)
	if k, there := l.State().DataKey(fsm.KeyBatch, "b1"); !there || k.RetiredAt == 0 || l.Alive("batch") {
		t.Fatalf("the key that only the archive has: %+v", k)
	}
	sound(t, l)
}

func TestRestoreFences(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "batch", fsmtest.Batch, fsmtest.Policies("default"), fsmtest.TTL(hour))
	archive := l.Archive()
	l.Must("root", &fsm.NotBefore{Scope: fsm.FenceCluster})
	if l := clone(t, l); l.MustRestore("root", archive) == nil || l.Alive("batch") {
		t.Fatal("a fence fell")
	}
	if l.MustRestore("root", archive, fsmtest.Forget); !l.Alive("batch") {
		t.Fatal("the fence stands")
	}
	sound(t, l)
}

func TestRestoreSecretIDs(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", enableApprole("ar"))
	l.Must("root", approle("ar", "web", secretUses(3), secretTTL(hour)))
	for _, name := range []string{"used", "destroyed", "untouched"} {
		l.Must("root", secretID("ar", "web", name))
	}
	archive := l.Archive()
	l.Must("", appLogin("ar", "web", "used", "a"))
	l.Must("root", &fsm.SecretIDDestroy{Mount: "ar", Role: "web", Digest: secretID("ar", "web", "destroyed").Digest})
	uses := func(l *fsmtest.Lab, name string) int {
		m, _ := l.State().AuthMount("ar")
		r, _ := l.State().Approle(m, "web")
		if id, ok := l.State().SecretIDByAccessor(r, fsmtest.Accessor(name), l.At); ok {
			return int(id.Uses)
		}
		return 0
	}
	twin := clone(t, l)
	twin.MustRestore("root", archive)
	if a, b, c := uses(twin, "used"), uses(twin, "destroyed"), uses(twin, "untouched"); a != 2 || b != 0 || c != 3 {
		t.Fatal(a, b, c)
	}
	sound(t, twin)
	l.MustRestore("root", archive, fsmtest.Forget)
	if a, b, c := uses(l, "used"), uses(l, "destroyed"), uses(l, "untouched"); a != 3 || b != 3 || c != 3 {
		t.Fatal(a, b, c)
	}
	sound(t, l)
}

func TestRestoreLeases(t *testing.T) {
	l := fsmtest.New(t)
	l.AddRole("ro", hour, 2*hour)
	l.Create("root", "a", fsmtest.TTL(2*hour), fsmtest.Policies("root"))
	l.Create("root", "b", fsmtest.TTL(2*hour), fsmtest.Policies("root"))
	l.Lease("a", "ro", "both")
	l.Lease("b", "ro", "ended")
	l.Lease("a", "ro", "gone")
	archive := l.Archive()
	l.Must("root", &fsm.LeaseRevoke{Lease: fsmtest.LeaseID("ro", "gone")})
	l.Cluster(&fsm.LeaseSettle{Attempts: []fsm.Attempt{{Lease: fsmtest.LeaseID("ro", "gone")}}})
	l.Must("root", fsmtest.Revoke("b"))
	l.Lease("a", "ro", "young")
	l.Must("root", l.Issue("ro", "issuing"))
	done := l.MustRestore("root", archive)
	for name, want := range map[string]fsm.LeasePhase{ // order: each stands alone
		"both": fsm.Live, "ended": fsm.Revoking, "young": fsm.Revoking, "issuing": fsm.Revoking, "gone": 0,
	} {
		var got fsm.LeasePhase
		if x, ok := l.State().Lease(fsmtest.LeaseID("ro", name)); ok {
			got = l.State().LeasePhase(x, l.At)
		}
		if got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if done.Leases != 2 {
		t.Errorf("%+v", done)
	}
	sound(t, l)
}

// What a lease needs to be revoked must not go while it is there.
func TestRestoreWouldLoseAMount(t *testing.T) {
	l := fsmtest.New(t)
	archive := l.Archive()
	l.AddRole("ro", hour, 2*hour)
	l.Lease("root", "ro", "young")
	before := l.State()
	_, err := l.Restore("root", archive)
	if err == nil || err.Reason != fsm.RestoreLeases || !slices.Equal(err.Args, []string{"db", "1"}) {
		t.Fatalf("%v", err)
	}
	if s := l.State(); s.Epoch != before.Epoch {
		t.Fatal("it was restored all the same")
	}
	l.Must("root", &fsm.LeaseRevoke{Lease: fsmtest.LeaseID("ro", "young")})
	l.Cluster(&fsm.LeaseSettle{Attempts: []fsm.Attempt{{Lease: fsmtest.LeaseID("ro", "young")}}})
	l.MustRestore("root", archive)
	sound(t, l)
}
