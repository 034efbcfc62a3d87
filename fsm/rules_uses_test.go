package fsm_test

import (
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

func uses(l *fsmtest.Lab, name string) uint32 { return l.Token(name).UsesLeft }

func TestUses(t *testing.T) {
	t.Run("1.9.8 use is charged before the verdict", func(t *testing.T) {
		l := makers(t)
		l.Create("root", "t", fsmtest.Policies("default"), fsmtest.Uses(3))
		l.Refused("t", &fsm.TokenUse{Path: "sys/mounts", Capability: policy.Read}, fsm.PermissionDenied)
		l.Refused("t", fsmtest.Create("c"), fsm.PermissionDenied)
		if got := uses(l, "t"); got != 1 {
			t.Fatalf("%d uses left, want 1", got)
		}
	})
	t.Run("1.9.8 and stays charged when the command is refused after it", func(t *testing.T) {
		l := makers(t)
		l.Create("root", "t", fsmtest.Uses(3), fsmtest.TTL(hour))
		l.Refused("t", fsmtest.Renew("nobody", 0), fsm.TokenUnknown)
		if got := uses(l, "t"); got != 2 {
			t.Fatalf("%d uses left, want 2", got)
		}
	})
	t.Run("1.9.8 on a path that does not exist too", func(t *testing.T) {
		l := makers(t)
		l.Create("root", "t", fsmtest.Policies("default"), fsmtest.Uses(1))
		l.Refused("t", &fsm.TokenUse{Path: "no/such/path", Capability: policy.Read}, fsm.PermissionDenied)
		if l.Alive("t") {
			t.Fatal("alive after its last use")
		}
	})
	t.Run("1.9.9 exactly as often as it says, then dead", func(t *testing.T) {
		l := makers(t)
		l.Create("root", "t", fsmtest.Policies("default"), fsmtest.Uses(3))
		for i := range 3 {
			got := l.Must("t", fsmtest.LookupSelf()).(*fsm.TokenUsed)
			if got.Last != (i == 2) || got.Token != fsmtest.Digest("t") {
				t.Fatalf("use %d: %+v", i, got)
			}
		}
		if err := l.Refused("t", fsmtest.LookupSelf(), fsm.PermissionDenied); err.Code != fsm.Denied {
			t.Fatalf("code %d", err.Code)
		}
	})
	t.Run("1.9.9 gone for everyone else with its last use", func(t *testing.T) {
		l := makers(t)
		l.Create("root", "t", fsmtest.Policies("default"), fsmtest.Uses(1))
		l.Must("t", fsmtest.LookupSelf())
		if _, ok := l.State().LiveByAccessor(fsmtest.Accessor("t"), l.At); ok {
			t.Fatal("its accessor still finds it")
		}
		a, ok := l.State().Spent(fsmtest.Digest("t"))
		if !ok || a.Token.UsesLeft != 0 || a.Token.NumUses != 1 {
			t.Fatal("the request that spent it does not find it")
		}
	})
	t.Run("looking with another token costs nothing", func(t *testing.T) {
		l := makers(t)
		l.Create("root", "t", fsmtest.Policies("default"), fsmtest.Uses(2))
		l.Must("root", fsmtest.Renew("t", hour))
		if got := uses(l, "t"); got != 2 {
			t.Fatalf("%d uses left, want 2", got)
		}
	})
	t.Run("a recheck costs nothing", func(t *testing.T) {
		l := makers(t)
		rule := fsmtest.Allow("auth/token/lookup-self", policy.Read)
		rule.Parameters.Required = []string{"x"}
		l.Must("root", fsmtest.Policy("params", rule))
		l.Create("root", "t", fsmtest.Policies("params"), fsmtest.Uses(1), func(c *fsm.TokenCreate) { c.NoDefaultPolicy = true })
		if err := l.Refused("t", fsmtest.LookupSelf(), fsm.PolicyMoved); err.Code != fsm.Recheck {
			t.Fatalf("code %d", err.Code)
		}
		env := l.Envelope("t", fsmtest.LookupSelf())
		env.Caller.ParamsAt = l.State().ParamsVersion()
		if o := l.Entry(env)[0]; o.Err != nil {
			t.Fatal(o.Err)
		}
	})
}

func TestCountedTokenMakesNoChildren(t *testing.T) {
	l := makers(t)
	l.Create("root", "t", fsmtest.Uses(3), fsmtest.TTL(hour))
	t.Run("1.9.10 a counted token can not create children", func(t *testing.T) {
		l.Refused("t", fsmtest.Create("c"), fsm.CountedParent)
	})
	t.Run("1.9.10 nor orphans", func(t *testing.T) {
		l.Refused("t", fsmtest.Create("c", func(c *fsm.TokenCreate) { c.Endpoint = fsm.CreateOrphan }), fsm.CountedParent)
	})
	t.Run("1.9.10 with its last use the parent can not be found", func(t *testing.T) {
		if err := l.Refused("t", fsmtest.Create("c"), fsm.NoParentFound); err.Code != fsm.Invalid {
			t.Fatalf("code %d", err.Code)
		}
	})
	if l.Alive("t") || l.Alive("c") {
		t.Fatal("three refusals are three uses")
	}
}

func TestUsesOfRole(t *testing.T) {
	tests := []struct {
		name             string
		role, asked, got uint32
	}{
		{"1.9.12 the role's", 2, 0, 2},
		{"1.9.12 the smaller, asked for", 2, 1, 1},
		{"1.9.12 the smaller, the role's", 2, 9, 2},
		{"1.9.12 0 counts as infinite", 0, 9, 9},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := makers(t)
			l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", NumUses: tt.role}, Given: fsm.GivenNumUses})
			made := l.Create("root", "t", fsmtest.ByRole("r"), fsmtest.Policies("default"), fsmtest.Uses(tt.asked))
			if k := l.Token("t"); made.NumUses != tt.got || k.NumUses != tt.got || k.UsesLeft != tt.got {
				t.Fatalf("num_uses %d, recorded %d, left %d; want %d", made.NumUses, k.NumUses, k.UsesLeft, tt.got)
			}
		})
	}
}

func TestCubbyholeGoesWithTheToken(t *testing.T) {
	l := makers(t)
	l.Create("root", "t", fsmtest.Policies("default"), fsmtest.TTL(time.Minute))
	l.Create("root", "once", fsmtest.Policies("default"), fsmtest.Uses(1))
	l.Must("t", &fsm.CubbyholeSet{Path: "a/b", Value: []byte("sealed")})
	l.Must("once", &fsm.CubbyholeSet{Path: "a", Value: []byte("sealed")})
	l.Must("root", fsmtest.Revoke("t"))
	l.Must("root", fsmtest.Renew("sudo", 0)) // a later request: the window forgets
	l.Clean(10)
	for _, name := range []string{"t", "once"} {
		if keys := l.State().CubbyholeKeys(fsmtest.Digest(name), ""); len(keys) > 0 {
			t.Fatalf("%s left %q behind", name, keys)
		}
	}
}
