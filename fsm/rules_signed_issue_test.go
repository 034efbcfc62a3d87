package fsm_test

import (
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// waypoint is a lab with Waypoint's surface: admin is the login of the default user,
// carol has the policy web and dave none, each with a login of that name.
func waypoint(t testing.TB) *fsmtest.Lab {
	l := fsmtest.New(t)
	l.Must("root", fsmtest.Policy("web", fsmtest.Allow("web/*", policy.Read)))
	l.Must("", fsmtest.WaypointBootstrap("admin"))
	for name, policies := range map[string][]string{"carol": {"web"}, "dave": nil} { // order: each stands alone
		l.Must("root", fsmtest.NewUser(name, policies...))
		l.Must("root", fsmtest.Login(name, fsmtest.For(fsmtest.ByName(name))))
	}
	return l
}

// said is what a signed token has to say, but for what the lab gives it.
func said(l *fsmtest.Lab, name string, t fsm.SignedToken) fsm.SignedToken {
	t.KeyID, t.Accessor, t.Issued = "w1", fsmtest.Accessor(name), l.At
	if t.ValidUntil == 0 {
		t.ValidUntil = fsm.Never
	}
	return t
}

func TestWaypointBootstrap(t *testing.T) {
	l := fsmtest.New(t)
	made := l.Must("", fsmtest.WaypointBootstrap("admin")).(*fsm.SignedMade).Token
	if want := said(l, "admin", fsm.SignedToken{Kind: fsm.SignedLogin, User: fsm.DefaultSignedUser}); made != want {
		t.Fatalf("made %+v, want %+v", made, want)
	}
	s := l.State()
	u, ok := s.SignedUserByID(fsm.DefaultSignedUser)
	if !ok || u.Username != "waypoint" || u.CreatedAt != l.At || s.CountSignedUsers() != 1 || s.SignedUntil != fsm.Never ||
		string(s.SignedConfig().Cookie.Box) != "sealed cookie" {
		t.Fatalf("user %+v, until %d, settings %+v", u, s.SignedUntil, s.SignedConfig())
	}
	if err := l.Refused("", fsmtest.WaypointBootstrap("twice"), fsm.AlreadyBootstrapped); err.Code != fsm.Denied {
		t.Errorf("code %d", err.Code)
	}
	alive(t, l, "admin", "admin")
}

// It is refused as soon as there is a key or a user, and brings no second cookie.
func TestWaypointBootstrapOnce(t *testing.T) {
	for _, tt := range []struct {
		rule   string
		before fsm.Command
		want   fsm.Reason
	}{
		{"a user", fsmtest.NewUser("carol"), fsm.AlreadyBootstrapped},
		{"a key", &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w0")}}, fsm.AlreadyBootstrapped},
		{"an imported key", &fsm.SignedKeyImport{Key: fsmtest.SigningKey("k1"), Fresh: fsmtest.SigningKey("w0"), Cookie: fsmtest.Cookie()}, fsm.AlreadyBootstrapped},
		{"a key of another kind", &fsm.KeyRotate{Keys: []fsm.NewKey{newKey(fsm.KeyBatch, "b9")}}, 0},
		{"settings", &fsm.SignedConfigSet{Given: fsm.GivenReusableInvites,
			Config: fsm.SignedConfig{Cookie: fsm.Sealed{KeyID: "s1", Box: []byte("first")}}}, 0},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l := fsmtest.New(t)
			l.Must("root", tt.before)
			first := string(l.State().SignedConfig().Cookie.Box)
			if tt.want != 0 {
				l.Refused("", fsmtest.WaypointBootstrap("admin"), tt.want)
			} else {
				l.Must("", fsmtest.WaypointBootstrap("admin"))
			}
			if got := string(l.State().SignedConfig().Cookie.Box); first != "" && got != first {
				t.Errorf("cookie %q, want %q", got, first)
			}
		})
	}
}

