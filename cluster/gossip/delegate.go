package gossip

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// delegate is what memberlist calls. The Notify functions run under its lock:
// they must neither block nor call it.
type delegate struct {
	g *Gossip

	mu         sync.Mutex
	complained time.Time
}

// NodeMeta implements memberlist.Delegate.
func (d *delegate) NodeMeta(int) []byte { return d.g.local.current().encode() }

// NotifyMsg implements memberlist.Delegate. There are no user messages.
func (d *delegate) NotifyMsg([]byte) {}

// GetBroadcasts implements memberlist.Delegate.
func (d *delegate) GetBroadcasts(int, int) [][]byte { return nil }

// LocalState implements memberlist.Delegate.
func (d *delegate) LocalState(bool) []byte { return nil }

// MergeRemoteState implements memberlist.Delegate.
func (d *delegate) MergeRemoteState([]byte, bool) {}

// NotifyJoin implements memberlist.EventDelegate.
func (d *delegate) NotifyJoin(n *memberlist.Node) {
	d.g.table.put(n)
	signal(d.g.changed)
}

// NotifyUpdate implements memberlist.EventDelegate.
func (d *delegate) NotifyUpdate(n *memberlist.Node) { d.NotifyJoin(n) }

// NotifyLeave implements memberlist.EventDelegate.
func (d *delegate) NotifyLeave(n *memberlist.Node) {
	d.g.table.drop(n.Name)
	signal(d.g.changed)
}

// NotifyConflict implements memberlist.ConflictDelegate: one name at two
// addresses. Names hold 64 random bits of each start, so this is an advertised
// address that changed under a running process.
func (d *delegate) NotifyConflict(existing, other *memberlist.Node) {
	d.g.log.Warn("gossip: node is at two addresses", "name", existing.Name,
		"known", existing.Address(), "other", other.Address())
}

// NotifyAlive implements memberlist.AliveDelegate: an error keeps the node
// out. It sees every way in, gossip and exchanges of full states alike.
func (d *delegate) NotifyAlive(n *memberlist.Node) error {
	if n.Name == d.g.table.self {
		return nil
	}
	r, err := d.judge(n)
	if err != nil {
		d.complain(n, err)
		return err
	}
	if r.ServerID == d.g.cfg.Meta.ServerID {
		return d.double(n, r)
	}
	return nil
}

// NotifyMerge implements memberlist.MergeDelegate: an error ends a join, on
// both sides. Only a foreign cluster does; NotifyAlive judges single nodes.
func (d *delegate) NotifyMerge(nodes []*memberlist.Node) error {
	for _, n := range nodes {
		if n.State != memberlist.StateAlive {
			continue
		}
		if _, err := d.judge(n); errors.Is(err, errForeign) {
			d.complain(n, err)
			return err
		}
	}
	return nil
}

// errForeign: the node's cluster formed apart from ours, under the same name.
var errForeign = errors.New("belongs to another cluster of this name")

// judge returns the record of a node that may be let in.
func (d *delegate) judge(n *memberlist.Node) (record, error) {
	r, err := decode(n.Meta)
	if err != nil {
		return r, err
	}
	if id, _, ok := cutName(n.Name); !ok || id != r.ServerID {
		return r, fmt.Errorf("%w: node %q claims server id %q", errMeta, n.Name, r.ServerID)
	}
	if ours := d.g.local.current().ClusterID; foreign(ours, r.ClusterID) {
		return r, fmt.Errorf("node %s %w: its cluster id is %s, ours %s", r.NodeID, errForeign, r.ClusterID, ours)
	}
	return r, nil
}

// complainEvery is the least time between two warnings about refused nodes:
// they come back with every exchange of states.
const complainEvery = 30 * time.Second

func (d *delegate) complain(n *memberlist.Node, err error) {
	d.mu.Lock()
	now := time.Now()
	speak := now.Sub(d.complained) >= complainEvery
	if speak {
		d.complained = now
	}
	d.mu.Unlock()
	if speak {
		d.g.log.Warn("gossip: node refused", "name", n.Name, "at", n.Address(), "error", err)
	}
}

// double handles a record that carries our server id: what our former start
// left behind, or a twin. Either way we are the one that we know of.
func (d *delegate) double(n *memberlist.Node, r record) error {
	raised, twin := d.g.local.outbid(r.start)
	if raised {
		signal(d.g.updates)
	}
	if twin {
		other := entry{record: r, addr: append([]byte(nil), n.Addr...), port: n.Port}.member(false)
		d.g.log.Error("gossip: another process runs with our server id", "server", r.ServerID, "at", other.GossipAddr)
		if d.g.cfg.OnTwin != nil {
			go d.g.cfg.OnTwin(other)
		}
	}
	return fmt.Errorf("node %q is a former start of ours, or a twin", n.Name)
}

// cutName splits a memberlist name. A server id may hold the mark itself.
func cutName(name string) (serverID, tag string, ok bool) {
	i := strings.LastIndex(name, nameMark)
	if i < 0 {
		return "", "", false
	}
	return name[:i], name[i+len(nameMark):], true
}
