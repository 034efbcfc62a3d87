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

func TestJWTLoginToken(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", enableJWT("corp/ci"))
	l.Must("root", static("corp/ci"))
	l.Must("root", jwtRole("corp/ci", "dev", fsm.TokenParams{
		Policies: []string{"ops", "Dev"}, TTL: min5, NumUses: 3, BoundCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	}, given))
	c := jwtLogin(l, "corp/ci", "dev", "new")
	c.User, c.Meta = "system:serviceaccount:web:ann", []fsm.MetaPair{{Key: "mail", Value: "ann@a.example"}, {Key: "role", Value: "dev"}}
	made := l.Must("", c).(*fsm.TokenCreated)
	k := l.Token("new")
	if k.Path != "auth/corp/ci/login" || k.DisplayName != "corp-ci-system:serviceaccount:web:ann" || !k.Parent.IsZero() || !made.Orphan ||
		!slices.Equal(k.Meta, c.Meta) || !slices.Equal(k.Policies, []string{"default", "dev", "ops"}) || k.TTL != min5 || k.NumUses != 3 {
		t.Fatalf("token %+v", k)
	}
	c = jwtLogin(l, "corp/ci", "dev", "far")
	c.From = netip.MustParseAddr("192.0.2.1")
	l.Refused("", c, fsm.PermissionDenied)
}

// What the node verified has to be what the machine has, and log time decides.
func TestJWTLoginIsCompared(t *testing.T) {
	tests := []struct {
		name   string
		before fsm.Command // applied after the JWT was verified
		change func(*fsm.JWTLogin, fsm.Instant)
		reason fsm.Reason
		code   fsm.Code
	}{
		{name: "nothing moved"},
		{name: "the role moved", before: jwtRole("jwt", "dev", fsm.TokenParams{}, 0), reason: fsm.JWTMoved, code: fsm.Recheck},
		{name: "the keys moved", before: static("jwt"), reason: fsm.JWTMoved, code: fsm.Recheck},
		{name: "another role moved", before: jwtRole("jwt", "ops", fsm.TokenParams{}, 0)},
		{name: "the role went", before: &fsm.JWTRoleDelete{Mount: "jwt", Name: "dev"}, reason: fsm.JWTRoleUnknown, code: fsm.Invalid},
		{name: "the mount went", before: &fsm.AuthDisable{Path: "jwt"}, reason: fsm.NoSuchMount, code: fsm.NotFound},
		{name: "it ends later", change: func(c *fsm.JWTLogin, now fsm.Instant) { c.NotAfter = now + 1 }},
		{name: "it ends now", change: func(c *fsm.JWTLogin, now fsm.Instant) { c.NotAfter = now }, reason: fsm.JWTExpired, code: fsm.Invalid},
		{name: "it begins now", change: func(c *fsm.JWTLogin, now fsm.Instant) { c.NotBefore = now }},
		{name: "it begins later", change: func(c *fsm.JWTLogin, now fsm.Instant) { c.NotBefore = now + 1 }, reason: fsm.JWTNotYet, code: fsm.Invalid},
		{name: "it never ends", change: func(c *fsm.JWTLogin, _ fsm.Instant) { c.NotAfter = fsm.Never }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := issued(t)
			c := jwtLogin(l, "jwt", "dev", "new")
			if tt.before != nil {
				l.Must("root", tt.before)
			}
			if tt.change != nil {
				l.Wait(0)
				tt.change(c, l.At)
			}
			_, err := l.Do("", c)
			if tt.reason == 0 {
				if err != nil || !l.Alive("new") {
					t.Fatal(err)
				}
				return
			}
			if err == nil || err.Reason != tt.reason || err.Code != tt.code || l.Alive("new") {
				t.Fatalf("%v, want reason %d", err, tt.reason)
			}
		})
	}
	l := fsmtest.New(t)
	l.Must("root", enableJWT("jwt"))
	l.Must("root", jwtRole("jwt", "dev", fsm.TokenParams{}, 0))
	l.Refused("", jwtLogin(l, "jwt", "dev", "new"), fsm.JWTUnconfigured)
}

