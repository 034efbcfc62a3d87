package fsm_test

import (
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

func reusable(l *fsmtest.Lab, yes bool) {
	l.Must("root", &fsm.SignedConfigSet{
		Given: fsm.GivenReusableInvites, Config: fsm.SignedConfig{Cookie: fsmtest.Cookie(), ReusableInvites: yes},
	})
}

func TestExchange(t *testing.T) {
	carol := fsmtest.UserID("carol")
	for _, tt := range []struct {
		rule   string
		by     string
		invite *fsm.InviteIssue
		want   fsm.SignedToken
	}{
		{"a login invite is a login without end", "carol", fsmtest.Invite("i"), fsm.SignedToken{Kind: fsm.SignedLogin, User: carol}},
		{"one for a deployment is an entrypoint token", "carol", fsmtest.Invite("i", fsmtest.ToDeploy("d1")),
			fsm.SignedToken{Kind: fsm.SignedEntrypoint, User: carol, Deployment: "d1"}},
		{"one for no deployment too", "carol", fsmtest.Invite("i", fsmtest.ToDeploy("")),
			fsm.SignedToken{Kind: fsm.SignedEntrypoint, User: carol}},
		{"one to sign up makes a user", "carol", fsmtest.Invite("i", fsmtest.ToSignUp("Erin")),
			fsm.SignedToken{Kind: fsm.SignedLogin, User: fsmtest.UserID("x")}},
		{"one to sign up of nobody does, too", "root", fsmtest.Invite("i", fsmtest.ToSignUp("Erin")),
			fsm.SignedToken{Kind: fsm.SignedLogin, User: fsmtest.UserID("x")}},
		{"signing up for a deployment", "root", fsmtest.Invite("i", fsmtest.ToSignUp("Erin"), fsmtest.ToDeploy("d1")),
			fsm.SignedToken{Kind: fsm.SignedEntrypoint, User: fsmtest.UserID("x"), Deployment: "d1"}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l := waypoint(t)
			l.Must(tt.by, tt.invite)
			made := l.Must("", l.Exchange("i", "x")).(*fsm.SignedMade).Token
			if want := said(l, "x", tt.want); made != want {
				t.Fatalf("made %+v\nwant %+v", made, want)
			}
			u, there := l.State().SignedUser(fsmtest.ByName("ERIN"), nil)
			if there != tt.invite.Signup || there && (u.ID != tt.want.User || u.Username != "Erin" || len(u.Policies) != 0 || u.CreatedAt != l.At) {
				t.Errorf("user %+v", u)
			}
			alive(t, l, "x", "x")
			if err := l.Refused("", l.Exchange("i", "y"), fsm.InviteSpent); err.Code != fsm.Unauthenticated {
				t.Errorf("code %d", err.Code)
			}
			alive(t, l, "x", "x", "y")
		})
	}
}

func TestExchangeRefused(t *testing.T) {
	signup := func(name string) *fsm.InviteIssue { return fsmtest.Invite("i", fsmtest.ToSignUp(name)) }
	nothing := func(*fsmtest.Lab) {}
	remove := func(name string) func(*fsmtest.Lab) {
		return func(l *fsmtest.Lab) {
			l.Must("root", &fsm.SignedUserDelete{Admin: true, User: fsmtest.ByName(name)})
		}
	}
	forDave := fsmtest.Invite("i")
	forDave.User = fsmtest.ByName("dave")
	for _, tt := range []struct {
		rule   string
		invite fsm.Command
		before func(*fsmtest.Lab)
		code   fsm.Code
		want   fsm.Reason
	}{
		{"no invite but a login", fsmtest.Login("i"), nothing, fsm.Invalid, fsm.NotAnInvite},
		{"no invite but a trigger token", fsmtest.Login("i", fsmtest.Trigger), nothing, fsm.Invalid, fsm.NotAnInvite},
		{"no invite but a runner token", fsmtest.RunnerToken("i", "", 0), nothing, fsm.Invalid, fsm.NotAnInvite},
		{"expired", fsmtest.Invite("i"), func(l *fsmtest.Lab) { l.Wait(hour + 1) }, fsm.Unauthenticated, fsm.SignedExpired},
		{"revoked", fsmtest.Invite("i"), func(l *fsmtest.Lab) {
			l.Must("root", &fsm.SignedRevoke{Accessor: fsmtest.Accessor("i")})
		}, fsm.Unauthenticated, fsm.InviteSpent},
		{"revoked with who made it", fsmtest.Invite("i"), func(l *fsmtest.Lab) {
			l.Must("root", &fsm.NotBefore{Scope: fsm.FenceSignedUser, Name: "carol"})
		}, fsm.Unauthenticated, fsm.InviteSpent},
		{"revoked with whom it is for", forDave, func(l *fsmtest.Lab) {
			l.Must("root", &fsm.NotBefore{Scope: fsm.FenceSignedUser, Name: "dave"})
		}, fsm.Unauthenticated, fsm.InviteSpent},
		{"its key is retired", fsmtest.Invite("i"), func(l *fsmtest.Lab) {
			l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w2")}})
			l.Must("root", &fsm.KeyRetire{ID: "w1"})
		}, fsm.Unauthenticated, fsm.SignedKeyRetired},
		{"who made it is gone", forDave, remove("carol"), fsm.Unauthenticated, fsm.InviterGone},
		{"who made it is gone, to sign up", signup("erin"), remove("carol"), fsm.Unauthenticated, fsm.InviterGone},
		{"whom it is for is gone", forDave, remove("dave"), fsm.Unauthenticated, fsm.SignedUserGone},
		{"no name", signup(""), nothing, fsm.Invalid, fsm.SignedNameBad},
		{"a bad name", signup("-erin"), nothing, fsm.Invalid, fsm.SignedNameBad},
		{"a name that is taken", signup("DAVE"), nothing, fsm.Exists, fsm.SignedNameTaken},
		{"an id that is taken", signup("erin"), func(l *fsmtest.Lab) {
			taken := fsmtest.NewUser("taken")
			taken.New.ID = "U-X" // letter case does not count
			l.Must("root", taken)
		}, fsm.Exists, fsm.SignedUserExists},
		{"an accessor that was revoked", fsmtest.Invite("i"), func(l *fsmtest.Lab) {
			l.Must("root", &fsm.SignedRevoke{Accessor: fsmtest.Accessor("x")})
		}, fsm.Exists, fsm.TokenExists},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l := waypoint(t)
			l.Must("carol", tt.invite)
			tt.before(l)
			users, fences := l.State().CountSignedUsers(), fsm.CountFences(l.State())
			if err := l.Refused("", l.Exchange("i", "x"), tt.want); err.Code != tt.code {
				t.Errorf("code %d, want %d", err.Code, tt.code)
			}
			if l.State().CountSignedUsers() != users || fsm.CountFences(l.State()) != fences {
				t.Error("something was made or spent all the same")
			}
			alive(t, l, "", "x")
		})
	}
}

