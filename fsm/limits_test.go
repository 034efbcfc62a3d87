package fsm_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

func long(n int) string { return strings.Repeat("x", n) }

func names(n, bytes int) (s []string) {
	for i := range n {
		s = append(s, fmt.Sprintf("%0*d", bytes, i))
	}
	return s
}

func pairs(n, bytes int) (m []fsm.MetaPair) {
	for i := range n {
		m = append(m, fsm.MetaPair{Key: fmt.Sprintf("%03d", i), Value: long(bytes)})
	}
	return m
}

func create(change func(*fsm.TokenCreate)) *fsm.TokenCreate { return fsmtest.Create("t", change) }

// TestBounds has each bound of a command at its limit, where the command has to
// be valid and to fit into an entry, and past it, where Validate has to say so:
// what passes Validate must never fail to encode.
func TestBounds(t *testing.T) {
	web := fsmtest.Policy("web", fsmtest.Allow("web/*", policy.Read))
	named := func(name string) *fsm.PolicySet { p := *web; p.Name = name; return &p }
	text := func(n int) *fsm.PolicySet { p := *web; p.Raw = long(n); return &p }
	salt := func(n int) *fsm.Bootstrap { b := fsmtest.Bootstrap(); b.Salt.Box = make([]byte, n); return b }
	keys := func(p fsm.KeyPurpose) *fsm.Bootstrap { b := fsmtest.Bootstrap(); b.Keys[1].Purpose = p; return b }
	role := func(r fsm.Role) *fsm.RoleSet { return &fsm.RoleSet{Role: r, Given: allRoleFields} }
	var ranges []netip.Prefix
	for i := range fsm.MaxBoundCIDRs + 1 {
		ranges = append(ranges, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 0}), 16))
	}
	tests := []struct {
		bound    string
		at, past fsm.Command
		want     fsm.Reason
	}{
		{"policies of a token", create(func(c *fsm.TokenCreate) { c.Policies = names(fsm.MaxPolicies, fsm.MaxNameBytes) }),
			create(func(c *fsm.TokenCreate) { c.Policies = names(fsm.MaxPolicies+1, 1) }), fsm.OutOfRange},
		{"policy name of a token", create(func(c *fsm.TokenCreate) { c.Policies = names(1, fsm.MaxNameBytes) }),
			create(func(c *fsm.TokenCreate) { c.Policies = names(1, fsm.MaxNameBytes+1) }), fsm.OutOfRange},
		{"display name", create(func(c *fsm.TokenCreate) { c.DisplayName = long(fsm.MaxDisplayNameBytes) }),
			create(func(c *fsm.TokenCreate) { c.DisplayName = long(fsm.MaxDisplayNameBytes + 1) }), fsm.OutOfRange},
		{"metadata", create(func(c *fsm.TokenCreate) { c.Meta = pairs(1, fsm.MaxMetaBytes-3) }),
			create(func(c *fsm.TokenCreate) { c.Meta = pairs(1, fsm.MaxMetaBytes-2) }), fsm.OutOfRange},
		{"metadata pairs", create(func(c *fsm.TokenCreate) { c.Meta = pairs(fsm.MaxMetaPairs, 1) }),
			create(func(c *fsm.TokenCreate) { c.Meta = pairs(fsm.MaxMetaPairs+1, 1) }), fsm.OutOfRange},
		{"metadata order", create(func(c *fsm.TokenCreate) { c.Meta = pairs(2, 1) }),
			create(func(c *fsm.TokenCreate) { c.Meta = []fsm.MetaPair{{Key: "b"}, {Key: "a"}} }), fsm.OutOfRange},
		{"metadata twice", create(func(c *fsm.TokenCreate) { c.Meta = pairs(2, 1) }),
			create(func(c *fsm.TokenCreate) { c.Meta = []fsm.MetaPair{{Key: "a"}, {Key: "a"}} }), fsm.OutOfRange},
		{"uses", create(func(c *fsm.TokenCreate) { c.NumUses = fsm.MaxUses }),
			create(func(c *fsm.TokenCreate) { c.NumUses = fsm.MaxUses + 1 }), fsm.OutOfRange},
		{"ttl", create(func(c *fsm.TokenCreate) { c.TTL = fsm.MaxTTL }),
			create(func(c *fsm.TokenCreate) { c.TTL = fsm.MaxTTL + 1 }), fsm.OutOfRange},
		{"explicit max ttl", create(func(c *fsm.TokenCreate) { c.ExplicitMaxTTL = time.Second }),
			create(func(c *fsm.TokenCreate) { c.ExplicitMaxTTL = time.Second - 1 }), fsm.OutOfRange},
		{"period", create(func(c *fsm.TokenCreate) { c.Period = fsm.MaxTTL }),
			create(func(c *fsm.TokenCreate) { c.Period = fsm.MaxTTL + 1 }), fsm.OutOfRange},
		{"accessor", create(func(*fsm.TokenCreate) {}), create(func(c *fsm.TokenCreate) { c.Accessor = "short" }), fsm.OutOfRange},
		{"token", create(func(*fsm.TokenCreate) {}), create(func(c *fsm.TokenCreate) { c.Token = fsm.Digest{} }), fsm.MissingToken},
		{"role of a token", create(fsmtest.ByRole(long(fsm.MaxNameBytes))), create(fsmtest.ByRole(long(fsm.MaxNameBytes + 1))), fsm.OutOfRange},
		{"role without its endpoint", create(fsmtest.ByRole("r")), create(func(c *fsm.TokenCreate) { c.Role = "r" }), fsm.OutOfRange},
		{"endpoint", create(orphan), create(func(c *fsm.TokenCreate) { c.Endpoint = 9 }), fsm.OutOfRange},
		{"type", create(func(c *fsm.TokenCreate) { c.Type = fsm.TypeService }), create(func(c *fsm.TokenCreate) { c.Type = fsm.TypeDefaultService }), fsm.BadTokenType},
		{"entity alias", create(func(c *fsm.TokenCreate) { c.EntityAlias = long(fsm.MaxNameBytes) }),
			create(func(c *fsm.TokenCreate) { c.EntityAlias = long(fsm.MaxNameBytes + 1) }), fsm.OutOfRange},
		{"increment", fsmtest.Renew("t", fsm.MaxTTL), fsmtest.Renew("t", fsm.MaxTTL+1), fsm.OutOfRange},
		{"accessor of a target", &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByAccessor, Accessor: long(fsm.MaxTokenIDBytes)}},
			&fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByAccessor, Accessor: long(fsm.MaxTokenIDBytes + 1)}}, fsm.OutOfRange},
		{"target", &fsm.TokenRevoke{}, &fsm.TokenRevoke{Target: fsm.Target{By: 9}}, fsm.OutOfRange},
		{"path of a read", &fsm.TokenUse{Path: long(fsm.MaxPathBytes)}, &fsm.TokenUse{Path: long(fsm.MaxPathBytes + 1)}, fsm.OutOfRange},
		{"prefix", &fsm.PrefixRevoke{Prefix: long(fsm.MaxPathBytes)}, &fsm.PrefixRevoke{Prefix: long(fsm.MaxPathBytes + 1)}, fsm.OutOfRange},
		{"lease", &fsm.LeaseRevoke{Lease: long(fsm.MaxLeaseBytes)}, &fsm.LeaseRevoke{Lease: long(fsm.MaxLeaseBytes + 1)}, fsm.OutOfRange},
		{"no lease", &fsm.LeaseRevoke{Lease: "x"}, &fsm.LeaseRevoke{}, fsm.MissingLease},
		{"role name", &fsm.RoleDelete{Name: long(fsm.MaxNameBytes)}, &fsm.RoleDelete{Name: long(fsm.MaxNameBytes + 1)}, fsm.OutOfRange},
		{"size of a role", role(fsm.Role{Name: "r", AllowedPolicies: names(250, 256), TokenType: fsm.TypeService}),
			role(fsm.Role{Name: "r", AllowedPolicies: names(256, 256)}), fsm.RoleTooLarge},
		{"ranges of a role", role(fsm.Role{Name: "r", BoundCIDRs: ranges[1:]}), role(fsm.Role{Name: "r", BoundCIDRs: ranges}), fsm.OutOfRange},
		{"policy name", named(long(fsm.MaxNameBytes)), named(long(fsm.MaxNameBytes + 1)), fsm.PolicyNameBad},
		{"policy name in lower case", named("web"), named("Web"), fsm.PolicyNameBad},
		{"policy text", text(policy.MaxTextBytes), text(policy.MaxTextBytes + 1), fsm.TooLong},
		{"policy form", web, &fsm.PolicySet{Name: "x", Parsed: []byte{9}}, fsm.OutOfRange},
		{"policy to delete", &fsm.PolicyDelete{Name: long(fsm.MaxNameBytes)}, &fsm.PolicyDelete{Name: long(fsm.MaxNameBytes + 1)}, fsm.OutOfRange},
		{"cubbyhole path", &fsm.CubbyholeSet{Path: long(fsm.MaxPathBytes - 10)}, &fsm.CubbyholeSet{Path: long(fsm.MaxPathBytes)}, fsm.TooLong},
		{"cubbyhole folder", &fsm.CubbyholeSet{Path: "a"}, &fsm.CubbyholeSet{Path: "a/"}, fsm.OutOfRange},
		{"cubbyhole value", &fsm.CubbyholeSet{Path: "a", Value: make([]byte, fsm.MaxCubbyholeValueBytes)},
			&fsm.CubbyholeSet{Path: "a", Value: make([]byte, fsm.MaxCubbyholeValueBytes+1)}, fsm.TooLong},
		{"cubbyhole path to delete", &fsm.CubbyholeDelete{Path: long(fsm.MaxPathBytes)}, &fsm.CubbyholeDelete{Path: long(fsm.MaxPathBytes + 1)}, fsm.OutOfRange},
		{"sweep", &fsm.Sweep{Limit: fsm.MaxSweepRecords}, &fsm.Sweep{Limit: fsm.MaxSweepRecords + 1}, fsm.OutOfRange},
		{"empty sweep", &fsm.Sweep{Limit: 1}, &fsm.Sweep{}, fsm.OutOfRange},
		{"expire", &fsm.Expire{Limit: 1}, &fsm.Expire{}, fsm.OutOfRange},
		{"session", &fsm.SessionOpen{Session: 1}, &fsm.SessionOpen{}, fsm.OutOfRange},
		{"salt", salt(4096), salt(4097), fsm.OutOfRange},
		{"first keys", keys(fsm.KeyBatch), keys(fsm.KeyWaypoint), fsm.OutOfRange},
	}
	for _, tt := range tests {
		t.Run(tt.bound, func(t *testing.T) {
			if err := tt.at.Validate(); err != nil {
				t.Fatalf("at the bound: %v", err)
			}
			if n := len(sample(tt.at).Encode()); n > fsm.MaxCommandBytes {
				t.Fatalf("at the bound the command has %d bytes", n)
			}
			err, ok := tt.past.Validate().(*fsm.Error)
			if !ok || err.Reason != tt.want {
				t.Fatalf("past the bound: %v, want reason %d", err, tt.want)
			}
		})
	}
}

