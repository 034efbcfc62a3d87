package fsmtest

import (
	"slices"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// Step is a command as a Generator makes it: what the machine is given, and what
// a model does about it.
type Step interface {
	Command() fsm.Command
	access(m *Model, t *modelToken) (path string, what policy.Capability)
	model(m *Model, t *modelToken) fsm.Code
}

// CreateStep makes a token.
type CreateStep struct {
	Name      string
	Endpoint  fsm.CreateEndpoint
	Role      string
	Policies  []string // in canonical form, or nil
	NoParent  bool
	NoDefault bool
	Fixed     bool
	TTL       time.Duration
	Explicit  time.Duration
	Period    time.Duration
	Uses      uint32
	Batch     bool
}

// Command is what the machine is given.
func (s *CreateStep) Command() fsm.Command {
	kind := fsm.TypeUnset
	if s.Batch {
		kind = fsm.TypeBatch
	}
	return &fsm.TokenCreate{
		Type: kind, Endpoint: s.Endpoint, Role: s.Role, Token: Digest(s.Name), Accessor: Accessor(s.Name),
		Policies: s.Policies, NoParent: s.NoParent, NoDefaultPolicy: s.NoDefault, NotRenewable: s.Fixed,
		TTL: s.TTL, ExplicitMaxTTL: s.Explicit, Period: s.Period, NumUses: s.Uses,
	}
}

func (s *CreateStep) access(*Model, *modelToken) (string, policy.Capability) {
	return s.path(), policy.Update
}

func (s *CreateStep) path() string {
	return [...]string{"auth/token/create", "auth/token/create-orphan", "auth/token/create/" + s.Role}[s.Endpoint]
}

func (s *CreateStep) model(m *Model, by *modelToken) fsm.Code {
	role, byRole := m.roles[s.Role]
	switch {
	case by.counted, by.batch, by.signed != nil:
		return fsm.Invalid
	case s.Endpoint == fsm.CreateByRole && !byRole:
		return fsm.Invalid
	case s.NoParent && !byRole && !by.sudo(), s.Period > 0 && !by.sudo():
		return fsm.Invalid
	}
	policies := s.Policies
	switch {
	case len(policies) == 0:
		policies = by.policies
	case by.sudo():
		policies = set(policies, !s.NoDefault)
	default:
		for _, p := range policies {
			if !slices.Contains(by.policies, p) {
				return fsm.Invalid
			}
		}
		policies = set(policies, !s.NoDefault && slices.Contains(by.policies, "default"))
	}
	if s.NoDefault {
		policies = slices.DeleteFunc(slices.Clone(policies), func(p string) bool { return p == "default" })
	}
	t := &modelToken{
		name: s.Name, parent: by.name, path: s.path(), role: s.Role, policies: policies, made: m.Clock,
		explicit: s.Explicit, period: s.Period, renewable: !s.Fixed, counted: s.Uses > 0, left: s.Uses,
	}
	period, explicit := s.Period, s.Explicit
	if byRole {
		t.renewable = t.renewable && role.Renewable
		period, explicit = least(period, role.Period), least(explicit, role.ExplicitMaxTTL)
	}
	if byRole && role.Orphan || !byRole && (s.NoParent || s.Endpoint == fsm.CreateOrphan) {
		t.parent = ""
	}
	root := slices.Equal(policies, []string{"root"})
	if s.Batch {
		if s.Uses > 0 || s.Explicit > 0 || s.Period > 0 || root {
			return fsm.Invalid
		}
		t.batch, t.key, t.renewable = true, m.key(), false
	}
	switch {
	case root && s.TTL == 0 && period == 0 && explicit == 0:
		if by.ttl != 0 {
			return fsm.Invalid
		}
		t.until, t.renewable = fsm.Never, false
	case root && s.TTL == 0 && period == 0:
		t.ttl = explicit
		t.until = m.Clock.Add(t.ttl)
	default:
		t.ttl = grant(m.Clock, m.Clock, s.TTL, period, explicit)
		t.until = m.Clock.Add(t.ttl)
	}
	t.granted = t.ttl
	if m.tokens[s.Name] != nil {
		return fsm.Exists
	}
	if !s.Batch && m.depth(t) > fsm.MaxTreeDepth {
		return fsm.Invalid
	}
	m.tokens[s.Name] = t
	return 0
}

func (m *Model) depth(t *modelToken) int {
	if t.parent == "" {
		return 0
	}
	return 1 + m.depth(m.tokens[t.parent])
}

func set(policies []string, withDefault bool) []string {
	if slices.Contains(policies, "root") {
		return []string{"root"}
	}
	s := slices.Clone(policies)
	if withDefault {
		s = append(s, "default")
	}
	slices.Sort(s)
	return slices.Compact(s)
}

// least is the lesser of two bounds, 0 for none.
func least(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// grant is the ttl from now on; 0 when there is none to give.
func grant(now, made fsm.Instant, asked, period, explicit time.Duration) time.Duration {
	most := time.Duration(fsm.MaxLeaseTTL)
	if explicit > 0 && explicit < most {
		most = explicit
	}
	ttl := asked
	if ttl == 0 {
		ttl = fsm.DefaultTTL
	}
	left := made.Add(most).Sub(now)
	if period > 0 {
		ttl = min(period, most)
		left = ttl
		if explicit > 0 {
			left = made.Add(explicit).Sub(now)
		}
	}
	return max(0, min(ttl, left.Truncate(time.Second)))
}

// RenewStep renews a token.
type RenewStep struct {
	Name      string // "": oneself
	Increment time.Duration
}

// Command is what the machine is given.
func (s *RenewStep) Command() fsm.Command {
	return &fsm.TokenRenew{Target: target(s.Name), Increment: s.Increment}
}

func (s *RenewStep) access(*Model, *modelToken) (string, policy.Capability) {
	return targetPath(s.Name, "renew"), policy.Update
}

func (s *RenewStep) model(m *Model, by *modelToken) fsm.Code {
	t := by
	if s.Name != "" {
		t = m.tokens[s.Name]
	}
	if t == nil || !m.Live(t.name) || t.name == Root || !t.renewable {
		return fsm.Invalid
	}
	period, explicit := t.period, t.explicit
	if t.role != "" {
		role, ok := m.roles[t.role]
		if !ok {
			return fsm.Invalid
		}
		period, explicit = role.Period, least(explicit, role.ExplicitMaxTTL)
	}
	asked := s.Increment
	if asked == 0 {
		asked = t.granted
	}
	ttl := grant(m.Clock, t.made, asked, period, explicit)
	if ttl <= 0 {
		return fsm.Invalid
	}
	t.granted, t.until = ttl, m.Clock.Add(ttl)
	return 0
}

func target(name string) fsm.Target {
	if name == "" {
		return fsm.Target{By: fsm.BySelf}
	}
	return fsm.Target{By: fsm.ByToken, Token: Digest(name)}
}

func targetPath(name, operation string) string {
	if name == "" {
		return "auth/token/" + operation + "-self"
	}
	return "auth/token/" + operation
}
