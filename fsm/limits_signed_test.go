package fsm_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// Each bound of a command of Waypoint's surface at its limit, where it has to be
// valid and to fit into an entry, and past it.
func TestSignedBounds(t *testing.T) {
	login := func(change func(*fsm.LoginIssue)) *fsm.LoginIssue { return fsmtest.Login("x", change) }
	user := func(change func(*fsm.SignedUserSet)) *fsm.SignedUserSet {
		c := fsmtest.NewUser("carol")
		change(c)
		return c
	}
	runner := func(change func(*fsm.Runner)) *fsm.RunnerRegister {
		c := fsmtest.Register("r", 1)
		change(&c.Runner)
		return c
	}
	config := func(change func(*fsm.SignedConfigSet)) *fsm.SignedConfigSet {
		c := &fsm.SignedConfigSet{Given: fsm.GivenAddresses, Config: configSample()}
		change(c)
		return c
	}
	deployment := func(id string, n int) *fsm.DeploymentSet {
		return &fsm.DeploymentSet{ID: id, Config: fsm.Sealed{KeyID: "s1", Box: make([]byte, n)}}
	}
	lines := func(n, bytes int) *fsm.DeploymentLog {
		return &fsm.DeploymentLog{ID: "d", Lines: strings.Split(strings.Repeat(long(bytes)+"\n", n-1)+long(bytes), "\n")}
	}
	exchange := func(id string) *fsm.InviteExchange {
		return &fsm.InviteExchange{Invite: *signedSample(), Accessor: fsmtest.Accessor("x"), NewUser: id}
	}
	invite := func(change func(*fsm.InviteIssue)) *fsm.InviteIssue { return fsmtest.Invite("x", change) }
	addresses := func(n int) []fsm.AdvertiseAddr {
		a := make([]fsm.AdvertiseAddr, n)
		for i := range a {
			a[i].Addr = "a"
		}
		return a
	}
	most := fsm.MaxSignedIDBytes
	tests := []struct {
		bound    string
		at, past fsm.Command
		want     fsm.Reason
	}{
		{"accessor", login(func(*fsm.LoginIssue) {}), login(func(c *fsm.LoginIssue) { c.Accessor = c.Accessor[1:] + "/" }), fsm.OutOfRange},
		{"accessor of a refreshed one", &fsm.SignedRefresh{Accessor: fsmtest.Accessor("x")}, &fsm.SignedRefresh{}, fsm.OutOfRange},
		{"accessor of the first", fsmtest.WaypointBootstrap("x"), &fsm.WaypointBootstrap{Key: fsmtest.SigningKey("w1"), Cookie: fsmtest.Cookie()}, fsm.OutOfRange},
		{"first key", fsmtest.WaypointBootstrap("x"), &fsm.WaypointBootstrap{Accessor: fsmtest.Accessor("x"), Cookie: fsmtest.Cookie()}, fsm.OutOfRange},
		{"first cookie", fsmtest.WaypointBootstrap("x"), &fsm.WaypointBootstrap{Accessor: fsmtest.Accessor("x"), Key: fsmtest.SigningKey("w1")}, fsm.OutOfRange},
		{"term", login(fsmtest.Term(fsm.MaxTTL)), login(fsmtest.Term(fsm.MaxTTL + 1)), fsm.OutOfRange},
		{"no term", login(fsmtest.Term(math.MinInt64)), login(fsmtest.Term(math.MaxInt64)), fsm.OutOfRange},
		{"user", login(fsmtest.For(fsmtest.ByID(long(most)))), login(fsmtest.For(fsmtest.ByID(long(most + 1)))), fsm.OutOfRange},
		{"oneself", login(fsmtest.For(fsm.UserRef{})), login(fsmtest.For(fsm.UserRef{Text: "x"})), fsm.OutOfRange},
		{"way to name a user", login(fsmtest.For(fsm.UserRef{By: fsm.UserByAny})), login(fsmtest.For(fsm.UserRef{By: fsm.UserByAny + 1})), fsm.OutOfRange},
		{"user to delete", &fsm.SignedUserDelete{User: fsmtest.ByID(long(most))}, &fsm.SignedUserDelete{User: fsmtest.ByID(long(most + 1))}, fsm.OutOfRange},
		{"deployment of an invite", invite(fsmtest.ToDeploy(long(most))), invite(fsmtest.ToDeploy(long(most + 1))), fsm.OutOfRange},
		{"name in an invite", invite(fsmtest.ToSignUp(long(most))), invite(fsmtest.ToSignUp(long(most + 1))), fsm.OutOfRange},
		{"user of an invite", invite(func(c *fsm.InviteIssue) { c.User = fsmtest.ByName(long(most)) }),
			invite(func(c *fsm.InviteIssue) { c.User = fsmtest.ByName(long(most + 1)) }), fsm.OutOfRange},
		{"id of who signs up", exchange(long(most)), exchange(long(most + 1)), fsm.OutOfRange},
		{"letters of that", exchange("a.b"), exchange("a/b"), fsm.OutOfRange},
		{"runner of a token", fsmtest.RunnerToken("x", long(most), 1<<64-1), fsmtest.RunnerToken("x", long(most+1), 0), fsm.OutOfRange},

		{"id of a user", user(func(c *fsm.SignedUserSet) { c.New.ID = long(most) }), user(func(c *fsm.SignedUserSet) { c.New.ID = long(most + 1) }), fsm.OutOfRange},
		{"id of one that is changed", user(func(c *fsm.SignedUserSet) { c.Create, c.New.ID = false, long(most) }),
			user(func(c *fsm.SignedUserSet) { c.Create, c.New.ID = false, long(most+1) }), fsm.OutOfRange},
		{"username that is not given", user(func(c *fsm.SignedUserSet) { c.Create, c.Given, c.New.Username = false, 0, long(38) }),
			user(func(c *fsm.SignedUserSet) { c.Create, c.Given, c.New.Username = false, 0, long(39) }), fsm.SignedNameBad},
		{"display", user(func(c *fsm.SignedUserSet) { c.New.Display = long(fsm.MaxNameBytes) }),
			user(func(c *fsm.SignedUserSet) { c.New.Display = long(fsm.MaxNameBytes + 1) }), fsm.OutOfRange},
		{"e-mail", user(func(c *fsm.SignedUserSet) { c.New.Email = long(fsm.MaxNameBytes) }),
			user(func(c *fsm.SignedUserSet) { c.New.Email = long(fsm.MaxNameBytes + 1) }), fsm.OutOfRange},
		{"policies", user(func(c *fsm.SignedUserSet) { c.New.Policies = names(fsm.MaxPolicies, fsm.MaxNameBytes) }),
			user(func(c *fsm.SignedUserSet) { c.New.Policies = names(fsm.MaxPolicies+1, 1) }), fsm.OutOfRange},
		{"policy", user(func(c *fsm.SignedUserSet) { c.New.Policies = names(1, fsm.MaxNameBytes) }),
			user(func(c *fsm.SignedUserSet) { c.New.Policies = names(1, fsm.MaxNameBytes+1) }), fsm.OutOfRange},

		{"id of a runner", fsmtest.Register(long(most), 1), fsmtest.Register(long(most+1), 1), fsm.RunnerIDBad},
		{"kind of a runner", runner(func(r *fsm.Runner) { r.Kind = fsm.RunnerRemote }), runner(func(r *fsm.Runner) { r.Kind = fsm.RunnerRemote + 1 }), fsm.OutOfRange},
		{"state of a runner", runner(func(r *fsm.Runner) { r.State = fsm.RunnerRejected }), runner(func(r *fsm.Runner) { r.State = fsm.RunnerRejected + 1 }), fsm.OutOfRange},
		{"profile", runner(func(r *fsm.Runner) { r.Profile = long(fsm.MaxNameBytes) }), runner(func(r *fsm.Runner) { r.Profile = long(fsm.MaxNameBytes + 1) }), fsm.OutOfRange},
		{"components", runner(func(r *fsm.Runner) { r.Components = make([]fsm.RunnerComponent, fsm.MaxRunnerComponents) }),
			runner(func(r *fsm.Runner) { r.Components = make([]fsm.RunnerComponent, fsm.MaxRunnerComponents+1) }), fsm.OutOfRange},
		{"component", runner(func(r *fsm.Runner) {
			r.Components = []fsm.RunnerComponent{{Name: long(fsm.MaxNameBytes), Type: 1<<32 - 1}}
		}),
			runner(func(r *fsm.Runner) { r.Components = []fsm.RunnerComponent{{Name: long(fsm.MaxNameBytes + 1)}} }), fsm.OutOfRange},
		{"labels", runner(func(r *fsm.Runner) { r.Labels = pairs(1, fsm.MaxMetaBytes-3) }),
			runner(func(r *fsm.Runner) { r.Labels = pairs(1, fsm.MaxMetaBytes-2) }), fsm.OutOfRange},
		{"order of labels", runner(func(r *fsm.Runner) { r.Labels = pairs(2, 1) }),
			runner(func(r *fsm.Runner) { r.Labels = []fsm.MetaPair{{Key: "b"}, {Key: "a"}} }), fsm.OutOfRange},

		{"addresses", config(func(*fsm.SignedConfigSet) {}), config(func(c *fsm.SignedConfigSet) { c.Config.Addresses = addresses(2) }), fsm.SignedOneAddress},
		{"no address", config(func(*fsm.SignedConfigSet) {}), config(func(c *fsm.SignedConfigSet) { c.Config.Addresses = nil }), fsm.SignedOneAddress},
		{"addresses nobody asked for", config(func(c *fsm.SignedConfigSet) {
			c.Given, c.Config.Addresses = fsm.GivenReusableInvites, addresses(fsm.MaxAdvertiseAddrs)
		}),
			config(func(c *fsm.SignedConfigSet) {
				c.Given, c.Config.Addresses = fsm.GivenReusableInvites, addresses(fsm.MaxAdvertiseAddrs+1)
			}), fsm.OutOfRange},
		{"address", config(func(c *fsm.SignedConfigSet) { c.Config.Addresses[0].Addr = long(fsm.MaxNameBytes) }),
			config(func(c *fsm.SignedConfigSet) { c.Config.Addresses[0].Addr = long(fsm.MaxNameBytes + 1) }), fsm.OutOfRange},
		{"empty address", config(func(*fsm.SignedConfigSet) {}), config(func(c *fsm.SignedConfigSet) { c.Config.Addresses[0].Addr = "" }), fsm.OutOfRange},
		{"platform", config(func(c *fsm.SignedConfigSet) { c.Config.Platform = long(fsm.MaxNameBytes) }),
			config(func(c *fsm.SignedConfigSet) { c.Config.Platform = long(fsm.MaxNameBytes + 1) }), fsm.OutOfRange},
		{"cookie", config(func(c *fsm.SignedConfigSet) { c.Config.Cookie.Box = make([]byte, 4096) }),
			config(func(c *fsm.SignedConfigSet) { c.Config.Cookie.Box = make([]byte, 4097) }), fsm.OutOfRange},
		{"settings", config(func(*fsm.SignedConfigSet) {}), config(func(c *fsm.SignedConfigSet) { c.Given |= fsm.GivenReusableInvites }), fsm.OutOfRange},

		{"id of a deployment", deployment(long(most), 1), deployment(long(most+1), 1), fsm.OutOfRange},
		{"letters of that", deployment("a.b-c_d", 1), deployment("a/b", 1), fsm.OutOfRange},
		{"configuration", deployment("d", 4096), deployment("d", 4097), fsm.OutOfRange},
		{"no configuration", deployment("d", 1), deployment("d", 0), fsm.OutOfRange},
		{"deployment to delete", &fsm.DeploymentDelete{ID: long(most)}, &fsm.DeploymentDelete{ID: long(most + 1)}, fsm.OutOfRange},
		{"lines", lines(fsm.MaxLogLines, fsm.MaxLogLineBytes), lines(fsm.MaxLogLines+1, 1), fsm.OutOfRange},
		{"line", lines(1, fsm.MaxLogLineBytes), lines(1, fsm.MaxLogLineBytes+1), fsm.OutOfRange},
		{"no line", lines(1, 0), &fsm.DeploymentLog{ID: "d"}, fsm.OutOfRange},
		{"deployment that logs", lines(1, 1), &fsm.DeploymentLog{Lines: []string{"x"}}, fsm.OutOfRange},
	}
	for _, tt := range tests {
		t.Run(tt.bound, func(t *testing.T) {
			if err := tt.at.Validate(); err != nil {
				t.Fatalf("at the bound: %v", err)
			}
			out := sample(tt.at).Encode()
			if _, err := fsm.DecodeEnvelope(out); err != nil || len(out) > fsm.MaxCommandBytes {
				t.Fatalf("at the bound the command has %d bytes: %v", len(out), err)
			}
			err, ok := tt.past.Validate().(*fsm.Error)
			if !ok || err.Reason != tt.want {
				t.Fatalf("past the bound: %v, want reason %d", err, tt.want)
			}
		})
	}
}

