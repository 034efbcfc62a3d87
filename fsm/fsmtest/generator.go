package fsmtest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Generator makes random commands that are likely to meet: few tokens, few
// roles, short times.
type Generator struct {
	*rand.Rand
	model *Model // who lives, so that most commands find somebody
	made  int
	turns int // of keys
	asked int // leases
	signs int // signed tokens

	invites []string
}

// NewGenerator is a Generator that repeats itself for the same seed.
func NewGenerator(seed uint64, m *Model) *Generator {
	return &Generator{Rand: rand.New(rand.NewPCG(seed, 0)), model: m}
}

// Next is some caller and a command of it.
func (g *Generator) Next() (caller string, s Step) {
	switch n := g.IntN(20); {
	case n == 0:
		caller = "nobody"
	case n < 7:
		caller = Root
	case n < 11:
		caller = g.signed()
	default:
		caller = g.token()
	}
	if g.IntN(4) == 0 {
		return caller, g.signedStep()
	}
	return caller, g.step(caller)
}

// token is the name of some token other than the first, a living one if there
// is one, now and then a dead one or one that was never made.
func (g *Generator) token() string {
	name := fmt.Sprint("t", 1+g.IntN(g.made+1))
	for range 20 {
		if g.model.Live(name) {
			break
		}
		if g.IntN(15) == 0 {
			return name
		}
		name = fmt.Sprint("t", 1+g.IntN(g.made+1))
	}
	return name
}

// Pause is how long until the next entry, mostly not at all.
func (g *Generator) Pause() time.Duration {
	switch g.IntN(6) {
	case 0:
		return time.Duration(g.IntN(4e9))
	case 1:
		return time.Duration(g.IntN(10)) * time.Second
	}
	return 0
}

// step is some command. None ends the first root token: with it all else would
// end.
func (g *Generator) step(caller string) Step {
	switch n := g.IntN(100); {
	case n < 40:
		return g.create()
	case n < 52:
		return &RenewStep{Name: g.maybe(g.token()), Increment: g.duration()}
	case n < 60:
		g.asked++
		return &IssueStep{Name: fmt.Sprint("l", g.asked)}
	case n < 61:
		return &EndStep{Name: fmt.Sprint("l", 1+g.IntN(g.asked+1))}
	case n < 69:
		return &UseStep{Path: g.pick("auth/token/lookup-self", "auth/token/lookup-self", "sys/mounts", "cubbyhole/a")}
	case n < 73:
		if caller == Root {
			return &RevokeStep{Name: g.token()}
		}
		return &RevokeStep{Name: g.maybe(g.token())}
	case n < 79:
		return &CutStep{Name: g.token()}
	case n < 81:
		return &PrefixStep{Prefix: g.pick("auth/token/create/r1", "auth/token/create/r2", "auth/token/create-orphan", "auth/token", "auth/token/create", "db/creds", "nothing")}
	case n < 87:
		return &RoleStep{Role: fsm.Role{
			Name: g.pick("r1", "r2"), Orphan: g.coin(), Renewable: g.IntN(4) > 0,
			Period: g.seldom(g.duration()), ExplicitMaxTTL: g.seldom(g.duration()),
		}}
	case n < 89:
		return &UnroleStep{Name: g.pick("r1", "r2")}
	case n < 93:
		return g.end()
	}
	return &BoxStep{Path: g.pick("a", "a/b", "c")}
}

// end is a step that ends batch tokens, or makes room for one that does. A key
// that was retired is not met again: it may be gone.
func (g *Generator) end() Step {
	switch g.IntN(10) {
	case 0, 1:
		return &DenyStep{Name: g.token()}
	case 2:
		return &FenceStep{fsm.FencePath, g.pick("auth/token/create/r1", "auth/token/create-orphan", "auth/token/create")}
	case 3:
		return &FenceStep{fsm.FenceRole, g.pick("r1", "r2")}
	case 4:
		if g.coin() {
			return &FenceStep{fsm.FenceCluster, ""}
		}
		return &FenceStep{fsm.FenceKey, g.model.key()}
	case 5, 6, 7:
		return &RetireStep{g.model.oldestOf(g.model.keys)}
	}
	g.turns++
	return &RotateStep{ID: fmt.Sprint("b", g.turns+1)}
}

func (g *Generator) create() Step {
	g.made++
	s := &CreateStep{Name: fmt.Sprint("t", g.made), Fixed: g.IntN(6) == 0, NoDefault: g.IntN(5) == 0}
	if name := g.token(); g.IntN(15) == 0 && !g.model.IsBatch(name) { // whose text nobody can choose
		s.Name = name // in use or buried
	}
	switch g.IntN(6) {
	case 0:
		s.Endpoint = fsm.CreateOrphan
	case 1, 2:
		s.Endpoint, s.Role = fsm.CreateByRole, g.pick("r1", "r2")
	}
	switch g.IntN(5) {
	case 0:
		s.Policies = []string{"all"}
	case 1:
		s.Policies = []string{"default"}
	case 2:
		s.Policies = []string{"all", "make"}
	case 3:
		s.Policies = []string{"make"}
	}
	s.NoParent = g.IntN(12) == 0
	s.TTL, s.Explicit, s.Period = g.duration(), g.seldom(g.duration()), g.seldom(g.duration())
	if g.IntN(3) == 0 {
		s.Uses = 1 + g.Uint32N(3)
	}
	if used := g.model.tokens[s.Name] != nil; !used && s.Name == fmt.Sprint("t", g.made) && g.IntN(4) == 0 {
		s.Batch = true
		if g.IntN(8) > 0 {
			s.Uses, s.Explicit, s.Period = 0, 0, 0
		}
	}
	return s
}

// duration is none or some seconds.
func (g *Generator) duration() time.Duration {
	if g.IntN(3) == 0 {
		return 0
	}
	return time.Duration(1+g.IntN(90)) * time.Second
}

func (g *Generator) seldom(d time.Duration) time.Duration {
	if g.IntN(4) == 0 {
		return d
	}
	return 0
}

func (g *Generator) coin() bool { return g.IntN(2) == 0 }

func (g *Generator) maybe(name string) string {
	if g.IntN(3) == 0 {
		return ""
	}
	return name
}

func (g *Generator) pick(from ...string) string { return from[g.IntN(len(from))] }

// Problem is why a lease could not be revoked, mostly none.
func (g *Generator) Problem() string {
	if g.IntN(4) == 0 {
		return "no connection"
	}
	return ""
}
