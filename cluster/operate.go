package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/peer"
)

// RemovePeer takes a server out of the raft configuration, through the leader.
func (n *Node) RemovePeer(ctx context.Context, serverID string) error {
	_, err := n.askLeader(ctx, kindRemove, []byte(serverID))
	return err
}

func (n *Node) handleRemove(_ context.Context, _ string, payload []byte) ([]byte, error) {
	id := string(payload)
	if n.leading.Load() == nil {
		return nil, peer.ErrNotLeader
	}
	if !n.isMember(id) {
		return nil, nil // gone already
	}
	if id == n.serverID {
		// Removing a leader with entries in flight loses them (hashicorp/raft#79).
		n.handOver(errors.New("this server is to be removed"))
		return nil, peer.ErrNotLeader
	}
	return nil, settled(n.raft.RemoveServer(raft.ServerID(id), 0, raftTimeout), n.down)
}

// StepDown hands leadership over, whichever node leads.
func (n *Node) StepDown(ctx context.Context) error {
	_, err := n.askLeader(ctx, kindStepDown, nil)
	return err
}

func (n *Node) handleStepDown(context.Context, string, []byte) ([]byte, error) {
	if n.leading.Load() == nil {
		return nil, peer.ErrNotLeader
	}
	return nil, settled(n.raft.LeadershipTransfer(), n.down)
}

// askLeader calls whoever leads, and again when leadership moves meanwhile.
func (n *Node) askLeader(ctx context.Context, kind peer.Kind, payload []byte) ([]byte, error) {
	giveUp := time.Now().Add(n.cfg.ProposeTimeout)
	for try := 0; ; try++ {
		var answer []byte
		err := error(peer.ErrNoLeader)
		if leader := n.leaderID(); leader != "" {
			answer, err = n.link.Call(ctx, leader, kind, payload)
		}
		if err == nil {
			return answer, nil
		}
		if !peer.NotHandled(err) {
			return nil, fmt.Errorf("%w: %v", ErrUnknownOutcome, err)
		}
		if time.Now().After(giveUp) || !n.awaitRetry(ctx, try) {
			return nil, fmt.Errorf("%w: %v", ErrNoLeader, err)
		}
	}
}
