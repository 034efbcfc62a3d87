package fsm_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

func notBefore(scope fsm.FenceScope, name string) *fsm.NotBefore {
	return &fsm.NotBefore{Scope: scope, Name: name}
}

// What ends signed tokens: a and b are logins of the default user and of carol, c one
// of carol's that an older key signed, r a runner's, i an invite by carol for dave,
// d dave's login.
func TestSignedFences(t *testing.T) {
	do := func(commands ...fsm.Command) func(*fsmtest.Lab) {
		return func(l *fsmtest.Lab) {
			for _, c := range commands {
				l.Must("root", c)
			}
		}
	}
	for _, tt := range []struct {
		rule string
		do   func(*fsmtest.Lab)
		want string // of a b c d r
		i    bool   // the invite can be exchanged
	}{
		{"nothing", do(), "abcdr", true},
		{"all", do(notBefore(fsm.FenceSigned, "")), "", false},
		{"batch tokens", do(notBefore(fsm.FenceCluster, "")), "abcdr", true},
		{"a key", do(notBefore(fsm.FenceSignedKey, "w1")), "abdr", true},
		{"a key in upper case", do(notBefore(fsm.FenceSignedKey, "W2")), "c", false},
		{"a user by name", do(notBefore(fsm.FenceSignedUser, "Carol")), "adr", false}, // and what she gave out
		{"a user by id", do(notBefore(fsm.FenceSignedUser, "U-CAROL")), "adr", false},
		{"whom the invite is for", do(notBefore(fsm.FenceSignedUser, "dave")), "abcr", false},
		{"another user", do(notBefore(fsm.FenceSignedUser, "waypoint")), "bcdr", true},
		{"a user who is gone", do(&fsm.SignedUserDelete{Admin: true, User: fsmtest.ByName("carol")},
			notBefore(fsm.FenceSignedUser, "u-carol"), fsmtest.NewUser("carol")), "adr", false},
		{"nobody", do(notBefore(fsm.FenceSignedUser, "nobody")), "abcdr", true},
		{"one", do(&fsm.SignedRevoke{Accessor: fsmtest.Accessor("b")}), "acdr", true},
		{"one that was shown", do(&fsm.SignedRevoke{Accessor: fsmtest.Accessor("b"), Until: fsm.Never}), "acdr", true},
		{"the invite", do(&fsm.SignedRevoke{Accessor: fsmtest.Accessor("i")}), "abcdr", false},
		{"itself", func(l *fsmtest.Lab) { l.Must("b", &fsm.TokenRevoke{}) }, "acdr", true},
		{"a runner itself", func(l *fsmtest.Lab) { l.Must("r", &fsm.TokenRevoke{}) }, "abcd", true},
		{"its source path does not", do(&fsm.PrefixRevoke{Prefix: "token/login"}), "abcdr", true},
		{"a batch token of its accessor does not", do(&fsm.BatchRevoke{Accessor: fsmtest.Accessor("b")}), "abcdr", true},
		{"an older key is retired", do(&fsm.KeyRetire{ID: "W1"}), "abdr", true},
		{"a key is put into use", do(&fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w3")}}), "abcdr", true},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l := waypoint(t)
			l.Create("root", "batch", fsmtest.Batch, fsmtest.Policies("web")) // of whom some marks speak
			carol, dave := fsmtest.For(fsmtest.ByName("carol")), fsmtest.For(fsmtest.ByName("dave"))
			l.Must("root", fsmtest.Login("c", carol))
			l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w2")}})
			l.Must("root", fsmtest.Login("a", fsmtest.For(fsmtest.ByName("waypoint"))))
			l.Must("root", fsmtest.Login("b", carol))
			l.Must("root", fsmtest.Login("d", dave))
			l.Must("root", fsmtest.RunnerToken("r", "", 0))
			invite := fsmtest.Invite("i")
			invite.User = fsmtest.ByName("dave")
			l.Must("b", invite)
			tt.do(l)
			alive(t, l, tt.want, "a", "b", "c", "d", "r")
			for _, name := range []string{"a", "b", "c", "d", "r"} {
				if _, err := l.Do(name, fsmtest.LookupSelf()); (err == nil) != l.Alive(name) {
					t.Errorf("%s lives: %v; it is answered %v", name, l.Alive(name), err)
				}
			}
			if _, err := l.Do("", l.Exchange("i", "x")); (err == nil) != tt.i {
				t.Errorf("the invite: %v", err)
			}
			// Later ones are not touched, those of the same instant included.
			l.Must("root", fsmtest.Login("n", carol))
			alive(t, l, "n", "n")
			back, err := readBack(t, l).LiveSigned(l.Signed("n"), fsmtest.Digest("n"), l.At)
			if err != nil || back.CreatedAt < l.At {
				t.Errorf("read back: %v", err)
			}
		})
	}
}

