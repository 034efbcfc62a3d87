package fsm_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// The numbers in the names of these tests are those of the project's list of
// behaviours of Vault's token store.

const write = policy.Create | policy.Update

// makers are tokens with the right to make others: "plain" may create, "sudo"
// may create and has sudo, neither has root. Both hold web, plain has default.
func makers(t *testing.T) *fsmtest.Lab {
	l := fsmtest.New(t)
	l.Must("root", fsmtest.Policy("mk", fsmtest.Allow("auth/token/create*", write)))
	l.Must("root", fsmtest.Policy("su", fsmtest.Allow("auth/token/create*", write|policy.Sudo)))
	l.Must("root", fsmtest.Policy("web", fsmtest.Allow("web/*", policy.Read)))
	l.Create("root", "plain", fsmtest.Policies("mk", "web"), fsmtest.TTL(time.Hour))
	l.Create("root", "bare", func(c *fsm.TokenCreate) {
		c.Policies, c.NoDefaultPolicy, c.TTL = []string{"mk", "web"}, true, time.Hour
	})
	l.Create("root", "sudo", fsmtest.Policies("su", "web"), fsmtest.TTL(time.Hour))
	return l
}

func TestPoliciesOfANewToken(t *testing.T) {
	declined := func(c *fsm.TokenCreate) { c.NoDefaultPolicy = true }
	tests := []struct {
		name   string
		by     string
		asked  []string
		change func(*fsm.TokenCreate)
		want   []string
		refuse fsm.Reason
	}{
		{name: "1.9.1 lower case, trimmed, each once, sorted", by: "root",
			asked: []string{"Zed", "alpha", "alpha", " spaced "}, want: []string{"alpha", "default", "spaced", "zed"}},
		{name: "1.9.1 blank names vanish", by: "root", asked: []string{"", "  ", "a"}, want: []string{"a", "default"}},
		{name: "1.9.1 root stands alone", by: "root", asked: []string{"b", "root", "a"}, want: []string{"root"}},
		{name: "1.9.1 a comma is part of a name", by: "root", asked: []string{"a,b"}, want: []string{"a,b", "default"}},
		{name: "1.9.2 none asked for: the parent's set", by: "plain", want: []string{"default", "mk", "web"}},
		{name: "1.9.2 none asked for: default only if the parent has it", by: "bare", want: []string{"mk", "web"}},
		{name: "1.9.2 none asked for by root", by: "root", want: []string{"root"}},
		{name: "1.9.2 an empty list is none", by: "plain", asked: []string{}, want: []string{"default", "mk", "web"}},
		{name: "1.9.3 without sudo: a subset, and default if the parent has it", by: "plain", asked: []string{"web"}, want: []string{"default", "web"}},
		{name: "1.9.3 without sudo: no default if the parent lacks it", by: "bare", asked: []string{"web"}, want: []string{"web"}},
		{name: "1.9.3 without sudo: default declined", by: "plain", asked: []string{"web"}, change: declined, want: []string{"web"}},
		{name: "1.9.3 without sudo: not a subset", by: "plain", asked: []string{"web", "other"}, refuse: fsm.PoliciesNotSubset},
		{name: "1.9.3 without sudo: default is no exception", by: "bare", asked: []string{"default"}, refuse: fsm.PoliciesNotSubset},
		{name: "1.9.4 sudo: any set and default", by: "sudo", asked: []string{"other"}, want: []string{"default", "other"}},
		{name: "1.9.4 sudo: default declined", by: "sudo", asked: []string{"other"}, change: declined, want: []string{"other"}},
		{name: "1.9.4 default stripped even when asked for by name", by: "root", asked: []string{"default"}, change: declined, want: nil},
		{name: "1.9.4 default stripped from what is inherited", by: "plain", change: declined, want: []string{"mk", "web"}},
		{name: "1.9.6 sudo may not give root", by: "sudo", asked: []string{"root"}, refuse: fsm.RootNeedsRoot},
		{name: "1.9.6 nor may a plain token", by: "plain", asked: []string{"root"}, refuse: fsm.PoliciesNotSubset},
		{name: "1.9.6 response-wrapping can not be assigned", by: "root", asked: []string{"response-wrapping"}, refuse: fsm.PolicyUnassignable},
		{name: "1.9.6 in any case", by: "sudo", asked: []string{"Response-Wrapping"}, refuse: fsm.PolicyUnassignable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := makers(t)
			c := fsmtest.Create("new", fsmtest.Policies(tt.asked...), fsmtest.TTL(time.Minute))
			if tt.change != nil {
				tt.change(c)
			}
			if tt.refuse != 0 {
				if err := l.Refused(tt.by, c, tt.refuse); err.Code != fsm.Invalid {
					t.Fatalf("code %d, want %d", err.Code, fsm.Invalid)
				}
				return
			}
			l.Must(tt.by, c)
			if got := l.Token("new").Policies; !slices.Equal(got, tt.want) {
				t.Fatalf("policies %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPoliciesByRole(t *testing.T) {
	type names = []string
	tests := []struct {
		name     string
		role     fsm.Role
		by       string
		asked    names
		declined bool
		want     names
		refuse   fsm.Reason
	}{
		{name: "1.9.5 none asked for: the allowed list and default", role: fsm.Role{AllowedPolicies: names{"Dev", "ops"}}, want: names{"default", "dev", "ops"}},
		{name: "1.9.5 replaces the subset rule", role: fsm.Role{AllowedPolicies: names{"dev"}}, asked: names{"dev"}, want: names{"default", "dev"}},
		{name: "1.9.5 outside the allowed list", role: fsm.Role{AllowedPolicies: names{"dev"}}, asked: names{"web"}, refuse: fsm.PoliciesNotAllowed},
		{name: "1.9.5 outside it for root too", role: fsm.Role{AllowedPolicies: names{"dev"}}, by: "root", asked: names{"root"}, refuse: fsm.PoliciesNotAllowed},
		{name: "1.9.5 default is allowed where it is added", role: fsm.Role{AllowedPolicies: names{"dev"}}, asked: names{"default"}, want: names{"default"}},
		{name: "1.9.5 default not added when declined", role: fsm.Role{AllowedPolicies: names{"dev"}}, declined: true, want: names{"dev"}},
		{name: "1.9.5 default not added when the role declines", role: fsm.Role{AllowedPolicies: names{"dev"}, NoDefaultPolicy: true}, want: names{"dev"}},
		{name: "1.9.5 default not added when disallowed", role: fsm.Role{DisallowedPolicies: names{"default"}, AllowedPolicies: names{"dev"}}, want: names{"dev"}},
		{name: "1.9.5 default disallowed by a glob", role: fsm.Role{DisallowedPoliciesGlob: names{"def*"}, AllowedPolicies: names{"dev"}}, want: names{"dev"}},
		{name: "1.9.5 asking for a disallowed name", role: fsm.Role{DisallowedPolicies: names{"default"}}, asked: names{"default"}, refuse: fsm.PolicyDisallowed},
		{name: "1.9.5 within an allowed glob", role: fsm.Role{AllowedPoliciesGlob: names{"dev-*"}}, asked: names{"dev-one"}, want: names{"default", "dev-one"}},
		{name: "1.9.5 list and glob together", role: fsm.Role{AllowedPolicies: names{"x"}, AllowedPoliciesGlob: names{"dev-*"}}, asked: names{"x", "dev-two"}, want: names{"default", "dev-two", "x"}},
		{name: "1.9.5 outside both", role: fsm.Role{AllowedPolicies: names{"x"}, AllowedPoliciesGlob: names{"dev-*"}}, asked: names{"ops"}, refuse: fsm.PoliciesNotAllowed},
		{name: "1.9.5 only globs and none asked for: default alone", role: fsm.Role{AllowedPoliciesGlob: names{"dev-*"}}, want: names{"default"}},
		{name: "1.9.5 only a disallowed list: the parent's set", role: fsm.Role{DisallowedPolicies: names{"x"}}, want: names{"default", "mk", "web"}},
		{name: "1.9.5 only a disallowed list: anything else may be asked for", role: fsm.Role{DisallowedPolicies: names{"x"}}, asked: names{"other"}, want: names{"default", "other"}},
		{name: "1.9.5 a disallowed glob", role: fsm.Role{DisallowedPoliciesGlob: names{"prod-*"}}, asked: names{"prod-one"}, refuse: fsm.PolicyDisallowed},
		{name: "1.9.5 what the parent hands down may be disallowed", role: fsm.Role{DisallowedPolicies: names{"web"}}, refuse: fsm.PolicyDisallowed},
		{name: "1.9.6 a role does not give root to others", role: fsm.Role{DisallowedPolicies: names{"x"}}, asked: names{"root"}, refuse: fsm.RootNeedsRoot},
		{name: "1.9.6 not even when it allows root", role: fsm.Role{AllowedPolicies: names{"root"}}, asked: names{"root"}, refuse: fsm.RootNeedsRoot},
		{name: "a disallowed list lets root have root", role: fsm.Role{DisallowedPolicies: names{"x"}}, by: "root", asked: names{"root"}, want: names{"root"}},
		{name: "a role without lists leaves the subset rule", role: fsm.Role{}, asked: names{"other"}, refuse: fsm.PoliciesNotSubset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := makers(t)
			tt.role.Name = "r"
			l.Must("root", &fsm.RoleSet{Role: tt.role, Given: fsm.GivenAllowedPolicies | fsm.GivenDisallowedPolicies |
				fsm.GivenAllowedPoliciesGlob | fsm.GivenDisallowedPoliciesGlob | fsm.GivenNoDefaultPolicy})
			by := tt.by
			if by == "" {
				by = "plain"
			}
			c := fsmtest.Create("new", fsmtest.ByRole("r"), fsmtest.Policies(tt.asked...), fsmtest.TTL(time.Minute))
			c.NoDefaultPolicy = tt.declined
			if tt.refuse != 0 {
				l.Refused(by, c, tt.refuse)
				return
			}
			l.Must(by, c)
			if got := l.Token("new").Policies; !slices.Equal(got, tt.want) {
				t.Fatalf("policies %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMissingPolicyWarns(t *testing.T) {
	t.Run("1.9.7 a policy that does not exist is only a warning", func(t *testing.T) {
		l := makers(t)
		made := l.Create("root", "new", fsmtest.Policies("web", "nowhere"))
		if len(made.Warnings) != 1 || made.Warnings[0].Reason != fsm.PolicyUnknown || made.Warnings[0].Args[0] != "nowhere" {
			t.Fatalf("warnings %v", made.Warnings)
		}
		l.Must("root", fsmtest.Policy("nowhere", fsmtest.Allow("some/where", policy.Read)))
		if got := l.State().CapabilitiesOf(l.Token("new"), "some/where"); !slices.Equal(got, []string{"read"}) {
			t.Fatalf("capabilities %v once it exists", got)
		}
	})
	t.Run("root warns of nothing", func(t *testing.T) {
		l := makers(t)
		if made := l.Create("root", "new"); len(made.Warnings) != 0 {
			t.Fatalf("warnings %v", made.Warnings)
		}
	})
}
