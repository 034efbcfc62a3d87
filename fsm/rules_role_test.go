package fsm_test

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

const allRoleFields = fsm.GivenAllowedPolicies | fsm.GivenDisallowedPolicies | fsm.GivenAllowedPoliciesGlob |
	fsm.GivenDisallowedPoliciesGlob | fsm.GivenAllowedEntityAliases | fsm.GivenOrphan | fsm.GivenRenewable |
	fsm.GivenPathSuffix | fsm.GivenPeriod | fsm.GivenExplicitMaxTTL | fsm.GivenBoundCIDRs | fsm.GivenTokenType |
	fsm.GivenNoDefaultPolicy | fsm.GivenNumUses

func TestRoleFields(t *testing.T) {
	l := fsmtest.New(t)
	role := func() fsm.Role {
		r, ok := l.State().Role("r")
		if !ok {
			t.Fatal("no role")
		}
		got := *r
		got.Version = 0
		return got
	}
	want := fsm.Role{Name: "r", Renewable: true, TokenType: fsm.TypeDefaultService}
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", Orphan: true, Period: hour}})
	if got := role(); !reflect.DeepEqual(got, want) {
		t.Fatalf("defaults: %+v, want %+v", got, want)
	}
	full := fsm.Role{
		Name: "r", AllowedPolicies: []string{"B", "a", "a"}, DisallowedPolicies: []string{"X", "root"},
		AllowedPoliciesGlob: []string{"dev-*"}, DisallowedPoliciesGlob: []string{"prod-*"}, AllowedEntityAliases: []string{"EA*"},
		Orphan: true, PathSuffix: "sfx", Period: 90*time.Second + 1, ExplicitMaxTTL: hour,
		BoundCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, TokenType: fsm.TypeService,
		NoDefaultPolicy: true, NumUses: 4, Deprecated: fsm.GivenPeriod,
	}
	l.Must("root", &fsm.RoleSet{Role: full, Given: allRoleFields})
	want = full
	want.AllowedPolicies, want.DisallowedPolicies, want.AllowedEntityAliases = []string{"a", "b"}, []string{"root", "x"}, []string{"ea*"}
	want.Period = 90 * time.Second
	if got := role(); !reflect.DeepEqual(got, want) {
		t.Fatalf("all given: %+v\nwant %+v", got, want)
	}
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", Period: hour, NumUses: 9}, Given: fsm.GivenPeriod | fsm.GivenAllowedPolicies})
	want.Period, want.AllowedPolicies, want.Deprecated = hour, nil, 0
	if got := role(); !reflect.DeepEqual(got, want) {
		t.Fatalf("two given: %+v\nwant %+v", got, want)
	}
	if names := l.State().RoleNames(); len(names) != 1 {
		t.Fatalf("names %q", names)
	}
	l.Must("root", &fsm.RoleDelete{Name: "r"})
	l.Must("root", &fsm.RoleDelete{Name: "r"})
	if _, ok := l.State().Role("r"); ok {
		t.Fatal("deleted role is there")
	}
}

