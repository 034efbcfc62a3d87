package fsm_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// databases is a lab with a secrets engine, a role of an hour and a token, app,
// that may read its secrets.
func databases(t *testing.T) *fsmtest.Lab {
	l := fsmtest.New(t)
	l.AddRole("ro", hour, 2*hour)
	l.Must("root", fsmtest.Policy("db", fsmtest.Allow("db/creds/*", policy.Read), fsmtest.Allow("auth/token/create", policy.Update)))
	l.Create("root", "app", fsmtest.Policies("db"), fsmtest.TTL(10*hour))
	return l
}

func id(name string) string { return fsmtest.LeaseID("ro", name) }

// phase is that of a lease now; 0: it is gone.
func phase(l *fsmtest.Lab, name string) fsm.LeasePhase {
	x, ok := l.State().Lease(id(name))
	if !ok {
		return 0
	}
	return l.State().LeasePhase(x, l.State().Clock)
}

func wantPhase(t *testing.T, l *fsmtest.Lab, name string, want fsm.LeasePhase) {
	t.Helper()
	if got := phase(l, name); got != want {
		t.Fatalf("lease %s is %v, want %v", name, got, want)
	}
	if err := fsm.CheckInvariants(l.State()); err != nil {
		t.Fatal(err)
	}
}

// due are the leases of the mount that are to be revoked now.
func due(l *fsmtest.Lab) (ids []string) {
	l.State().DueMounts(func(mount uint64, _ fsm.Instant) {
		for _, x := range l.State().DueLeases(mount, l.At, 1000) {
			ids = append(ids, x.ID)
		}
	})
	return ids
}

// settle has attempts to revoke what is due end like this.
func settle(l *fsmtest.Lab, problem string, pause time.Duration) {
	for _, lease := range due(l) {
		x, _ := l.State().Lease(lease)
		l.Cluster(&fsm.LeaseSettle{Attempts: []fsm.Attempt{{Lease: lease, Tries: x.Tries, Error: problem, NextTry: l.At.Add(pause)}}})
	}
}

func TestLeaseLives(t *testing.T) {
	l := databases(t)
	granted := l.Must("app", l.Issue("ro", "a")).(*fsm.LeaseGranted)
	wantPhase(t, l, "a", fsm.Issuing)
	if got := granted.Lease; got.ID != id("a") || got.TTL != hour || got.Deadline != l.At.Add(hour) || got.Path() != "db/creds/ro" {
		t.Fatalf("granted %+v", got)
	}
	l.Wait(10 * time.Second)
	stands := l.Must("", &fsm.LeaseConfirm{Lease: id("a")}).(*fsm.LeaseStands)
	if stands.Lease == nil || stands.Lease.Deadline != granted.Lease.Deadline {
		t.Fatalf("confirmed as %+v", stands)
	}
	wantPhase(t, l, "a", fsm.Live)

	l.Wait(30 * time.Minute)
	granted = l.Must("root", &fsm.LeaseRenew{Lease: id("a"), Increment: 3 * hour}).(*fsm.LeaseGranted)
	if got := granted.Lease; got.Granted != got.IssuedAt.Add(2*hour) || got.Deadline != got.IssuedAt.Add(hour) || got.TTL != hour || len(granted.Warnings) != 1 {
		t.Fatalf("renewal grants %+v with %v: want the role's maximum, and the old deadline and TTL until it is told", got, granted.Warnings)
	}
	if late := l.Must("", &fsm.LeaseExtend{Lease: id("a"), Deadline: granted.Lease.Granted + 1}).(*fsm.LeaseStands); late.Lease != nil || !late.Found {
		t.Fatalf("a deadline that nobody granted: %+v", late)
	}
	stands = l.Must("", &fsm.LeaseExtend{Lease: id("a"), Deadline: granted.Lease.Granted}).(*fsm.LeaseStands)
	if got := stands.Lease; got == nil || got.Deadline != got.IssuedAt.Add(2*hour) || got.TTL != 90*time.Minute-10*time.Second || got.RenewedAt != l.At || got.Granted != 0 || got.GrantedTTL != 0 {
		t.Fatalf("extended to %+v", got)
	}

	l.Must("root", &fsm.LeaseRevoke{Lease: id("a")})
	wantPhase(t, l, "a", fsm.Revoking)
	l.Refused("root", &fsm.LeaseRenew{Lease: id("a")}, fsm.LeaseNotFound)
	settle(l, "", 0)
	wantPhase(t, l, "a", 0)
	if n := l.State().CountAllLeases().All(); n != 0 {
		t.Fatalf("%d leases are left", n)
	}
}

