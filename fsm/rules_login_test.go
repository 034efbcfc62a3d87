package fsm_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

const (
	min5  = 5 * time.Minute
	given = fsm.GivenTokenPolicies | fsm.GivenTokenTTL | fsm.GivenTokenMaxTTL | fsm.GivenTokenExplicitMaxTTL | fsm.GivenTokenPeriod |
		fsm.GivenTokenNumUses | fsm.GivenTokenBoundCIDRs | fsm.GivenTokenTokenType | fsm.GivenTokenNoDefaultPolicy
)

func TestLoginToken(t *testing.T) {
	cidr := func(s string) []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix(s)} }
	tests := []struct {
		name     string
		params   fsm.TokenParams
		refuse   fsm.Reason
		policies []string
		ttl      time.Duration
		warn     fsm.Reason
	}{
		{name: "nothing said", policies: []string{"default"}, ttl: 768 * hour},
		{name: "default joins the policies", params: fsm.TokenParams{Policies: []string{"ops", "Dev "}, TTL: min5}, policies: []string{"default", "dev", "ops"}, ttl: min5},
		{name: "declined default", params: fsm.TokenParams{Policies: []string{"dev"}, NoDefaultPolicy: true}, policies: []string{"dev"}, ttl: 768 * hour},
		{name: "no policies at all", params: fsm.TokenParams{NoDefaultPolicy: true}, policies: []string{}, ttl: 768 * hour},
		{name: "1.9.6 never root", params: fsm.TokenParams{Policies: []string{"dev", "root"}}, refuse: fsm.RootByLogin},
		{name: "never response-wrapping", params: fsm.TokenParams{Policies: []string{"response-wrapping"}}, refuse: fsm.PolicyUnassignable},
		{name: "max ttl caps the default without a warning", params: fsm.TokenParams{MaxTTL: min5}, policies: []string{"default"}, ttl: min5},
		{name: "max ttl above the mount's", params: fsm.TokenParams{MaxTTL: 2000 * hour}, policies: []string{"default"}, ttl: 768 * hour},
		{name: "ttl above the mount's max", params: fsm.TokenParams{TTL: 2000 * hour}, policies: []string{"default"}, ttl: 768 * hour, warn: fsm.TTLCapped},
		{name: "explicit max", params: fsm.TokenParams{TTL: hour, ExplicitMaxTTL: min5}, policies: []string{"default"}, ttl: min5, warn: fsm.TTLCapped},
		{name: "period for the ttl", params: fsm.TokenParams{TTL: min5, Period: hour}, policies: []string{"default"}, ttl: hour},
		{name: "period capped by the max", params: fsm.TokenParams{MaxTTL: min5, Period: hour}, policies: []string{"default"}, ttl: min5, warn: fsm.PeriodCapped},
		{name: "counted", params: fsm.TokenParams{NumUses: 2}, policies: []string{"default"}, ttl: 768 * hour},
		{name: "bound, and from there", params: fsm.TokenParams{BoundCIDRs: cidr("10.0.0.0/8")}, policies: []string{"default"}, ttl: 768 * hour},
		{name: "bound, and from elsewhere", params: fsm.TokenParams{BoundCIDRs: cidr("10.9.0.0/16")}, refuse: fsm.PermissionDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := fsmtest.New(t)
			l.Must("root", enable("corp/up"))
			l.Must("root", user("corp/up", "bob", tt.params, given))
			c := login(l, "corp/up", "bob", "new")
			if tt.refuse != 0 {
				l.Refused("", c, tt.refuse)
				if l.Alive("new") {
					t.Fatal("a refused login left a token")
				}
				return
			}
			made := l.Must("", c).(*fsm.TokenCreated)
			k := l.Token("new")
			if !slices.Equal(k.Policies, tt.policies) || k.TTL != tt.ttl || made.TTL != tt.ttl {
				t.Fatalf("policies %q, ttl %s; want %q, %s", k.Policies, k.TTL, tt.policies, tt.ttl)
			}
			if k.Path != "auth/corp/up/login/bob" || k.DisplayName != "corp-up-bob" || !k.Parent.IsZero() || !made.Orphan || !k.Renewable ||
				!slices.Equal(k.Meta, []fsm.MetaPair{{Key: "username", Value: "bob"}}) {
				t.Fatalf("token %+v", k)
			}
			if k.NumUses != tt.params.NumUses || k.UsesLeft != tt.params.NumUses || !slices.Equal(k.CIDRs, tt.params.BoundCIDRs) ||
				k.Period != tt.params.Period || k.ExplicitMaxTTL != tt.params.ExplicitMaxTTL {
				t.Fatalf("token %+v lacks what the user has", k)
			}
			var warned fsm.Reason
			for _, w := range made.Warnings {
				warned = w.Reason
			}
			if warned != tt.warn {
				t.Fatalf("warnings %v, want reason %d", made.Warnings, tt.warn)
			}
		})
	}
}