func readBack(t *testing.T, l *fsmtest.Lab) *fsm.State {
	t.Helper()
	m := fsm.NewMachine()
	m.Restore(l.State(), l.State().Index())
	return m.View()
}

// A mark names a time: what was issued then or before is dead, and what does not say
// is dead under any mark.
func TestSignedFenceBefore(t *testing.T) {
	for _, tt := range []struct {
		before time.Duration // from the second of three tokens, a second apart
		want   string
	}{
		{-time.Second - 1, "abc"}, {-time.Second, "bc"}, {-1, "bc"}, {0, "c"}, {1, "c"}, {time.Second, ""},
	} {
		for _, scope := range []fsm.FenceScope{fsm.FenceSigned, fsm.FenceSignedKey, fsm.FenceSignedUser} {
			l := waypoint(t)
			var at fsm.Instant
			for _, name := range []string{"a", "b", "c"} {
				l.Wait(time.Second)
				l.Must("admin", fsmtest.Login(name))
				if name == "b" {
					at = l.At
				}
			}
			l.Show("silent", fsm.SignedToken{KeyID: "w1", Kind: fsm.SignedLogin, User: fsm.DefaultSignedUser, ValidUntil: fsm.Never})
			l.Show("early", fsm.SignedToken{KeyID: "w1", Kind: fsm.SignedLogin, User: fsm.DefaultSignedUser, ValidUntil: fsm.Never, Issued: -1 << 63})
			alive(t, l, "silentearly", "silent", "early")
			name := map[fsm.FenceScope]string{fsm.FenceSignedKey: "w1", fsm.FenceSignedUser: "waypoint"}[scope]
			done := l.Must("root", &fsm.NotBefore{Scope: scope, Name: name, Before: at.Add(tt.before)}).(*fsm.Fenced)
			if !done.Marked || done.Until != fsm.Never {
				t.Errorf("%s: %+v", scope, done)
			}
			alive(t, l, tt.want, "a", "b", "c", "silent", "early")
			// An earlier mark takes nothing back.
			l.Must("root", &fsm.NotBefore{Scope: scope, Name: name, Before: 1})
			alive(t, l, tt.want, "a", "b", "c", "silent", "early")
		}
	}
}

// Marks and tokens of one instant: each mark ends what was made before it and lets
// be what is made after it, however many there are.
func TestSignedTies(t *testing.T) {
	l := waypoint(t)
	marks := []fsm.Command{
		notBefore(fsm.FenceSigned, ""), notBefore(fsm.FenceSignedUser, "waypoint"), notBefore(fsm.FenceSigned, ""),
		notBefore(fsm.FenceSignedKey, "w1"), notBefore(fsm.FenceSignedUser, "waypoint"),
	}
	var entry []*fsm.Envelope
	for i, m := range marks {
		entry = append(entry, l.Envelope("root", fsmtest.Login(fmt.Sprint(i), fsmtest.For(fsmtest.ByName("waypoint")))), l.Envelope("root", m))
	}
	for _, o := range l.Entry(append(entry, l.Envelope("root", fsmtest.Login("last", fsmtest.For(fsmtest.ByName("waypoint")))))...) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
	}
	alive(t, l, "last", "0", "1", "2", "3", "4", "last")
	if got := l.Signed("last").Issued; got <= l.At || got > l.At.Add(10) {
		t.Errorf("issued %d after the clock", got.Sub(l.At))
	}
	// A user's mark is nothing to another's tokens: they are issued now.
	l.Must("root", notBefore(fsm.FenceSignedUser, "carol"))
	l.Must("root", fsmtest.Login("d", fsmtest.For(fsmtest.ByName("dave"))))
	alive(t, l, "d", "d", "carol")
}

