package fsmtest

import (
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// UseStep is a read of a counted token.
type UseStep struct{ Path string }

// Command is what the machine is given.
func (s *UseStep) Command() fsm.Command {
	return &fsm.TokenUse{Path: s.Path, Capability: policy.Read}
}

func (s *UseStep) access(*Model, *modelToken) (string, policy.Capability) {
	return s.Path, policy.Read
}

func (s *UseStep) model(*Model, *modelToken) fsm.Code { return 0 }

// RevokeStep ends a token with its tree.
type RevokeStep struct{ Name string }

// Command is what the machine is given.
func (s *RevokeStep) Command() fsm.Command { return &fsm.TokenRevoke{Target: target(s.Name)} }

func (s *RevokeStep) access(*Model, *modelToken) (string, policy.Capability) {
	return targetPath(s.Name, "revoke"), policy.Update
}

func (s *RevokeStep) model(m *Model, by *modelToken) fsm.Code {
	t := by
	if s.Name != "" {
		t = m.tokens[s.Name]
	}
	switch {
	case by.batch && s.Name == "":
		return fsm.Invalid
	case t != nil && m.Live(t.name) && !t.batch: // a batch token has no record to be found, a signed one itself alone
		m.kill(t)
	}
	return 0
}

// CutStep ends a token and leaves its children alive.
type CutStep struct{ Name string }

// Command is what the machine is given.
func (s *CutStep) Command() fsm.Command { return &fsm.TokenRevokeOrphan{Token: Digest(s.Name)} }

func (s *CutStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "auth/token/revoke-orphan", policy.Update
}

func (s *CutStep) model(m *Model, by *modelToken) fsm.Code {
	if !by.sudo() || !m.Live(s.Name) || m.IsBatch(s.Name) || m.IsSigned(s.Name) {
		return fsm.Invalid
	}
	m.cut(m.tokens[s.Name])
	return 0
}

// PrefixStep ends what was made under a source path.
type PrefixStep struct{ Prefix string }

// Command is what the machine is given.
func (s *PrefixStep) Command() fsm.Command { return &fsm.PrefixRevoke{Prefix: s.Prefix} }

func (s *PrefixStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "sys/leases/revoke-prefix/" + s.Prefix, policy.Update
}

func (s *PrefixStep) model(m *Model, _ *modelToken) fsm.Code {
	m.mark(s.Prefix)
	return 0
}

// RoleStep writes a role, whole.
type RoleStep struct{ Role fsm.Role }

// Command is what the machine is given.
func (s *RoleStep) Command() fsm.Command {
	return &fsm.RoleSet{Role: s.Role, Given: fsm.GivenOrphan | fsm.GivenRenewable | fsm.GivenPeriod | fsm.GivenExplicitMaxTTL}
}

func (s *RoleStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "auth/token/roles/" + s.Role.Name, policy.Update
}

func (s *RoleStep) model(m *Model, _ *modelToken) fsm.Code {
	m.roles[s.Role.Name] = s.Role
	return 0
}

// UnroleStep deletes a role.
type UnroleStep struct{ Name string }

// Command is what the machine is given.
func (s *UnroleStep) Command() fsm.Command { return &fsm.RoleDelete{Name: s.Name} }

func (s *UnroleStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "auth/token/roles/" + s.Name, policy.Delete
}

func (s *UnroleStep) model(m *Model, _ *modelToken) fsm.Code {
	delete(m.roles, s.Name)
	return 0
}

// BoxStep writes to the caller's cubbyhole.
type BoxStep struct{ Path string }

// Command is what the machine is given.
func (s *BoxStep) Command() fsm.Command {
	return &fsm.CubbyholeSet{Path: s.Path, Value: []byte("sealed")}
}

func (s *BoxStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "cubbyhole/" + s.Path, policy.Update
}

func (s *BoxStep) model(m *Model, by *modelToken) fsm.Code {
	if by.batch || by.signed != nil {
		return fsm.Invalid
	}
	if m.boxes[by.name] == nil {
		m.boxes[by.name] = make(map[string]bool)
	}
	m.boxes[by.name][s.Path] = true
	return 0
}

// Box counts the values of a token's cubbyhole.
func (m *Model) Box(name string) int { return len(m.boxes[name]) }