func TestRoleRefused(t *testing.T) {
	many := make([]string, fsm.MaxRoleGlobs)
	for i := range many {
		many[i] = fmt.Sprintf("%0256d", i)
	}
	tests := []struct {
		name string
		role fsm.Role
		want fsm.Reason
	}{
		{"no name", fsm.Role{}, fsm.RoleNameBad},
		{"name with a slash", fsm.Role{Name: "a/b"}, fsm.RoleNameBad},
		{"name with a leading dot", fsm.Role{Name: ".a"}, fsm.RoleNameBad},
		{"name with a space", fsm.Role{Name: "a b"}, fsm.RoleNameBad},
		{"name too long", fsm.Role{Name: strings.Repeat("a", 257)}, fsm.OutOfRange},
		{"suffix with two dots", fsm.Role{Name: "r", PathSuffix: "a..b"}, fsm.PathSuffixBad},
		{"suffix with a slash", fsm.Role{Name: "r", PathSuffix: "a/b"}, fsm.PathSuffixBad},
		{"suffix too long", fsm.Role{Name: "r", PathSuffix: strings.Repeat("a", 129)}, fsm.OutOfRange},
		{"negative period", fsm.Role{Name: "r", Period: -1}, fsm.OutOfRange},
		{"period of less than a second", fsm.Role{Name: "r", Period: 1}, fsm.OutOfRange},
		{"negative explicit max", fsm.Role{Name: "r", ExplicitMaxTTL: -hour}, fsm.OutOfRange},
		{"too many uses", fsm.Role{Name: "r", NumUses: fsm.MaxUses + 1}, fsm.OutOfRange},
		{"unmasked range", fsm.Role{Name: "r", BoundCIDRs: []netip.Prefix{netip.MustParsePrefix("10.1.2.3/8")}}, fsm.OutOfRange},
		{"IPv4 in IPv6", fsm.Role{Name: "r", BoundCIDRs: []netip.Prefix{netip.MustParsePrefix("::ffff:10.0.0.0/104")}}, fsm.OutOfRange},
		{"no range", fsm.Role{Name: "r", BoundCIDRs: []netip.Prefix{{}}}, fsm.OutOfRange},
		{"too many names", fsm.Role{Name: "r", AllowedPolicies: make([]string, 257)}, fsm.OutOfRange},
		{"too long a name", fsm.Role{Name: "r", AllowedPolicies: []string{strings.Repeat("a", 257)}}, fsm.OutOfRange},
		{"too large as a whole", fsm.Role{Name: "r", AllowedPolicies: many}, fsm.RoleTooLarge},
		{"batch and not orphan", fsm.Role{Name: "r", TokenType: fsm.TypeBatch}, fsm.BatchRole},
		{"batch and periodic", fsm.Role{Name: "r", TokenType: fsm.TypeBatch, Orphan: true, Period: hour}, fsm.BatchRole},
		{"batch and renewable", fsm.Role{Name: "r", TokenType: fsm.TypeBatch, Orphan: true, Renewable: true}, fsm.BatchRole},
		{"batch and explicit max", fsm.Role{Name: "r", TokenType: fsm.TypeBatch, Orphan: true, ExplicitMaxTTL: hour}, fsm.BatchRole},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := fsmtest.New(t)
			c := &fsm.RoleSet{Role: tt.role, Given: allRoleFields}
			err, _ := c.Validate().(*fsm.Error)
			if err == nil { // what passes alone is refused by the machine
				err = l.Refused("root", c, tt.want)
			}
			if err.Reason != tt.want || err.Code != fsm.Invalid {
				t.Fatalf("%v (code %d, reason %d), want reason %d", err, err.Code, err.Reason, tt.want)
			}
			if names := l.State().RoleNames(); len(names) > 0 {
				t.Fatalf("stored %q", names)
			}
		})
	}
}

func TestRoleAddsUpTooLarge(t *testing.T) {
	l := fsmtest.New(t)
	half := make([]string, 140)
	for i := range half {
		half[i] = fmt.Sprintf("%0250d", i)
	}
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", AllowedPolicies: half}, Given: fsm.GivenAllowedPolicies})
	l.Refused("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", DisallowedPolicies: half}, Given: fsm.GivenDisallowedPolicies}, fsm.RoleTooLarge)
}

func TestRoleWarnsOfExplicitMax(t *testing.T) {
	l := fsmtest.New(t)
	stored := l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", ExplicitMaxTTL: 1000 * hour}, Given: fsm.GivenExplicitMaxTTL})
	wantWarning(t, stored.(*fsm.RoleStored).Warnings, fsm.ExplicitMaxTooLong)
	if made := l.Create("root", "t", fsmtest.ByRole("r"), fsmtest.Policies("default")); made.TTL != fsm.MaxLeaseTTL {
		t.Fatalf("ttl %s", made.TTL)
	}
}

func TestRoleRights(t *testing.T) {
	l := makers(t)
	l.Must("root", fsmtest.Policy("new", fsmtest.Allow("auth/token/roles/*", policy.Create)))
	l.Create("root", "t", fsmtest.Policies("new"))
	l.Must("t", &fsm.RoleSet{Role: fsm.Role{Name: "r"}})
	l.Refused("t", &fsm.RoleSet{Role: fsm.Role{Name: "r"}}, fsm.PermissionDenied) // an update now
	l.Refused("t", &fsm.RoleDelete{Name: "r"}, fsm.PermissionDenied)
	l.Refused("root", fsmtest.Create("x", fsmtest.ByRole("none")), fsm.RoleUnknown)
	l.Refused("plain", &fsm.RoleSet{Role: fsm.Role{Name: "q"}}, fsm.PermissionDenied)
}

func TestRoleRenewable(t *testing.T) {
	l := makers(t)
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", Renewable: false}, Given: fsm.GivenRenewable})
	if made := l.Create("root", "t", fsmtest.ByRole("r"), fsmtest.Policies("default")); made.Renewable {
		t.Fatal("renewable by a role that says not")
	}
}

func TestEntityAlias(t *testing.T) {
	l := makers(t)
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", AllowedEntityAliases: []string{"ea*"}}, Given: fsm.GivenAllowedEntityAliases})
	alias := func(a string) func(*fsm.TokenCreate) { return func(c *fsm.TokenCreate) { c.EntityAlias = a } }
	l.Refused("root", fsmtest.Create("t", alias("ea1")), fsm.AliasNeedsRole)
	l.Refused("root", fsmtest.Create("t", fsmtest.ByRole("r"), alias("other")), fsm.AliasNotAllowed)
	l.Refused("root", fsmtest.Create("t", fsmtest.ByRole("r"), alias("EA1")), fsm.AliasUnknown)
}