func TestJWTLoginShape(t *testing.T) {
	for name, change := range map[string]func(*fsm.JWTLogin){
		"no user":            func(c *fsm.JWTLogin) { c.User = "" },
		"a user too long":    func(c *fsm.JWTLogin) { c.User = strings.Repeat("u", 253) },
		"no role":            func(c *fsm.JWTLogin) { c.Role = "" },
		"a role in capitals": func(c *fsm.JWTLogin) { c.Role = "Dev" },
		"another role told":  func(c *fsm.JWTLogin) { c.Meta[0].Value = "ops" },
		"no role told":       func(c *fsm.JWTLogin) { c.Meta = nil },
		"too much told": func(c *fsm.JWTLogin) {
			c.Meta = append(c.Meta, fsm.MetaPair{Key: "x", Value: strings.Repeat("v", 4096)})
		},
		"no token":    func(c *fsm.JWTLogin) { c.Token = fsm.Digest{} },
		"no accessor": func(c *fsm.JWTLogin) { c.Accessor = "" },
		"no mount":    func(c *fsm.JWTLogin) { c.Mount = "" },
	} {
		l := issued(t)
		c := jwtLogin(l, "jwt", "dev", "new")
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(c)
		if err := c.Validate(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestJWTRoleRules(t *testing.T) {
	text := func(s string) []fsm.ClaimValue { return []fsm.ClaimValue{{Kind: fsm.ClaimString, Text: s}} }
	number := []fsm.ClaimValue{{Kind: fsm.ClaimNumber, Text: "1"}}
	many := func(n int) []string { return slices.Repeat([]string{"a"}, n) }
	const all = fsm.GivenAudiences | fsm.GivenSubject | fsm.GivenGlobs | fsm.GivenClaims | fsm.GivenMappings | fsm.GivenUserClaim |
		fsm.GivenUserPointer | fsm.GivenGroupsClaim | fsm.GivenExpirationLeeway | fsm.GivenNotBeforeLeeway | fsm.GivenClockSkewLeeway
	tests := []struct {
		name   string
		change func(*fsm.JWTRole)
		refuse fsm.Reason
	}{
		{"as it is", func(*fsm.JWTRole) {}, 0},
		{"bound to a subject", func(r *fsm.JWTRole) { r.Audiences, r.Subject = nil, "me" }, 0},
		{"bound to a claim", func(r *fsm.JWTRole) { r.Audiences, r.Claims = nil, []fsm.BoundClaim{{Name: "a", Values: number}} }, 0},
		{"bound to a network", func(r *fsm.JWTRole) {
			r.Audiences, r.Params.BoundCIDRs = nil, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		}, 0},
		{"bound to nothing", func(r *fsm.JWTRole) { r.Audiences = nil }, fsm.JWTUnbound},
		{"no user claim", func(r *fsm.JWTRole) { r.UserClaim = "" }, fsm.JWTUserClaimMissing},
		{"a blank user claim", func(r *fsm.JWTRole) { r.UserClaim = " " }, fsm.JWTUserClaimMissing},
		{"globs of texts", func(r *fsm.JWTRole) { r.Globs, r.Claims = true, []fsm.BoundClaim{{Name: "a", Values: text("x*")}} }, 0},
		{"globs of numbers", func(r *fsm.JWTRole) { r.Globs, r.Claims = true, []fsm.BoundClaim{{Name: "a", Values: number}} }, fsm.JWTGlobNotText},
		{"a claim without values", func(r *fsm.JWTRole) { r.Claims = []fsm.BoundClaim{{Name: "a", List: true}} }, 0},
		{"a scalar without a value", func(r *fsm.JWTRole) { r.Claims = []fsm.BoundClaim{{Name: "a"}} }, fsm.OutOfRange},
		{"a claim without a name", func(r *fsm.JWTRole) { r.Claims = []fsm.BoundClaim{{Values: number}} }, fsm.OutOfRange},
		{"a claim twice", func(r *fsm.JWTRole) {
			r.Claims = []fsm.BoundClaim{{Name: "a", Values: number}, {Name: "a", Values: number}}
		}, fsm.OutOfRange},
		{"a claim of no type", func(r *fsm.JWTRole) {
			r.Claims = []fsm.BoundClaim{{Name: "a", Values: []fsm.ClaimValue{{Text: "x"}}}}
		}, fsm.OutOfRange},
		{"a long value", func(r *fsm.JWTRole) {
			r.Claims = []fsm.BoundClaim{{Name: "a", Values: text(strings.Repeat("x", 513))}}
		}, fsm.OutOfRange},
		{"a long subject", func(r *fsm.JWTRole) { r.Subject = strings.Repeat("x", 513) }, fsm.OutOfRange},
		{"many audiences", func(r *fsm.JWTRole) { r.Audiences = many(65) }, fsm.OutOfRange},
		{"a large role", func(r *fsm.JWTRole) { r.Audiences = slices.Repeat([]string{strings.Repeat("x", 512)}, 64) }, fsm.RoleTooLarge},
		{"a mapping", func(r *fsm.JWTRole) { r.Mappings = []fsm.MetaPair{{Key: "a", Value: "b"}} }, 0},
		{"a mapping to the role", func(r *fsm.JWTRole) { r.Mappings = []fsm.MetaPair{{Key: "a", Value: "role"}} }, fsm.JWTMappingReserved},
		{"a mapping to nothing", func(r *fsm.JWTRole) { r.Mappings = []fsm.MetaPair{{Key: "a"}} }, fsm.JWTMappingReserved},
		{"two mappings to one", func(r *fsm.JWTRole) {
			r.Mappings = []fsm.MetaPair{{Key: "a", Value: "b"}, {Key: "c", Value: "b"}}
		}, fsm.JWTMappingTwice},
		{"a leeway beyond bounds", func(r *fsm.JWTRole) { r.ClockSkewLeeway = fsm.MaxTTL + 1 }, fsm.OutOfRange},
		{"no leeway", func(r *fsm.JWTRole) { r.ClockSkewLeeway = -time.Hour }, 0},
		{"a ttl above its max", func(r *fsm.JWTRole) { r.Params.TTL, r.Params.MaxTTL = hour, min5 }, fsm.TTLAboveMax},
		{"a long user claim", func(r *fsm.JWTRole) { r.UserClaim = strings.Repeat("x", 257) }, fsm.OutOfRange},
		{"capitals", func(r *fsm.JWTRole) { r.Name = "Dev" }, fsm.RoleNameBad},
		{"a name with a slash", func(r *fsm.JWTRole) { r.Name = "a/b" }, fsm.RoleNameBad},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := issued(t)
			c := jwtRole("jwt", "new", fsm.TokenParams{}, given)
			c.Given = all
			tt.change(&c.Role)
			var err error = c.Validate()
			if err == nil {
				if _, no := l.Do("root", c); no != nil {
					err = no
				}
			}
			if no, _ := err.(*fsm.Error); (err != nil) != (tt.refuse != 0) || no != nil && no.Reason != tt.refuse {
				t.Fatalf("%v, want reason %d", err, tt.refuse)
			}
			m, _ := l.State().AuthMount("jwt")
			if _, there := l.State().JWTRole(m, "new"); there != (tt.refuse == 0) {
				t.Fatal("a refusal left a role, or nothing was stored")
			}
		})
	}
}

// What a request does not name stays, whatever stands in the command.
func TestJWTRolePartialUpdate(t *testing.T) {
	l := issued(t)
	l.Must("root", &fsm.JWTRoleSet{Mount: "jwt", Role: fsm.JWTRole{Name: "dev", Subject: "x", UserClaim: "y", ClockSkewLeeway: -time.Hour}, Given: fsm.GivenClockSkewLeeway})
	m, _ := l.State().AuthMount("jwt")
	r, _ := l.State().JWTRole(m, "dev")
	if r.Subject != "" || r.UserClaim != "sub" || r.ClockSkewLeeway != -time.Second || !slices.Equal(r.Params.Policies, []string{"dev"}) {
		t.Fatalf("left %+v", r)
	}
	if names := l.State().JWTRoleNames(m); !slices.Equal(names, []string{"dev"}) {
		t.Fatalf("roles %q", names)
	}
}

func TestJWTConfigRules(t *testing.T) {
	endpoint := fsm.JWTEndpoint{URL: "https://a.example"}
	for name, tt := range map[string]struct {
		config fsm.JWTConfig
		refuse fsm.Reason
	}{
		"nothing":             {fsm.JWTConfig{}, fsm.JWTSourceBad},
		"keys":                {fsm.JWTConfig{Source: fsm.JWTStatic, Keys: []string{"k"}}, 0},
		"an address":          {fsm.JWTConfig{Source: fsm.JWTURL, Endpoints: []fsm.JWTEndpoint{endpoint}}, 0},
		"pairs":               {fsm.JWTConfig{Source: fsm.JWTPairs, Endpoints: []fsm.JWTEndpoint{endpoint, endpoint}}, 0},
		"a discovery":         {fsm.JWTConfig{Source: fsm.JWTDiscovery, Endpoints: []fsm.JWTEndpoint{endpoint}}, 0},
		"two discoveries":     {fsm.JWTConfig{Source: fsm.JWTDiscovery, Endpoints: []fsm.JWTEndpoint{endpoint, endpoint}}, fsm.JWTSourceBad},
		"keys and an address": {fsm.JWTConfig{Source: fsm.JWTStatic, Keys: []string{"k"}, Endpoints: []fsm.JWTEndpoint{endpoint}}, fsm.JWTSourceBad},
		"an address and keys": {fsm.JWTConfig{Source: fsm.JWTURL, Keys: []string{"k"}, Endpoints: []fsm.JWTEndpoint{endpoint}}, fsm.JWTSourceBad},
		"an unknown source":   {fsm.JWTConfig{Source: 9, Endpoints: []fsm.JWTEndpoint{endpoint}}, fsm.JWTSourceBad},
		"no algorithm":        {fsm.JWTConfig{Source: fsm.JWTStatic, Keys: []string{"k"}, Algs: []string{"none"}}, fsm.JWTAlgBad},
		"a shared secret":     {fsm.JWTConfig{Source: fsm.JWTStatic, Keys: []string{"k"}, Algs: []string{"RS256", "HS256"}}, fsm.JWTAlgBad},
		"too many keys":       {fsm.JWTConfig{Source: fsm.JWTStatic, Keys: slices.Repeat([]string{"k"}, 33)}, fsm.OutOfRange},
		"large keys":          {fsm.JWTConfig{Source: fsm.JWTStatic, Keys: slices.Repeat([]string{strings.Repeat("k", 4096)}, 17)}, fsm.OutOfRange},
		"too many addresses":  {fsm.JWTConfig{Source: fsm.JWTPairs, Endpoints: slices.Repeat([]fsm.JWTEndpoint{endpoint}, 9)}, fsm.OutOfRange},
		"a long address":      {fsm.JWTConfig{Source: fsm.JWTURL, Endpoints: []fsm.JWTEndpoint{{URL: strings.Repeat("u", 1025)}}}, fsm.OutOfRange},
		"no address":          {fsm.JWTConfig{Source: fsm.JWTURL, Endpoints: []fsm.JWTEndpoint{{}}}, fsm.OutOfRange},
		"a role that is none": {fsm.JWTConfig{Source: fsm.JWTStatic, Keys: []string{"k"}, DefaultRole: "a/b"}, fsm.RoleNameBad},
	} {
		err := (&fsm.JWTConfigSet{Mount: "jwt", Config: tt.config}).Validate()
		if no, _ := err.(*fsm.Error); (err != nil) != (tt.refuse != 0) || no != nil && no.Reason != tt.refuse {
			t.Errorf("%s: %v, want reason %d", name, err, tt.refuse)
		}
	}
	l := people(t)
	l.Refused("root", static("up"), fsm.NoSuchMount)
	l.Refused("root", jwtRole("up", "x", fsm.TokenParams{}, 0), fsm.NoSuchMount)
	l.Refused("root", &fsm.JWTRoleDelete{Mount: "none", Name: "x"}, fsm.NoSuchMount)
	l.Refused("", jwtLogin(l, "up", "x", "new"), fsm.NoSuchMount)
}

func TestJWTRights(t *testing.T) {
	l := issued(t)
	l.Must("root", fsmtest.Policy("clerk", fsmtest.Allow("auth/jwt/role/new", policy.Create), fsmtest.Allow("auth/jwt/config", policy.Update)))
	l.Create("root", "clerk", fsmtest.Policies("clerk"), fsmtest.TTL(hour))
	l.Must("clerk", static("jwt"))
	l.Must("clerk", jwtRole("jwt", "new", fsm.TokenParams{}, 0))
	l.Refused("clerk", jwtRole("jwt", "new", fsm.TokenParams{}, 0), fsm.PermissionDenied) // an update by now
	l.Refused("clerk", jwtRole("jwt", "dev", fsm.TokenParams{}, 0), fsm.PermissionDenied)
	l.Refused("clerk", &fsm.JWTRoleDelete{Mount: "jwt", Name: "new"}, fsm.PermissionDenied)
}

func TestJWTRenewal(t *testing.T) {
	tests := []struct {
		name   string
		change fsm.Command
		refuse fsm.Reason
		want   time.Duration
	}{
		{name: "by the role's ttl", want: 10 * time.Minute},
		{name: "by the role's present ttl", change: jwtRole("jwt", "bob", fsm.TokenParams{TTL: min5}, fsm.GivenTokenTTL), want: min5},
		{name: "by the role's present max ttl", change: jwtRole("jwt", "bob", fsm.TokenParams{MaxTTL: min5, TTL: min5}, fsm.GivenTokenTTL|fsm.GivenTokenMaxTTL), want: min5},
		{name: "other policies of the role", change: jwtRole("jwt", "bob", fsm.TokenParams{Policies: []string{"x"}}, fsm.GivenTokenPolicies), want: 10 * time.Minute},
		{name: "other keys", change: static("jwt"), want: 10 * time.Minute},
		{name: "the role is gone", change: &fsm.JWTRoleDelete{Mount: "jwt", Name: "bob"}, refuse: fsm.JWTRoleGone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := issued(t)
			l.Must("root", jwtRole("jwt", "bob", fsm.TokenParams{TTL: 10 * time.Minute, MaxTTL: 20 * time.Minute}, given))
			l.Must("", jwtLogin(l, "jwt", "bob", "his"))
			if tt.change != nil {
				l.Must("root", tt.change)
			}
			if tt.refuse != 0 {
				l.Refused("root", fsmtest.Renew("his", 0), tt.refuse)
				return
			}
			if got := l.Must("root", fsmtest.Renew("his", 0)).(*fsm.TokenRenewed).TTL; got != tt.want {
				t.Fatalf("renewed for %s, want %s", got, tt.want)
			}
		})
	}
}