// What the node verified has to be what the machine has.
func TestLoginComparesTheVersion(t *testing.T) {
	l := people(t)
	stale := login(l, "up", "alice", "new")
	l.Must("root", &fsm.UserSet{Endpoint: fsm.UserPassword, Mount: "up", Name: "alice", Hash: []byte(hash)})
	if _, err := l.Do("", stale); err == nil || err.Code != fsm.Recheck {
		t.Fatalf("login with the password of before: %v", err)
	}
	l.Must("", login(l, "up", "alice", "new"))

	gone := login(l, "up", "alice", "late")
	l.Must("root", &fsm.UserDelete{Mount: "up", Name: "alice"})
	l.Refused("", gone, fsm.BadLogin)
	if !l.Alive("new") {
		t.Fatal("deleting a user ended its token") // as in Vault it does not
	}
	l.Must("root", user("up", "alice", fsm.TokenParams{}, 0))
	if _, err := l.Do("", gone); err == nil || err.Code != fsm.Recheck {
		t.Fatalf("login as somebody of the same name: %v", err)
	}
	l.Must("root", &fsm.AuthDisable{Path: "up"})
	l.Must("root", enable("up"))
	l.Must("root", user("up", "alice", fsm.TokenParams{}, 0))
	if _, err := l.Do("", gone); err == nil || err.Code != fsm.Recheck {
		t.Fatalf("login as somebody of the same name at the same path: %v", err)
	}
}

// A retry under the same request id makes no second token and is not refused
// because the first one is there.
func TestLoginRetry(t *testing.T) {
	l := people(t)
	env := l.Envelope("", login(l, "up", "alice", "new"))
	first, again := l.Entry(env)[0], l.Entry(env)[0]
	if first.Err != nil || again.Err != nil || first.Result.(*fsm.TokenCreated).Accessor != again.Result.(*fsm.TokenCreated).Accessor {
		t.Fatalf("first %+v, again %+v", first, again)
	}
	if n := l.State().CountTokens(); n != 2 {
		t.Fatalf("%d tokens, want root's and alice's", n)
	}
	l.Refused("", login(l, "up", "alice", "new"), fsm.TokenExists)
}

func TestLoginRenewal(t *testing.T) {
	tests := []struct {
		name      string
		change    fsm.Command
		increment time.Duration
		refuse    fsm.Reason
		want      time.Duration
	}{
		{name: "by the user's ttl", want: 10 * time.Minute},
		{name: "up to the user's max ttl", increment: hour, want: 20 * time.Minute},
		{name: "by the user's present ttl", change: user("up", "bob", fsm.TokenParams{TTL: min5}, fsm.GivenTokenTTL), want: min5},
		{name: "up to the user's present max ttl", change: user("up", "bob", fsm.TokenParams{TTL: min5, MaxTTL: 12 * time.Minute}, fsm.GivenTokenTTL|fsm.GivenTokenMaxTTL), increment: hour, want: 12 * time.Minute},
		{name: "a period given since", change: user("up", "bob", fsm.TokenParams{Period: 15 * time.Minute}, fsm.GivenTokenPeriod), want: 15 * time.Minute},
		{name: "the password may change", change: user("up", "bob", fsm.TokenParams{}, 0), want: 10 * time.Minute},
		{name: "the default policy may go", change: user("up", "bob", fsm.TokenParams{NoDefaultPolicy: true}, fsm.GivenTokenNoDefaultPolicy), want: 10 * time.Minute},
		{name: "a policy more", change: user("up", "bob", fsm.TokenParams{Policies: []string{"dev", "ops"}}, fsm.GivenTokenPolicies), refuse: fsm.UserPoliciesMoved},
		{name: "a policy less", change: user("up", "bob", fsm.TokenParams{}, fsm.GivenTokenPolicies), refuse: fsm.UserPoliciesMoved},
		{name: "another policy", change: user("up", "bob", fsm.TokenParams{Policies: []string{"ops"}}, fsm.GivenTokenPolicies), refuse: fsm.UserPoliciesMoved},
		{name: "the user is gone", change: &fsm.UserDelete{Mount: "up", Name: "bob"}, refuse: fsm.UserGone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := people(t)
			l.Must("root", user("up", "bob", fsm.TokenParams{Policies: []string{"dev"}, TTL: 10 * time.Minute, MaxTTL: 20 * time.Minute},
				fsm.GivenTokenPolicies|fsm.GivenTokenTTL|fsm.GivenTokenMaxTTL))
			l.Must("", login(l, "up", "bob", "his"))
			if tt.change != nil {
				l.Must("root", tt.change)
			}
			c := fsmtest.Renew("his", tt.increment)
			if tt.refuse != 0 {
				l.Refused("root", c, tt.refuse)
				return
			}
			if got := l.Must("root", c).(*fsm.TokenRenewed).TTL; got != tt.want {
				t.Fatalf("renewed for %s, want %s", got, tt.want)
			}
		})
	}
}

