package cluster

import (
	"context"

	"github.com/hashicorp/raft"
)

// followLeader wakes those who wait for a leader whenever raft sees another one.
func (n *Node) followLeader(ctx context.Context) {
	c := make(chan raft.Observation, 16)
	o := raft.NewObserver(c, false, func(o *raft.Observation) bool {
		_, ok := o.Data.(raft.LeaderObservation)
		return ok
	})
	n.raft.RegisterObserver(o)
	defer n.raft.DeregisterObserver(o)
	n.wakeRetries() // for what was seen before
	for {
		select {
		case <-ctx.Done():
			return
		case <-c:
			n.wakeRetries()
		}
	}
}

// leaderChanged is closed at the next sign of another leader, or of none.
func (n *Node) leaderChanged() <-chan struct{} {
	n.wakeMu.Lock()
	defer n.wakeMu.Unlock()
	return n.wake
}

func (n *Node) wakeRetries() {
	n.wakeMu.Lock()
	defer n.wakeMu.Unlock()
	close(n.wake)
	n.wake = make(chan struct{})
}

// whileLeads is ctx until raft takes another server, or none, for the leader. A
// call to a leader that hangs without its connection breaking must not outlast
// its leadership: everything behind it on this node would wait too.
func (n *Node) whileLeads(ctx context.Context, leader string) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		for {
			changed := n.leaderChanged()
			if n.leaderID() != leader {
				cancel()
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, cancel
}
