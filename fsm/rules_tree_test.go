package fsm_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

func orphan(c *fsm.TokenCreate)   { c.Endpoint = fsm.CreateOrphan }
func noParent(c *fsm.TokenCreate) { c.NoParent = true }

// alive fails the test unless exactly these of the lab's tokens live.
func alive(t *testing.T, l *fsmtest.Lab, want string, names ...string) {
	t.Helper()
	var got string
	for _, n := range names {
		if l.Alive(n) {
			got += n
		}
	}
	if got != want {
		t.Fatalf("alive: %q, want %q", got, want)
	}
	if err := fsm.CheckInvariants(l.State()); err != nil {
		t.Fatal(err)
	}
}

func TestParentage(t *testing.T) {
	l := makers(t)
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "lone", Orphan: true}, Given: fsm.GivenOrphan})
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "kin"}})
	tests := []struct {
		name   string
		by     string
		change func(*fsm.TokenCreate)
		orphan bool
		refuse fsm.Reason
	}{
		{"1.9.21 a child", "plain", nil, false, 0},
		{"1.9.21 create-orphan needs only the path", "plain", orphan, true, 0},
		{"1.9.21 no_parent needs sudo", "plain", noParent, false, fsm.SudoRequired},
		{"1.9.21 no_parent with sudo", "sudo", noParent, true, 0},
		{"1.9.21 by an orphan role", "plain", fsmtest.ByRole("lone"), true, 0},
		{"1.9.21 by another role", "plain", fsmtest.ByRole("kin"), false, 0},
		{"with a role no_parent means nothing", "plain", func(c *fsm.TokenCreate) { c.Endpoint, c.Role, c.NoParent = fsm.CreateByRole, "kin", true }, false, 0},
		{"create-orphan with no_parent needs sudo all the same", "plain", func(c *fsm.TokenCreate) { c.Endpoint, c.NoParent = fsm.CreateOrphan, true }, false, fsm.SudoRequired},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := fmt.Sprint("t", i)
			c := fsmtest.Create(name)
			if tt.change != nil {
				tt.change(c)
			}
			if tt.refuse != 0 {
				l.Refused(tt.by, c, tt.refuse)
				return
			}
			made := l.Must(tt.by, c).(*fsm.TokenCreated)
			if made.Orphan != tt.orphan || l.Token(name).Parent.IsZero() != tt.orphan {
				t.Fatalf("orphan %v, want %v", made.Orphan, tt.orphan)
			}
		})
	}
}

func TestRevoke(t *testing.T) {
	family := func(t *testing.T) *fsmtest.Lab {
		l := fsmtest.New(t)
		l.Create("root", "a", fsmtest.TTL(hour))
		l.Create("a", "b", fsmtest.TTL(hour))
		l.Create("b", "c", fsmtest.Policies("default"), fsmtest.TTL(hour))
		l.Create("a", "d", fsmtest.TTL(hour))
		l.Create("b", "o", orphan, fsmtest.TTL(hour))
		return l
	}
	names := []string{"root", "a", "b", "c", "d", "o"}
	t.Run("1.9.22 a tree at once, leaves and all, orphans apart", func(t *testing.T) {
		l := family(t)
		l.Must("root", fsmtest.Revoke("a"))
		alive(t, l, "rooto", names...)
		l.Clean(1)
		alive(t, l, "rooto", names...)
		if got := l.State().CountTokens(); got != 2 {
			t.Fatalf("%d records after the sweep, want 2", got)
		}
	})
	t.Run("1.9.22 the dead make no children while the sweep is pending", func(t *testing.T) {
		l := family(t)
		l.Must("root", fsmtest.Revoke("a"))
		l.Refused("b", fsmtest.Create("new"), fsm.PermissionDenied)
		l.Refused("a", fsmtest.Create("new"), fsm.PermissionDenied)
	})
	t.Run("a subtree", func(t *testing.T) {
		l := family(t)
		l.Must("b", &fsm.TokenRevoke{})
		alive(t, l, "rootado", names...)
	})
	t.Run("by accessor", func(t *testing.T) {
		l := family(t)
		l.Must("root", &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByAccessor, Accessor: fsmtest.Accessor("b")}})
		alive(t, l, "rootado", names...)
	})
	t.Run("1.11.2 what is not there is revoked already", func(t *testing.T) {
		l := family(t)
		if got := l.Must("root", fsmtest.Revoke("nobody")).(*fsm.TokenRevoked); got.Found {
			t.Fatal("found")
		}
		unknown := &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByAccessor, Accessor: "nobody"}}
		if got := l.Must("root", unknown).(*fsm.TokenRevoked); got.Found {
			t.Fatal("found")
		}
		l.Refused("root", &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken}}, fsm.MissingToken)
		l.Refused("root", &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByAccessor}}, fsm.MissingAccessor)
	})
	t.Run("an accessor whose token waits for its sweep is tainted", func(t *testing.T) {
		l := family(t)
		again := &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByAccessor, Accessor: fsmtest.Accessor("a")}}
		l.Must("root", again)
		l.Refused("root", again, fsm.AccessorTainted)
		l.Clean(100)
		if got := l.Must("root", again).(*fsm.TokenRevoked); got.Found {
			t.Fatal("found")
		}
	})
	t.Run("the default policy revokes only oneself", func(t *testing.T) {
		l := family(t)
		l.Refused("c", fsmtest.Revoke("d"), fsm.PermissionDenied)
		l.Refused("c", &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("d")}, fsm.PermissionDenied)
		l.Must("c", &fsm.TokenRevoke{})
		alive(t, l, "rootabdo", names...)
	})
}

