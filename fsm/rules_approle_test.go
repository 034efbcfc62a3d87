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

func TestApproleToken(t *testing.T) {
	l := apps(t, roleParams(fsm.TokenParams{Policies: []string{"web"}, TTL: min5, NumUses: 3, BoundCIDRs: cidrs("10.0.0.0/8")}, given))
	l.Must("root", secretID("ar", "web", "labelled", func(s *fsm.SecretIDCreate) {
		s.Meta = []fsm.MetaPair{{Key: "role_name", Value: "boss"}, {Key: "team", Value: "blue"}}
		s.TokenCIDRs = cidrs("10.0.0.0/24")
	}))
	made := l.Must("", appLogin("ar", "web", "s", "plain")).(*fsm.TokenCreated)
	k := l.Token("plain")
	if k.Path != "auth/ar/login" || k.DisplayName != "ar" || !k.Parent.IsZero() || !made.Orphan || k.TTL != min5 || k.NumUses != 3 ||
		!slices.Equal(k.Policies, []string{"default", "web"}) || !slices.Equal(k.CIDRs, cidrs("10.0.0.0/8")) ||
		!slices.Equal(made.Meta, []fsm.MetaPair{{Key: "role_name", Value: "web"}}) {
		t.Fatalf("token %+v, answer %+v", k, made)
	}
	l.Must("", appLogin("ar", "web", "labelled", "labelled"))
	k = l.Token("labelled")
	if !slices.Equal(k.CIDRs, cidrs("10.0.0.0/24")) || !slices.Equal(k.Meta, []fsm.MetaPair{{Key: "role_name", Value: "web"}, {Key: "team", Value: "blue"}}) {
		t.Fatalf("token %+v", k)
	}
}

// One use is one login, however the login ends up in the log.
func TestSecretIDUses(t *testing.T) {
	l := apps(t, secretUses(2))
	uses := func() uint32 {
		m, _ := l.State().AuthMount("ar")
		r, _ := l.State().Approle(m, "web")
		id, ok := l.State().SecretIDByAccessor(r, fsmtest.Accessor("s"), l.At)
		if !ok {
			return 0
		}
		return id.Uses
	}
	elsewhere := appLogin("ar", "web", "s", "x")
	elsewhere.From = netip.MustParseAddr("192.0.2.1")
	l.Must("root", approle("ar", "web", secretCIDRs("10.0.0.0/8")))
	l.Refused("", elsewhere, fsm.AddressRefused)
	taken := appLogin("ar", "web", "s", "root") // a token that exists
	l.Refused("", taken, fsm.TokenExists)
	if uses() != 2 || l.Alive("x") {
		t.Fatalf("refused logins left %d uses", uses())
	}
	env := l.Envelope("", appLogin("ar", "web", "s", "one"))
	first, again := l.Entry(env)[0], l.Entry(env)[0]
	if first.Err != nil || again.Err != nil || uses() != 1 {
		t.Fatalf("a retry: %v, %v, %d uses left", first.Err, again.Err, uses())
	}
	// the last use and one too many in one entry: the order of the log decides
	both := l.Entry(l.Envelope("", appLogin("ar", "web", "s", "two")), l.Envelope("", appLogin("ar", "web", "s", "three")))
	if both[0].Err != nil || both[1].Err == nil || both[1].Err.Reason != fsm.BadApproleLogin || uses() != 0 || l.Alive("three") {
		t.Fatalf("both: %v, %v, %d uses left", both[0].Err, both[1].Err, uses())
	}
	l.Must("root", secretID("ar", "web", "s")) // spent means gone: the text is free again
}

