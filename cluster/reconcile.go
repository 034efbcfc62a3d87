package cluster

import (
	"context"
	"time"

	"github.com/hashicorp/raft"
)

// careEvery is how often the leader asks the servers how they are.
const careEvery = time.Second

// reconcile promotes non-voters that have caught up and stayed, and removes dead
// servers where that is wanted. A new incarnation of a node takes the place of the old
// one: that is removed first, so that the number of voters never grows by a disk that
// was lost.
func (n *Node) reconcile(ctx context.Context, l *leading) {
	for first := true; first || sleep(ctx, careEvery); first = false {
		n.round(ctx, l.care)
		n.makeWay(l)
		if n.doubtful.Load() || l.care.doubtful.Load() {
			continue // who has a say must not change while it is being counted
		}
		a, now, servers := n.machine.View().Autopilot(), time.Now(), n.servers()
		for _, s := range servers {
			if id := string(s.ID); s.Suffrage == raft.Nonvoter && l.care.stable(id, a, now) {
				n.promote(l, id, a.Stabilization)
			}
		}
		if !a.CleanupDead {
			continue
		}
		if id := l.care.removable(servers, a, now); id != "" && id != n.serverID {
			n.log.Warn("removing a dead server", "server", id, "silent_for_at_least", a.DeadAfter)
			if err := settled(n.raft.RemoveServer(raft.ServerID(id), 0, raftTimeout), n.down); err != nil {
				n.log.Warn("removal failed", "server", id, "error", err)
			}
		}
	}
}

// promote gives a server a vote, in the place of its former incarnation if there is one.
// That has to have been silent, to gossip and to this leader: a disk of former days that
// is started again must not push out the node that came after it and only restarts.
func (n *Node) promote(l *leading, id string, silence time.Duration) {
	for _, old := range n.servers() {
		if string(old.ID) == id || nodeOf(string(old.ID)) != nodeOf(id) {
			continue
		}
		if _, alive := n.gossiped(string(old.ID)); alive {
			n.log.Error("two servers that live claim one node id: give one of them another", "node", nodeOf(id), "member", old.ID, "newcomer", id)
			return
		}
		if !l.care.silent(string(old.ID), silence, time.Now()) {
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
