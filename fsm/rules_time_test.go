package fsm_test

import (
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

const hour = time.Hour

func TestTTLOfANewToken(t *testing.T) {
	root, web := []string{"root"}, []string{"web"}
	tests := []struct {
		name      string
		ask       fsm.TokenCreate
		want      time.Duration // 0: never expires
		fixed     bool          // not renewable
		warn      fsm.Reason
		refuse    fsm.Reason
		explicit  time.Duration // shown, when not as asked
		roleUntil time.Duration // explicit max of the role
		roleEach  time.Duration // period of the role
	}{
		{name: "as asked", ask: fsm.TokenCreate{Policies: web, TTL: hour}, want: hour},
		{name: "1.9.14 cut to whole seconds", ask: fsm.TokenCreate{Policies: web, TTL: 90*time.Second + 999*time.Millisecond}, want: 90 * time.Second},
		{name: "1.9.14 a ttl that would be cut to nothing", ask: fsm.TokenCreate{Policies: web, TTL: 999 * time.Millisecond}, refuse: fsm.OutOfRange},
		{name: "1.9.14 above the max: capped with a warning", ask: fsm.TokenCreate{Policies: web, TTL: 1000 * hour}, want: 768 * hour, warn: fsm.TTLCapped},
		{name: "1.9.14 the max itself", ask: fsm.TokenCreate{Policies: web, TTL: 768 * hour}, want: 768 * hour},
		{name: "1.9.14 root above the max", ask: fsm.TokenCreate{Policies: root, TTL: 1000 * hour}, want: 768 * hour, warn: fsm.TTLCapped},
		{name: "1.9.15 explicit max lowers the max", ask: fsm.TokenCreate{Policies: web, TTL: 2 * hour, ExplicitMaxTTL: hour}, want: hour, warn: fsm.TTLCapped},
		{name: "1.9.15 explicit max instead of the default", ask: fsm.TokenCreate{Policies: web, ExplicitMaxTTL: hour}, want: hour},
		{name: "1.9.15 explicit max above the ttl", ask: fsm.TokenCreate{Policies: web, TTL: time.Minute, ExplicitMaxTTL: hour}, want: time.Minute},
		{name: "1.9.15 explicit max above the mount's", ask: fsm.TokenCreate{Policies: web, ExplicitMaxTTL: 2000 * hour}, want: 768 * hour},
		{name: "1.9.15 period for the ttl", ask: fsm.TokenCreate{Policies: web, TTL: 5 * time.Minute, Period: 30 * time.Minute}, want: 30 * time.Minute},
		{name: "1.9.15 period capped by the max", ask: fsm.TokenCreate{Policies: web, Period: 1000 * hour}, want: 768 * hour, warn: fsm.PeriodCapped},
		{name: "1.9.15 period capped by explicit max", ask: fsm.TokenCreate{Policies: web, Period: 2 * hour, ExplicitMaxTTL: hour}, want: hour, warn: fsm.PeriodCapped},
		{name: "1.9.16 the default for others than root", ask: fsm.TokenCreate{Policies: web}, want: 768 * hour},
		{name: "1.9.16 root may live for ever, not renewable then", ask: fsm.TokenCreate{Policies: root}, want: 0, fixed: true},
		{name: "1.9.16 root with a ttl", ask: fsm.TokenCreate{Policies: root, TTL: hour}, want: hour},
		{name: "1.9.16 root with explicit max gets that", ask: fsm.TokenCreate{Policies: root, ExplicitMaxTTL: hour}, want: hour},
		{name: "1.9.16 root with a period", ask: fsm.TokenCreate{Policies: root, Period: hour}, want: hour},
		{name: "renewable=false", ask: fsm.TokenCreate{Policies: web, TTL: hour, NotRenewable: true}, want: hour, fixed: true},
		{name: "negative ttl", ask: fsm.TokenCreate{TTL: -hour}, refuse: fsm.OutOfRange},
		{name: "negative explicit max", ask: fsm.TokenCreate{ExplicitMaxTTL: -hour}, refuse: fsm.OutOfRange},
		{name: "negative period", ask: fsm.TokenCreate{Period: -hour}, refuse: fsm.OutOfRange},
		{name: "more than ten years", ask: fsm.TokenCreate{TTL: fsm.MaxTTL + 1}, refuse: fsm.OutOfRange},
		{name: "role: explicit max", ask: fsm.TokenCreate{Policies: web, TTL: 2 * hour}, roleUntil: hour, want: hour, warn: fsm.TTLCapped},
		{name: "role: the lesser explicit max, asked", ask: fsm.TokenCreate{Policies: web, TTL: 2 * hour, ExplicitMaxTTL: time.Minute}, roleUntil: hour, want: time.Minute, warn: fsm.LesserExplicitMax},
		{name: "role: the lesser explicit max, the role's", ask: fsm.TokenCreate{Policies: web, ExplicitMaxTTL: 3 * hour}, roleUntil: hour, want: hour, warn: fsm.LesserExplicitMax},
		{name: "role: period", ask: fsm.TokenCreate{Policies: web}, roleEach: 20 * time.Minute, want: 20 * time.Minute},
		{name: "role: the lesser period", ask: fsm.TokenCreate{Policies: web, Period: hour}, roleEach: 20 * time.Minute, want: 20 * time.Minute, warn: fsm.LesserPeriod},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := makers(t)
			c := tt.ask
			c.Token, c.Accessor = fsmtest.Digest("new"), fsmtest.Accessor("new")
			if tt.roleUntil+tt.roleEach > 0 {
				l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", ExplicitMaxTTL: tt.roleUntil, Period: tt.roleEach},
					Given: fsm.GivenExplicitMaxTTL | fsm.GivenPeriod})
				c.Endpoint, c.Role = fsm.CreateByRole, "r"
			}
			if tt.refuse != 0 {
				l.Refused("root", &c, tt.refuse)
				return
			}
			made := l.Must("root", &c).(*fsm.TokenCreated)
			k := l.Token("new")
			if made.TTL != tt.want || k.TTL != tt.want || made.Renewable != !tt.fixed || k.Renewable != !tt.fixed {
				t.Fatalf("granted %s renewable %v, recorded %s %v; want %s %v", made.TTL, made.Renewable, k.TTL, k.Renewable, tt.want, !tt.fixed)
			}
			if k.ExplicitMaxTTL != tt.ask.ExplicitMaxTTL || k.Period != tt.ask.Period {
				t.Fatalf("shows explicit max %s, period %s: want what was asked for, not the role's", k.ExplicitMaxTTL, k.Period)
			}
			want := fsm.Never
			if tt.want > 0 {
				want = l.At.Add(tt.want)
			}
			if k.Deadline != want {
				t.Fatalf("deadline %d, want %d", k.Deadline, want)
			}
			wantWarning(t, made.Warnings, tt.warn)
		})
	}
}

