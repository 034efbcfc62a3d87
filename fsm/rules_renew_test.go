package fsm_test

import (
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

func TestRenewGrants(t *testing.T) {
	l := makers(t)
	l.Create("root", "t", fsmtest.Policies("default"), fsmtest.TTL(30*time.Minute))
	steps := []struct {
		rule      string
		increment time.Duration
		want      time.Duration
	}{
		{"1.11.1 without an increment: the ttl at first", 0, 30 * time.Minute},
		{"an increment", hour, hour},
		{"1.11.1 without an increment: what was granted last", 0, hour},
		{"1.11.1 an increment may shorten", 10 * time.Minute, 10 * time.Minute},
		{"1.11.1 and that is what the next one gets", 0, 10 * time.Minute},
		{"1.9.14 cut to whole seconds", 1500 * time.Millisecond, time.Second},
	}
	for _, s := range steps {
		got := l.Must("root", fsmtest.Renew("t", s.increment)).(*fsm.TokenRenewed)
		if got.TTL != s.want || got.Token.Deadline != l.At.Add(s.want) || got.Token.RenewedAt != l.At {
			t.Fatalf("%s: granted %s until %d, want %s", s.rule, got.TTL, got.Token.Deadline, s.want)
		}
		if k := l.Token("t"); k.TTL != 30*time.Minute || k.Deadline != got.Token.Deadline {
			t.Fatalf("%s: recorded creation ttl %s, deadline %d", s.rule, k.TTL, k.Deadline)
		}
		l.Wait(500 * time.Millisecond)
	}
	got := l.Must("root", &fsm.TokenRenew{Target: fsm.Target{By: fsm.ByAccessor, Accessor: fsmtest.Accessor("t")}, Increment: hour})
	if got.(*fsm.TokenRenewed).TTL != hour {
		t.Fatal("renewal by accessor")
	}
}

func TestRenewKeepsTheCount(t *testing.T) {
	l := makers(t)
	l.Create("root", "t", fsmtest.Policies("default"), fsmtest.Uses(5), fsmtest.TTL(hour))
	got := l.Must("t", renewSelf(0)).(*fsm.TokenRenewed).Token
	if got.NumUses != 5 || got.UsesLeft != 4 {
		t.Fatalf("1.11.3 num_uses %d, left %d; want the original 5 and 4 left", got.NumUses, got.UsesLeft)
	}
}

func TestRenewCapped(t *testing.T) {
	l := makers(t)
	l.Create("root", "t", fsmtest.Policies("default"), fsmtest.TTL(10*time.Minute), func(c *fsm.TokenCreate) { c.ExplicitMaxTTL = 20 * time.Minute })
	end := l.At.Add(20 * time.Minute)
	l.Wait(5 * time.Minute)
	got := l.Must("root", fsmtest.Renew("t", 2*hour)).(*fsm.TokenRenewed)
	if got.Token.Deadline != end || got.TTL != 15*time.Minute {
		t.Fatalf("until %d, want %d", got.Token.Deadline, end)
	}
	wantWarning(t, got.Warnings, fsm.TTLCapped)
	l.Wait(15*time.Minute - time.Nanosecond)
	l.Refused("root", fsmtest.Renew("t", hour), fsm.PastMaxTTL) // less than a second is left
	l.Wait(1)
	l.Refused("root", fsmtest.Renew("t", hour), fsm.TokenUnknown)
}

func TestRenewRefused(t *testing.T) {
	l := makers(t)
	l.Create("root", "fixed", fsmtest.Policies("default"), fsmtest.TTL(hour), func(c *fsm.TokenCreate) { c.NotRenewable = true })
	l.Create("root", "forever")
	l.Create("root", "last", fsmtest.Policies("default"), fsmtest.Uses(1))
	l.Create("root", "short", fsmtest.Policies("default"), fsmtest.TTL(time.Second))
	by := func(b fsm.TargetBy, accessor string) *fsm.TokenRenew {
		return &fsm.TokenRenew{Target: fsm.Target{By: b, Accessor: accessor}}
	}
	tests := []struct {
		name string
		by   string
		c    *fsm.TokenRenew
		want fsm.Reason
	}{
		{"not renewable", "root", fsmtest.Renew("fixed", 0), fsm.NotRenewable},
		{"a root token that never expires", "root", fsmtest.Renew("forever", 0), fsm.NotRenewable},
		{"the first root token has no lease", "root", renewSelf(0), fsm.LeaseUnknown},
		{"1.11.2 unknown token", "root", fsmtest.Renew("nobody", 0), fsm.TokenUnknown},
		{"1.11.2 missing token", "root", &fsm.TokenRenew{Target: fsm.Target{By: fsm.ByToken}}, fsm.MissingToken},
		{"unknown accessor", "root", by(fsm.ByAccessor, "nobody"), fsm.AccessorUnknown},
		{"missing accessor", "root", by(fsm.ByAccessor, ""), fsm.MissingAccessor},
		{"oneself on the last use", "last", renewSelf(0), fsm.TokenUnknown},
		{"negative increment", "root", fsmtest.Renew("short", -1), fsm.OutOfRange},
		{"another token without the right", "plain", fsmtest.Renew("short", 0), fsm.PermissionDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code := fsm.Invalid
			if tt.want == fsm.PermissionDenied {
				code = fsm.Denied
			}
			if err := l.Refused(tt.by, tt.c, tt.want); err.Code != code {
				t.Fatalf("code %d", err.Code)
			}
		})
	}
	t.Run("1.9.19 already expired", func(t *testing.T) {
		l.Wait(time.Second)
		l.Refused("root", fsmtest.Renew("short", hour), fsm.TokenUnknown)
	})
}

