package cluster

import (
	"context"
	"slices"
	"time"

	"github.com/jeton-io/jeton/cluster/gossip"
)

func (n *Node) formationID() string { return n.formation.id() }

// form runs until this node has raft state to start from, or ctx ends. It returns
// the initial configuration to bootstrap with; nil means: start empty and let the
// cluster that exists add this server.
func (n *Node) form(ctx context.Context) ([]string, error) {
	updates, cancel := n.gossip.Subscribe()
	defer cancel()
	members := n.gossip.Members()
	since := time.Now() // they have been the same
	retry := time.NewTicker(n.cfg.SettleTime / 2)
	defer retry.Stop()
	for {
		if id := n.livingCluster(ctx, members); id != "" && n.mayJoin(ctx, id) {
			n.log.Info("joining a formed cluster", "cluster", id)
			return nil, n.formation.settle(id)
		}
		// A promise once given is pursued, whoever turns up later.
		servers := n.formation.bound()
		if servers == nil && !anyFormed(members) && time.Since(since) >= n.cfg.SettleTime {
			servers = n.candidates(members)
		}
		if servers != nil && n.agree(ctx, servers) {
			id := configurationID(n.cfg.ClusterName, servers)
			n.log.Info("forming a cluster", "cluster", id, "servers", servers)
			return servers, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-retry.C:
		case m, ok := <-updates:
			if !ok {
				return nil, ErrClosed
			}
			if !slices.EqualFunc(members, m, sameMember) {
				since = time.Now()
			}
			members = m
		}
	}
}

func sameMember(a, b gossip.Member) bool { return a.Meta == b.Meta }

// anyFormed says whether some member belongs to a cluster, be it one without a leader:
// no other is formed beside it.
func anyFormed(members []gossip.Member) bool {
	return slices.ContainsFunc(members, inCluster)
}

func inCluster(m gossip.Member) bool { return m.ClusterID != "" && m.HasState }

// livingCluster is the id of a cluster that some member belongs to and that has a
// leader; or of the one that this node has promised, which may need it to have one.
// What only remains of a cluster, such as a server of before a recovery, is nothing to
// join: this node would wait there for ever, while another one of the name lives.
func (n *Node) livingCluster(ctx context.Context, members []gossip.Member) string {
	promised := n.formation.bound()
	for _, m := range members {
		if !inCluster(m) {
			continue
		}
		if promised != nil && configurationID(n.cfg.ClusterName, promised) == m.ClusterID || n.isLed(ctx, m.ServerID) {
			return m.ClusterID
		}
	}
	return ""
}

// isLed asks a server whether it has a leader with a quorum.
func (n *Node) isLed(ctx context.Context, server string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	b, err := n.link.Call(ctx, server, kindLed, nil)
	led, bad := decodeUint(b)
	return err == nil && bad == nil && led == 1
}

func (n *Node) handleLed(context.Context, string, []byte) ([]byte, error) {
	led := uint64(0)
	if r := n.raftNow.Load(); r != nil && n.hasQuorum(r) {
		led = 1
	}
	return appendUint(nil, led), nil
}

// candidates is the configuration that this node would form: the first servers,
// in order, of all that live and want to vote; nil while there are too few or it
// is not among them itself.
func (n *Node) candidates(members []gossip.Member) []string {
	var ids []string
	for _, m := range members {
		if m.Voter && !m.HasState {
			ids = append(ids, m.ServerID)
		}
	}
	slices.Sort(ids)
	if n.cfg.BootstrapExpect == 0 || len(ids) < n.cfg.BootstrapExpect {
		return nil
	}
	ids = ids[:n.cfg.BootstrapExpect]
	if !slices.Contains(ids, n.serverID) {
		return nil
	}
	return ids
}

// agree asks every candidate, first how it stands to the configuration and then
// for its promise. The first round binds nobody, so that nodes with different
// views seldom bind each other to nothing.
func (n *Node) agree(ctx context.Context, servers []string) bool {
	for _, binding := range []bool{false, true} {
		for _, id := range servers {
			w, err := n.askPromise(ctx, id, servers, binding)
			if err != nil || w != yes {
				n.log.Info("formation waits", "for", id, "bound_elsewhere", w == never, "error", err)
				return false
			}
		}
	}
	return true
}

// mayJoin says whether this node is free to join a formed cluster.
func (n *Node) mayJoin(ctx context.Context, id string) bool {
	promised := n.formation.bound()
	if promised == nil || configurationID(n.cfg.ClusterName, promised) == id {
		return true
	}
	for _, other := range promised {
		if other == n.serverID {
			continue
		}
		if w, err := n.askPromise(ctx, other, promised, false); err == nil && w == never {
			return true // so the promised one never formed, and never will
		}
	}
	n.log.Error("not joining a formed cluster, since this node promised to form another one, which may exist: "+
		"reach its servers, or remove this node's data", "formed", id, "promised", promised)
	return false
}

func (n *Node) askPromise(ctx context.Context, server string, servers []string, binding bool) (word, error) {
	if server == n.serverID {
		return n.promise(servers, binding)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	b, err := n.link.Call(ctx, server, kindPromise, encodePromise(servers, binding))
	if err != nil {
		return notNow, err
	}
	w, err := decodeUint(b)
	return word(w), err
}

func encodePromise(servers []string, binding bool) []byte {
	flag := uint64(0)
	if binding {
		flag = 1
	}
	return appendList(appendUint(nil, flag), servers)
}

func decodePromise(b []byte) (servers []string, binding bool, err error) {
	r := reader{b: b}
	binding = r.uint() == 1
	servers = r.texts()
	return servers, binding, r.end()
}

// handlePromise answers for this node.
func (n *Node) handlePromise(_ context.Context, _ string, payload []byte) ([]byte, error) {
	servers, binding, err := decodePromise(payload)
	if err != nil {
		return nil, err
	}
	w, err := n.promise(servers, binding)
	return appendUint(nil, uint64(w)), err
}

func (n *Node) promise(servers []string, binding bool) (word, error) {
	fits := len(servers) == n.cfg.BootstrapExpect && slices.Contains(servers, n.serverID) && slices.IsSorted(servers)
	id := configurationID(n.cfg.ClusterName, servers)
	if binding {
		return n.formation.promise(id, servers, fits)
	}
	return n.formation.word(id, servers, fits), nil
}