func wantWarning(t *testing.T, got []fsm.Warning, want fsm.Reason) {
	t.Helper()
	for _, w := range got {
		if w.Reason == want {
			return
		}
	}
	if want != 0 || len(got) > 0 {
		t.Fatalf("warnings %v, want reason %d", got, want)
	}
}

func TestExpiringRoot(t *testing.T) {
	l := makers(t)
	l.Create("root", "r2", fsmtest.Policies("root"), fsmtest.TTL(hour))
	t.Run("1.9.17 an expiring root makes no root that never expires", func(t *testing.T) {
		l.Refused("r2", fsmtest.Create("r3", fsmtest.Policies("root")), fsm.ExpiringRoot)
		l.Refused("r2", fsmtest.Create("r3"), fsm.ExpiringRoot)
	})
	t.Run("but one that expires, even later than itself", func(t *testing.T) {
		l.Create("r2", "r3", fsmtest.TTL(2*hour))
		l.Create("r2", "r4", func(c *fsm.TokenCreate) { c.ExplicitMaxTTL = hour })
	})
}

func TestPeriodNeedsSudo(t *testing.T) {
	l := makers(t)
	periodic := func(c *fsm.TokenCreate) { c.Period = hour }
	l.Refused("plain", fsmtest.Create("p", periodic), fsm.SudoRequired)
	l.Create("sudo", "p", periodic)
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r", Period: hour}, Given: fsm.GivenPeriod})
	l.Create("plain", "q", fsmtest.ByRole("r")) // the role's period needs none
}

func TestLifetimeIsBoundedForEver(t *testing.T) {
	t.Run("a token renewed again and again ends at the mount's max", func(t *testing.T) {
		l := makers(t)
		l.Create("root", "new", fsmtest.Policies("default"), fsmtest.TTL(400*hour))
		end := l.At.Add(768 * hour)
		for l.Alive("new") {
			l.Wait(100 * hour)
			l.Do("root", fsmtest.Renew("new", 400*hour))
		}
		if l.At > end.Add(100*hour) {
			t.Fatalf("lived until %d, the max was %d", l.At, end)
		}
	})
	t.Run("1.9.15 a periodic token lives on and on", func(t *testing.T) {
		l := makers(t)
		l.Create("root", "new", fsmtest.Policies("default"), func(c *fsm.TokenCreate) { c.Period = 400 * hour })
		for range 20 {
			l.Wait(300 * hour)
			if got := l.Must("new", renewSelf(hour)).(*fsm.TokenRenewed); got.TTL != 400*hour {
				t.Fatalf("granted %s, want the period", got.TTL)
			}
		}
	})
	t.Run("1.9.15 a periodic token with explicit max dies at that point", func(t *testing.T) {
		l := makers(t)
		l.Create("root", "new", fsmtest.Policies("default"), func(c *fsm.TokenCreate) { c.Period, c.ExplicitMaxTTL = hour, 90*time.Minute })
		end := l.At.Add(90 * time.Minute)
		l.Wait(45 * time.Minute)
		got := l.Must("new", renewSelf(0)).(*fsm.TokenRenewed)
		if got.Token.Deadline != end {
			t.Fatalf("deadline %d, want %d", got.Token.Deadline, end)
		}
		wantWarning(t, got.Warnings, fsm.TTLCapped)
		l.Wait(45 * time.Minute)
		if l.Alive("new") {
			t.Fatal("alive at its explicit max")
		}
	})
}

func renewSelf(increment time.Duration) *fsm.TokenRenew {
	return &fsm.TokenRenew{Target: fsm.Target{By: fsm.BySelf}, Increment: increment}
}