func TestRevokeOrphan(t *testing.T) {
	family := func(t *testing.T) *fsmtest.Lab {
		l := makers(t)
		l.Create("root", "a", fsmtest.TTL(hour))
		l.Create("a", "b", fsmtest.TTL(10*hour))
		l.Create("b", "c", fsmtest.TTL(10*hour))
		l.Create("c", "d", fsmtest.TTL(10*hour))
		return l
	}
	cut := func(name string) *fsm.TokenRevokeOrphan {
		return &fsm.TokenRevokeOrphan{Token: fsmtest.Digest(name)}
	}
	names := []string{"a", "b", "c", "d"}
	t.Run("its children live on as orphans, swept or not", func(t *testing.T) {
		l := family(t)
		l.Must("root", cut("b"))
		alive(t, l, "acd", names...)
		if k := l.Token("c"); !l.State().IsOrphan(k) || l.State().IsOrphan(l.Token("d")) {
			t.Fatal("c should be an orphan, d not")
		}
		l.Must("root", fsmtest.Revoke("a"))
		alive(t, l, "cd", names...)
		l.Clean(1)
		alive(t, l, "cd", names...)
		if !l.Token("c").Parent.IsZero() {
			t.Fatal("the sweep left the parent")
		}
		l.Must("root", fsmtest.Revoke("c"))
		alive(t, l, "", names...)
	})
	t.Run("1.11.5 without sudo it is refused as a bad request", func(t *testing.T) {
		l := family(t)
		l.Must("root", fsmtest.Policy("ro", fsmtest.Allow("auth/token/revoke-orphan", policy.Update)))
		l.Create("root", "r", fsmtest.Policies("ro"))
		if err := l.Refused("r", cut("b"), fsm.SudoRequired); err.Code != fsm.Invalid {
			t.Fatalf("code %d", err.Code)
		}
	})
	t.Run("1.11.2 unknown and missing tokens", func(t *testing.T) {
		l := family(t)
		l.Refused("root", cut("nobody"), fsm.TokenUnknown)
		l.Refused("root", &fsm.TokenRevokeOrphan{}, fsm.MissingToken)
	})
	t.Run("inside a revoked tree it revives nobody", func(t *testing.T) {
		l := family(t)
		l.Must("root", fsmtest.Revoke("a"))
		l.Refused("root", cut("b"), fsm.TokenUnknown)
		alive(t, l, "", names...)
		l.Clean(1)
		alive(t, l, "", names...)
	})
	t.Run("on a token revoked itself it revives nobody", func(t *testing.T) {
		l := family(t)
		l.Must("root", fsmtest.Revoke("b"))
		l.Refused("root", cut("b"), fsm.TokenUnknown)
		alive(t, l, "a", names...)
	})
	t.Run("below an expired parent it revives nobody", func(t *testing.T) {
		l := family(t)
		l.Wait(2 * hour)
		l.Refused("root", cut("b"), fsm.TokenUnknown)
		l.Refused("root", cut("a"), fsm.TokenUnknown)
		alive(t, l, "", names...)
	})
	t.Run("below a mark it revives nobody", func(t *testing.T) {
		l := family(t)
		l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create"})
		l.Refused("root", cut("b"), fsm.TokenUnknown)
		alive(t, l, "", names...)
	})
	t.Run("a later prefix revocation still reaches the children", func(t *testing.T) {
		l := family(t)
		l.Must("root", cut("b"))
		l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create"})
		alive(t, l, "", names...)
	})
	t.Run("an expiry of the cut itself leaves the children alone", func(t *testing.T) {
		l := family(t)
		l.Must("root", cut("a"))
		l.Wait(2 * hour)
		alive(t, l, "bcd", names...)
		l.Clean(1)
		alive(t, l, "bcd", names...)
	})
}