func TestLeaseTTLs(t *testing.T) {
	const second, minute = time.Second, time.Minute
	tests := []struct {
		name                      string
		byDefault, most, mount    time.Duration
		token, asked, want, renew time.Duration
	}{
		{"nothing said", 0, 0, 0, 2000 * hour, 0, 768 * hour, 768*hour - 10*second},
		{"the role's", hour, 0, 0, 10 * hour, 0, hour, hour},
		{"asked for", hour, 0, 0, 10 * hour, 2 * minute, 2 * minute, hour},
		{"the role's maximum", hour, 90 * minute, 0, 10 * hour, 3 * hour, 90 * minute, hour},
		{"the mount's maximum", hour, 90 * minute, 30 * minute, 10 * hour, 3 * hour, 30 * minute, 30*minute - 10*second},
		{"the token's deadline", hour, 0, 0, 20 * minute, 0, 20 * minute, 20*minute - 10*second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := fsmtest.New(t)
			l.Must("root", &fsm.AuthTune{Path: "token", Given: fsm.GivenMaxTTL, Config: fsm.MountConfig{MaxTTL: 3000 * hour}})
			l.AddRole("ro", tt.byDefault, tt.most)
			if tt.mount > 0 {
				l.Must("root", &fsm.SecretTune{Path: "db", Given: fsm.GivenMaxTTL, Config: fsm.MountConfig{MaxTTL: tt.mount}})
			}
			l.Create("root", "app", fsmtest.Policies("root"), fsmtest.TTL(tt.token))
			issue := l.Issue("ro", "a")
			issue.TTL = tt.asked
			got := l.Must("app", issue).(*fsm.LeaseGranted).Lease
			if got.TTL != tt.want || got.Deadline != l.At.Add(tt.want) {
				t.Fatalf("granted %s until %d, want %s", got.TTL, got.Deadline, tt.want)
			}
			l.Must("", &fsm.LeaseConfirm{Lease: id("a")})
			l.Wait(10 * second)
			if got := l.Must("app", &fsm.LeaseRenew{Lease: id("a")}).(*fsm.LeaseGranted).Lease; got.GrantedTTL != tt.renew || got.Granted != l.At.Add(tt.renew) {
				t.Fatalf("renewed for %s, want %s", got.TTL, tt.renew)
			}
		})
	}
}

// However its token dies, the lease is dead in that entry, and the sweeps hand it
// to those who revoke it.
func TestLeaseEndsWithItsToken(t *testing.T) {
	for name, end := range map[string]func(l *fsmtest.Lab){
		"revoked":             func(l *fsmtest.Lab) { l.Must("root", fsmtest.Revoke("own")) },
		"an ancestor revoked": func(l *fsmtest.Lab) { l.Must("root", fsmtest.Revoke("app")) },
		"orphaning its kind":  func(l *fsmtest.Lab) { l.Must("root", &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("own")}) },
		"expired":             func(l *fsmtest.Lab) { l.Wait(50 * time.Minute) },
		"by prefix":           func(l *fsmtest.Lab) { l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create"}) },
		"its lease":           func(l *fsmtest.Lab) { l.Must("root", &fsm.LeaseRevoke{Lease: l.Token("own").LeaseID()}) },
	} {
		for _, limit := range []uint32{1, 3, 1000} {
			t.Run(fmt.Sprint(name, ", sweeps of ", limit), func(t *testing.T) {
				l := databases(t)
				l.Create("app", "own", fsmtest.Policies("db"), fsmtest.TTL(40*time.Minute))
				l.Create("own", "child", fsmtest.Policies("db"), fsmtest.TTL(30*time.Minute))
				l.Lease("own", "ro", "a")
				l.Lease("root", "ro", "other")
				for i := range 5 {
					l.Lease("own", "ro", fmt.Sprint("a", i))
				}
				end(l)
				wantPhase(t, l, "a", fsm.Revoking)
				wantPhase(t, l, "other", fsm.Live)
				l.Refused("root", &fsm.LeaseRenew{Lease: id("a")}, fsm.LeaseNotFound)
				l.Clean(limit)
				wantPhase(t, l, "a", fsm.Revoking)
				if got := due(l); len(got) != 6 {
					t.Fatalf("%d leases are due, want 6", len(got))
				}
				if n := fsm.CountEstates(l.State()); n != 0 {
					t.Fatalf("%d estates are left", n)
				}
				settle(l, "", 0)
				wantPhase(t, l, "a", 0)
				wantPhase(t, l, "other", fsm.Live)
			})
		}
	}
}