func TestLargestTokenIsWritable(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: long(fsm.MaxNameBytes), PathSuffix: long(fsm.MaxSuffixBytes)}, Given: fsm.GivenPathSuffix})
	l.Create("root", "t", fsmtest.ByRole(long(fsm.MaxNameBytes)), func(c *fsm.TokenCreate) {
		c.Policies, c.Meta = names(fsm.MaxPolicies, fsm.MaxNameBytes), pairs(1, fsm.MaxMetaBytes-3)
		c.DisplayName, c.NumUses = long(fsm.MaxDisplayNameBytes), fsm.MaxUses
	})
	if got := len(l.Token("t").Policies); got != fsm.MaxPolicies+1 {
		t.Fatalf("%d policies", got)
	}
	l.Must("root", fsmtest.Renew("t", hour)) // its reply holds the whole token
	stateBytes(t, l.State())
}

func TestCubbyholeIsBounded(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "t", fsmtest.Policies("default"))
	for i := range fsm.MaxCubbyholeEntries {
		l.Must("t", &fsm.CubbyholeSet{Path: fmt.Sprint(i), Value: []byte("x")})
	}
	l.Refused("t", &fsm.CubbyholeSet{Path: "more"}, fsm.CubbyholeFull)
	l.Must("t", &fsm.CubbyholeSet{Path: "0", Value: []byte("y")})
	l.Must("t", &fsm.CubbyholeDelete{Path: "1"})
	l.Must("t", &fsm.CubbyholeDelete{Path: "1"})
	l.Must("t", &fsm.CubbyholeSet{Path: "more"})
	if v, ok := l.State().CubbyholeValue(fsmtest.Digest("t"), "0"); !ok || string(v) != "y" {
		t.Fatalf("value %q", v)
	}
}

