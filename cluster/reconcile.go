package cluster

import (
	"context"
	"time"

	"github.com/hashicorp/raft"
)

// The care for new servers.
const (
	reconcileEvery = time.Second
	// stableRounds is how many times in a row a server must be seen caught up
	// before it is promoted.
	stableRounds = 3
	caughtUp     = 64 // entries behind the leader
)

// reconcile promotes non-voters that have caught up and stayed. A new
// incarnation of a node takes the place of the old one: that is removed first, so
// that the number of voters never grows by a disk that was lost.
func (n *Node) reconcile(ctx context.Context, _ *leading) {
	seen := make(map[string]int)
	for sleep(ctx, reconcileEvery) {
		for _, s := range n.servers() {
			id := string(s.ID)
			if s.Suffrage != raft.Nonvoter {
				continue
			}
			p, err := n.progress(ctx, id)
			if err != nil || !p.wantsVote || p.applied+caughtUp < n.applied.get() {
				seen[id] = 0
				continue
			}
			if seen[id]++; seen[id] >= stableRounds {
				n.promote(id)
				seen[id] = 0 // should it have failed, not again at once
			}
		}
	}
}

func (n *Node) promote(id string) {
	for _, old := range n.servers() {
		if string(old.ID) == id || nodeOf(string(old.ID)) != nodeOf(id) {
			continue
		}
		if _, alive := n.gossiped(string(old.ID)); alive {
			n.log.Error("two servers that live claim one node id: give one of them another", "node", nodeOf(id), "member", old.ID, "newcomer", id)
			return
		}
		n.log.Warn("removing the former incarnation of a node", "server", old.ID, "replaced_by", id)
		if err := settled(n.raft.RemoveServer(old.ID, 0, raftTimeout), n.down); err != nil {
			n.log.Warn("removal failed", "server", old.ID, "error", err)
			return
		}
	}
	n.log.Info("promoting server to voter", "server", id)
	if err := settled(n.raft.AddVoter(raft.ServerID(id), raft.ServerAddress(id), 0, raftTimeout), n.down); err != nil {
		n.log.Warn("promotion failed", "server", id, "error", err)
	}
}