// 1.9.11: a token that spends its last use gets no secret for it, and takes its leases
// along.
func TestLeaseEndsWithTheLastUse(t *testing.T) {
	l := databases(t)
	l.Create("root", "few", fsmtest.Policies("default", "db"), fsmtest.Uses(3))
	l.Lease("few", "ro", "a")
	l.Must("few", fsmtest.LookupSelf())
	wantPhase(t, l, "a", fsm.Live)
	l.Refused("few", l.Issue("ro", "b"), fsm.LastUseLease)
	wantPhase(t, l, "b", 0)
	wantPhase(t, l, "a", fsm.Revoking)
	l.Must("root", fsmtest.LookupSelf()) // the window forgets the request, and the token goes
	l.Clean(1)
	if got := due(l); len(got) != 1 {
		t.Fatalf("due are %q", got)
	}
}

func TestLeaseIssueRefusals(t *testing.T) {
	l := databases(t)
	moved := l.Issue("ro", "a")
	l.AddRole("ro", hour, 2*hour)
	l.Refused("app", moved, fsm.LeaseBasisMoved)
	l.Refused("app", l.Issue("none", "a"), fsm.LeaseBasisMoved)
	elsewhere := l.Issue("ro", "a")
	elsewhere.Mount = "other"
	l.Refused("root", elsewhere, fsm.NoSecretMount)
	l.Refused("app", elsewhere, fsm.PermissionDenied)
	writing := l.Issue("ro", "a")
	writing.Write = true
	l.Refused("app", writing, fsm.PermissionDenied)
	l.Create("app", "brief", fsmtest.Policies("db"), fsmtest.TTL(time.Second))
	l.At += fsm.Instant(time.Second / 2)
	l.Refused("brief", l.Issue("ro", "a"), fsm.PastMaxTTL)
	if n := l.State().CountAllLeases().All(); n != 0 {
		t.Fatalf("%d leases of refused requests", n)
	}
	l.Lease("app", "ro", "a")
	l.Refused("app", l.Issue("ro", "a"), fsm.LeaseExists)
}

func TestLeaseRenewRefusals(t *testing.T) {
	l := databases(t)
	l.Lease("root", "ro", "a")
	fixed := l.Issue("ro", "fixed")
	fixed.Fixed = true
	l.Must("root", fixed)
	l.Refused("root", &fsm.LeaseRenew{Lease: id("fixed")}, fsm.LeaseNotFound) // nobody has it yet
	l.Must("", &fsm.LeaseConfirm{Lease: id("fixed")})
	l.Refused("root", &fsm.LeaseRenew{Lease: id("fixed")}, fsm.NotRenewable)
	l.Refused("root", &fsm.LeaseRenew{Lease: id("none")}, fsm.LeaseNotFound)
	l.Refused("root", &fsm.LeaseRenew{Lease: l.Token("app").LeaseID()}, fsm.TokenLease)
	l.Refused("app", &fsm.LeaseRenew{Endpoint: fsm.SysRenewPath, Lease: id("a")}, fsm.PermissionDenied)
	l.Must("root", &fsm.EngineDelete{Mount: "db", Path: "roles/ro"})
	l.Refused("root", &fsm.LeaseRenew{Lease: id("a")}, fsm.LeaseRoleGone)
	wantPhase(t, l, "a", fsm.Live)
}