func TestRenewByRole(t *testing.T) {
	set := func(l *fsmtest.Lab, period, explicit time.Duration) {
		l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", Period: period, ExplicitMaxTTL: explicit},
			Given: fsm.GivenPeriod | fsm.GivenExplicitMaxTTL})
	}
	renew := func(l *fsmtest.Lab, increment time.Duration) time.Duration {
		l.Wait(time.Minute)
		return l.Must("root", fsmtest.Renew("t", increment)).(*fsm.TokenRenewed).TTL
	}
	t.Run("1.9.18 the role's current period", func(t *testing.T) {
		l := makers(t)
		set(l, 20*time.Minute, 0)
		l.Create("root", "t", fsmtest.ByRole("r"), fsmtest.Policies("default"))
		set(l, 40*time.Minute, 0)
		if got := renew(l, 3*hour); got != 40*time.Minute {
			t.Fatalf("granted %s", got)
		}
		set(l, 0, 0)
		if got := renew(l, 3*hour); got != 3*hour {
			t.Fatalf("granted %s without a period", got)
		}
	})
	t.Run("1.9.18 the role's current explicit max", func(t *testing.T) {
		l := makers(t)
		set(l, 0, hour)
		l.Create("root", "t", fsmtest.ByRole("r"), fsmtest.Policies("default"), fsmtest.TTL(10*time.Minute))
		set(l, 0, 2*hour)
		if got := renew(l, 5*hour); got != 2*hour-time.Minute {
			t.Fatalf("granted %s", got)
		}
	})
	t.Run("1.9.19 past the max when the role's came down", func(t *testing.T) {
		l := makers(t)
		set(l, 0, hour)
		l.Create("root", "t", fsmtest.ByRole("r"), fsmtest.Policies("default"), fsmtest.TTL(10*time.Minute))
		set(l, 0, time.Minute)
		l.Wait(time.Minute)
		l.Refused("root", fsmtest.Renew("t", 0), fsm.PastMaxTTL)
	})
	t.Run("a token's own explicit max holds besides the role's", func(t *testing.T) {
		l := makers(t)
		set(l, 0, hour)
		l.Create("root", "t", fsmtest.ByRole("r"), fsmtest.Policies("default"), func(c *fsm.TokenCreate) { c.ExplicitMaxTTL = 10 * time.Minute })
		if got := renew(l, 5*hour); got != 9*time.Minute {
			t.Fatalf("granted %s", got)
		}
	})
	t.Run("1.11.7 not once the role is gone", func(t *testing.T) {
		l := makers(t)
		set(l, 0, 0)
		l.Create("root", "t", fsmtest.ByRole("r"), fsmtest.Policies("default"))
		l.Must("root", &fsm.RoleDelete{Name: "r"})
		l.Refused("root", fsmtest.Renew("t", 0), fsm.RoleGone)
		if !l.Alive("t") {
			t.Fatal("the token itself lives on")
		}
	})
	t.Run("1.9.18 a token without a role uses its own", func(t *testing.T) {
		l := makers(t)
		l.Create("root", "t", fsmtest.Policies("default"), func(c *fsm.TokenCreate) { c.Period = hour })
		if got := renew(l, 5*time.Minute); got != hour {
			t.Fatalf("granted %s", got)
		}
	})
}
