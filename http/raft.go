package http

import "github.com/jeton-io/jeton/cluster"

func (s *Server) raftRoutes() {
	s.handle(route{path: "sys/ha-status", folder: true, read: haStatus, about: about{
		read: "Lists the servers of the cluster.",
	}})
	s.handle(route{path: "sys/step-down", folder: true, update: stepDown, about: about{
		update: "Makes the leader hand leadership over.",
	}})
	s.handle(route{path: "sys/storage/raft/configuration", folder: true, read: raftConfiguration, about: about{
		read: "Lists the servers of the raft configuration.",
	}})
	s.handle(route{path: "sys/storage/raft/remove-peer", folder: true, update: removePeer, about: about{
		update: "Takes a server out of the cluster.", takes: "server_id dr_operation_token",
	}})
}

// haStatus lists the servers of the raft configuration with what gossip knows
// of them.
func haStatus(c *call) (answer, error) {
	if _, _, err := c.read(c.access()); err != nil {
		return answer{}, err
	}
	st := c.s.cluster.Status()
	nodes := make([]object, 0, len(st.Members))
	for _, m := range st.Members {
		nodes = append(nodes, object{
			"hostname":        m.NodeID,
			"api_address":     c.s.apiURL(m.HTTPAddr),
			"cluster_address": clusterURL(m.ClusterAddr),
			"active_node":     m.Leader,
			"last_echo":       nil,
			"alive":           m.Alive,
			"voter":           m.Voter,
		})
	}
	return answer{data: object{"nodes": nodes}, flat: true}, nil
}

// stepDown makes the leader hand leadership over, whichever node is asked.
func stepDown(c *call) (answer, error) {
	if _, _, err := c.read(c.access()); err != nil {
		return answer{}, err
	}
	return answer{}, c.s.cluster.StepDown(c.ctx)
}

// raftConfiguration lists the servers by their server ids, which name a node
// and the incarnation of its data.
func raftConfiguration(c *call) (answer, error) {
	if _, _, err := c.read(c.access()); err != nil {
		return answer{}, err
	}
	st := c.s.cluster.Status()
	servers := make([]object, 0, len(st.Members))
	for _, m := range st.Members {
		servers = append(servers, object{
			"node_id":          m.ServerID,
			"name":             m.NodeID,
			"address":          m.ClusterAddr,
			"leader":           m.Leader,
			"voter":            m.Voter,
			"alive":            m.Alive,
			"protocol_version": "3",
		})
	}
	config := object{"servers": servers, "index": st.Applied}
	return answer{data: object{"config": config}}, nil
}

// removePeer takes a server out of the cluster, named by its server id or, when
// that is enough, by its node id.
func removePeer(c *call) (answer, error) {
	id := c.body.text("server_id")
	c.body.take("dr_operation_token") // the official clients always send it
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if id == "" {
		return answer{}, invalid("server_id must be specified")
	}
	if _, _, err := c.read(c.access()); err != nil {
		return answer{}, err
	}
	m, err := memberNamed(c.s.cluster.Status(), id)
	if err != nil {
		return answer{}, err
	}
	return answer{}, c.s.cluster.RemovePeer(c.ctx, m.ServerID)
}

func memberNamed(st cluster.Status, id string) (cluster.Member, error) {
	var found []cluster.Member
	for _, m := range st.Members {
		if m.ServerID == id {
			return m, nil
		}
		if m.NodeID == id {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 0:
		return cluster.Member{}, invalid("server_id is %s, expected a server of the raft configuration", quote(id))
	case 1:
		return found[0], nil
	}
	return cluster.Member{}, invalid("server_id %s names %d incarnations of a node, expected a server id", quote(id), len(found))
}