func TestExpiryTakesTheTree(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "p", fsmtest.TTL(2*time.Second))
	l.Create("p", "c", fsmtest.Policies("default"), fsmtest.TTL(hour))
	l.Create("p", "o", orphan, fsmtest.Policies("default"), fsmtest.TTL(hour))
	l.Wait(2*time.Second - 1)
	alive(t, l, "pco", "p", "c", "o")
	l.Wait(1) // at the deadline, no sweep or expiry has run
	alive(t, l, "o", "p", "c", "o")
	l.Refused("c", fsmtest.LookupSelf(), fsm.PermissionDenied)
	l.Clean(1)
	alive(t, l, "o", "p", "c", "o")
	if stone, ok := l.State().Tombstone(fsmtest.Digest("c")); !ok || stone.Death.Cause != fsm.ParentDead {
		t.Fatalf("tombstone %+v", stone)
	}
	if stone, ok := l.State().Tombstone(fsmtest.Digest("p")); !ok || stone.Death.Cause != fsm.Expired {
		t.Fatalf("tombstone %+v", stone)
	}
}

func TestDepth(t *testing.T) {
	l := fsmtest.New(t)
	parent := "root"
	for i := range fsm.MaxTreeDepth {
		name := fmt.Sprint("t", i)
		l.Create(parent, name, fsmtest.TTL(hour))
		parent = name
	}
	if err := l.Refused(parent, fsmtest.Create("deep", fsmtest.TTL(hour)), fsm.TreeTooDeep); err.Code != fsm.Invalid {
		t.Fatalf("code %d", err.Code)
	}
	l.Create(parent, "orphan", orphan, fsmtest.TTL(hour))
	l.Must("root", fsmtest.Revoke("t0"))
	l.Clean(1) // one record a sweep still clears the deepest tree
	if got := l.State().CountTokens(); got != 2 {
		t.Fatalf("%d tokens left, want 2", got)
	}
}

func TestCIDRs(t *testing.T) {
	office := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	home := []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("2001:db8::/32")}
	l := makers(t)
	set := func(name string, cidrs []netip.Prefix) {
		l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: name, BoundCIDRs: cidrs}, Given: fsm.GivenBoundCIDRs})
	}
	set("office", office)
	set("home", home)
	set("free", nil)
	l.Create("root", "bound", fsmtest.ByRole("office"), fsmtest.TTL(hour))
	tests := []struct {
		name   string
		change func(*fsm.TokenCreate)
		want   []netip.Prefix
	}{
		{"1.9.24 a child takes over the binding", nil, office},
		{"1.9.24 an orphan sheds it", orphan, nil},
		{"1.9.24 so does no_parent", noParent, nil},
		{"1.9.24 a role has its own", fsmtest.ByRole("home"), home},
		{"1.9.24 or none", fsmtest.ByRole("free"), nil},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := fsmtest.Create(fmt.Sprint("t", i), fsmtest.Policies("default"), fsmtest.TTL(hour))
			if tt.change != nil {
				tt.change(c)
			}
			l.Must("bound", c)
			if got := l.Token(fmt.Sprint("t", i)).CIDRs; fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Fatalf("bound to %v, want %v", got, tt.want)
			}
		})
	}
	t.Run("1.9.16 a root token that never expires is bound to nothing", func(t *testing.T) {
		l.Create("root", "r", fsmtest.ByRole("office"))
		if got := l.Token("r").CIDRs; got != nil {
			t.Fatalf("bound to %v", got)
		}
	})
	t.Run("1.9.34 a wrong address is refused like an unknown token", func(t *testing.T) {
		for addr, ok := range map[string]bool{ // order: each stands alone
			"10.1.2.3": true, "::ffff:10.1.2.3": true, "11.1.2.3": false, "::1": false, "": false,
		} {
			env := l.Envelope("bound", fsmtest.Create("x"+addr, fsmtest.TTL(time.Minute)))
			env.Caller.Addr = netip.Addr{}
			if addr != "" {
				env.Caller.Addr = netip.MustParseAddr(addr)
			}
			o := l.Entry(env)[0]
			if ok != (o.Err == nil) {
				t.Fatalf("from %q: %v", addr, o.Err)
			}
			if !ok && (o.Err.Code != fsm.Denied || o.Err.Reason != fsm.PermissionDenied) {
				t.Fatalf("from %q: %v", addr, o.Err)
			}
		}
	})
}
