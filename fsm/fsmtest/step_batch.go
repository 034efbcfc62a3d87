package fsmtest

import (
	"strings"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// DenyStep ends one batch token by its accessor. Of any other name it ends nothing.
type DenyStep struct{ Name string }

// Command is what the machine is given.
func (s *DenyStep) Command() fsm.Command { return &fsm.BatchRevoke{Accessor: Accessor(s.Name)} }

func (s *DenyStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "jeton/batch-tokens/revoke", policy.Update
}

func (s *DenyStep) model(m *Model, _ *modelToken) fsm.Code {
	if m.IsBatch(s.Name) {
		m.kill(m.tokens[s.Name])
	}
	return 0
}

// FenceStep ends the batch tokens of a scope.
type FenceStep struct {
	Scope fsm.FenceScope
	Name  string
}

// Command is what the machine is given.
func (s *FenceStep) Command() fsm.Command { return &fsm.NotBefore{Scope: s.Scope, Name: s.Name} }

func (s *FenceStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "jeton/not-before", policy.Update
}

func (s *FenceStep) model(m *Model, _ *modelToken) fsm.Code {
	for _, t := range m.tokens { // order: each stands alone
		hit := s.Scope == fsm.FenceCluster ||
			s.Scope == fsm.FenceKey && t.key == s.Name ||
			s.Scope == fsm.FenceRole && t.role == s.Name ||
			s.Scope == fsm.FencePath && (t.path == s.Name || strings.HasPrefix(t.path, s.Name+"/"))
		if t.batch && hit {
			m.kill(t)
		}
	}
	return 0
}

// RotateStep puts a new key for batch or signed tokens into use.
type RotateStep struct {
	ID   string
	Sign bool
}

// Command is what the machine is given.
func (s *RotateStep) Command() fsm.Command {
	key := SigningKey(s.ID)
	if !s.Sign {
		key.Purpose = fsm.KeyBatch
	}
	return &fsm.KeyRotate{Keys: []fsm.NewKey{key}}
}

func (s *RotateStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "jeton/rotate", policy.Update // sys/rotate, which the policy all does not give either
}

func (s *RotateStep) model(m *Model, _ *modelToken) fsm.Code {
	if s.Sign {
		m.signers = append(m.signers, s.ID)
	} else {
		m.keys = append(m.keys, s.ID)
	}
	return 0
}

// RetireStep ends what an older key sealed or signed.
type RetireStep struct{ ID string }

// Command is what the machine is given.
func (s *RetireStep) Command() fsm.Command { return &fsm.KeyRetire{ID: s.ID} }

func (s *RetireStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "jeton/keyring/" + s.ID + "/retire", policy.Update
}

func (s *RetireStep) model(m *Model, _ *modelToken) fsm.Code {
	if s.ID == m.key() || s.ID == m.signer() {
		return fsm.Invalid
	}
	m.retired[s.ID] = true
	return 0
}

// key is the one in use.
func (m *Model) key() string { return m.keys[len(m.keys)-1] }

// oldestOf is the first key that is not retired.
func (m *Model) oldestOf(keys []string) string {
	for _, k := range keys {
		if !m.retired[k] {
			return k
		}
	}
	return keys[len(keys)-1]
}
