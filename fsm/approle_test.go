package fsm_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// approle is the command that makes a role, or changes one.
func approle(mount, name string, changes ...func(*fsm.ApproleSet)) *fsm.ApproleSet {
	a := &fsm.ApproleSet{Mount: mount, Name: name, RoleID: "id-of-" + name}
	for _, change := range changes {
		change(a)
	}
	return a
}

// secretUses and secretTTL are changes to an ApproleSet.
func secretUses(n uint32) func(*fsm.ApproleSet) {
	return func(a *fsm.ApproleSet) { a.Given, a.Rules.NumUses = a.Given|fsm.GivenSecretIDNumUses, n }
}

func secretTTL(d time.Duration) func(*fsm.ApproleSet) {
	return func(a *fsm.ApproleSet) { a.Given, a.Rules.TTL = a.Given|fsm.GivenSecretIDTTL, d }
}

func secretCIDRs(ranges ...string) func(*fsm.ApproleSet) {
	return func(a *fsm.ApproleSet) { a.Given, a.Rules.CIDRs = a.Given|fsm.GivenSecretIDCIDRs, cidrs(ranges...) }
}

func roleParams(p fsm.TokenParams, given fsm.ParamFields) func(*fsm.ApproleSet) {
	return func(a *fsm.ApproleSet) { a.Params, a.GivenParams = p, given }
}

func cidrs(texts ...string) (ranges []netip.Prefix) {
	for _, text := range texts {
		ranges = append(ranges, netip.MustParsePrefix(text))
	}
	return ranges
}

// secretID is the command that makes the secret-id of a name for a role.
func secretID(mount, role, name string, changes ...func(*fsm.SecretIDCreate)) *fsm.SecretIDCreate {
	s := &fsm.SecretIDCreate{
		Mount: mount, Role: role, Digest: fsmtest.Digest(mount + "/" + role + "/" + name), Accessor: fsmtest.Accessor(name),
	}
	for _, change := range changes {
		change(s)
	}
	return s
}

// appLogin is the command by which somebody at 10.0.0.1 gets the token of a name
// for a secret-id.
func appLogin(mount, role, secret, token string) *fsm.ApproleLogin {
	return &fsm.ApproleLogin{
		Mount: mount, RoleID: "id-of-" + role, Role: role, SecretID: secretID(mount, role, secret).Digest,
		From: netip.MustParseAddr("10.0.0.1"), Token: fsmtest.Digest(token), Accessor: fsmtest.Accessor(token),
	}
}

// apps is a lab with a mount named ar, a role web and its secret-id s.
func apps(t testing.TB, changes ...func(*fsm.ApproleSet)) *fsmtest.Lab {
	l := fsmtest.New(t)
	l.Must("root", enableApprole("ar"))
	l.Must("root", approle("ar", "web", changes...))
	l.Must("root", secretID("ar", "web", "s"))
	return l
}

func enableApprole(path string) *fsm.AuthEnable {
	return enable(path, func(e *fsm.AuthEnable) { e.Type = fsm.MountApprole })
}

// approleSamples is one command of each kind that approle has.
func approleSamples() []fsm.Command {
	meta := []fsm.MetaPair{{Key: "a", Value: "1"}, {Key: "z"}}
	return []fsm.Command{
		&fsm.ApproleSet{
			Endpoint: fsm.ApproleWhole, Mount: "ar", Name: "web", Given: fsm.GivenRoleID | fsm.GivenLocalSecretIDs, RoleID: "chosen",
			Rules:       fsm.SecretIDRules{Bind: true, CIDRs: cidrs("10.0.0.0/8", "2001:db8::/32"), NumUses: 300, TTL: time.Minute, Local: true},
			GivenParams: fsm.GivenTokenTTL, Params: fsm.TokenParams{TTL: time.Second},
		},
		&fsm.ApproleDelete{Mount: "ar", Name: "web"},
		&fsm.SecretIDCreate{
			Custom: true, Mount: "ar", Role: "web", Digest: fsmtest.Digest("s"), Accessor: fsmtest.Accessor("s"), Meta: meta,
			CIDRs: cidrs("10.0.0.0/8"), TokenCIDRs: cidrs("10.1.0.0/16"), HasUses: true, Uses: 300, HasTTL: true, TTL: time.Minute,
		},
		&fsm.SecretIDDestroy{Mount: "ar", Role: "web", Accessor: fsmtest.Accessor("s"), Delete: true},
		&fsm.ApproleLogin{
			Mount: "ar", RoleID: "chosen", Role: "web", SecretID: fsmtest.Digest("s"), From: netip.MustParseAddr("2001:db8::1"),
			Token: fsmtest.Digest("t"), Accessor: fsmtest.Accessor("t"),
		},
	}
}

// addApproles brings about records of every kind that approle has.
func addApproles(l *fsmtest.Lab) {
	l.Must("root", enableApprole("ar"))
	l.Must("root", approle("ar", "web", secretUses(3), secretTTL(time.Hour)))
	l.Must("root", secretID("ar", "web", "s", func(s *fsm.SecretIDCreate) { s.Meta = []fsm.MetaPair{{Key: "team", Value: "blue"}} }))
	l.Must("", appLogin("ar", "web", "s", "app's"))
	l.Must("root", approle("ar", "gone"))
	l.Must("root", secretID("ar", "gone", "s"))
	l.Must("root", &fsm.ApproleDelete{Mount: "ar", Name: "gone"})
}
