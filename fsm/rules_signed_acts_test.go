package fsm_test

import (
	"fmt"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// What a signed token can not do, since nothing can hang on it, and what it can.
func TestSignedActs(t *testing.T) {
	l := waypoint(t)
	l.AddRole("ro", hour, hour)
	l.Must("root", fsmtest.Policy("all", fsmtest.Allow("*", write|policy.Read|policy.Delete|policy.Sudo)))
	l.Must("root", fsmtest.NewUser("erin", "all"))
	l.Must("root", fsmtest.Login("s", fsmtest.For(fsmtest.ByName("erin"))))
	const nothing = fsm.SignedHoldsNothing
	for _, tt := range []struct {
		do   fsm.Command
		want fsm.Reason
	}{
		{fsmtest.Create("c"), nothing},
		{fsmtest.Create("c", orphan), nothing},
		{fsmtest.Create("c", fsmtest.Batch), nothing},
		{l.Issue("ro", "lease"), nothing},
		{&fsm.TokenRenew{}, fsm.SignedNotRenewable},
		{&fsm.CubbyholeSet{Path: "a", Value: []byte("x")}, fsm.BatchCubbyhole},
		{&fsm.CubbyholeDelete{Path: "a"}, fsm.BatchCubbyhole},
		{&fsm.Unwrap{}, fsm.WrappingUnknown},
		{&fsm.Planned{Epoch: l.State().Epoch, Serial: l.State().Serial, Checked: l.State().Serial, Command: &fsm.TokenRevoke{}}, nothing},
		{&fsm.TokenRevokeOrphan{Token: fsmtest.Digest("s")}, fsm.TokenUnknown},
		{fsmtest.Renew("s", 0), fsm.TokenUnknown}, // no table has it
	} {
		l.Refused("s", tt.do, tt.want)
	}
	l.Must("s", fsmtest.LookupSelf())
	l.Must("s", fsmtest.Policy("new"))
	l.Must("s", fsmtest.Revoke("s")) // as of any text that is no token's
	l.Create("root", "k", fsmtest.Policies("web"))
	l.Must("s", fsmtest.Revoke("k"))
	if stone, ok := l.State().Tombstone(fsmtest.Digest("k")); !ok || stone.Death.Actor != fsmtest.Accessor("s") {
		t.Fatalf("the death of k is signed %+v", stone)
	}
	alive(t, l, "s", "s")
	done := l.Must("s", &fsm.TokenRevoke{}).(*fsm.TokenRevoked)
	if !done.Found || done.Accessor != fsmtest.Accessor("s") {
		t.Errorf("%+v", done)
	}
	if err := l.Refused("s", fsmtest.LookupSelf(), fsm.SignedRevoked); err.Code != fsm.Unauthenticated {
		t.Errorf("code %d", err.Code)
	}
}

func TestSignedRefresh(t *testing.T) {
	l := waypoint(t)
	l.Must("", fsmtest.Register("r1", 5))
	l.Must("admin", &fsm.RunnerAdopt{ID: "r1", Adopt: true})
	l.Must("carol", fsmtest.Login("login", fsmtest.Term(hour)))
	l.Must("carol", fsmtest.RunnerToken("runner", "r1", 5))
	l.Must("carol", fsmtest.Invite("i", fsmtest.ToDeploy("d1")))
	l.Must("", l.Exchange("i", "entrypoint"))
	l.Wait(min5)
	for _, name := range []string{"login", "runner", "entrypoint"} {
		made := l.Must(name, &fsm.SignedRefresh{Accessor: fsmtest.Accessor("new " + name)}).(*fsm.SignedMade).Token
		want := *l.Signed(name)
		want.Accessor, want.Issued = fsmtest.Accessor("new "+name), l.At
		if name == "login" {
			want.ValidUntil = l.At.Add(hour)
		}
		if made != want {
			t.Errorf("%s: made %+v\nwant %+v", name, made, want)
		}
		l.Must("new "+name, &fsm.SignedRefresh{Accessor: fsmtest.Accessor("newer")})
		l.Must("new "+name, &fsm.TokenRevoke{})
		alive(t, l, name, name, "new "+name)
	}
	l.Refused("root", &fsm.SignedRefresh{Accessor: fsmtest.Accessor("x")}, fsm.SignedOnly)
	l.Refused("new login", &fsm.SignedRefresh{Accessor: fsmtest.Accessor("x")}, fsm.SignedRevoked)
	// A token that says as much as any may goes on.
	l.Show("long", fsm.SignedToken{
		KeyID: "w1", Kind: fsm.SignedRunner, ValidUntil: fsm.Never, Runner: "", User: long(fsm.MaxSignedBytes),
	})
	l.Must("long", &fsm.SignedRefresh{Accessor: fsmtest.Accessor("x")})
}

// An answer is kept for a client's key as for other tokens.
func TestSignedIdempotencyKey(t *testing.T) {
	l := waypoint(t)
	first := l.Entry(keyed(l, "carol", "k", "body", fsmtest.Login("x")))[0]
	second := l.Entry(keyed(l, "carol", "k", "body", fsmtest.Login("y")))[0]
	if !second.Replayed || second.Result.(*fsm.SignedMade).Token != first.Result.(*fsm.SignedMade).Token {
		t.Fatalf("replayed %v: %+v", second.Replayed, second.Result)
	}
}

func TestDeployments(t *testing.T) {
	l := waypoint(t)
	sealed := func(text string) fsm.Sealed { return fsm.Sealed{KeyID: "s1", Box: []byte(text)} }
	l.Must("carol", fsmtest.Invite("i", fsmtest.ToDeploy("d1")))
	l.Must("", l.Exchange("i", "e"))
	if err := l.Refused("e", &fsm.DeploymentLog{ID: "d1", Lines: []string{"x"}}, fsm.DeploymentUnknown); err.Code != fsm.NotFound {
		t.Errorf("code %d", err.Code)
	}
	l.Refused("carol", &fsm.DeploymentSet{ID: "d1", Config: sealed("one")}, fsm.PermissionDenied)
	l.Must("root", &fsm.DeploymentSet{ID: "d1", Config: sealed("one")})
	l.Must("e", &fsm.DeploymentLog{ID: "d1", Lines: []string{"first", "second"}})
	l.Wait(1)
	for i := range fsm.MaxLogLines - 1 {
		l.Must("carol", &fsm.DeploymentLog{ID: "d1", Lines: []string{fmt.Sprint(i)}})
	}
	l.Must("root", &fsm.DeploymentSet{ID: "d1", Config: sealed("two")}) // which keeps the lines
	d, _ := l.State().Deployment("d1")
	if n := len(d.Lines); n != fsm.MaxLogLines || d.Lines[0].Text != "second" || d.Lines[0].At != l.At-1 ||
		d.Lines[n-1].Text != fmt.Sprint(n-2) || d.Lines[n-1].At != l.At || string(d.Config.Box) != "two" {
		t.Errorf("%+v", d)
	}
	l.Must("root", &fsm.DeploymentSet{ID: "d0", Config: sealed("x")})
	if got := fmt.Sprint(l.State().DeploymentIDs()); got != "[d0 d1]" {
		t.Error(got)
	}
	l.Refused("carol", &fsm.DeploymentDelete{ID: "d1"}, fsm.PermissionDenied)
	l.Must("root", &fsm.DeploymentDelete{ID: "d1"})
	l.Must("root", &fsm.DeploymentDelete{ID: "d1"})
	if got := fmt.Sprint(l.State().DeploymentIDs()); got != "[d0]" {
		t.Error(got)
	}
}

func TestSignedConfig(t *testing.T) {
	l := waypoint(t)
	want := configSample()
	l.Must("dave", &fsm.SignedConfigSet{Given: fsm.GivenAddresses, Config: want})
	if c := l.State().SignedConfig(); fmt.Sprint(c.Addresses) != fmt.Sprint(want.Addresses) || c.Platform != want.Platform || c.ReusableInvites {
		t.Errorf("%+v: what the path is not for was written, or what it is for was not", c)
	}
	l.Refused("dave", &fsm.SignedConfigSet{Given: fsm.GivenReusableInvites, Config: fsm.SignedConfig{Cookie: fsmtest.Cookie()}}, fsm.PermissionDenied)
	other := fsm.Sealed{KeyID: "s1", Box: []byte("another")}
	l.Must("root", &fsm.SignedConfigSet{Given: fsm.GivenReusableInvites, Config: fsm.SignedConfig{Cookie: other, ReusableInvites: true}})
	if c := l.State().SignedConfig(); !c.ReusableInvites || c.Platform != want.Platform || string(c.Cookie.Box) != "sealed cookie" {
		t.Errorf("%+v", c)
	}
}
