package fsmtest

import (
	"slices"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// Model says what the machine should say, in the simplest way there is: maps,
// walks from every token to its root, and no sweeping: what is dead is found out
// anew each time. It covers what a Generator makes.
type Model struct {
	Clock  fsm.Instant
	tokens map[string]*modelToken // by name; the dead stay
	roles  map[string]fsm.Role
	boxes  map[string]map[string]bool
	leases map[string]*modelLease // by name; the ended stay

	keys    []string        // for batch tokens; the last is in use
	signers []string        // for signed ones, likewise
	retired map[string]bool // of these

	people  map[string]*person      // users of Waypoint's by their id
	runners map[string]*modelRunner // by their id
}

type modelToken struct {
	name, parent string // parent "": an orphan
	path, role   string
	policies     []string
	made, until  fsm.Instant
	ttl, granted time.Duration
	explicit     time.Duration
	period       time.Duration
	renewable    bool
	counted      bool
	left         uint32
	dead         bool // revoked, used up or marked

	batch  bool
	key    string // of a batch or signed token
	signed *modelSigned
}

// NewModel is the state of a new Lab with Waypoint's surface; see WaypointBootstrap.
func NewModel() *Model {
	m := &Model{
		Clock: Start,
		tokens: map[string]*modelToken{Root: {
			name: Root, path: "auth/token/root", policies: []string{"root"}, until: fsm.Never, made: Start,
		}},
		roles:  make(map[string]fsm.Role),
		boxes:  make(map[string]map[string]bool),
		leases: make(map[string]*modelLease),
		keys:   []string{"b1"}, signers: []string{"w1"}, retired: make(map[string]bool),
		people:  map[string]*person{fsm.DefaultSignedUser: {name: "waypoint"}},
		runners: make(map[string]*modelRunner),
	}
	m.addSigned(FirstLogin, 0, modelSigned{kind: fsm.SignedLogin, user: fsm.DefaultSignedUser})
	return m
}

// Live says whether a token lives: nothing ended it, its deadline lies ahead,
// and so it is with every ancestor.
func (m *Model) Live(name string) bool {
	t := m.tokens[name]
	switch {
	case t == nil || t.dead || t.until <= m.Clock || m.retired[t.key]:
		return false
	case t.signed != nil:
		return m.refuses(name) == 0
	}
	return t.parent == "" || m.Live(t.parent)
}

// Names lists every token that was ever made.
func (m *Model) Names() (names []string) {
	for n := range m.tokens { // order: sorted below
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// IsBatch says whether the token of a name is a batch token.
func (m *Model) IsBatch(name string) bool {
	t := m.tokens[name]
	return t != nil && t.batch
}

// Left is the number of uses a token has left, and its deadline.
func (m *Model) Left(name string) (uses uint32, deadline fsm.Instant) {
	return m.tokens[name].left, m.tokens[name].until
}

// Do is one command of a caller. It returns the code of the verdict, 0 when it
// is done.
func (m *Model) Do(caller string, c Step) fsm.Code {
	if fsm.NeedsNoCaller(c.Command()) {
		return c.model(m, nil)
	}
	if code := m.refuses(caller); code != 0 {
		return code
	}
	t := m.tokens[caller]
	m.assume(t)
	allowed := m.may(t, c)
	if t.counted {
		t.left--
		t.dead = t.left == 0
	}
	if !allowed {
		return fsm.Denied
	}
	return c.model(m, t)
}

// may is what the few policies of a Generator give.
func (m *Model) may(t *modelToken, c Step) bool {
	path, _ := c.access(m, t)
	if allowed, denied := m.surface(t, path); allowed || denied {
		return allowed
	}
	for _, p := range t.policies {
		switch p {
		case "root", "all":
			return p == "root" || path == "jeton/users" ||
				!strings.HasPrefix(path, "sys/leases/revoke-prefix/") && !strings.HasPrefix(path, "jeton/")
		case "default":
			if slices.Contains([]string{"auth/token/lookup-self", "auth/token/renew-self", "auth/token/revoke-self"}, path) ||
				strings.HasPrefix(path, "cubbyhole/") {
				return true
			}
		case "make":
			if strings.HasPrefix(path, "auth/token/create") {
				return true
			}
		}
	}
	return false
}

// sudo is held by root alone in a Generator's world.
func (t *modelToken) sudo() bool { return slices.Contains(t.policies, "root") }

// GeneratorPolicies are the policies of a Generator's world: "all" gives every
// capability but sudo on every path, "make" only making tokens.
func GeneratorPolicies() []*fsm.PolicySet {
	every := policy.Create | policy.Read | policy.Update | policy.Delete | policy.List
	return []*fsm.PolicySet{
		Policy("all", Allow("*", every)),
		Policy("make", Allow("auth/token/create*", every)),
	}
}

// kill ends a token and, by the walk, what hangs below it.
func (m *Model) kill(t *modelToken) { t.dead = true }

// cut ends a token and makes its children orphans, but for batch tokens.
func (m *Model) cut(t *modelToken) {
	t.dead = true
	for _, k := range m.tokens { // order: each stands alone
		if k.parent == t.name && !k.batch {
			k.parent = ""
		}
	}
}

// mark ends all tokens and leases made under a prefix so far.
func (m *Model) mark(prefix string) {
	for _, k := range m.tokens { // order: each stands alone
		if k.name != Root && k.signed == nil && (k.path == prefix || strings.HasPrefix(k.path, prefix+"/")) {
			k.dead = true
		}
	}
	m.markLeases(prefix)
}