func TestSignedFencesGo(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w1")}})
	l.Must("root", fsmtest.NewUser("carol"))
	all, revoke := notBefore(fsm.FenceSigned, ""), &fsm.SignedRevoke{Accessor: fsmtest.Accessor("a")}
	for _, c := range []fsm.Command{all, revoke} {
		if done := l.Must("root", c).(*fsm.Fenced); done.Marked || done.Serial != 0 {
			t.Errorf("marked without a signed token about: %+v", done)
		}
	}
	carol := fsmtest.For(fsmtest.ByName("carol"))
	l.Must("root", fsmtest.Login("a", carol, fsmtest.Term(min5)))
	end := l.Signed("a").Deadline()
	if l.State().SignedUntil != end || end != l.At.Add(min5+1) {
		t.Fatalf("until %d, want %d", l.State().SignedUntil, end)
	}
	l.Must("root", fsmtest.Login("b", carol, fsmtest.Term(min5/5))) // an earlier end moves nothing
	for _, c := range []fsm.Command{all, revoke, &fsm.SignedRevoke{Accessor: fsmtest.Accessor("b"), Until: l.Signed("b").Deadline()}} {
		want := end
		if r, ok := c.(*fsm.SignedRevoke); ok && r.Until != 0 {
			want = r.Until
		}
		if done := l.Must("root", c).(*fsm.Fenced); !done.Marked || done.Until != want || done.Serial != l.State().Serial {
			t.Errorf("%s: %+v, want until %d", fsm.Name(c), done, want)
		}
	}
	if n := len(l.State().Fences()); n != 1 || fsm.CountFences(l.State()) != 3 {
		t.Errorf("%d marks of %d are listed: those over one token are not", n, fsm.CountFences(l.State()))
	}
	l.Wait(min5)
	l.Clean(10)
	if n := fsm.CountFences(l.State()); n != 2 {
		t.Errorf("%d marks in the last instant of what they hit", n)
	}
	l.Refused("a", fsmtest.LookupSelf(), fsm.SignedRevoked)
	l.Wait(1)
	l.Clean(10)
	if n := fsm.CountFences(l.State()); n != 0 {
		t.Errorf("%d marks with nothing left to hit", n)
	}
	l.Refused("a", fsmtest.LookupSelf(), fsm.SignedExpired)
	if done := l.Must("root", all).(*fsm.Fenced); done.Marked {
		t.Errorf("marked when all have expired: %+v", done)
	}
}

func TestNotBeforeSignedRefused(t *testing.T) {
	l := waypoint(t)
	for _, tt := range []struct {
		rule string
		by   string
		do   *fsm.NotBefore
		want fsm.Reason
	}{
		{"an unknown key", "root", notBefore(fsm.FenceSignedKey, "none"), fsm.KeyNotFound},
		{"a key of another purpose", "root", notBefore(fsm.FenceSignedKey, "b1"), fsm.KeyNotFound},
		{"a signing key among those of batch tokens", "root", notBefore(fsm.FenceKey, "w1"), fsm.KeyNotFound},
		{"the future", "root", &fsm.NotBefore{Scope: fsm.FenceSigned, Before: l.At + 1}, fsm.OutOfRange},
		{"before 1970", "root", &fsm.NotBefore{Scope: fsm.FenceSigned, Before: -1}, fsm.OutOfRange},
		{"a time for batch tokens", "root", &fsm.NotBefore{Scope: fsm.FenceCluster, Before: 1}, fsm.OutOfRange},
		{"a name for all", "root", notBefore(fsm.FenceSigned, "x"), fsm.FenceNameBad},
		{"no user", "root", notBefore(fsm.FenceSignedUser, ""), fsm.FenceNameBad},
		{"a user that is none", "root", notBefore(fsm.FenceSignedUser, "a/b"), fsm.FenceNameBad},
		{"a long one", "root", notBefore(fsm.FenceSignedUser, long(fsm.MaxSignedIDBytes+1)), fsm.FenceNameBad},
		{"one token, for which there is another command", "root", notBefore(fsm.FenceSignedToken, fsmtest.Accessor("a")), fsm.OutOfRange},
		{"a login", "carol", notBefore(fsm.FenceSignedUser, "carol"), fsm.PermissionDenied},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l.Refused(tt.by, tt.do, tt.want)
			if n := fsm.CountFences(l.State()); n != 0 {
				t.Fatalf("%d marks", n)
			}
		})
	}
	l.Refused("carol", &fsm.SignedRevoke{Accessor: fsmtest.Accessor("dave")}, fsm.PermissionDenied)
	for what, c := range map[string]*fsm.SignedRevoke{ // order: each stands alone
		"no accessor": {}, "a short one": {Accessor: "x"}, "before 1970": {Accessor: fsmtest.Accessor("a"), Until: -1},
	} {
		if c.Validate() == nil {
			t.Errorf("%s: taken", what)
		}
	}
}