func TestPoliciesThatMustStay(t *testing.T) {
	l := fsmtest.New(t)
	for _, name := range []string{"root", "response-wrapping"} {
		l.Refused("root", fsmtest.Policy(name), fsm.PolicyImmutable)
		l.Refused("root", &fsm.PolicyDelete{Name: name}, fsm.PolicyUndeletable)
	}
	l.Refused("root", &fsm.PolicyDelete{Name: "default"}, fsm.PolicyUndeletable)
	l.Must("root", fsmtest.Policy("default", fsmtest.Allow("a", policy.Read)))
	l.Must("root", &fsm.PolicyDelete{Name: "nobody"})
	if names := l.State().PolicyNames(); len(names) != 1 || names[0] != "default" {
		t.Fatalf("policies %q", names)
	}
}

func TestEveryReasonHasItsWords(t *testing.T) {
	for r, text := range fsm.ReasonTexts() { // order: each stands alone
		err := &fsm.Error{Code: fsm.Invalid, Reason: r, Args: []string{"A", "B", "C"}}
		if text == "" || strings.Contains(err.Error(), "{}") || strings.HasSuffix(text, ".") {
			t.Errorf("reason %d says %q", r, err.Error())
		}
	}
	if got := (&fsm.Error{Reason: 65535, Args: []string{"x"}}).Error(); got != "reason 65535 (x)" {
		t.Errorf("a reason of a newer release says %q", got)
	}
}
