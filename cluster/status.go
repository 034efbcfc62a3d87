package cluster

import (
	"time"

	"github.com/hashicorp/raft"
)

// Status is what this node knows without asking anyone.
func (n *Node) Status() Status {
	st := n.machine.View()
	s := Status{
		ServerID: n.serverID, NodeID: n.cfg.NodeID,
		ClusterName: n.cfg.ClusterName, ClusterID: n.formationID(),
		Initialized: st.Initialized(), Ready: n.ready.Load(),
		Leader: n.leading.Load() != nil, LeaderID: n.leaderID(),
		Applied: n.applied.get(), Clock: st.Clock, Doubtful: n.doubtful.Load(),
	}
	r := n.raftNow.Load()
	if r == nil {
		return s
	}
	s.Term, s.Commit = r.CurrentTerm(), r.CommitIndex()
	s.HasQuorum = n.hasQuorum(r)
	for _, srv := range n.servers() {
		id := string(srv.ID)
		m := Member{
			ServerID: id, NodeID: nodeOf(id), Voter: srv.Suffrage == raft.Voter,
			Leader: id == s.LeaderID, Self: id == n.serverID,
		}
		if g, ok := n.gossiped(id); ok {
			m.Alive, m.ClusterAddr, m.HTTPAddr = true, g.ClusterAddr, g.HTTPAddr
		}
		if m.Leader {
			s.LeaderHTTPAddr = m.HTTPAddr
		}
		s.Members = append(s.Members, m)
	}
	return s
}

// hasQuorum says whether a leader with a quorum was in contact within two
// election time-outs. For this node as leader, raft's lease says so.
func (n *Node) hasQuorum(r *raft.Raft) bool {
	switch r.State() {
	case raft.Leader:
		return true
	case raft.Follower:
		return n.leaderID() != "" && time.Since(r.LastContact()) < 2*(n.cfg.HeartbeatTimeout+n.cfg.ElectionTimeout)
	}
	return false
}

// leaderID is the server id of the leader that raft knows of, or "".
func (n *Node) leaderID() string {
	r := n.raftNow.Load()
	if r == nil {
		return ""
	}
	_, id := r.LeaderWithID()
	return string(id)
}
