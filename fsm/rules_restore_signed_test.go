package fsm_test

import (
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// afterArchive is a lab in which much has been taken back since an archive was made.
func afterArchive(t *testing.T) (l *fsmtest.Lab, archive []byte) {
	l = fsmtest.New(t)
	l.Must("", fsmtest.WaypointBootstrap("login"))
	l.Must("root", fsmtest.NewUser("carol"))
	l.Must("root", fsmtest.NewUser("dave"))
	l.Must("root", fsmtest.Login("carols", fsmtest.For(fsmtest.ByName("carol"))))
	l.Must("root", fsmtest.Login("daves", fsmtest.For(fsmtest.ByName("dave"))))
	l.Must("login", fsmtest.Login("revoked"))
	l.Must("login", fsmtest.Invite("invite"))
	for _, id := range []string{"r1", "r2"} {
		l.Must("", fsmtest.Register(id, 1))
		l.Must("login", &fsm.RunnerAdopt{ID: id, Adopt: true})
	}
	l.Must("login", fsmtest.RunnerToken("r1's", "r1", 1))
	archive = l.Archive()
	l.Must("", l.Exchange("invite", "exchanged"))
	l.Must("root", &fsm.SignedRevoke{Accessor: fsmtest.Accessor("revoked"), Until: fsm.Never})
	l.Must("root", &fsm.SignedUserDelete{Admin: true, User: fsmtest.ByName("carol")})
	l.Must("login", &fsm.RunnerAdopt{ID: "r1", Adopt: false})
	l.Must("login", &fsm.RunnerForget{ID: "r2"})
	l.Must("", fsmtest.Register("r3", 1))
	l.Must("login", &fsm.RunnerAdopt{ID: "r3", Adopt: true})
	return l, archive
}

func TestRestoreSigned(t *testing.T) {
	for _, forget := range []bool{false, true} {
		t.Run(map[bool]string{false: "keeps the dead", true: "forgets"}[forget], func(t *testing.T) {
			l, archive := afterArchive(t)
			var changes []func(*fsm.RestoreBegin)
			if forget {
				changes = append(changes, fsmtest.Forget)
			}
			done := l.MustRestore("root", archive, changes...)
			if done.Users != 1 {
				t.Errorf("%+v", done)
			}
			for _, name := range []string{"carols", "revoked"} {
				if l.Alive(name) != forget {
					t.Errorf("%s lives: %v", name, !forget)
				}
			}
			for _, name := range []string{"login", "daves"} {
				if !l.Alive(name) {
					t.Errorf("%s is dead", name)
				}
			}
			if _, there := l.State().SignedUserByID(fsmtest.UserID("carol")); !there {
				t.Error("the user is not back")
			}
			_, err := l.Do("", l.Exchange("invite", "again"))
			if (err == nil) != forget {
				t.Errorf("a spent invite: %v", err)
			}
			_, err = l.Do("r1's", fsmtest.Online("r1", 1))
			if (err == nil) != forget {
				t.Errorf("a rejected runner: %v", err)
			}
			for id, want := range map[string]bool{"r1": true, "r2": forget, "r3": !forget} { // order: each stands alone
				if _, there := l.State().Runner(id); there != want {
					t.Errorf("runner %s is there: %v", id, there)
				}
			}
			l.Must("root", fsmtest.Login("new", fsmtest.For(fsmtest.ByName("carol"))))
			if !l.Alive("new") {
				t.Error("the user that is back gets no tokens")
			}
			sound(t, l)
		})
	}
}

// A Waypoint token is as good as its user, who therefore stays.
func TestRestoreKeepsTheCallersUser(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("", fsmtest.WaypointBootstrap("login"))
	l.Must("root", fsmtest.Policy("restorer", restorerRule()))
	archive := l.Archive()
	l.Must("root", fsmtest.NewUser("carol", "restorer"))
	l.Must("root", fsmtest.Login("carols", fsmtest.For(fsmtest.ByName("carol"))))
	l.Must("root", &fsm.SignedConfigSet{Given: fsm.GivenAddresses, Config: configSample()})
	l.MustRestore("carols", archive)
	if !l.Alive("carols") || len(l.State().SignedConfig().Addresses) > 0 || len(l.State().SignedConfig().Cookie.Box) == 0 {
		t.Fatalf("%+v", l.State().SignedConfig())
	}
	sound(t, l)

	l.Must("root", fsmtest.NewUser("dave"))
	later := l.Archive()
	l.Must("root", &fsm.SignedUserDelete{Admin: true, User: fsmtest.ByName("dave")})
	l.Must("root", &fsm.SignedUserSet{Admin: true, User: fsm.UserRef{By: fsm.UserByAny, Text: "carol"}, Given: fsm.GivenUsername, New: fsm.SignedUser{Username: "dave"}})
	if _, err := l.Restore("carols", later); err == nil || err.Reason != fsm.SignedNameTaken {
		t.Fatalf("%v", err)
	}
}