// 1.9.32: six failures, then it is irrevocable, and goes on being tried.
func TestLeaseTries(t *testing.T) {
	l := databases(t)
	l.Lease("app", "ro", "a")
	l.Must("root", &fsm.LeaseRevoke{Lease: id("a")})
	for try := range fsm.MaxLeaseTries {
		wantPhase(t, l, "a", fsm.Revoking)
		if got := due(l); len(got) != 1 {
			t.Fatalf("try %d: due are %q", try, got)
		}
		settle(l, fmt.Sprint("failure ", try), time.Hour)
		if got := due(l); len(got) != 0 {
			t.Fatalf("after try %d: due are %q", try, got)
		}
		l.Wait(time.Hour)
	}
	wantPhase(t, l, "a", fsm.Irrevocable)
	x, _ := l.State().Lease(id("a"))
	if x.Tries != fsm.MaxLeaseTries || x.LastError != "failure 5" || l.State().CountAllLeases().Irrevocable != 1 {
		t.Fatalf("lease is %+v", x)
	}
	var found []string
	l.State().EachIrrevocable(func(x *fsm.Lease) bool {
		found = append(found, x.ID)
		return true
	})
	if len(found) != 1 || found[0] != id("a") {
		t.Fatalf("irrevocable are %q", found)
	}
	// A report of an attempt before the last is of no interest, good or bad.
	for _, problem := range []string{"", "old"} {
		l.Cluster(&fsm.LeaseSettle{Attempts: []fsm.Attempt{{Lease: id("a"), Tries: 5, Error: problem}, {Lease: "none"}}})
		if y, _ := l.State().Lease(id("a")); y != x {
			t.Fatalf("an old report made it %+v", y)
		}
	}
	l.Cluster(&fsm.LeaseSettle{Attempts: []fsm.Attempt{{Lease: id("a"), Tries: 6, Error: "far", NextTry: fsm.Never}}})
	x, _ = l.State().Lease(id("a"))
	if x.NextTry != l.At.Add(fsm.MaxRetryPause) {
		t.Fatalf("next try at %d, want it bounded", x.NextTry)
	}
	// Asking again makes it due at once, and then it may be gone.
	l.Must("root", &fsm.LeaseRevoke{Lease: id("a")})
	settle(l, "", 0)
	wantPhase(t, l, "a", 0)
}

func TestLeaseForce(t *testing.T) {
	l := databases(t)
	for _, name := range []string{"fresh", "tried", "kept"} {
		l.Lease("app", "ro", name)
	}
	l.Must("root", &fsm.LeaseRevoke{Lease: id("tried")})
	settle(l, "no connection", hour)
	l.Must("root", &fsm.LeaseRevoke{Lease: id("kept")})
	l.Must("root", &fsm.PrefixRevoke{Endpoint: fsm.LeasesRevokeForce, Prefix: id("tried")})
	wantPhase(t, l, "tried", 0)
	l.Must("root", &fsm.PrefixRevoke{Endpoint: fsm.LeasesRevokeForce, Prefix: "db/creds"})
	l.Must("root", &fsm.PrefixRevoke{Prefix: "db/creds"}) // the later one does not take the force away
	wantPhase(t, l, "fresh", fsm.Revoking)
	l.Lease("app", "ro", "later")
	l.Clean(1)
	wantPhase(t, l, "later", fsm.Live)
	if got := due(l); len(got) != 2 {
		t.Fatalf("due are %q: each gets one try", got)
	}
	settle(l, "no connection", hour)
	wantPhase(t, l, "fresh", 0)
	wantPhase(t, l, "kept", 0)
	wantPhase(t, l, "later", fsm.Live)
}

// A disabled mount stays until the last lease is revoked, which needs it.
func TestDisabledMountWaitsForItsLeases(t *testing.T) {
	l := databases(t)
	for i := range 5 {
		l.Lease("app", "ro", fmt.Sprint(i))
	}
	m, _ := l.State().SecretMount("db")
	l.Must("root", &fsm.SecretDisable{Path: "db"})
	wantPhase(t, l, "3", fsm.Revoking)
	l.Refused("app", l.Issue("ro", "late"), fsm.NoSecretMount)
	l.AddRole("ro", hour, hour) // the path is free
	l.Lease("app", "ro", "new")
	l.Clean(2)
	wantPhase(t, l, "new", fsm.Live)
	if _, ok := l.State().EngineItem(m.Serial, "config/main"); !ok {
		t.Fatal("the configuration is gone before the leases")
	}
	settle(l, "", 0)
	l.Clean(2)
	if _, ok := l.State().MountBySerial(m.Serial); ok || fsm.CountItems(l.State()) != 2 {
		t.Fatalf("the mount is there: %v, with %d items", ok, fsm.CountItems(l.State()))
	}
	wantPhase(t, l, "new", fsm.Live)
	comesBack(t, l)
}

