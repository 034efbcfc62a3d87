package http

import (
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

func (s *Server) autopilotRoutes() {
	s.handle(route{path: "sys/storage/raft/autopilot/configuration", folder: true, read: readAutopilot, update: writeAutopilot, about: about{
		read:   "Shows how the leader looks after the servers.",
		update: "Changes that.",
		takes: "cleanup_dead_servers dead_server_last_contact_threshold last_contact_threshold server_stabilization_time" +
			" max_trailing_logs min_quorum disable_upgrade_migration",
	}})
	s.handle(route{path: "sys/storage/raft/autopilot/state", folder: true, read: autopilotState, about: about{
		read: "Shows how the servers are, by the leader's word.",
	}})
}

func readAutopilot(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	a := view.State.Autopilot()
	return answer{data: object{
		"cleanup_dead_servers":               a.CleanupDead,
		"dead_server_last_contact_threshold": a.DeadAfter.String(),
		"disable_upgrade_migration":          false,
		"last_contact_threshold":             a.LastContact.String(),
		"max_trailing_logs":                  a.TrailingLogs,
		"min_quorum":                         a.MinQuorum,
		"server_stabilization_time":          a.Stabilization.String(),
	}}, nil
}

// writeAutopilot changes the fields that are given.
func writeAutopilot(c *call) (answer, error) {
	b, set := &c.body, new(fsm.AutopilotSet)
	if b.has("cleanup_dead_servers") {
		set.Config.CleanupDead = b.flag("cleanup_dead_servers", false)
		set.Given |= fsm.GivenCleanupDead
	}
	for _, f := range []struct {
		name  string
		value *time.Duration
		given fsm.AutopilotFields
	}{
		{"dead_server_last_contact_threshold", &set.Config.DeadAfter, fsm.GivenDeadAfter},
		{"last_contact_threshold", &set.Config.LastContact, fsm.GivenLastContact},
		{"server_stabilization_time", &set.Config.Stabilization, fsm.GivenStabilization},
	} {
		if b.has(f.name) {
			*f.value = b.duration(f.name)
			set.Given |= f.given
		}
	}
	if b.has("max_trailing_logs") {
		set.Config.TrailingLogs = uint64(b.whole("max_trailing_logs", fsm.MaxTrailingLogs))
		set.Given |= fsm.GivenTrailingLogs
	}
	if b.has("min_quorum") {
		set.Config.MinQuorum = uint32(b.whole("min_quorum", fsm.MaxMinQuorum))
		set.Given |= fsm.GivenMinQuorum
	}
	if b.flag("disable_upgrade_migration", false) {
		b.fail("disable_upgrade_migration", "is true, expected false: servers are not migrated by version")
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(set)
	return answer{}, err
}

// autopilotState is in the shape of Vault's. Beyond it, it says which seal keys the
// servers hold and how much of the keyring each wraps: one that wraps nothing can go.
func autopilotState(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	healths, err := c.s.cluster.Healths(c.ctx)
	if err != nil {
		return answer{}, err
	}
	addresses := make(map[string]string)
	for _, m := range c.s.cluster.Status().Members {
		addresses[m.ServerID] = m.ClusterAddr
	}
	servers, voters, leader := object{}, []string{}, ""
	for _, h := range healths {
		servers[h.ServerID] = serverState(h, addresses[h.ServerID])
		if h.Voter {
			voters = append(voters, h.ServerID)
		}
		if h.Leader {
			leader = h.ServerID
		}
	}
	healthy, tolerance := tolerates(healths)
	return answer{data: object{
		"healthy": healthy, "failure_tolerance": tolerance, "optimistic_failure_tolerance": tolerance,
		"leader": leader, "voters": voters, "servers": servers,
		"sealed_by": view.State.SealedBy(),
	}}, nil
}

// tolerates says whether all servers are healthy, and how many more voters may fail.
func tolerates(healths []cluster.Health) (healthy bool, tolerance int) {
	voters, well := 0, 0
	healthy = len(healths) > 0
	for _, h := range healths {
		healthy = healthy && h.Healthy
		if h.Voter {
			voters++
			if h.Healthy {
				well++
			}
		}
	}
	return healthy, max(0, well-(voters/2+1))
}

func serverState(h cluster.Health, address string) object {
	status, kind, alive := "non-voter", "non-voter", "alive"
	switch {
	case h.Leader:
		status, kind = "leader", "voter"
	case h.Voter:
		status, kind = "voter", "voter"
	}
	if !h.Healthy {
		alive = "failed"
		if !h.Heard {
			alive = "none" // by a leader that has just begun; Serf's word for not known
		}
	}
	stable := ""
	if !h.StableSince.IsZero() {
		stable = h.StableSince.UTC().Format(time.RFC3339Nano)
	}
	return object{
		"id": h.ServerID, "name": h.NodeID, "address": address,
		"healthy": h.Healthy, "node_status": alive, "node_type": kind, "status": status,
		"last_contact": h.LastContact.String(), "last_index": h.Applied, "last_term": h.Term,
		"stable_since": stable, "version": "", "meta": nil, "seal_keys": h.SealKeys,
	}
}