// The largest records of each kind are written and read.
func TestLargestSignedRecords(t *testing.T) {
	l := waypoint(t)
	c := fsmtest.NewUser(long(38), names(fsm.MaxPolicies, fsm.MaxNameBytes)...)
	c.New.ID, c.New.Display, c.New.Email = long(fsm.MaxSignedIDBytes), long(fsm.MaxNameBytes), long(fsm.MaxNameBytes)
	c.Given |= fsm.GivenDisplay | fsm.GivenEmail
	l.Must("root", c)
	r := fsmtest.Register(long(fsm.MaxSignedIDBytes), 1)
	r.Runner.Profile, r.Runner.Labels = long(fsm.MaxNameBytes), pairs(1, fsm.MaxMetaBytes-3)
	for range fsm.MaxRunnerComponents {
		r.Runner.Components = append(r.Runner.Components, fsm.RunnerComponent{Type: 1, Name: long(fsm.MaxNameBytes)})
	}
	l.Must("", r)
	l.Must("admin", &fsm.RunnerAdopt{ID: r.Runner.ID, Adopt: true})
	r.Runner.LabelHash++
	l.Must("", r)
	l.Must("root", &fsm.DeploymentSet{ID: "d", Config: fsm.Sealed{KeyID: long(64), Box: make([]byte, 4096)}})
	full := &fsm.DeploymentLog{ID: "d"}
	for range fsm.MaxLogLines {
		full.Lines = append(full.Lines, long(fsm.MaxLogLineBytes))
	}
	l.Must("carol", full)
	l.Must("root", fsmtest.Login("x", fsmtest.For(fsmtest.ByID(c.New.ID))))
	if got := len(l.Token("x").Policies); got != fsm.MaxPolicies+1 {
		t.Errorf("%d policies", got)
	}
	if s, err := fsm.ReadState(strings.NewReader(string(stateBytes(t, l.State())))); err != nil || s.Hash() != l.State().Hash() {
		t.Fatal(err)
	}
}