func TestSignedIssue(t *testing.T) {
	l := waypoint(t)
	l.Must("root", fsmtest.RunnerToken("any", "", 0))
	l.Must("root", fsmtest.RunnerToken("r1", "r1", 5))
	l.Must("", fsmtest.Register("r1", 5))
	l.Must("root", &fsm.RunnerAdopt{ID: "r1", Adopt: true})
	carol, self := fsmtest.UserID("carol"), fsm.SignedToken{Kind: fsm.SignedLogin, User: fsm.DefaultSignedUser}
	for _, tt := range []struct {
		rule string
		by   string
		do   fsm.Command
		want fsm.SignedToken
	}{
		{"a login of the caller", "admin", fsmtest.Login("x"), self},
		{"one with an end", "admin", fsmtest.Login("x", fsmtest.Term(hour)),
			fsm.SignedToken{Kind: fsm.SignedLogin, User: fsm.DefaultSignedUser, ValidUntil: l.At.Add(hour)}},
		{"a negative term is none", "admin", fsmtest.Login("x", fsmtest.Term(-hour)), self},
		{"of another user by id", "carol", fsmtest.Login("x", fsmtest.For(fsmtest.ByID("U-DAVE"))),
			fsm.SignedToken{Kind: fsm.SignedLogin, User: fsmtest.UserID("dave")}},
		{"of another user by name", "root", fsmtest.Login("x", fsmtest.For(fsmtest.ByName("Carol"))),
			fsm.SignedToken{Kind: fsm.SignedLogin, User: carol}},
		{"for triggers it is the caller's", "carol", fsmtest.Login("x", fsmtest.For(fsmtest.ByName("dave")), fsmtest.Trigger),
			fsm.SignedToken{Kind: fsm.SignedTrigger, From: carol}},
		{"an invite for oneself", "carol", fsmtest.Invite("x"),
			fsm.SignedToken{Kind: fsm.SignedInvite, From: carol, User: carol, ValidUntil: l.At.Add(hour)}},
		{"an invite to sign up, for a deployment", "carol", fsmtest.Invite("x", fsmtest.ToSignUp("no name yet"), fsmtest.ToDeploy("d1")),
			fsm.SignedToken{Kind: fsm.SignedInvite, From: carol, User: carol, ValidUntil: l.At.Add(hour),
				Signup: true, Username: "no name yet", Entrypoint: true, Deployment: "d1"}},
		{"an invite in nobody's name", "root", fsmtest.Invite("x", fsmtest.ToSignUp("erin")),
			fsm.SignedToken{Kind: fsm.SignedInvite, ValidUntil: l.At.Add(hour), Signup: true, Username: "erin"}},
		{"for any runner", "dave", fsmtest.RunnerToken("x", "", 0), fsm.SignedToken{Kind: fsm.SignedRunner}},
		{"a runner for itself, with other labels", "r1", fsmtest.RunnerToken("x", "r1", 9),
			fsm.SignedToken{Kind: fsm.SignedRunner, Runner: "r1", LabelHash: 9}},
		{"any runner for any", "any", fsmtest.RunnerToken("x", "", 0), fsm.SignedToken{Kind: fsm.SignedRunner}},
		{"for an id that no runner can have", "root", fsmtest.RunnerToken("x", "a/b", 1),
			fsm.SignedToken{Kind: fsm.SignedRunner, Runner: "a/b", LabelHash: 1}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			made := l.Must(tt.by, tt.do).(*fsm.SignedMade).Token
			if want := said(l, "x", tt.want); made != want {
				t.Fatalf("made %+v\nwant %+v", made, want)
			}
		})
	}
}

