package fsmtest

import (
	"fmt"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// names of a Generator's world, few enough to meet.
var (
	someUsers   = []string{"erin", "frank", "waypoint"}
	someRunners = []string{"r1", "r2", "R1"}
)

// signed is the name of some signed token, mostly one that is a credential.
func (g *Generator) signed() string {
	name := fmt.Sprint("s", g.IntN(g.signs+1))
	for range 20 {
		if g.model.Live(name) || g.IntN(15) == 0 {
			break
		}
		name = fmt.Sprint("s", g.IntN(g.signs+1))
	}
	return name
}

// fresh is the name of a signed token that is to be made.
func (g *Generator) fresh() string {
	g.signs++
	return fmt.Sprint("s", g.signs)
}

// user is the id of some user, now and then of none.
func (g *Generator) user() string {
	if g.IntN(3) == 0 {
		return fsm.DefaultSignedUser
	}
	if g.IntN(5) == 0 {
		return UserID(fmt.Sprint("s", g.IntN(g.signs+1))) // who signed up
	}
	return UserID(g.pick(someUsers...))
}

// signedStep is some command of Waypoint's surface.
func (g *Generator) signedStep() Step {
	switch n := g.IntN(100); {
	case n < 14:
		return &LoginStep{Name: g.fresh(), User: g.maybe(g.user()), Term: g.duration(), Trigger: g.IntN(5) == 0}
	case n < 25:
		s := &InviteStep{Name: g.fresh(), User: g.maybe(g.user()), Term: g.duration()}
		if g.coin() {
			s.Signup = g.pick(someUsers...)
		}
		g.invites = append(g.invites, s.Name)
		return s
	case n < 37:
		return &ExchangeStep{Invite: g.invite(), Name: g.fresh()}
	case n < 48:
		return &RunnerTokenStep{
			Name: g.fresh(), Runner: g.maybe(g.pick(someRunners...)), Labels: uint64(g.IntN(3)), Term: g.duration(),
		}
	case n < 53:
		return &RefreshStep{Name: g.fresh()}
	case n < 59:
		s := &PersonStep{Create: g.IntN(3) > 0, Name: g.pick(someUsers...)}
		if g.coin() {
			s.Policies = []string{g.pick("all", "make")}
		}
		return s
	case n < 64:
		return &DropStep{ID: g.user()}
	case n < 88:
		return g.runnerStep()
	}
	return g.endSigned()
}

func (g *Generator) invite() string {
	if n := len(g.invites); n > 0 && g.IntN(12) > 0 {
		return g.invites[max(0, n-1-g.IntN(4))]
	}
	return g.signed()
}

func (g *Generator) runnerStep() Step {
	id, labels := g.pick(someRunners...), uint64(1+g.IntN(2))
	switch g.IntN(11) {
	case 0, 1, 2:
		return &RegisterStep{ID: id, Labels: labels, Local: g.IntN(4) == 0}
	case 3, 4, 5:
		return &OnlineStep{ID: id, Labels: labels}
	case 6, 7:
		return &AdoptStep{ID: id, Yes: true}
	case 8:
		return &AdoptStep{ID: id}
	}
	return &LeaveStep{ID: id, Forget: g.IntN(4) == 0}
}

// endSigned is a step that ends signed tokens, or makes room for one that does.
func (g *Generator) endSigned() Step {
	switch g.IntN(16) {
	case 0, 1, 2, 3, 4, 5:
		return &EndSignedStep{Scope: fsm.FenceSignedToken, Name: fmt.Sprint("s", g.IntN(g.signs+1))}
	case 6, 7, 8:
		return &EndSignedStep{Scope: fsm.FenceSignedUser, Name: g.user(), Before: g.before()}
	case 9:
		return &EndSignedStep{Scope: fsm.FenceSigned, Before: g.before()}
	case 10, 11:
		return &EndSignedStep{Scope: fsm.FenceSignedKey, Name: g.pick(g.model.signers...), Before: g.before()}
	case 12, 13:
		return &RetireStep{g.model.oldestOf(g.model.signers)}
	}
	g.turns++
	return &RotateStep{ID: fmt.Sprint("w", g.turns+1), Sign: true}
}

// before is none, or some time back that is no instant at which anything was made.
func (g *Generator) before() fsm.Instant {
	if g.coin() {
		return 0
	}
	return g.model.Clock.Add(-time.Duration(g.IntN(60e9) | 1<<12))
}
