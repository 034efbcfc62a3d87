package http

import (
	"strings"

	"github.com/jeton-io/jeton/cluster"
)

func (s *Server) sysRoutes() {
	s.handle(route{path: "sys/health", folder: true, open: true, vital: true, read: health, about: about{
		read: "Says by its status what the node is, for load balancers.", asks: healthAsks,
	}})
	s.handle(route{path: "sys/leader", folder: true, open: true, vital: true, read: leader, about: about{
		read: "Names the leader.",
	}})
	s.handle(route{path: "sys/seal-status", folder: true, open: true, vital: true, read: sealStatus, about: about{
		read: "Says whether the node has opened the keyring.",
	}})
	s.handle(route{path: "sys/init", folder: true, open: true, read: initStatus, update: initialize, about: about{
		read: "Says whether the cluster is initialized.", update: "Makes the first root token, once.", takes: initTakes,
	}})
	s.capabilityRoutes()
	s.wrappingRoutes()
	s.raftRoutes()
	s.autopilotRoutes()
}

// sealed says that the node has no access to the cluster's keys. Nobody unseals
// it by hand: it opens the keyring with its own seal key when it can.
func sealed(s cluster.Status) bool { return !s.Ready }

// leading is the member that leads, by the raft configuration.
func leading(s cluster.Status) (cluster.Member, bool) {
	for _, m := range s.Members {
		if m.Leader {
			return m, true
		}
	}
	return cluster.Member{}, false
}

// apiURL is where clients reach a node, as Vault shows addresses. Gossip has
// hosts and ports; all nodes of a cluster serve with TLS or none does.
func (s *Server) apiURL(hostPort string) string {
	switch {
	case hostPort == "" || strings.Contains(hostPort, "://"):
		return hostPort
	case s.cert != nil:
		return "https://" + hostPort
	}
	return "http://" + hostPort
}

// clusterURL is the address of raft and node-to-node calls, always with TLS.
func clusterURL(hostPort string) string {
	if hostPort == "" {
		return ""
	}
	return "https://" + hostPort
}

func leader(c *call) (answer, error) {
	st := c.s.cluster.Status()
	led, _ := leading(st)
	return answer{bare: object{
		"ha_enabled":                          true,
		"is_self":                             st.Leader,
		"active_time":                         "0001-01-01T00:00:00Z", // of this leadership; not kept
		"leader_address":                      c.s.apiURL(st.LeaderHTTPAddr),
		"leader_cluster_address":              clusterURL(led.ClusterAddr),
		"performance_standby":                 false,
		"raft_committed_index":                st.Commit,
		"raft_applied_index":                  st.Applied,
		"performance_standby_last_remote_wal": 0,
	}}, nil
}

func sealStatus(c *call) (answer, error) {
	st := c.s.cluster.Status()
	return answer{bare: object{
		"type":          "jeton",
		"initialized":   st.Initialized,
		"sealed":        sealed(st),
		"t":             0, // no key shares: the seal key is a file
		"n":             0,
		"progress":      0,
		"nonce":         "",
		"migration":     false,
		"recovery_seal": false,
		"storage_type":  "raft",
		"version":       c.s.version,
		"build_date":    "",
		"cluster_name":  st.ClusterName,
		"cluster_id":    st.ClusterID,
	}}, nil
}

func initStatus(c *call) (answer, error) {
	return answer{bare: object{"initialized": c.s.cluster.Status().Initialized}}, nil
}

const initTakes = "secret_shares secret_threshold stored_shares recovery_shares recovery_threshold" +
	" pgp_keys recovery_pgp_keys root_token_pgp_key"

// initialize makes the first root token. There are no key shares to hand out:
// every node opens the keyring with its seal key. Parameters that ask for
// secrets to be encrypted are refused, the number of shares is not used.
func initialize(c *call) (answer, error) {
	for _, name := range []string{"secret_shares", "secret_threshold", "stored_shares", "recovery_shares", "recovery_threshold"} {
		c.body.whole(name, 255)
	}
	for _, name := range []string{"pgp_keys", "recovery_pgp_keys"} {
		if keys := c.body.list(name, 255); len(keys) > 0 {
			return answer{}, invalid("field %q is not supported: no key shares are made", name)
		}
	}
	if c.body.text("root_token_pgp_key") != "" {
		return answer{}, invalid("field \"root_token_pgp_key\" is not supported")
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	token := newServiceToken()
	err := c.s.cluster.Initialize(c.ctx, cluster.InitRequest{RootToken: token, Accessor: newAccessor()})
	if err != nil {
		return answer{}, err
	}
	none := []string{}
	return answer{bare: object{
		"keys": none, "keys_base64": none, "root_token": token,
	}}, nil
}
