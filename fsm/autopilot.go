package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// Autopilot is how the leader looks after the servers of the raft configuration, in
// the words of Vault's sys/storage/raft/autopilot/configuration. The machine only
// keeps it.
type Autopilot struct {
	CleanupDead   bool          // servers that are dead long enough are removed
	DeadAfter     time.Duration // silence that makes a server dead
	LastContact   time.Duration // silence that makes it unhealthy
	Stabilization time.Duration // for so long a newcomer has to be healthy before it votes
	TrailingLogs  uint64        // entries behind the leader that make it unhealthy
	MinQuorum     uint32        // voters that a removal has to leave
}

// The bounds of Autopilot. Removing a server that is only restarted would do harm, so
// a minute is the least.
const (
	MinDeadAfter     = time.Minute
	MaxAutopilotTime = 365 * 24 * time.Hour
	MaxTrailingLogs  = 1_000_000
	MinCleanupQuorum = 3
	MaxMinQuorum     = 99
)

// defaultAutopilot holds until somebody says otherwise: Vault's values, but that a
// newcomer is stable sooner.
var defaultAutopilot = Autopilot{
	DeadAfter: 24 * time.Hour, LastContact: 10 * time.Second, Stabilization: 3 * time.Second, TrailingLogs: 1000,
}

func (a *Autopilot) tag() recordTag { return tagAutopilot }

func (a *Autopilot) fields(c *coder) {
	c.bool(&a.CleanupDead)
	c.duration(&a.DeadAfter)
	c.duration(&a.LastContact)
	c.duration(&a.Stabilization)
	c.u64(&a.TrailingLogs)
	c.u32(&a.MinQuorum)
}

// Autopilot is what holds now.
func (s *State) Autopilot() Autopilot {
	if a, ok := s.autopilot.find(struct{}{}); ok {
		return *a
	}
	return defaultAutopilot
}

// AutopilotSet changes what is given of it.
type AutopilotSet struct {
	Config Autopilot
	Given  AutopilotFields
}

// AutopilotFields are the fields that a request names.
type AutopilotFields uint8

// The fields, append-only.
const (
	GivenCleanupDead AutopilotFields = 1 << iota
	GivenDeadAfter
	GivenLastContact
	GivenStabilization
	GivenTrailingLogs
	GivenMinQuorum
)

func (*AutopilotSet) kind() Kind { return kindAutopilotSet }

func (a *AutopilotSet) fields(c *coder) {
	a.Config.fields(c)
	c.u8((*uint8)(&a.Given))
}

// Validate bounds each field, given or not.
func (a *AutopilotSet) Validate() error {
	if a.Given >= GivenMinQuorum<<1 {
		return invalid(OutOfRange, "given fields", uint8(a.Given), "known ones")
	}
	for _, d := range [...]struct {
		name  string
		value time.Duration
	}{
		{"dead_server_last_contact_threshold", a.Config.DeadAfter},
		{"last_contact_threshold", a.Config.LastContact},
		{"server_stabilization_time", a.Config.Stabilization},
	} {
		if d.value < 0 || d.value > MaxAutopilotTime {
			return invalid(OutOfRange, d.name, d.value, "0 s to a year")
		}
	}
	switch {
	case a.Config.TrailingLogs > MaxTrailingLogs:
		return invalid(OutOfRange, "max_trailing_logs", a.Config.TrailingLogs, "at most 1000000")
	case a.Config.MinQuorum > MaxMinQuorum:
		return invalid(OutOfRange, "min_quorum", a.Config.MinQuorum, "at most 99")
	}
	return nil
}

func (*AutopilotSet) access(*State, *Actor) Access {
	return Access{Path: "sys/storage/raft/autopilot/configuration", Capability: policy.Update}
}

// apply checks the outcome as a whole: cleaning up needs to know what has to be left.
func (a *AutopilotSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	next := tx.st.Autopilot()
	next.take(&a.Config, a.Given)
	switch {
	case next.DeadAfter < MinDeadAfter:
		return nil, invalid(OutOfRange, "dead_server_last_contact_threshold", next.DeadAfter, "at least 1m")
	case next.LastContact <= 0:
		return nil, invalid(OutOfRange, "last_contact_threshold", next.LastContact, "more than 0 s")
	case next.CleanupDead && next.MinQuorum < MinCleanupQuorum:
		return nil, invalid(OutOfRange, "min_quorum", next.MinQuorum, "at least 3 where dead servers are removed")
	}
	putRecord(tx, &tx.st.autopilot, struct{}{}, &next)
	return &Done{}, nil
}

func (a *Autopilot) take(from *Autopilot, given AutopilotFields) {
	if given&GivenCleanupDead != 0 {
		a.CleanupDead = from.CleanupDead
	}
	if given&GivenDeadAfter != 0 {
		a.DeadAfter = from.DeadAfter
	}
	if given&GivenLastContact != 0 {
		a.LastContact = from.LastContact
	}
	if given&GivenStabilization != 0 {
		a.Stabilization = from.Stabilization
	}
	if given&GivenTrailingLogs != 0 {
		a.TrailingLogs = from.TrailingLogs
	}
	if given&GivenMinQuorum != 0 {
		a.MinQuorum = from.MinQuorum
	}
}
