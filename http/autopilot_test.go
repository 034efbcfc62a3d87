package http_test

import (
	"testing"
	"time"

	vault "github.com/hashicorp/vault/api"

	"github.com/jeton-io/jeton/cluster"
)

const autopilotPath = "sys/storage/raft/autopilot/configuration"

func TestAutopilotConfiguration(t *testing.T) {
	s := newStand(t)
	d := s.must(200, "GET", autopilotPath, root, nil).data()
	if d["cleanup_dead_servers"] != false || d["dead_server_last_contact_threshold"] != "24h0m0s" || d["max_trailing_logs"] != 1000.0 {
		t.Errorf("%v", d)
	}
	s.run(t, []row{
		{"too soon", "POST", autopilotPath, root, object{"dead_server_last_contact_threshold": "59s"}, 400, "at least 1m"},
		{"no duration", "POST", autopilotPath, root, object{"last_contact_threshold": "soon"}, 400, "last_contact_threshold"},
		{"negative", "POST", autopilotPath, root, object{"server_stabilization_time": "-1s"}, 400, "server_stabilization_time"},
		{"no minimum", "POST", autopilotPath, root, object{"cleanup_dead_servers": true}, 400, "min_quorum"},
		{"a low minimum", "POST", autopilotPath, root, object{"cleanup_dead_servers": true, "min_quorum": 2}, 400, "at least 3"},
		{"too many", "POST", autopilotPath, root, object{"min_quorum": 1000}, 400, "min_quorum"},
		{"migration", "POST", autopilotPath, root, object{"disable_upgrade_migration": true}, 400, "disable_upgrade_migration"},
		{"nobody", "POST", autopilotPath, "", object{}, 403, "permission denied"},
		{"list", "LIST", autopilotPath, root, nil, 405, "unsupported operation"},
	})
	s.must(204, "POST", autopilotPath, root, object{"cleanup_dead_servers": "true", "min_quorum": "3", "dead_server_last_contact_threshold": 120})
	d = s.must(200, "GET", autopilotPath, root, nil).data()
	if d["cleanup_dead_servers"] != true || d["min_quorum"] != 3.0 || d["dead_server_last_contact_threshold"] != "2m0s" || d["last_contact_threshold"] != "10s" {
		t.Errorf("%v", d)
	}
}

func TestAutopilotState(t *testing.T) {
	s := newStand(t)
	well := cluster.Health{Voter: true, Healthy: true, Heard: true, LastContact: time.Millisecond, Applied: 10, Term: 2, StableSince: time.Unix(1_700_000_000, 0)}
	with := func(id string, change func(*cluster.Health)) cluster.Health {
		h := well
		h.ServerID, h.NodeID = id+"-0123456789abcdef", id
		change(&h)
		return h
	}
	same := func(*cluster.Health) {}
	lead := func(h *cluster.Health) { h.Leader = true }
	ill := func(h *cluster.Health) { h.Healthy, h.StableSince = false, time.Time{} }
	for _, tt := range []struct {
		name      string
		healths   []cluster.Health
		healthy   bool
		tolerance float64
	}{
		{"three", []cluster.Health{with("a", lead), with("b", same), with("c", same)}, true, 1},
		{"one ill", []cluster.Health{with("a", lead), with("b", ill), with("c", same)}, false, 0},
		{"two ill", []cluster.Health{with("a", lead), with("b", ill), with("c", ill)}, false, 0},
		{"a reader counts for nothing", []cluster.Health{with("a", lead), with("r", func(h *cluster.Health) { h.Voter = false })}, true, 0},
		{"five", []cluster.Health{with("a", lead), with("b", same), with("c", same), with("d", same), with("e", same)}, true, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.cluster.SetHealths(tt.healths)
			d := s.must(200, "GET", "sys/storage/raft/autopilot/state", root, nil).data()
			if d["healthy"] != tt.healthy || d["failure_tolerance"] != tt.tolerance || d["leader"] != "a-0123456789abcdef" {
				t.Errorf("%v", d)
			}
			if servers := d["servers"].(map[string]any); len(servers) != len(tt.healths) {
				t.Errorf("%d servers, want %d", len(servers), len(tt.healths))
			}
		})
	}
	s.cluster.SetHealths([]cluster.Health{with("a", lead), with("b", ill), with("new", func(h *cluster.Health) { ill(h); h.Heard = false })})
	servers := s.must(200, "GET", "sys/storage/raft/autopilot/state", root, nil).data()["servers"].(map[string]any)
	for id, want := range map[string]string{"a": "alive", "b": "failed", "new": "none"} { // order: each stands alone
		if got := servers[id+"-0123456789abcdef"].(map[string]any)["node_status"]; got != want {
			t.Errorf("%s is %v, want %s", id, got, want)
		}
	}
	if by := s.must(200, "GET", "sys/storage/raft/autopilot/state", root, nil).data()["sealed_by"].(map[string]any); by["test"] != 3.0 {
		t.Errorf("sealed by %v", by)
	}
	s.must(403, "GET", "sys/storage/raft/autopilot/state", "", nil)
}

// Vault's client reads and writes both.
func TestAutopilotByVaultsClient(t *testing.T) {
	s := newStand(t)
	s.cluster.SetHealths([]cluster.Health{{ServerID: "a-0123456789abcdef", NodeID: "a", Voter: true, Leader: true, Healthy: true, Heard: true, Applied: 9, StableSince: time.Unix(1_700_000_000, 0)}})
	c := newVault(t, s.handler)
	sys := c.Sys()
	want := &vault.AutopilotConfig{
		CleanupDeadServers: true, MinQuorum: 3, MaxTrailingLogs: 99, LastContactThreshold: 5 * time.Second,
		DeadServerLastContactThreshold: time.Hour, ServerStabilizationTime: time.Minute,
	}
	if err := sys.PutRaftAutopilotConfiguration(want); err != nil {
		t.Fatal(err)
	}
	if got, err := sys.RaftAutopilotConfiguration(); err != nil || *got != *want {
		t.Errorf("%+v, want %+v (%v)", got, want, err)
	}
	state, err := sys.RaftAutopilotState()
	if err != nil {
		t.Fatal(err)
	}
	if server := state.Servers["a-0123456789abcdef"]; !state.Healthy || server == nil || server.LastIndex != 9 || server.Status != "leader" {
		t.Errorf("%+v", state)
	}
}
