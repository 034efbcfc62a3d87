package fsm_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// hash has the form of a bcrypt hash; the machine looks at no more.
const hash = "$2a$10$Y9X59U5b8g2pFaJnqdsThOUG8mpZZ/kSiSZMktidOi2g8n3J/YsDO"

// enable is the command that mounts userpass at a path.
func enable(path string, changes ...func(*fsm.AuthEnable)) *fsm.AuthEnable {
	e := &fsm.AuthEnable{Path: path, Type: fsm.MountUserpass, Accessor: "auth_userpass_0123"}
	for _, change := range changes {
		change(e)
	}
	return e
}

// user is the command that writes a user with a password.
func user(mount, name string, params fsm.TokenParams, given fsm.ParamFields) *fsm.UserSet {
	return &fsm.UserSet{Mount: mount, Name: name, Hash: []byte(hash), Params: params, Given: given}
}

// login is the command by which a user, as it is now, gets the token of a name.
func login(l *fsmtest.Lab, mount, name, token string) *fsm.UserLogin {
	return &fsm.UserLogin{
		Mount: mount, Name: name, Version: version(l, mount, name), From: netip.MustParseAddr("10.0.0.1"),
		Token: fsmtest.Digest(token), Accessor: fsmtest.Accessor(token),
	}
}

func blame(l *fsmtest.Lab, mount, name string) *fsm.LoginFail {
	return &fsm.LoginFail{Mount: mount, Name: name, Version: version(l, mount, name)}
}

// version is that of a user's record, 0 for nobody.
func version(l *fsmtest.Lab, mount, name string) uint64 {
	if m, ok := l.State().AuthMount(mount); ok {
		if u, ok := l.State().User(m, name); ok {
			return u.Version
		}
	}
	return 0
}

// people is a lab with one user, alice, of a mount named up.
func people(t testing.TB) *fsmtest.Lab {
	l := fsmtest.New(t)
	l.Must("root", enable("up"))
	l.Must("root", user("up", "alice", fsm.TokenParams{Policies: []string{"dev"}}, fsm.GivenTokenPolicies))
	return l
}

// loginSamples is one command of each kind that login methods have.
func loginSamples() []fsm.Command {
	config := fsm.MountConfig{
		DefaultTTL: time.Minute, MaxTTL: time.Hour, TokenType: fsm.TypeService, Visibility: fsm.VisibilityUnauth,
		Lockout:          fsm.LockoutConfig{Threshold: 3, Duration: time.Second, Reset: time.Minute, Off: true},
		AuditRequestKeys: []string{"a"}, AuditResponseKeys: []string{"b"}, RequestHeaders: []string{"c"}, ResponseHeaders: []string{"d", "e"},
	}
	params := fsm.TokenParams{
		Policies: []string{"web"}, TTL: time.Second, MaxTTL: 2 * time.Second, ExplicitMaxTTL: time.Minute, Period: time.Hour, NumUses: 300,
		BoundCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Type: fsm.TypeDefaultService,
		NoDefaultPolicy: true, Deprecated: fsm.GivenTokenTTL,
	}
	return []fsm.Command{
		&fsm.AuthEnable{
			Path: "corp/people", Type: fsm.MountUserpass, Accessor: "auth_userpass_0123", Description: "people",
			Local: true, SealWrap: true, Config: config,
		},
		&fsm.AuthTune{
			Endpoint: fsm.TuneMounts, Path: "corp/people", Given: fsm.GivenDescription | fsm.GivenResponseHeaders,
			Description: "folk", Config: config,
		},
		&fsm.AuthDisable{Path: "corp/people"},
		&fsm.UserSet{Mount: "up", Name: "alice", Hash: []byte(hash), Params: params, Given: fsm.GivenTokenPolicies | fsm.GivenTokenNoDefaultPolicy},
		&fsm.UserDelete{Mount: "up", Name: "alice"},
		&fsm.UserLogin{
			Mount: "up", Name: "alice", Version: 300, From: netip.MustParseAddr("2001:db8::1"),
			Token: fsmtest.Digest("t"), Accessor: fsmtest.Accessor("t"),
		},
		&fsm.LoginFail{Mount: "up", Name: "alice", Version: 300},
	}
}

