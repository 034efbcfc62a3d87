package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	metrics "github.com/armon/go-metrics"
	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/gossip"
	"github.com/jeton-io/jeton/cluster/peer"
	"github.com/jeton-io/jeton/fsm"
)

// servers is the latest raft configuration, which alone decides who votes.
func (n *Node) servers() []raft.Server {
	r := n.raftNow.Load()
	if r == nil {
		return nil
	}
	f := r.GetConfiguration()
	if f.Error() != nil {
		return nil
	}
	return f.Configuration().Servers
}

func (n *Node) voters() []string {
	var ids []string
	for _, s := range n.servers() {
		if s.Suffrage == raft.Voter {
			ids = append(ids, string(s.ID))
		}
	}
	return ids
}

func (n *Node) isVoter(id string) bool {
	for _, s := range n.servers() {
		if string(s.ID) == id {
			return s.Suffrage == raft.Voter
		}
	}
	return false
}

func (n *Node) isMember(id string) bool {
	for _, s := range n.servers() {
		if string(s.ID) == id {
			return true
		}
	}
	return false
}

// handleJoin adds a server as a non-voter. It becomes a voter when it has caught
// up and stayed (reconcile).
func (n *Node) handleJoin(ctx context.Context, from string, payload []byte) ([]byte, error) {
	r := reader{b: payload}
	cluster := string(r.bytes())
	if err := r.end(); err != nil {
		return nil, err
	}
	if n.leading.Load() == nil {
		return nil, peer.ErrNotLeader
	}
	if have := n.formationID(); cluster != "" && cluster != have {
		return nil, fmt.Errorf("server %s belongs to cluster %s, this is %s", from, cluster, have)
	}
	if n.isMember(from) {
		return nil, nil
	}
	n.log.Info("adding server", "server", from)
	f := n.raft.AddNonvoter(raft.ServerID(from), raft.ServerAddress(from), 0, raftTimeout)
	return nil, f.Error()
}

// progress is how far a server is, by its own word.
func (n *Node) progress(ctx context.Context, id string) (applied uint64, wantsVote bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, n.cfg.ElectionTimeout*2)
	defer cancel()
	b, err := n.link.Call(ctx, id, kindStatus, nil)
	if err != nil {
		return 0, false, err
	}
	r := reader{b: b}
	applied, wants := r.uint(), r.uint()
	r.uint() // known level
	return applied, wants == 1, r.end()
}

func (n *Node) handleStatus(context.Context, string, []byte) ([]byte, error) {
	wants := uint64(1)
	if n.cfg.NonVoter {
		wants = 0
	}
	return appendUint(appendUint(appendUint(nil, n.applied.get()), wants), fsm.KnownLevel), nil
}

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
		metrics.SetGauge(metricFailureSlack, float32(n.failureTolerance()))
		for _, s := range n.servers() {
			id := string(s.ID)
			if s.Suffrage != raft.Nonvoter {
				continue
			}
			applied, wants, err := n.progress(ctx, id)
			if err != nil || !wants || applied+caughtUp < n.applied.get() {
				seen[id] = 0
				continue
			}
			if seen[id]++; seen[id] >= stableRounds {
				n.promote(id)
			}
		}
	}
}

func (n *Node) promote(id string) {
	for _, old := range n.servers() {
		if string(old.ID) == id || nodeOf(string(old.ID)) != nodeOf(id) {
			continue
		}
		n.log.Warn("removing the former incarnation of a node", "server", old.ID, "replaced_by", id)
		if err := n.raft.RemoveServer(old.ID, 0, raftTimeout).Error(); err != nil {
			n.log.Warn("removal failed", "server", old.ID, "error", err)
			return
		}
	}
	n.log.Info("promoting server to voter", "server", id)
	if err := n.raft.AddVoter(raft.ServerID(id), raft.ServerAddress(id), 0, raftTimeout).Error(); err != nil {
		n.log.Warn("promotion failed", "server", id, "error", err)
	}
}

// failureTolerance is how many more voters may fail, by gossip's word.
func (n *Node) failureTolerance() int {
	voters := n.voters()
	alive := 0
	for _, id := range voters {
		if _, ok := n.gossiped(id); ok {
			alive++
		}
	}
	return alive - (len(voters)/2 + 1)
}

func (n *Node) gossiped(id string) (gossip.Member, bool) {
	for _, m := range n.gossip.Members() {
		if m.ServerID == id {
			return m, true
		}
	}
	return gossip.Member{}, false
}

// RemovePeer takes a server out of the raft configuration, through the leader.
func (n *Node) RemovePeer(ctx context.Context, serverID string) error {
	return n.askLeader(ctx, kindRemove, []byte(serverID))
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
	return nil, n.raft.RemoveServer(raft.ServerID(id), 0, raftTimeout).Error()
}

// StepDown hands leadership over, whichever node leads.
func (n *Node) StepDown(ctx context.Context) error {
	return n.askLeader(ctx, kindStepDown, nil)
}

func (n *Node) handleStepDown(context.Context, string, []byte) ([]byte, error) {
	if n.leading.Load() == nil {
		return nil, peer.ErrNotLeader
	}
	return nil, n.raft.LeadershipTransfer().Error()
}

// askLeader calls whoever leads, and again when leadership moves meanwhile.
func (n *Node) askLeader(ctx context.Context, kind peer.Kind, payload []byte) error {
	giveUp := time.Now().Add(n.cfg.ProposeTimeout)
	for try := 0; ; try++ {
		err := error(peer.ErrNoLeader)
		if leader := n.leaderID(); leader != "" {
			_, err = n.link.Call(ctx, leader, kind, payload)
		}
		if err == nil {
			return nil
		}
		if !peer.NotHandled(err) {
			return fmt.Errorf("%w: %v", ErrUnknownOutcome, err)
		}
		if time.Now().After(giveUp) || !n.awaitRetry(ctx, try) {
			return fmt.Errorf("%w: %v", ErrNoLeader, err)
		}
	}
}