func TestApproleLoginRefusals(t *testing.T) {
	tests := []struct {
		name   string
		before func(l *fsmtest.Lab)
		login  func(c *fsm.ApproleLogin)
		want   fsm.Reason
	}{
		{"unknown role-id", nil, func(c *fsm.ApproleLogin) { c.RoleID = "nobody" }, fsm.BadApproleLogin},
		{"unknown secret-id", nil, func(c *fsm.ApproleLogin) { c.SecretID = fsmtest.Digest("x") }, fsm.BadApproleLogin},
		{"no secret-id", nil, func(c *fsm.ApproleLogin) { c.SecretID = fsm.Digest{} }, fsm.BadApproleLogin},
		{"no such mount", nil, func(c *fsm.ApproleLogin) { c.Mount = "none" }, fsm.NoSuchMount},
		{"a mount of another method", func(l *fsmtest.Lab) { l.Must("root", enable("up")) }, func(c *fsm.ApproleLogin) { c.Mount = "up" }, fsm.NoSuchMount},
		{"another role's secret-id", func(l *fsmtest.Lab) { l.Must("root", approle("ar", "other")) },
			func(c *fsm.ApproleLogin) { c.Role, c.RoleID = "other", "id-of-other" }, fsm.BadApproleLogin},
		{"the role-id of before", func(l *fsmtest.Lab) {
			l.Must("root", approle("ar", "web", func(a *fsm.ApproleSet) { a.Given, a.RoleID = fsm.GivenRoleID, "new" }))
		}, nil, fsm.BadApproleLogin},
		{"a role-id that changed hands", func(l *fsmtest.Lab) {
			l.Must("root", approle("ar", "web", func(a *fsm.ApproleSet) { a.Given, a.RoleID = fsm.GivenRoleID, "new" }))
			l.Must("root", approle("ar", "other", func(a *fsm.ApproleSet) { a.RoleID = "id-of-web" }))
		}, nil, fsm.ApproleMoved},
		{"destroyed", func(l *fsmtest.Lab) {
			l.Must("root", &fsm.SecretIDDestroy{Mount: "ar", Role: "web", Accessor: fsmtest.Accessor("s")})
		}, nil, fsm.BadApproleLogin},
		{"the role was deleted", func(l *fsmtest.Lab) { l.Must("root", &fsm.ApproleDelete{Mount: "ar", Name: "web"}) }, nil, fsm.BadApproleLogin},
		{"and made again", func(l *fsmtest.Lab) {
			l.Must("root", &fsm.ApproleDelete{Mount: "ar", Name: "web"})
			l.Must("root", approle("ar", "web"))
		}, nil, fsm.BadApproleLogin},
		{"the mount was made again", func(l *fsmtest.Lab) {
			l.Must("root", &fsm.AuthDisable{Path: "ar"})
			l.Must("root", enableApprole("ar"))
			l.Must("root", approle("ar", "web"))
		}, nil, fsm.BadApproleLogin},
		{"the role's addresses were narrowed", func(l *fsmtest.Lab) {
			l.Must("root", secretID("ar", "web", "wide", func(s *fsm.SecretIDCreate) { s.CIDRs = cidrs("10.0.0.0/8") }))
			l.Must("root", approle("ar", "web", secretCIDRs("10.0.0.0/16")))
		}, func(c *fsm.ApproleLogin) { c.SecretID = secretID("ar", "web", "wide").Digest }, fsm.CIDRsOutsideRole},
		{"outside the secret-id's addresses", func(l *fsmtest.Lab) {
			l.Must("root", secretID("ar", "web", "bound", func(s *fsm.SecretIDCreate) { s.CIDRs = cidrs("192.0.2.0/24") }))
		}, func(c *fsm.ApproleLogin) { c.SecretID = secretID("ar", "web", "bound").Digest }, fsm.AddressRefused},
		{"a bound secret-id without an address", func(l *fsmtest.Lab) {
			l.Must("root", secretID("ar", "web", "bound", func(s *fsm.SecretIDCreate) { s.CIDRs = cidrs("10.0.0.0/8") }))
		}, func(c *fsm.ApproleLogin) {
			c.SecretID, c.From = secretID("ar", "web", "bound").Digest, netip.Addr{}
		}, fsm.AddressRefused},
		{"outside the token's addresses", func(l *fsmtest.Lab) {
			l.Must("root", approle("ar", "web", roleParams(fsm.TokenParams{BoundCIDRs: cidrs("192.0.2.0/24")}, given)))
		}, nil, fsm.PermissionDenied},
		{"root", func(l *fsmtest.Lab) {
			l.Must("root", approle("ar", "web", roleParams(fsm.TokenParams{Policies: []string{"root"}}, given)))
		}, nil, fsm.RootByLogin},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := apps(t)
			if tt.before != nil {
				tt.before(l)
			}
			c := appLogin("ar", "web", "s", "new")
			if tt.login != nil {
				tt.login(c)
			}
			l.Refused("", c, tt.want)
			if l.Alive("new") {
				t.Fatal("a refused login left a token")
			}
			l.Clean(1)
			if err := fsm.CheckInvariants(l.State()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// An expired secret-id is refused from its deadline on, cleared away or not.
func TestSecretIDExpiry(t *testing.T) {
	l := apps(t, secretTTL(min5))
	if next := l.State().NextExpiry(); next != l.At.Add(min5) {
		t.Fatalf("next expiry in %s", next.Sub(l.At))
	}
	l.Wait(min5 - 1)
	l.Must("", appLogin("ar", "web", "s", "in time"))
	l.Wait(1)
	l.Refused("", appLogin("ar", "web", "s", "late"), fsm.BadApproleLogin)
	l.Refused("root", &fsm.SecretIDDestroy{Mount: "ar", Role: "web", Accessor: fsmtest.Accessor("s")}, fsm.SecretAccessorUnknown)
	m, _ := l.State().AuthMount("ar")
	r, _ := l.State().Approle(m, "web")
	if left := l.State().SecretIDAccessors(r, l.At); len(left) != 0 {
		t.Fatalf("expired ones are listed: %q", left)
	}
	l.Must("root", secretID("ar", "web", "s")) // takes the expired one's place
	l.Wait(min5)
	l.Cluster(&fsm.Expire{Limit: 1})
	if n := fsm.CountApproles(l.State()); n != 1 {
		t.Fatalf("%d records are left, want the role", n)
	}
}

func TestBindNoSecretID(t *testing.T) {
	unbound := func(a *fsm.ApproleSet) { a.Given |= fsm.GivenBindSecretID }
	l := apps(t)
	l.Refused("root", approle("ar", "web", unbound), fsm.ApproleUnbound)
	l.Must("root", approle("ar", "web", secretCIDRs("10.0.0.0/8"), unbound))
	c := appLogin("ar", "web", "s", "new")
	c.SecretID = fsm.Digest{}
	l.Must("", c)
	l.Refused("root", secretID("ar", "web", "more"), fsm.SecretIDUnneeded)
	away := appLogin("ar", "web", "s", "away")
	away.SecretID, away.From = fsm.Digest{}, netip.MustParseAddr("192.0.2.1")
	l.Refused("", away, fsm.AddressRefused)
	reset := &fsm.ApproleSet{Endpoint: fsm.ApproleSecretIDCIDRs, Mount: "ar", Name: "web", Reset: true}
	l.Refused("root", reset, fsm.ApproleUnbound)
	l.Must("root", &fsm.ApproleSet{Endpoint: fsm.ApproleBindSecretID, Mount: "ar", Name: "web", Reset: true})
	l.Must("root", reset)
	l.Refused("", c, fsm.BadApproleLogin)
}

func TestSecretIDRules(t *testing.T) {
	uses := func(n uint32) func(*fsm.SecretIDCreate) {
		return func(s *fsm.SecretIDCreate) { s.HasUses, s.Uses = true, n }
	}
	ttl := func(d time.Duration) func(*fsm.SecretIDCreate) {
		return func(s *fsm.SecretIDCreate) { s.HasTTL, s.TTL = true, d }
	}
	tests := []struct {
		name   string
		role   []func(*fsm.ApproleSet)
		change func(*fsm.SecretIDCreate)
		refuse fsm.Reason
		uses   uint32
		ttl    time.Duration
	}{
		{name: "as the role says", role: []func(*fsm.ApproleSet){secretUses(3), secretTTL(min5)}, change: uses(3), uses: 3, ttl: min5},
		{name: "less", role: []func(*fsm.ApproleSet){secretUses(3)}, change: uses(1), uses: 1},
		{name: "more", role: []func(*fsm.ApproleSet){secretUses(3)}, change: uses(4), refuse: fsm.SecretIDUsesAbove},
		{name: "any number", role: []func(*fsm.ApproleSet){secretUses(3)}, change: uses(0), refuse: fsm.SecretIDUsesAbove},
		{name: "some where the role bounds none", change: uses(7), uses: 7},
		{name: "shorter", role: []func(*fsm.ApproleSet){secretTTL(min5)}, change: ttl(time.Minute), ttl: time.Minute},
		{name: "longer", role: []func(*fsm.ApproleSet){secretTTL(min5)}, change: ttl(hour), refuse: fsm.SecretIDTTLAbove},
		{name: "without an end", role: []func(*fsm.ApproleSet){secretTTL(min5)}, change: ttl(0), refuse: fsm.SecretIDTTLAbove},
		{name: "longer than the mount's max", change: ttl(2000 * hour), ttl: fsm.MaxLeaseTTL},
		{name: "whole seconds", change: ttl(1500 * time.Millisecond), ttl: time.Second},
		{name: "addresses within the role's", role: []func(*fsm.ApproleSet){secretCIDRs("10.0.0.0/8", "192.0.2.0/24")},
			change: func(s *fsm.SecretIDCreate) { s.CIDRs = cidrs("10.1.0.0/16", "192.0.2.7/32") }},
		{name: "addresses beyond the role's", role: []func(*fsm.ApproleSet){secretCIDRs("10.1.0.0/16")},
			change: func(s *fsm.SecretIDCreate) { s.CIDRs = cidrs("10.0.0.0/8") }, refuse: fsm.CIDRsOutsideRole},
		{name: "addresses of another family", role: []func(*fsm.ApproleSet){secretCIDRs("0.0.0.0/0")},
			change: func(s *fsm.SecretIDCreate) { s.CIDRs = cidrs("2001:db8::/64") }, refuse: fsm.CIDRsOutsideRole},
		{name: "token addresses beyond the role's", role: []func(*fsm.ApproleSet){roleParams(fsm.TokenParams{BoundCIDRs: cidrs("10.0.0.0/8")}, given)},
			change: func(s *fsm.SecretIDCreate) { s.TokenCIDRs = cidrs("11.0.0.0/8") }, refuse: fsm.CIDRsOutsideRole},
		{name: "a text in use", change: func(s *fsm.SecretIDCreate) { s.Digest = secretID("ar", "web", "s").Digest }, refuse: fsm.SecretIDExists},
		{name: "an accessor in use", change: func(s *fsm.SecretIDCreate) { s.Accessor = fsmtest.Accessor("s") }, refuse: fsm.SecretIDExists},
		{name: "for nobody", change: func(s *fsm.SecretIDCreate) { s.Role = "nobody" }, refuse: fsm.ApproleUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := apps(t, tt.role...)
			c := secretID("ar", "web", "new", tt.change)
			if tt.refuse != 0 {
				l.Refused("root", c, tt.refuse)
				return
			}
			if made := l.Must("root", c).(*fsm.SecretIDCreated); made.Uses != tt.uses || made.TTL != tt.ttl {
				t.Fatalf("made %+v, want %d uses, %s", made, tt.uses, tt.ttl)
			}
		})
	}
}

func TestApproleRules(t *testing.T) {
	l := apps(t)
	l.Refused("root", approle("none", "x"), fsm.NoSuchMount)
	l.Refused("root", approle("ar", "other", func(a *fsm.ApproleSet) { a.RoleID = "id-of-web" }), fsm.RoleIDUsed)
	l.Refused("root", approle("ar", "web", func(a *fsm.ApproleSet) { a.Given = fsm.GivenLocalSecretIDs }), fsm.LocalSecretIDsFixed)
	l.Refused("root", approle("ar", "x", roleParams(fsm.TokenParams{TTL: hour, MaxTTL: min5}, given)), fsm.TTLAboveMax)
	field := &fsm.ApproleSet{Endpoint: fsm.ApproleTokenTTL, Mount: "ar", Name: "nobody", GivenParams: fsm.GivenTokenTTL}
	l.Refused("root", field, fsm.ApproleUnknown)
	field.GivenParams, field.Reset = 0, true
	l.Must("root", field) // there is nothing to reset
	l.Must("root", &fsm.ApproleDelete{Mount: "ar", Name: "nobody"})

	// a partial update leaves the rest alone, the role-id among it
	l.Must("root", approle("ar", "web", secretUses(5), roleParams(fsm.TokenParams{Policies: []string{"dev"}}, fsm.GivenTokenPolicies)))
	l.Must("root", approle("ar", "web", secretTTL(min5), func(a *fsm.ApproleSet) { a.RoleID = "drawn for nothing" }))
	m, _ := l.State().AuthMount("ar")
	r, _ := l.State().Approle(m, "web")
	if r.RoleID != "id-of-web" || r.Rules.NumUses != 5 || r.Rules.TTL != min5 || !r.Rules.Bind || !slices.Equal(r.Params.Policies, []string{"dev"}) {
		t.Fatalf("partial update left %+v", r)
	}
	l.Must("root", enableApprole("second")) // a role-id is one of a kind in its mount only
	l.Must("root", approle("second", "web"))
	l.Must("root", &fsm.ApproleDelete{Mount: "ar", Name: "web"})
	l.Must("root", approle("ar", "heir", func(a *fsm.ApproleSet) { a.RoleID = "id-of-web" }))
	l.Clean(1)
	if names := l.State().ApproleNames(m); !slices.Equal(names, []string{"heir"}) {
		t.Fatalf("roles %q", names)
	}
}

// Each endpoint for one field changes that one, and resets it, under its own
// right.
func TestApproleFieldRights(t *testing.T) {
	l := apps(t)
	l.Must("root", fsmtest.Policy("clerk",
		fsmtest.Allow("auth/ar/role/web/token-ttl", policy.Update|policy.Delete), fsmtest.Allow("auth/ar/role/new", policy.Create),
		fsmtest.Allow("auth/ar/role/web/custom-secret-id", policy.Update), fsmtest.Allow("auth/ar/role/web/secret-id/destroy", policy.Delete)))
	l.Create("root", "clerk", fsmtest.Policies("clerk"), fsmtest.TTL(hour))
	ttl := &fsm.ApproleSet{Endpoint: fsm.ApproleTokenTTL, Mount: "ar", Name: "web", GivenParams: fsm.GivenTokenTTL, Params: fsm.TokenParams{TTL: min5}}
	ttlOf := func() time.Duration {
		m, _ := l.State().AuthMount("ar")
		r, _ := l.State().Approle(m, "web")
		return r.Params.TTL
	}
	l.Must("clerk", ttl)
	if ttlOf() != min5 {
		t.Fatalf("ttl %s", ttlOf())
	}
	l.Must("clerk", &fsm.ApproleSet{Endpoint: fsm.ApproleTokenTTL, Mount: "ar", Name: "web", Reset: true})
	if ttlOf() != 0 {
		t.Fatalf("ttl %s after the reset", ttlOf())
	}
	l.Must("clerk", approle("ar", "new"))
	l.Must("clerk", secretID("ar", "web", "mine", func(s *fsm.SecretIDCreate) { s.Custom = true }))
	l.Must("clerk", &fsm.SecretIDDestroy{Mount: "ar", Role: "web", Digest: secretID("ar", "web", "mine").Digest, Delete: true})
	for name, c := range map[string]fsm.Command{
		"update of a role":           approle("ar", "new"),
		"another field":              &fsm.ApproleSet{Endpoint: fsm.ApprolePeriod, Mount: "ar", Name: "web", Reset: true},
		"deletion":                   &fsm.ApproleDelete{Mount: "ar", Name: "web"},
		"a drawn secret-id":          secretID("ar", "web", "x"),
		"destruction by POST":        &fsm.SecretIDDestroy{Mount: "ar", Role: "web", Digest: fsmtest.Digest("x")},
		"destruction by an accessor": &fsm.SecretIDDestroy{Mount: "ar", Role: "web", Accessor: "x", Delete: true},
	} { // order: each stands alone
		if _, err := l.Do("clerk", c); err == nil || err.Reason != fsm.PermissionDenied {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestApproleRenewal(t *testing.T) {
	params := func(p fsm.TokenParams) *fsm.ApproleSet { return approle("ar", "web", roleParams(p, given)) }
	tests := []struct {
		name      string
		change    fsm.Command
		increment time.Duration
		refuse    fsm.Reason
		want      time.Duration
	}{
		{name: "by the role's ttl", want: 10 * time.Minute},
		{name: "up to the role's max ttl", increment: hour, want: 20 * time.Minute},
		{name: "by the role's present ttl", change: params(fsm.TokenParams{TTL: min5}), want: min5},
		{name: "up to the role's present max ttl", change: params(fsm.TokenParams{TTL: min5, MaxTTL: 12 * time.Minute}), increment: hour, want: 12 * time.Minute},
		{name: "a period given since", change: params(fsm.TokenParams{Period: 15 * time.Minute}), want: 15 * time.Minute},
		{name: "other policies do not matter", change: params(fsm.TokenParams{Policies: []string{"ops"}, TTL: min5}), want: min5},
		{name: "nor that the secret-id is gone", change: &fsm.SecretIDDestroy{Mount: "ar", Role: "web", Accessor: fsmtest.Accessor("s")}, want: 10 * time.Minute},
		{name: "the role is gone", change: &fsm.ApproleDelete{Mount: "ar", Name: "web"}, refuse: fsm.ApproleGone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := apps(t, roleParams(fsm.TokenParams{Policies: []string{"dev"}, TTL: 10 * time.Minute, MaxTTL: 20 * time.Minute}, given))
			l.Must("", appLogin("ar", "web", "s", "app's"))
			if tt.change != nil {
				l.Must("root", tt.change)
			}
			c := fsmtest.Renew("app's", tt.increment)
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

func TestApproleShapes(t *testing.T) {
	login := appLogin("ar", "web", "s", "t")
	login.RoleID = ""
	set := func(change func(*fsm.ApproleSet)) fsm.Command { return approle("ar", "web", change) }
	for name, tt := range map[string]struct {
		c    fsm.Command
		want fsm.Reason
	}{
		"endpoint":                     {set(func(a *fsm.ApproleSet) { a.Endpoint = 99 }), fsm.OutOfRange},
		"a field of another endpoint":  {set(func(a *fsm.ApproleSet) { a.Endpoint, a.Given = fsm.ApproleTokenTTL, fsm.GivenRoleID }), fsm.OutOfRange},
		"a param of another endpoint":  {set(func(a *fsm.ApproleSet) { a.Endpoint, a.GivenParams = fsm.ApproleRoleID, fsm.GivenTokenTTL }), fsm.OutOfRange},
		"reset of a whole role":        {set(func(a *fsm.ApproleSet) { a.Reset = true }), fsm.OutOfRange},
		"reset of a role-id":           {set(func(a *fsm.ApproleSet) { a.Endpoint, a.Reset = fsm.ApproleRoleID, true }), fsm.OutOfRange},
		"no role-id":                   {set(func(a *fsm.ApproleSet) { a.RoleID = "" }), fsm.RoleIDBad},
		"a role-id with blanks":        {set(func(a *fsm.ApproleSet) { a.RoleID = "x " }), fsm.RoleIDBad},
		"a long role-id":               {set(func(a *fsm.ApproleSet) { a.RoleID = long(fsm.MaxRoleIDBytes + 1) }), fsm.RoleIDBad},
		"a long role-id where none is": {set(func(a *fsm.ApproleSet) { a.Endpoint, a.RoleID = fsm.ApproleTokenTTL, long(fsm.MaxRoleIDBytes+1) }), fsm.RoleIDBad},
		"uses":                         {approle("ar", "web", secretUses(fsm.MaxUses+1)), fsm.OutOfRange},
		"ttl":                          {approle("ar", "web", secretTTL(fsm.MaxTTL+1)), fsm.OutOfRange},
		"name":                         {approle("ar", "Web"), fsm.ApproleNameBad},
		"long name":                    {approle("ar", strings.Repeat("n", fsm.MaxUserBytes+1)), fsm.ApproleNameBad},
		"mount":                        {approle("", "web"), fsm.OutOfRange},
		"login without a role-id":      {login, fsm.RoleIDBad},
		"secret-id":                    {secretID("ar", "web", "s", func(s *fsm.SecretIDCreate) { s.Digest = fsm.Digest{} }), fsm.SecretIDMissing},
		"accessor":                     {secretID("ar", "web", "s", func(s *fsm.SecretIDCreate) { s.Accessor = "x" }), fsm.OutOfRange},
		"metadata and the role's name": {secretID("ar", "web", "s", func(s *fsm.SecretIDCreate) { s.Meta = pairs(fsm.MaxMetaPairs, 1) }), fsm.OutOfRange},
		"size of both":                 {secretID("ar", "web", "s", func(s *fsm.SecretIDCreate) { s.Meta = pairs(1, fsm.MaxMetaBytes-3) }), fsm.OutOfRange},
		"order of metadata":            {secretID("ar", "web", "s", func(s *fsm.SecretIDCreate) { s.Meta = []fsm.MetaPair{{Key: "b"}, {Key: "a"}} }), fsm.OutOfRange},
		"destroying nothing":           {&fsm.SecretIDDestroy{Mount: "ar", Role: "web"}, fsm.SecretIDMissing},
		"destroying both":              {&fsm.SecretIDDestroy{Mount: "ar", Role: "web", Accessor: "x", Digest: fsmtest.Digest("x")}, fsm.SecretIDMissing},
	} { // order: each stands alone
		if err, ok := tt.c.Validate().(*fsm.Error); !ok || err.Reason != tt.want {
			t.Errorf("%s: %v, want reason %d", name, err, tt.want)
		}
	}
}

func TestApprolesAreBounded(t *testing.T) {
	l := apps(t)
	full := func(roles, secretIDs, ofRole int) {
		l.Machine.Restore(fsm.FullOfApproles(l.State(), "ar", "web", roles, secretIDs, ofRole), l.State().Index())
	}
	full(fsm.MaxApproles-1, 0, 0)
	l.Must("root", approle("ar", "last"))
	l.Refused("root", approle("ar", "more"), fsm.TooManyApproles)
	l.Must("root", approle("ar", "last", secretUses(1))) // what is there may change
	full(0, fsm.MaxSecretIDs-1, 0)
	l.Must("root", secretID("ar", "web", "last"))
	l.Refused("root", secretID("ar", "web", "more"), fsm.TooManySecretIDs)
	full(0, 0, fsm.MaxSecretIDsRole)
	if err := l.Refused("root", secretID("ar", "web", "more"), fsm.TooManySecretIDsRole); err.Code != fsm.Limit {
		t.Fatalf("code %d", err.Code)
	}
}