// addLogins brings about records of every kind that login methods have.
func addLogins(l *fsmtest.Lab) {
	l.Must("root", enable("up", func(e *fsm.AuthEnable) { e.Config.MaxTTL = time.Hour }))
	l.Must("root", user("up", "alice", fsm.TokenParams{TTL: time.Minute, Deprecated: fsm.GivenTokenTTL}, fsm.GivenTokenTTL))
	l.Must("", login(l, "up", "alice", "alice's"))
	l.Must("", blame(l, "up", "alice"))
	l.Must("root", enable("left/over"))
	l.Must("root", user("left/over", "bob", fsm.TokenParams{}, 0))
	l.Must("root", &fsm.AuthDisable{Path: "left/over"})
}

// TestLoginsAtRandom runs random commands on few mounts and users. After each the
// state is sound, and a token lives only if it was made by the mount that is at
// its path now, or by none.
func TestLoginsAtRandom(t *testing.T) {
	for seed := range uint64(seeds(t)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			randomLogins(t, rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

func randomLogins(t *testing.T, r *rand.Rand) {
	l := fsmtest.New(t)
	paths, names := []string{"a", "a/b", "b", "b/c/d"}, []string{"x", "y", "z"}
	made := make(map[string]uint64) // token: serial of the mount that made it
	serial := func(path string) uint64 {
		if m, ok := l.State().AuthMount(path); ok {
			return m.Serial
		}
		return 0
	}
	where := make(map[string]string)
	for i := range 300 {
		path, name, token := paths[r.IntN(len(paths))], names[r.IntN(len(names))], fmt.Sprint("t", i)
		switch r.IntN(10) {
		case 0, 1:
			l.Do("root", enable(path))
		case 2:
			l.Do("root", &fsm.AuthDisable{Path: path})
		case 3, 4:
			l.Do("root", user(path, name, fsm.TokenParams{TTL: time.Minute * time.Duration(1+r.IntN(9))}, fsm.GivenTokenTTL))
		case 5, 6:
			if _, err := l.Do("", login(l, path, name, token)); err == nil {
				made[token], where[token] = serial(path), path
			}
		case 7:
			l.Do("", blame(l, path, name))
		case 8:
			l.Do("root", &fsm.UserDelete{Mount: path, Name: name})
		case 9:
			l.Wait(time.Duration(r.IntN(600)) * time.Second)
			l.Cluster(&fsm.Expire{Limit: 1 + r.Uint32N(4)})
			l.Cluster(&fsm.Sweep{Limit: 1 + r.Uint32N(4)})
		}
		for token, by := range made { // order: each stands alone
			if l.Alive(token) && serial(where[token]) != by {
				t.Fatalf("step %d: %s outlived the mount that made it", i, token)
			}
		}
		if err := fsm.CheckInvariants(l.State()); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	comesBack(t, l)
	for _, path := range paths {
		l.Must("root", &fsm.AuthDisable{Path: path})
	}
	l.Wait(time.Hour)
	l.Clean(1 + r.Uint32N(5))
	if s := l.State(); fsm.CountUsers(s)+fsm.CountLockouts(s)+fsm.CountMounts(s) > 0 {
		t.Fatalf("%d users, %d lockouts, %d mounts are left", fsm.CountUsers(s), fsm.CountLockouts(s), fsm.CountMounts(s))
	}
}

// comesBack wants the state to survive a snapshot, and the log to lead there
// again.
func comesBack(t *testing.T, l *fsmtest.Lab) {
	t.Helper()
	s, err := fsm.ReadState(bytes.NewReader(stateBytes(t, l.State())))
	if err != nil {
		t.Fatal(err)
	}
	if err := fsm.CheckInvariants(s); err != nil {
		t.Fatal(err)
	}
	twin := fsm.NewMachine()
	for i, entry := range l.Log {
		twin.Apply(uint64(i+1), entry)
	}
	if twin.View().Hash() != s.Hash() {
		t.Fatal("the log leads to another state")
	}
}
