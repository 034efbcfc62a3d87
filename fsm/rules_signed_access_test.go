package fsm_test

import (
	"fmt"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// admits is what a caller is told on a path, nil if it is let in.
func admits(l *fsmtest.Lab, name, path string, what policy.Capability) *fsm.Error {
	c := l.Caller(name)
	a, err := l.State().Resolve(c, l.At)
	if err == nil {
		err = l.State().Authorize(a, fsm.Access{Path: path, Capability: what}, c)
	}
	return err
}

// gate is who stands before which path, and why it is not let in.
type gate struct {
	who  string
	path string
	what policy.Capability
	want fsm.Reason // 0: let in
}

func checkGates(t *testing.T, l *fsmtest.Lab, gates []gate) {
	t.Helper()
	for _, g := range gates {
		var got fsm.Reason
		if err := admits(l, g.who, g.path, g.what); err != nil {
			got = err.Reason
		}
		if got != g.want {
			t.Errorf("%s on %s (%s): reason %d, want %d", g.who, g.path, g.what, got, g.want)
		}
	}
}

func TestLoginAccess(t *testing.T) {
	l := waypoint(t)
	for name, rule := range map[string]policy.Rule{ // order: each stands alone
		"deny-users":  fsmtest.Allow("user/*", policy.Deny),
		"deny-logins": fsmtest.Allow("token/login", policy.Deny),
		"read-logins": fsmtest.Allow("token/login", policy.Read),
		"deny-all":    fsmtest.Allow("*", policy.Deny),
		"admin-users": fsmtest.Allow("jeton/users/*", policy.Update),
	} {
		l.Must("root", fsmtest.Policy(name, rule))
		l.Must("root", fsmtest.NewUser(name, name))
		l.Must("root", fsmtest.Login(name, fsmtest.For(fsmtest.ByName(name))))
	}
	const denied = fsm.PermissionDenied
	checkGates(t, l, []gate{
		{"dave", "token/login", policy.Update, 0},
		{"dave", "token/invite", policy.Update, 0},
		{"dave", "token/refresh", policy.Update, 0},
		{"dave", "user", policy.Read, 0},
		{"dave", "user/by-id/x", policy.Delete, 0},
		{"dave", "user/u-carol", policy.Update, 0},
		{"dave", "users", policy.Read, 0},
		{"dave", "users", policy.Update, denied},
		{"dave", "runners", policy.Read, 0},
		{"dave", "runner/r/adopt", policy.Update, 0},
		{"dave", "auth-methods", policy.Read, 0},
		{"dave", "server/config", policy.Update, 0},
		{"dave", "entrypoint/config/d1", policy.Read, 0},
		{"dave", "entrypoint/logs/d1", policy.Update, 0},
		{"dave", "auth/token/lookup-self", policy.Read, 0},
		{"dave", "auth/token/revoke-self", policy.Update, 0},
		{"dave", "sys/capabilities-self", policy.Update, 0}, // by the policy default
		{"dave", "tokens/x", policy.Update, denied},
		{"dave", "jeton/users", policy.Update, denied},
		{"dave", "jeton/users/u-dave", policy.Update, denied},
		{"dave", "jeton/waypoint", policy.Update, denied},
		{"dave", "jeton/runners/r", policy.Update, denied},
		{"dave", "jeton/signed/revoke", policy.Update, denied},
		{"dave", "jeton/not-before", policy.Update, denied},
		{"dave", "jeton/keyring/waypoint/k", policy.Update, denied},
		{"dave", "jeton/deployments/d1", policy.Update, denied},
		{"dave", "sys/mounts", policy.Read, denied},
		{"dave", "auth/token/create", policy.Update, denied},
		{"dave", "web/x", policy.Read, denied},
		{"carol", "web/x", policy.Read, 0},
		{"admin-users", "jeton/users/u-dave", policy.Update, 0},
		// What a policy of the user says counts on the surface, too.
		{"deny-users", "user/u-carol", policy.Update, denied},
		{"deny-users", "user/by-id/x", policy.Delete, denied},
		{"deny-users", "users", policy.Read, 0},
		{"deny-logins", "token/login", policy.Update, denied},
		{"deny-logins", "token/invite", policy.Update, 0},
		{"read-logins", "token/login", policy.Update, denied},
		// As between two policies, the longer path decides.
		{"deny-all", "token/login", policy.Update, 0},
		{"deny-all", "sys/capabilities-self", policy.Update, 0},
		{"deny-all", "web/x", policy.Read, denied},
	})
	// Without the policy default a login has the surface and no more.
	l.Must("root", fsmtest.Policy("default"))
	checkGates(t, l, []gate{{"dave", "token/login", policy.Update, 0}, {"dave", "auth/token/lookup-self", policy.Read, 0}, {"dave", "sys/capabilities-self", policy.Update, denied}})
}

func TestEntrypointAccess(t *testing.T) {
	l := waypoint(t)
	for name, deployment := range map[string]string{"d1": "d1", "none": ""} { // order: each stands alone
		l.Must("carol", fsmtest.Invite(name+"-invite", fsmtest.ToDeploy(deployment)))
		l.Must("", l.Exchange(name+"-invite", name))
	}
	k := l.Token("d1")
	if len(k.Policies) != 0 || k.DisplayName != "carol" || fmt.Sprint(k.Meta) != "[{deployment_id d1} {user_id u-carol} {username carol}]" {
		t.Fatalf("acts as %+v", k)
	}
	const only, other = fsm.EntrypointOnly, fsm.EntrypointOther
	checkGates(t, l, []gate{
		{"d1", "entrypoint/config/d1", policy.Read, 0},
		{"d1", "entrypoint/logs/d1", policy.Update, 0},
		{"d1", "entrypoint/config/d2", policy.Read, other},
		{"d1", "entrypoint/config/D1", policy.Read, other},
		{"d1", "entrypoint/config/d1/x", policy.Read, other},
		{"d1", "entrypoint/config/", policy.Read, other},
		{"d1", "entrypoint/config", policy.Read, other},
		{"d1", "entrypoint/", policy.Read, other},
		{"d1", "entrypoint", policy.Read, only},
		{"d1", "auth/token/lookup-self", policy.Read, 0},
		{"d1", "auth/token/revoke-self", policy.Update, 0},
		{"d1", "token/refresh", policy.Update, 0},
		{"d1", "token/login", policy.Update, only},
		{"d1", "token/runner", policy.Update, only},
		{"d1", "users", policy.Read, only},
		{"d1", "runner/r/online", policy.Update, only},
		{"d1", "sys/capabilities-self", policy.Update, only},
		{"d1", "web/x", policy.Read, only}, // which the user may read
		{"none", "entrypoint/config/", policy.Read, other},
		{"none", "entrypoint/config/d1", policy.Read, other},
		{"none", "auth/token/lookup-self", policy.Read, 0},
	})
	for path, want := range map[string]string{ // order: each stands alone
		"entrypoint/config/d1": "[create delete read update]", "entrypoint/config/d2": "[deny]", "web/x": "[deny]",
	} {
		if got := fmt.Sprint(l.State().CapabilitiesOf(k, path)); got != want {
			t.Errorf("capabilities on %s: %s, want %s", path, got, want)
		}
	}
	if err := l.Refused("d1", fsmtest.Login("x"), only); err.Code != fsm.Unauthenticated {
		t.Errorf("code %d", err.Code)
	}
	if err := l.Refused("d1", &fsm.DeploymentLog{ID: "d2", Lines: []string{"x"}}, other); err.Code != fsm.Denied {
		t.Errorf("code %d", err.Code)
	}
}

func TestRunnerAccess(t *testing.T) {
	l := waypoint(t)
	for _, id := range []string{"pending", "preadopted", "adopted", "rejected"} {
		l.Must("", fsmtest.Register(id, 5))
	}
	l.Must("admin", fsmtest.Online("preadopted", 5))
	l.Must("admin", &fsm.RunnerAdopt{ID: "adopted", Adopt: true})
	l.Must("admin", &fsm.RunnerAdopt{ID: "rejected"})
	for _, id := range []string{"pending", "preadopted", "adopted", "rejected", "unknown", "ADOPTED"} {
		l.Must("root", fsmtest.RunnerToken(id, id, 0))
		l.Must("root", fsmtest.RunnerToken(id+" same", id, 5))
		l.Must("root", fsmtest.RunnerToken(id+" other", id, 6))
	}
	l.Must("root", fsmtest.RunnerToken("any", "", 0))
	l.Must("root", fsmtest.RunnerToken("any labels", "", 9)) // which nobody looks at
	var gates []gate
	for who, want := range map[string]fsm.Reason{ // order: each stands alone
		"pending": fsm.RunnerIsPending, "pending same": fsm.RunnerIsPending,
		"rejected": fsm.RunnerIsRejected, "rejected same": fsm.RunnerIsRejected, "rejected other": fsm.RunnerIsRejected,
		"unknown": fsm.RunnerUnknown, "ADOPTED": fsm.RunnerUnknown, // letter case counts
		"adopted": 0, "adopted same": 0, "adopted other": fsm.RunnerRelabelled,
		"preadopted": 0, "preadopted same": 0, "preadopted other": fsm.RunnerRelabelled,
		"any": 0, "any labels": 0,
	} {
		gates = append(gates,
			gate{who, "token/runner", policy.Update, want},
			gate{who, "auth/token/lookup-self", policy.Read, want},
			gate{who, "auth/token/revoke-self", policy.Update, want},
			gate{who, "runner/r/token", policy.Update, want},
			gate{who, "runner/online", policy.Read, want},
			gate{who, "runner/a/b/online", policy.Read, want},
			gate{who, "runner//online", policy.Read, want},
			gate{who, "runner/r/online", policy.Update, 0}, // RunnerOnline, which judges by itself
		)
	}
	checkGates(t, l, append(gates,
		gate{"adopted", "users", policy.Read, 0},
		gate{"adopted", "user/u-carol", policy.Update, 0}, // as in Waypoint: what a login may
		gate{"adopted", "web/x", policy.Read, fsm.PermissionDenied},
		gate{"adopted", "sys/capabilities-self", policy.Update, fsm.PermissionDenied}, // nor the policy default
		gate{"adopted", "jeton/users", policy.Update, fsm.PermissionDenied},
	))
	k := l.Token("adopted")
	if len(k.Policies) != 0 || fmt.Sprint(k.Meta) != "[{runner_id adopted}]" || k.DisplayName != "waypoint-runner" {
		t.Errorf("acts as %+v", k)
	}
	if err := l.Refused("pending", fsmtest.RunnerToken("x", "pending", 0), fsm.RunnerIsPending); err.Code != fsm.Denied {
		t.Errorf("code %d", err.Code)
	}
}

// What is no credential is none on any path.
func TestNoCredentials(t *testing.T) {
	l := waypoint(t)
	l.Must("carol", fsmtest.Invite("invite"))
	l.Must("carol", fsmtest.Login("trigger", fsmtest.Trigger))
	for _, path := range []string{"token/login", "auth/token/revoke-self", "entrypoint/config/d1", "runner/r/online"} {
		checkGates(t, l, []gate{{"invite", path, policy.Update, fsm.SignedInviteShown}, {"trigger", path, policy.Update, fsm.SignedTriggerShown}})
	}
	for name, want := range map[string]fsm.Code{"invite": fsm.Unauthenticated, "trigger": fsm.Denied} { // order: each stands alone
		if err := admits(l, name, "users", policy.Read); err == nil || err.Code != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