func TestLeaseFolders(t *testing.T) {
	l := databases(t)
	l.AddRole("ro-2", hour, hour)
	l.Lease("app", "ro", "a")
	l.Lease("app", "ro-2", "b")
	l.Must("root", &fsm.LeaseRevoke{Lease: id("a")})
	for folder, want := range map[string]string{
		"":              "[auth/ db/]",
		"db/":           "[creds/]",
		"db/creds/":     "[ro-2/ ro/]",
		"db/creds/ro/":  "[" + fsmtest.Accessor("a") + "]",
		"db/creds/r":    "[o-2/ o/]",
		"db/creds/none": "[]",
	} {
		if got := fmt.Sprint(l.State().LeaseKeys(folder, l.At)); got != want {
			t.Errorf("below %q there are %s, want %s", folder, got, want)
		}
	}
}

func TestEngineItems(t *testing.T) {
	l := databases(t)
	set := func(path string, base uint64) *fsm.EngineSet {
		return &fsm.EngineSet{Mount: "db", Path: path, Base: base, Body: []byte("x")}
	}
	l.Refused("root", set("roles/ro", 0), fsm.ItemMoved)
	l.Refused("root", set("roles/new", 1), fsm.ItemMoved)
	l.Must("root", set("roles/new", 0))
	l.Must("root", set("roles/new", l.Version("roles/new")))
	m, _ := l.State().SecretMount("db")
	if got := fmt.Sprint(l.State().EngineItems(m.Serial, "roles/")); got != "[new ro]" {
		t.Fatalf("roles are %s", got)
	}
	l.Must("root", fsmtest.Policy("make", fsmtest.Allow("db/*", policy.Create)))
	l.Create("root", "maker", fsmtest.Policies("make"))
	l.Refused("maker", set("roles/ro", l.Version("roles/ro")), fsm.PermissionDenied)
	l.Must("maker", set("roles/mine", 0))
	l.Refused("maker", &fsm.EngineDelete{Mount: "db", Path: "roles/mine"}, fsm.PermissionDenied)
	l.Must("root", &fsm.EngineDelete{Mount: "db", Path: "roles/mine"})
	l.Must("root", &fsm.EngineDelete{Mount: "db", Path: "roles/mine"})
	other := set("roles/ro", 0)
	other.Mount = "auth/token"
	l.Refused("root", other, fsm.NoSecretMount)
}

func TestSecretMounts(t *testing.T) {
	l := databases(t)
	for path, want := range map[string]fsm.Reason{ // order: each stands alone
		"sys": fsm.MountReserved, "sys/x": fsm.MountReserved, "auth/x": fsm.MountReserved, "cubbyhole": fsm.MountReserved,
		"": fsm.MountPathBad, "a//b": fsm.MountPathBad, "db": fsm.MountPathUsed, "db/deep": fsm.MountPathUsed,
	} {
		l.Refused("root", fsmtest.EnableDatabase(path), want)
	}
	l.Must("root", fsmtest.EnableDatabase("a/deep"))
	l.Refused("root", fsmtest.EnableDatabase("a"), fsm.MountPathUsed)
	bad := fsmtest.EnableDatabase("x")
	bad.Type = fsm.MountUserpass
	l.Refused("root", bad, fsm.MountTypeUnknown)
	bad = fsmtest.EnableDatabase("x")
	bad.Config.TokenType = fsm.TypeService
	l.Refused("root", bad, fsm.SecretMountSetting)
	l.Refused("root", &fsm.SecretTune{Path: "none"}, fsm.NothingMountedSecret)
	l.Refused("root", &fsm.SecretTune{Path: "db", Given: fsm.GivenMountTokenType}, fsm.SecretMountSetting)
	l.Refused("root", &fsm.AuthTune{Path: "db"}, fsm.NothingMounted)
	l.Must("root", &fsm.AuthDisable{Path: "db"}) // nothing is mounted at auth/db
	l.Must("root", &fsm.SecretDisable{Path: "none"})
	l.Must("root", enable("db")) // auth/db is another place
	var paths []string
	for _, m := range l.State().SecretMounts() {
		paths = append(paths, m.Path)
	}
	if got := fmt.Sprint(paths, len(l.State().AuthMounts())); got != "[a/deep db] 2" {
		t.Fatalf("mounts are %s", got)
	}
	if m, rest, ok := l.State().SecretMountOf("a/deep/creds/x"); !ok || m.Path != "a/deep" || rest != "creds/x" {
		t.Fatalf("found %+v %q %v", m, rest, ok)
	}
	if _, _, ok := l.State().SecretMountOf("auth/db/login/x"); ok {
		t.Fatal("a login method was taken for a secrets engine")
	}
	comesBack(t, l)
}