// The setting lets an invite be used until it expires, as in Waypoint; what was spent
// before stays so.
func TestReusableInvites(t *testing.T) {
	l := waypoint(t)
	l.Must("carol", fsmtest.Invite("spent"))
	l.Must("", l.Exchange("spent", "a"))
	reusable(l, true)
	l.Refused("", l.Exchange("spent", "b"), fsm.InviteSpent)
	l.Must("carol", fsmtest.Invite("i"))
	l.Must("", l.Exchange("i", "b"))
	l.Must("", l.Exchange("i", "c"))
	l.Must("root", fsmtest.Invite("signup", fsmtest.ToSignUp("erin")))
	l.Must("", l.Exchange("signup", "d"))
	l.Refused("", l.Exchange("signup", "e"), fsm.SignedNameTaken) // a user is made once
	reusable(l, false)
	l.Must("", l.Exchange("i", "f"))
	l.Refused("", l.Exchange("i", "g"), fsm.InviteSpent)
	alive(t, l, "abcdf", "a", "b", "c", "d", "e", "f", "g")
}

// The mark that an invite is spent stands for as long as the invite could be shown.
func TestSpentInvitesAreForgotten(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w1")}})
	l.Must("root", fsmtest.NewUser("carol"))
	l.Must("root", fsmtest.Login("carol", fsmtest.For(fsmtest.ByName("carol")), fsmtest.Term(10*hour)))
	l.Must("carol", fsmtest.Invite("i", func(i *fsm.InviteIssue) { i.Term = min5 }))
	l.Must("", l.Exchange("i", "x"))
	l.Wait(min5)
	l.Clean(10)
	l.Refused("", l.Exchange("i", "y"), fsm.InviteSpent)
	l.Wait(1)
	l.Clean(10)
	if n := fsm.CountFences(l.State()); n != 0 {
		t.Errorf("%d fences over what has expired", n)
	}
	l.Refused("", l.Exchange("i", "y"), fsm.SignedExpired)
}

// An invite of a Waypoint server that nobody here knows the end of is spent, too.
func TestForeignInvite(t *testing.T) {
	l := waypoint(t)
	for i, until := range []fsm.Instant{fsm.Never, fsm.Never - 1, l.At} {
		name := string(rune('a' + i))
		l.Show(name, fsm.SignedToken{KeyID: "w1", Kind: fsm.SignedInvite, ValidUntil: until, User: fsm.DefaultSignedUser})
		l.Must("", l.Exchange(name, "of-"+name))
		l.Refused("", l.Exchange(name, "twice"), fsm.InviteSpent)
	}
	l.Show("long", fsm.SignedToken{
		KeyID: "w1", Kind: fsm.SignedInvite, ValidUntil: fsm.Never, User: fsm.DefaultSignedUser,
		Entrypoint: true, Deployment: long(fsm.MaxSignedBytes - len(fsm.DefaultSignedUser)),
	})
	l.Must("", l.Exchange("long", "longest"))
	l.Show("longer", fsm.SignedToken{
		KeyID: "w1", Kind: fsm.SignedInvite, ValidUntil: fsm.Never, Signup: true, Username: "zoe",
		Entrypoint: true, Deployment: long(fsm.MaxSignedBytes - len("zoe")),
	})
	l.Refused("", l.Exchange("longer", "yy"), fsm.OutOfRange) // with the new user's id it fits no more
}
