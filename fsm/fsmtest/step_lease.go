package fsmtest

import (
	"slices"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// The role of a Generator's leases. Nobody confirms them, so that they end by
// themselves after fsm.IssueWindow at the latest.
const (
	GeneratorRole     = "ro"
	generatorLeaseTTL = 40 * time.Second
	leasePath         = Database + "/creds/" + GeneratorRole
)

// modelLease is a secret and whose it is.
type modelLease struct {
	owner string
	until fsm.Instant
	ended bool
}

// AddGeneratorRole makes the role in a Lab.
func (l *Lab) AddGeneratorRole() { l.AddRole(GeneratorRole, generatorLeaseTTL, time.Hour) }

// IssueStep makes a secret of an engine.
type IssueStep struct{ Name string }

// Command is what the machine is given.
func (s *IssueStep) Command() fsm.Command {
	return &fsm.LeaseIssue{
		Mount: Database, Path: "creds/" + GeneratorRole, Suffix: Accessor(s.Name), Role: "roles/" + GeneratorRole,
	}
}

func (s *IssueStep) access(*Model, *modelToken) (string, policy.Capability) {
	return leasePath, policy.Read
}

func (s *IssueStep) model(m *Model, by *modelToken) fsm.Code {
	if by.dead || by.signed != nil { // this was its last use, or it holds nothing
		return fsm.Invalid
	}
	ttl := generatorLeaseTTL
	for t := by; t != nil; t = m.tokens[t.parent] {
		ttl = min(ttl, t.until.Sub(m.Clock).Truncate(time.Second))
		if !t.batch {
			break // what bounds a token of its own is nobody above it
		}
	}
	if ttl <= 0 {
		return fsm.Invalid
	}
	m.leases[s.Name] = &modelLease{owner: by.name, until: m.Clock.Add(ttl)}
	return 0
}

// EndStep ends the lease of a name.
type EndStep struct{ Name string }

// Command is what the machine is given.
func (s *EndStep) Command() fsm.Command {
	return &fsm.LeaseRevoke{Lease: LeaseID(GeneratorRole, s.Name)}
}

func (s *EndStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "sys/leases/revoke", policy.Update
}

func (s *EndStep) model(m *Model, _ *modelToken) fsm.Code {
	if x := m.leases[s.Name]; x != nil {
		x.ended = true
	}
	return 0
}

// LeaseLives says whether a lease does: nothing ended it, its time has not come,
// and its token lives.
func (m *Model) LeaseLives(name string) bool {
	x := m.leases[name]
	return x != nil && !x.ended && x.until > m.Clock && m.Live(x.owner)
}

// Leases lists every lease that was ever made.
func (m *Model) Leases() (names []string) {
	for n := range m.leases { // order: sorted below
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// markLeases ends all leases made under a prefix so far.
func (m *Model) markLeases(prefix string) {
	if leasePath != prefix && !strings.HasPrefix(leasePath, prefix+"/") {
		return
	}
	for _, x := range m.leases { // order: each stands alone
		x.ended = true
	}
}
