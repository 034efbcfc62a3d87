package fsm_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// signedSample is a signed token with every field set, though no kind has them all.
func signedSample() *fsm.SignedToken {
	return &fsm.SignedToken{
		KeyID: "k1", Accessor: fsmtest.Accessor("t"), Kind: fsm.SignedInvite,
		Issued: fsmtest.Start, ValidUntil: fsmtest.Start.Add(time.Hour),
		From: fsm.DefaultSignedUser, User: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Deployment: "d1", Entrypoint: true,
		Signup: true, Username: "carol", Runner: "r1", LabelHash: 1<<64 - 1,
	}
}

func runnerSample() fsm.Runner {
	return fsm.Runner{
		ID: "r1", Kind: fsm.RunnerODR, Profile: "kubernetes", ByIDOnly: true,
		Components: []fsm.RunnerComponent{{Type: 3, Name: "docker"}},
		Labels:     []fsm.MetaPair{{Key: "env", Value: "dev"}}, LabelHash: 1 << 63, State: fsm.RunnerAdopted,
		FirstSeen: fsmtest.Start, LastSeen: fsmtest.Start.Add(time.Minute), Decided: 300,
	}
}

// signedSamples are those of Waypoint's surface for samples.
func signedSamples() []fsm.Command {
	accessor, runner := fsmtest.Accessor("t"), runnerSample()
	return []fsm.Command{
		fsmtest.WaypointBootstrap("t"),
		&fsm.LoginIssue{Accessor: accessor, Term: time.Hour, User: fsmtest.ByName("carol"), Trigger: true},
		&fsm.InviteIssue{
			Accessor: accessor, Term: time.Hour, User: fsmtest.ByID(fsm.DefaultSignedUser),
			Entrypoint: true, Deployment: "d1", Signup: true, Username: "carol",
		},
		&fsm.InviteExchange{Invite: *signedSample(), Accessor: accessor, NewUser: "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
		&fsm.RunnerIssue{Accessor: accessor, Term: -time.Hour, Runner: "r1", LabelHash: 300},
		&fsm.SignedRefresh{Accessor: accessor},
		&fsm.SignedUserSet{
			Create: true, Admin: true, User: fsm.UserRef{By: fsm.UserByAny, Text: "carol"},
			New: fsm.SignedUser{
				ID: "u1", Username: "carol", Display: "Carol", Email: "carol@example.com", Policies: []string{"default", "web"},
				Serial: 300, CreatedAt: fsmtest.Start,
			},
			Given: fsm.GivenUsername | fsm.GivenDisplay | fsm.GivenEmail | fsm.GivenUserPolicies,
		},
		&fsm.SignedUserDelete{Admin: true, User: fsmtest.ByName("carol")},
		&fsm.RunnerRegister{Runner: runner},
		&fsm.RunnerOnline{Runner: runner},
		&fsm.RunnerClaim{ID: "r1", LabelHash: 1 << 63, Since: 300, Accessor: accessor},
		&fsm.RunnerAdopt{ID: "r1", Adopt: true},
		&fsm.RunnerForget{ID: "r1"},
		&fsm.RunnerOffline{ID: "r1"},
		&fsm.RunnerImport{Runner: runner},
		&fsm.SignedKeyImport{Key: fsmtest.SigningKey("k1"), Fresh: fsmtest.SigningKey("0123456789abcdef"), Cookie: fsmtest.Cookie()},
		&fsm.SignedRevoke{Accessor: accessor, Until: fsmtest.Start},
		&fsm.SignedConfigSet{Given: fsm.GivenAddresses, Config: configSample()},
		&fsm.DeploymentSet{ID: "d1", Config: fsm.Sealed{KeyID: "s1", Box: []byte("sealed")}},
		&fsm.DeploymentDelete{ID: "d1"},
		&fsm.DeploymentLog{ID: "d1", Lines: []string{"one", ""}},
	}
}

func configSample() fsm.SignedConfig {
	return fsm.SignedConfig{
		Cookie:    fsmtest.Cookie(),
		Addresses: []fsm.AdvertiseAddr{{Addr: "waypoint.example.com:9701", TLS: true, TLSSkipVerify: true}},
		Platform:  "kubernetes", ReusableInvites: true,
	}
}

// addSigned puts records of Waypoint's surface into a lab: users, runners in every
// state and one that waits again, a deployment, settings, keys and fences.
func addSigned(l *fsmtest.Lab) {
	l.Must("", fsmtest.WaypointBootstrap("login"))
	l.Must("root", fsmtest.NewUser("Carol", "web"))
	l.Must("root", &fsm.SignedConfigSet{Given: fsm.GivenAddresses, Config: configSample()})
	for _, id := range []string{"adopted", "again", "rejected", "waits"} {
		said := runnerSample()
		said.ID, said.Kind = id, fsm.RunnerRemote
		l.Must("", &fsm.RunnerRegister{Runner: said})
		if id != "waits" {
			l.Must("login", &fsm.RunnerAdopt{ID: id, Adopt: id != "rejected"})
		}
	}
	l.Must("login", fsmtest.Online("preadopted", 7))
	l.Must("", fsmtest.Register("again", 7))
	l.Must("root", &fsm.DeploymentSet{ID: "d1", Config: fsm.Sealed{KeyID: "s1", Box: []byte("sealed")}})
	l.Must("login", &fsm.DeploymentLog{ID: "d1", Lines: []string{"one", "two"}})
	l.Must("login", fsmtest.Invite("invite"))
	l.Must("", l.Exchange("invite", "second"))
	l.Must("root", &fsm.NotBefore{Scope: fsm.FenceSignedUser, Name: "u-carol"})
	l.Must("root", &fsm.NotBefore{Scope: fsm.FenceSigned, Before: l.At.Add(-time.Hour)})
	l.Must("root", &fsm.SignedKeyImport{Key: fsmtest.SigningKey("k1"), Fresh: fsmtest.SigningKey("w2"), Cookie: fsmtest.Cookie()})
}

func TestGoldenSignedCaller(t *testing.T) {
	env := sample(&fsm.Tick{})
	env.Caller.Signed = signedSample()
	golden(t, "signed-caller", env.Encode())
	again, err := fsm.DecodeEnvelope(readGolden(t, filepath.Join("testdata", "signed-caller.hex")))
	if err != nil {
		t.Fatal(err)
	}
	if *again.Caller.Signed != *signedSample() || again.Caller.Token != env.Caller.Token {
		t.Fatalf("decoded %+v", again.Caller)
	}
}

// What no node may pass on and no member may bring into the log.
func TestSignedTokenOfHostileShape(t *testing.T) {
	for what, change := range map[string]func(*fsm.SignedToken){ // order: each stands alone
		"no key":              func(s *fsm.SignedToken) { s.KeyID = "" },
		"a key in upper case": func(s *fsm.SignedToken) { s.KeyID = "K1" },
		"a key with a blank":  func(s *fsm.SignedToken) { s.KeyID = "k1 " },
		"no accessor":         func(s *fsm.SignedToken) { s.Accessor = "" },
		"a short accessor":    func(s *fsm.SignedToken) { s.Accessor = s.Accessor[1:] },
		"an accessor of more": func(s *fsm.SignedToken) { s.Accessor = s.Accessor[1:] + "-" },
		"no kind":             func(s *fsm.SignedToken) { s.Kind = 0 },
		"an unknown kind":     func(s *fsm.SignedToken) { s.Kind = fsm.SignedRunner + 1 },
	} {
		env := sample(&fsm.Tick{})
		env.Caller.Signed = signedSample()
		change(env.Caller.Signed)
		if _, err := fsm.DecodeEnvelope(env.Encode()); err == nil {
			t.Errorf("%s: taken from a member", what)
		}
		x := &fsm.InviteExchange{Invite: *env.Caller.Signed, Accessor: fsmtest.Accessor("x"), NewUser: "u"}
		if err := x.Validate(); err == nil {
			t.Errorf("%s: exchanged", what)
		}
	}
}

// The longest caller passes through the log with any command that is valid.
func TestLargestSignedCaller(t *testing.T) {
	env := sample(&fsm.Wrap{
		Token: fsmtest.Digest("t"), Accessor: fsmtest.Accessor("t"), Path: long(fsm.MaxPathBytes), TTL: time.Minute,
		Box: make([]byte, fsm.MaxWrappedBytes), WrappedAccessor: fsmtest.Accessor("i"),
	})
	s := signedSample()
	s.KeyID, s.User = long(64), ""
	s.User = long(fsm.MaxSignedBytes - len(s.From+s.Deployment+s.Username+s.Runner))
	env.Caller.Signed = s
	out := env.Encode()
	if len(out) > fsm.MaxCommandBytes {
		t.Fatalf("%d bytes", len(out))
	}
	if again, err := fsm.DecodeEnvelope(out); err != nil || *again.Caller.Signed != *s {
		t.Fatalf("%v", err)
	}
	s.User += "x"
	if _, err := fsm.DecodeEnvelope(env.Encode()); err == nil {
		t.Error("a longer one is taken")
	}
}

func TestSignedNames(t *testing.T) {
	for got, want := range map[string]string{ // order: each stands alone
		fsm.SignedEntrypoint.String():      "entrypoint",
		fsm.SignedKind(200).String():       "runner",
		fsm.RunnerPreadopted.String():      "PREADOPTED",
		fsm.FenceSignedToken.String():      "signed-token",
		fsm.KeyWaypoint.String():           "waypoint",
		fsm.FenceSignedUser.String():       "user",
		fsm.AdoptionState(9).String():      "REJECTED",
		fsm.FenceScopes["signed"].String(): "signed",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
