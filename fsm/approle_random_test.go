package fsm_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// TestApprolesAtRandom runs random commands on few mounts, roles and secret-ids.
// After each the state is sound, and a login succeeds exactly when its secret-id
// was made, has uses left, and outlived neither its time nor its role or mount.
func TestApprolesAtRandom(t *testing.T) {
	for seed := range uint64(seeds(t)) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			a := &approleRun{t, fsmtest.New(t), rand.New(rand.NewPCG(seed, 2)), make(map[secretName]*ledger)}
			for i := range 400 {
				a.step(i)
				if err := fsm.CheckInvariants(a.l.State()); err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
			}
			a.end()
		})
	}
}

// secretName is what a test calls a secret-id.
type secretName struct{ mount, role, secret string }

// ledger is what a test knows of one.
type ledger struct {
	counted bool
	uses    uint32 // left
	end     fsm.Instant
	ended   bool // destroyed, or its role or mount is gone
}

func (b *ledger) live(at fsm.Instant) bool {
	return b != nil && !b.ended && b.end > at && (!b.counted || b.uses > 0)
}

type approleRun struct {
	t    *testing.T
	l    *fsmtest.Lab
	r    *rand.Rand
	book map[secretName]*ledger
}

func (a *approleRun) step(i int) {
	n := secretName{[]string{"a", "b/c"}[a.r.IntN(2)], []string{"x", "y"}[a.r.IntN(2)], []string{"1", "2", "3"}[a.r.IntN(3)]}
	switch a.r.IntN(16) {
	case 0, 1:
		a.l.Do("root", enableApprole(n.mount))
	case 2:
		if a.r.IntN(4) == 0 {
			a.l.Must("root", &fsm.AuthDisable{Path: n.mount})
			a.over(secretName{mount: n.mount})
		}
	case 3, 4:
		a.l.Do("root", approle(n.mount, n.role, secretUses(a.r.Uint32N(4)), secretTTL(time.Duration(a.r.IntN(3))*time.Minute)))
	case 5:
		if _, err := a.l.Do("root", &fsm.ApproleDelete{Mount: n.mount, Name: n.role}); err == nil {
			a.over(secretName{n.mount, n.role, ""})
		}
	case 6, 7, 8, 9:
		a.make(n)
	case 10, 11, 12, 13:
		a.login(n, fmt.Sprint("t", i))
	case 14:
		c := &fsm.SecretIDDestroy{Mount: n.mount, Role: n.role, Digest: secretID(n.mount, n.role, n.secret).Digest}
		if _, err := a.l.Do("root", c); err == nil {
			a.over(n)
		}
	case 15:
		a.l.Wait(time.Duration(a.r.IntN(90)) * time.Second)
		a.l.Cluster(&fsm.Expire{Limit: 1 + a.r.Uint32N(4)})
		a.l.Cluster(&fsm.Sweep{Limit: 1 + a.r.Uint32N(4)})
	}
}

// over writes down the end of all secret-ids of a mount, of a role, or of one.
func (a *approleRun) over(of secretName) {
	for n, b := range a.book { // order: each stands alone
		if n.mount == of.mount && strings.HasPrefix(n.role, of.role) && strings.HasPrefix(n.secret, of.secret) {
			b.ended = true
		}
	}
}

func (a *approleRun) make(n secretName) {
	made, err := a.l.Do("root", secretID(n.mount, n.role, n.secret))
	if err != nil {
		return
	}
	if a.book[n].live(a.l.At) {
		a.t.Fatalf("%v was made while it lived", n)
	}
	id := made.(*fsm.SecretIDCreated)
	b := &ledger{counted: id.Uses > 0, uses: id.Uses, end: fsm.Never}
	if id.TTL > 0 {
		b.end = a.l.At.Add(id.TTL)
	}
	a.book[n] = b
}

// login tries a secret-id, at times with a retry, which is answered as the first
// attempt was and is not charged.
func (a *approleRun) login(n secretName, token string) {
	env := a.l.Envelope("", appLogin(n.mount, n.role, n.secret, token))
	outcomes := a.l.Entry(env)
	if a.r.IntN(3) == 0 {
		outcomes = append(outcomes, a.l.Entry(env)...)
	}
	b := a.book[n]
	live := b.live(a.l.At)
	for _, o := range outcomes {
		if live != (o.Err == nil) {
			a.t.Fatalf("login with %v, which is %+v: %v", n, b, o.Err)
		}
	}
	if live && b.counted {
		b.uses--
	}
}

func (a *approleRun) end() {
	comesBack(a.t, a.l)
	for _, path := range []string{"a", "b/c"} {
		a.l.Must("root", &fsm.AuthDisable{Path: path})
	}
	a.l.Clean(1 + a.r.Uint32N(5))
	if n := fsm.CountApproles(a.l.State()); n > 0 {
		a.t.Fatalf("%d roles and secret-ids are left", n)
	}
}