func TestSignedIssueRefused(t *testing.T) {
	l := waypoint(t)
	l.Must("root", fsmtest.RunnerToken("any", "", 0))
	l.Must("root", fsmtest.RunnerToken("r1", "r1", 0))
	l.Must("admin", fsmtest.Online("r1", 0))
	for _, tt := range []struct {
		rule string
		by   string
		do   fsm.Command
		code fsm.Code
		want fsm.Reason
	}{
		{"root is no user", "root", fsmtest.Login("x"), fsm.Unauthenticated, fsm.SignedNoUser},
		{"root is no user and triggers nothing", "root", fsmtest.Login("x", fsmtest.For(fsmtest.ByName("dave")), fsmtest.Trigger), fsm.Unauthenticated, fsm.SignedNoUser},
		{"root is no user to invite as", "root", fsmtest.Invite("x"), fsm.Unauthenticated, fsm.SignedNoUser},
		{"a runner is no user", "any", fsmtest.Login("x"), fsm.Unauthenticated, fsm.SignedNoUser},
		{"a runner acts as no user", "any", fsmtest.Login("x", fsmtest.For(fsmtest.ByName("dave"))), fsm.Unauthenticated, fsm.SignedNoUser},
		{"a runner invites nobody", "any", fsmtest.Invite("x", fsmtest.ToSignUp("erin")), fsm.Unauthenticated, fsm.SignedNoUser},
		{"an unknown id", "admin", fsmtest.Login("x", fsmtest.For(fsmtest.ByID("nobody"))), fsm.NotFound, fsm.SignedUserUnknown},
		{"no id", "admin", fsmtest.Login("x", fsmtest.For(fsmtest.ByID(""))), fsm.NotFound, fsm.SignedUserUnknown},
		{"a name is no id", "admin", fsmtest.Login("x", fsmtest.For(fsmtest.ByID("dave"))), fsm.NotFound, fsm.SignedUserUnknown},
		{"an unknown name", "root", fsmtest.Login("x", fsmtest.For(fsmtest.ByName("nobody"))), fsm.NotFound, fsm.SignedUserUnknown},
		{"an invite for an unknown user", "admin", func() fsm.Command {
			i := fsmtest.Invite("x")
			i.User = fsmtest.ByID("nobody")
			return i
		}(), fsm.NotFound, fsm.SignedUserUnknown},
		{"a user with more", "dave", fsmtest.Login("x", fsmtest.For(fsmtest.ByName("carol"))), fsm.Denied, fsm.SignedUserMore},
		{"a trigger token with such a user", "dave", fsmtest.Login("x", fsmtest.For(fsmtest.ByName("carol")), fsmtest.Trigger), fsm.Denied, fsm.SignedUserMore},
		{"a runner for another", "r1", fsmtest.RunnerToken("x", "r2", 0), fsm.Invalid, fsm.RunnerImpersonated},
		{"a runner for any", "r1", fsmtest.RunnerToken("x", "", 0), fsm.Invalid, fsm.RunnerImpersonated},
		{"any runner for one", "any", fsmtest.RunnerToken("x", "r1", 0), fsm.Invalid, fsm.RunnerImpersonated},
		{"a runner's id in other letter case", "r1", fsmtest.RunnerToken("x", "R1", 0), fsm.Invalid, fsm.RunnerImpersonated},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			before := l.State().SignedUntil
			if err := l.Refused(tt.by, tt.do, tt.want); err.Code != tt.code {
				t.Errorf("code %d, want %d", err.Code, tt.code)
			}
			if l.State().SignedUntil != before || l.Signed("x") != nil {
				t.Error("a refused token is counted on")
			}
		})
	}
}

// Nobody gets the rights of a user by a login that he could not give.
func TestSubsetOfPolicies(t *testing.T) {
	l := waypoint(t)
	l.Must("root", fsmtest.Policy("clerk", fsmtest.Allow("token/*", write)))
	l.Must("root", fsmtest.NewUser("both", "ops", "web"))
	l.Must("root", fsmtest.Login("both", fsmtest.For(fsmtest.ByName("both"))))
	l.Create("root", "clerk", fsmtest.Policies("clerk"))
	l.Create("root", "webclerk", fsmtest.Policies("clerk", "web"))
	for _, tt := range []struct{ by, gives string }{
		{"root", "waypoint carol dave both"},
		{"admin", "waypoint dave"},
		{"carol", "waypoint carol dave"},
		{"both", "waypoint carol dave both"},
		{"clerk", "waypoint dave"},
		{"webclerk", "waypoint carol dave"},
	} {
		got := ""
		for _, user := range []string{"waypoint", "carol", "dave", "both"} {
			invite := fsmtest.Invite("i")
			invite.User = fsmtest.ByName(user)
			_, no := l.Do(tt.by, fsmtest.Login("x", fsmtest.For(fsmtest.ByName(user))))
			_, noInvite := l.Do(tt.by, invite)
			if (no == nil) != (noInvite == nil) {
				t.Errorf("%s for %s: login %v, invite %v", tt.by, user, no, noInvite)
			}
			if no == nil {
				got += " " + user
			}
		}
		if got != " "+tt.gives {
			t.Errorf("%s acts as%s, want %s", tt.by, got, tt.gives)
		}
	}
}

func TestNoSigningKey(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", fsmtest.NewUser("carol"))
	l.Refused("root", fsmtest.RunnerToken("x", "", 0), fsm.NoSigningKey)
	l.Refused("root", fsmtest.Login("x", fsmtest.For(fsmtest.ByName("carol"))), fsm.NoSigningKey)
	if l.State().SignedLast != 0 || l.State().SignedUntil != 0 {
		t.Error("what was not made is counted on")
	}
}
