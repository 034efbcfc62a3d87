package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/peer"
)

// begin finds or makes the cluster, starts raft, and asks to be let in.
func (n *Node) begin(ctx context.Context) {
	err := n.start(ctx)
	close(n.begun)
	if err != nil {
		if ctx.Err() == nil {
			n.fault(err)
		}
		return
	}
	n.spawn(func(context.Context) { n.leadership() })
	n.spawn(n.followLeader)
	n.spawn(n.join)
	n.spawn(n.snapshotByLog)
	n.spawn(n.watchChecks)
}

func (n *Node) start(ctx context.Context) error {
	used, err := hasState(n.cfg.DataDir)
	if err != nil {
		return err
	}
	var initial []string
	if !used || n.formationID() == "" {
		// A crash between the stores' making and the bootstrap leaves empty stores;
		// the promise on disk says how to go on.
		if initial, err = n.form(ctx); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err // Close is waiting
	}
	if n.stores, err = openStores(n.cfg.DataDir, n.cfg.LogStore, n.watchdog, newRaftLogger(n.log)); err != nil {
		return err
	}
	if n.cfg.wrapLog != nil {
		n.stores.log.LogStore = n.cfg.wrapLog(n.stores.log.LogStore)
	}
	if initial != nil {
		if err := n.bootstrap(initial); err != nil {
			return err
		}
	}
	var machine raft.FSM = n.fsm
	if n.cfg.wrapMachine != nil {
		machine = n.cfg.wrapMachine(machine)
	}
	n.carrier = n.link.Transport(peer.TransportConfig{Logger: newRaftLogger(n.log)})
	r, err := raft.NewRaft(n.raftConfig(), machine, n.stores.cached, n.stores.stable, n.stores.snaps, n.carrier)
	if err != nil {
		return fmt.Errorf("start raft: %w", err)
	}
	n.raft = r
	n.raftNow.Store(r)
	return n.gossip.UpdateMeta(n.meta(true))
}

// bootstrap writes the initial configuration all its members have promised.
func (n *Node) bootstrap(servers []string) error {
	var c raft.Configuration
	for _, id := range servers {
		c.Servers = append(c.Servers, raft.Server{
			Suffrage: raft.Voter, ID: raft.ServerID(id), Address: raft.ServerAddress(id),
		})
	}
	// The transport only names the local address here, and is not used.
	_, trans := raft.NewInmemTransport(raft.ServerAddress(n.serverID))
	err := raft.BootstrapCluster(n.raftConfig(), n.stores.cached, n.stores.stable, n.stores.snaps, trans, c)
	if err != nil && !errors.Is(err, raft.ErrCantBootstrap) {
		return fmt.Errorf("bootstrap: %w", err)
	}
	return n.formation.settle(configurationID(n.cfg.ClusterName, servers))
}

func (n *Node) raftConfig() *raft.Config {
	c := raft.DefaultConfig()
	c.LocalID = raft.ServerID(n.serverID)
	c.HeartbeatTimeout = n.cfg.HeartbeatTimeout
	c.ElectionTimeout = n.cfg.ElectionTimeout
	c.LeaderLeaseTimeout = n.cfg.LeaseTimeout
	c.SnapshotThreshold = snapshotNever // see snapshotByLog
	c.TrailingLogs = n.cfg.TrailingLogs
	c.ShutdownOnRemove = false // a node never concludes from an old entry that it was removed
	c.Logger = newRaftLogger(n.log)
	return c
}

// How often a server asks to be let in, and how often one does that is a member by its
// own data.
const (
	joinEvery   = 300 * time.Millisecond
	rejoinEvery = time.Second
)

// join asks to be let in until a leader has said yes and this server is in the
// configuration. A member asks, too: one that was removed while it was away does not know
// that, though it may still hear of the leader. To ask is no conclusion: the leader knows
// who is a member.
func (n *Node) join(ctx context.Context) {
	welcome := false
	for pause := time.Duration(0); sleep(ctx, pause); {
		pause = joinEvery
		if n.isMember(n.serverID) {
			if welcome || n.leaderID() == n.serverID {
				return
			}
			pause = rejoinEvery
		}
		welcome = n.askToJoin(ctx) || welcome
	}
}

// askToJoin asks one server after the other, and says whether the leader was among them
// and has let this one in.
func (n *Node) askToJoin(ctx context.Context) bool {
	for _, m := range n.gossip.Members() {
		if m.Self || !m.HasState {
			continue
		}
		if m.ClusterID != "" && m.ClusterID != n.formationID() {
			n.log.Error("a node of another cluster gossips under the same name and secret", "node", m.NodeID, "cluster", m.ClusterID)
			continue
		}
		callCtx, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err := n.link.Call(callCtx, m.ServerID, kindJoin, joinRequest(n.formationID()))
		cancel()
		if err == nil {
			return true
		}
		if !peer.NotHandled(err) {
			n.log.Warn("not let in", "by", m.ServerID, "error", err)
		}
	}
	return false
}
