package fsmtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// modelRunner is what is known of a runner.
type modelRunner struct {
	state  fsm.AdoptionState
	labels uint64
	local  bool
	seen   fsm.Instant
	was    *modelRunner // before it came with other labels, if that was decided on
}

func (r *modelRunner) decided() bool {
	return r.state == fsm.RunnerAdopted || r.state == fsm.RunnerRejected
}

// registered is what becomes of a runner that says this of itself.
func (m *Model) registered(id string, labels uint64, local bool) modelRunner {
	n := modelRunner{state: fsm.RunnerPending, labels: labels, local: local, seen: m.Clock}
	old := m.runners[id]
	if old == nil {
		return n
	}
	if old.decided() || old.was != nil {
		n.local = old.local
	}
	n.state, n.was = old.state, old.was
	switch {
	case labels == old.labels:
	case old.decided():
		n.state, n.was = fsm.RunnerPending, &modelRunner{state: old.state, labels: old.labels}
	case old.was != nil && old.was.labels == labels:
		n.state, n.was = old.was.state, nil
	default:
		n.state = fsm.RunnerPending
	}
	return n
}

// leave is what becomes of a runner that is not heard of any more.
func (m *Model) leave(id string) {
	switch r := m.runners[id]; {
	case r == nil:
	case r.was != nil:
		r.state, r.labels, r.was = r.was.state, r.was.labels, nil
	case r.passes():
		delete(m.runners, id)
	}
}

func (r *modelRunner) passes() bool { return !r.decided() || r.local && r.state == fsm.RunnerAdopted }

// silent says whether a runner has to go that nobody has heard of for long.
func (m *Model) silent(id string) bool {
	r := m.runners[id]
	return r != nil && r.passes() && r.seen.Add(fsm.RunnerPatience) <= m.Clock
}

// Silence lets go of such runners, and says whether there were any: the machine does
// that when it is told to expire things.
func (m *Model) Silence() (any bool) {
	for _, id := range m.Runners() {
		for m.silent(id) {
			m.leave(id)
			any = true
		}
	}
	return any
}

// Runners lists the runners in order of their ids.
func (m *Model) Runners() (ids []string) {
	for id := range m.runners { // order: sorted below
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Standing is a runner's state and labels, and what it was.
func (m *Model) Standing(id string) string {
	r := m.runners[id]
	s := fmt.Sprintf("%s %d", r.state, r.labels)
	if r.was != nil {
		s += fmt.Sprintf(", was %s %d", r.was.state, r.was.labels)
	}
	return s
}

// RunnerTokenStep makes a token for a runner.
type RunnerTokenStep struct {
	Name, Runner string
	Labels       uint64
	Term         time.Duration
}

// Command is what the machine is given.
func (s *RunnerTokenStep) Command() fsm.Command {
	return &fsm.RunnerIssue{Accessor: Accessor(s.Name), Runner: s.Runner, LabelHash: s.Labels, Term: s.Term}
}

func (s *RunnerTokenStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "token/runner", policy.Update
}

func (s *RunnerTokenStep) model(m *Model, by *modelToken) fsm.Code {
	if by.signed != nil && by.signed.kind == fsm.SignedRunner && by.signed.runner != s.Runner {
		return fsm.Invalid
	}
	return m.addSigned(s.Name, int64(s.Term), modelSigned{kind: fsm.SignedRunner, runner: s.Runner, labels: s.Labels})
}

// RegisterStep is a runner that wants to be adopted.
type RegisterStep struct {
	ID     string
	Labels uint64
	Local  bool
}

// Command is what the machine is given.
func (s *RegisterStep) Command() fsm.Command {
	c := Register(s.ID, s.Labels)
	if s.Local {
		c.Runner.Kind = fsm.RunnerLocal
	}
	return c
}

func (s *RegisterStep) access(*Model, *modelToken) (string, policy.Capability) { return "", 0 }

func (s *RegisterStep) model(m *Model, _ *modelToken) fsm.Code {
	r := m.registered(s.ID, s.Labels, s.Local)
	m.runners[s.ID] = &r
	return 0
}

// OnlineStep is a runner that begins to work.
type OnlineStep struct {
	ID     string
	Labels uint64
}

// Command is what the machine is given.
func (s *OnlineStep) Command() fsm.Command { return Online(s.ID, s.Labels) }

func (s *OnlineStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "runner/" + s.ID + "/online", policy.Update
}

func (s *OnlineStep) model(m *Model, by *modelToken) fsm.Code {
	ids := []string{s.ID}
	if by.signed != nil && by.signed.runner != "" {
		ids = append(ids, by.signed.runner)
		if !strings.EqualFold(by.signed.runner, s.ID) || by.signed.labels != 0 && by.signed.labels != s.Labels {
			return fsm.Denied
		}
	}
	for _, id := range ids {
		if r := m.runners[id]; r != nil && (r.state == fsm.RunnerRejected || r.was != nil && r.was.state == fsm.RunnerRejected) {
			return fsm.Denied
		}
	}
	r := m.registered(s.ID, s.Labels, false)
	if r.state != fsm.RunnerAdopted {
		r.state = fsm.RunnerPreadopted
	}
	m.runners[s.ID] = &r
	return 0
}

// AdoptStep is an operator's word on a runner.
type AdoptStep struct {
	ID  string
	Yes bool
}

// Command is what the machine is given.
func (s *AdoptStep) Command() fsm.Command { return &fsm.RunnerAdopt{ID: s.ID, Adopt: s.Yes} }

func (s *AdoptStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "runner/" + s.ID + "/adopt", policy.Update
}

func (s *AdoptStep) model(m *Model, _ *modelToken) fsm.Code {
	r := m.runners[s.ID]
	if r == nil {
		return fsm.NotFound
	}
	r.was, r.state = nil, fsm.RunnerRejected
	if s.Yes {
		r.state = fsm.RunnerAdopted
	}
	return 0
}

// LeaveStep is a runner that goes away, or is forgotten.
type LeaveStep struct {
	ID     string
	Forget bool
}

// Command is what the machine is given.
func (s *LeaveStep) Command() fsm.Command {
	if s.Forget {
		return &fsm.RunnerForget{ID: s.ID}
	}
	return &fsm.RunnerOffline{ID: s.ID}
}

func (s *LeaveStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "runner/" + s.ID + "/forget", policy.Update
}

func (s *LeaveStep) model(m *Model, _ *modelToken) fsm.Code {
	if s.Forget {
		delete(m.runners, s.ID)
	} else {
		m.leave(s.ID)
	}
	return 0
}
