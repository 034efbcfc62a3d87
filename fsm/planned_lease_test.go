package fsm_test

import (
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// A lease that is made after a plan and would end with it stands against it, be it
// before or after the check; one that would not does not.
func TestPlanHoldsForLeases(t *testing.T) {
	tree := func(*fsmtest.Lab) fsm.Command { return fsmtest.Revoke("app") }
	for _, tt := range []struct {
		name  string
		c     func(*fsmtest.Lab) fsm.Command
		since func(l *fsmtest.Lab)
		holds bool
	}{
		{"of the token", tree, func(l *fsmtest.Lab) { l.Lease("app", "ro", "b") }, false},
		{"of a child", tree, func(l *fsmtest.Lab) { l.Lease("child", "ro", "b") }, false},
		{"an intent", tree, func(l *fsmtest.Lab) { l.Must("child", l.Issue("ro", "b")) }, false},
		{"of another", tree, func(l *fsmtest.Lab) { l.Lease("other", "ro", "b") }, true},
		{"one that has ended again", tree, func(l *fsmtest.Lab) {
			l.Lease("app", "ro", "b")
			l.Must("root", &fsm.LeaseRevoke{Lease: id("b")})
		}, true},
		{"of the one alone", func(*fsmtest.Lab) fsm.Command { return &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("app")} },
			func(l *fsmtest.Lab) { l.Lease("app", "ro", "b") }, false},
		{"of a child that lives on", func(*fsmtest.Lab) fsm.Command { return &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("app")} },
			func(l *fsmtest.Lab) { l.Lease("child", "ro", "b") }, true},
		{"of a token under the prefix", func(*fsmtest.Lab) fsm.Command { return &fsm.PrefixRevoke{Prefix: "auth/token/create"} },
			func(l *fsmtest.Lab) { l.Lease("app", "ro", "b") }, false},
		{"under the prefix, which spares it", func(*fsmtest.Lab) fsm.Command { return &fsm.PrefixRevoke{Prefix: "db/creds"} },
			func(l *fsmtest.Lab) { l.Lease("app", "ro", "b") }, true},
	} {
		for name, checked := range map[string]bool{"before the check": false, "after it": true} {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				l := databases(t)
				l.Create("app", "child", fsmtest.Policies("db"), fsmtest.TTL(hour))
				l.Create("root", "other", orphan, fsmtest.Policies("db"), fsmtest.TTL(hour))
				l.Lease("app", "ro", "a")
				p, foreseen := planFor(l, tt.c(l))
				p.Tokens = uint64(foreseen.Tokens)
				tt.since(l)
				before := l.State().CountAllLeases()
				if !checked {
					s := l.State()
					if _, err := s.Hold(actor(t, s), p); (err == nil) != tt.holds || err != nil && err.Reason != fsm.PlanLeaseMade {
						t.Fatalf("held against the present: %v", err)
					}
					return
				}
				if !tt.holds {
					l.Refused("root", p, fsm.PlanLeaseMade)
					if after := l.State().CountAllLeases(); after != before {
						t.Errorf("a plan that was refused left %+v of %+v", after, before)
					}
					return
				}
				l.Must("root", p)
			})
		}
	}
}
