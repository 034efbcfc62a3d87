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
	for {
		select {
		case <-ctx.Done():
			return
		case <-c:
			n.wakeRetries()
		}
	}
}

// leaderChanged is closed at the next sign of a new leader.
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