func TestSignedTablesAreBounded(t *testing.T) {
	l := waypoint(t)
	full := func(users, runners, deployments, fences int) {
		l.Machine.Restore(fsm.FullOfSigned(l.State(), users, runners, deployments, fences), l.State().Index())
	}
	limit := func(caller string, c fsm.Command, want fsm.Reason) {
		t.Helper()
		if err := l.Refused(caller, c, want); err.Code != fsm.Limit {
			t.Errorf("%s: code %d", fsm.Name(c), err.Code)
		}
	}
	full(fsm.MaxSignedUsers-l.State().CountSignedUsers()-1, 0, 0, 0)
	l.Must("root", fsmtest.NewUser("last"))
	limit("root", fsmtest.NewUser("more"), fsm.TooManySignedUsers)
	l.Must("root", byAdmin(change(fsmtest.ByName("last"), fsm.GivenUsername, fsm.SignedUser{Username: "renamed"}))) // what is there may change
	l.Must("carol", fsmtest.Invite("i", fsmtest.ToSignUp("more")))
	limit("", l.Exchange("i", "x"), fsm.TooManySignedUsers)

	full(0, fsm.MaxRunners-1, 0, 0)
	l.Must("", fsmtest.Register("last", 1))
	l.Must("", fsmtest.Register("last", 2))
	limit("", fsmtest.Register("more", 1), fsm.TooManyRunners)
	limit("carol", fsmtest.Online("more", 1), fsm.TooManyRunners)
	limit("root", &fsm.RunnerImport{Runner: fsmtest.Runner("more", 1)}, fsm.TooManyRunners)

	full(0, 0, fsm.MaxDeployments-1, 0)
	config := fsm.Sealed{KeyID: "s1", Box: []byte("sealed")}
	l.Must("root", &fsm.DeploymentSet{ID: "last", Config: config})
	l.Must("root", &fsm.DeploymentSet{ID: "last", Config: config})
	limit("root", &fsm.DeploymentSet{ID: "more", Config: config}, fsm.TooManyDeployments)

	// Marks over single tokens leave room to those over many, and one over all has it
	// always.
	full(0, 0, 0, fsm.MaxFences-fsm.FenceReserve-1)
	l.Must("carol", fsmtest.Invite("j"))
	l.Must("", l.Exchange("j", "x"))
	l.Must("root", &fsm.SignedRevoke{Accessor: l.Signed("j").Accessor}) // there is one
	limit("root", &fsm.SignedRevoke{Accessor: fsmtest.Accessor("x")}, fsm.TooManyFences)
	limit("x", &fsm.TokenRevoke{}, fsm.TooManyFences)
	limit("", l.Exchange("i", "y"), fsm.TooManySignedUsers)
	l.Must("carol", fsmtest.Invite("k"))
	limit("", l.Exchange("k", "y"), fsm.TooManyFences)
	for i := range fsm.FenceReserve {
		l.Must("root", notBefore(fsm.FenceSignedUser, fmt.Sprint("nobody", i)))
	}
	limit("root", notBefore(fsm.FenceSignedUser, "carol"), fsm.TooManyFences)
	l.Must("root", notBefore(fsm.FenceSigned, ""))
	alive(t, l, "", "carol", "dave", "x")
}

// Every reason of Waypoint's surface is met by some test of its rules.
func TestEverySignedReasonIsMet(t *testing.T) {
	source, err := os.ReadFile("reasons_signed.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	paths, _ := filepath.Glob("*_signed_*test.go")
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(b)
	}
	found := regexp.MustCompile(`(?m)^\t(\w+) +Reason = 4[0-4]\d$`).FindAllStringSubmatch(string(source), -1)
	if len(found) < 30 {
		t.Fatalf("%d reasons", len(found))
	}
	for _, m := range found {
		if !regexp.MustCompile(`\bfsm\.` + m[1] + `\b`).MatchString(tests.String()) {
			t.Errorf("%s is met by no test", m[1])
		}
	}
}