func TestUserRules(t *testing.T) {
	l := people(t)
	nobody := &fsm.UserSet{Mount: "up", Name: "new"}
	l.Refused("root", nobody, fsm.PasswordMissing)
	l.Refused("root", &fsm.UserSet{Endpoint: fsm.UserPassword, Mount: "up", Name: "new", Hash: []byte(hash)}, fsm.UserUnknown)
	l.Refused("root", &fsm.UserSet{Endpoint: fsm.UserPolicies, Mount: "up", Name: "new"}, fsm.UserUnknown)
	l.Refused("root", user("none", "x", fsm.TokenParams{}, 0), fsm.NoSuchMount)
	l.Refused("root", user("token", "x", fsm.TokenParams{}, 0), fsm.NoSuchMount)
	l.Refused("root", user("up", "x", fsm.TokenParams{TTL: hour, MaxTTL: min5}, given), fsm.TTLAboveMax)
	l.Refused("root", user("up", "x", fsm.TokenParams{Type: fsm.TypeBatch, Period: hour}, given), fsm.BatchLogin)
	l.Refused("root", user("up", "x", fsm.TokenParams{Type: fsm.TypeDefaultBatch, NumUses: 1}, given), fsm.BatchLogin)
	for _, name := range []string{"", "Alice", "-a", "a-", "a/b", "a b", "ä", strings.Repeat("n", fsm.MaxUserBytes) + "n"} {
		if err := user("up", name, fsm.TokenParams{}, 0).Validate(); err.(*fsm.Error).Reason != fsm.UserNameBad {
			t.Errorf("name %q: %v", name, err)
		}
	}
	for _, name := range []string{"a", "a.b-c_d", "a@b.example", strings.Repeat("n", fsm.MaxUserBytes)} {
		l.Must("root", user("up", name, fsm.TokenParams{}, 0))
		l.Must("", login(l, "up", name, "of "+name))
	}

	// a partial update leaves the rest alone, the password among it
	l.Must("root", &fsm.UserSet{Mount: "up", Name: "alice", Params: fsm.TokenParams{TTL: min5}, Given: fsm.GivenTokenTTL})
	m, _ := l.State().AuthMount("up")
	u, _ := l.State().User(m, "alice")
	if string(u.Hash) != hash || u.Params.TTL != min5 || !slices.Equal(u.Params.Policies, []string{"dev"}) {
		t.Fatalf("partial update left %+v", u)
	}
}

func TestUserRights(t *testing.T) {
	l := people(t)
	l.Must("root", fsmtest.Policy("clerk", fsmtest.Allow("auth/up/users/bob", policy.Create), fsmtest.Allow("auth/up/users/alice/password", policy.Update)))
	l.Create("root", "clerk", fsmtest.Policies("clerk"), fsmtest.TTL(hour))
	l.Must("clerk", user("up", "bob", fsm.TokenParams{}, 0))
	l.Refused("clerk", user("up", "bob", fsm.TokenParams{}, 0), fsm.PermissionDenied) // an update by now
	l.Refused("clerk", user("up", "alice", fsm.TokenParams{}, 0), fsm.PermissionDenied)
	l.Must("clerk", &fsm.UserSet{Endpoint: fsm.UserPassword, Mount: "up", Name: "alice", Hash: []byte(hash)})
	l.Refused("clerk", &fsm.UserSet{Endpoint: fsm.UserPolicies, Mount: "up", Name: "alice"}, fsm.PermissionDenied)
	l.Refused("clerk", &fsm.UserDelete{Mount: "up", Name: "bob"}, fsm.PermissionDenied)
}

func TestPasswordHashForms(t *testing.T) {
	good := []string{hash, "$2b$04" + hash[6:], "$2y$14" + hash[6:]}
	bad := []string{
		"", "x", hash[:59], hash + "x", "$2x$10" + hash[6:], "$1a$10" + hash[6:], "$2a$03" + hash[6:], "$2a$15" + hash[6:], "$2a$31" + hash[6:],
		"$2a$1x" + hash[6:], "$2a$10" + hash[6:58] + "$$", "$2a$10" + hash[6:58] + "__", "$2a$10-" + hash[7:], "$2a$10" + hash[6:59] + "\x00",
	}
	for _, h := range good {
		if !fsm.IsBcrypt([]byte(h)) {
			t.Errorf("%q is refused", h)
		}
	}
	for _, h := range bad {
		if fsm.IsBcrypt([]byte(h)) {
			t.Errorf("%q is taken for a bcrypt hash", h)
		}
	}
}
