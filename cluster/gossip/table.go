package gossip

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/memberlist"
)

// maxRemembered bounds the servers whose last address is kept after they are
// gone.
const maxRemembered = 1024

// Member is a node that gossip takes for alive.
type Member struct {
	Meta
	GossipAddr string // host:port that it advertises for gossip
	Self       bool
}

// entry is one memberlist node.
type entry struct {
	record
	addr net.IP
	port uint16
}

// table keeps what memberlist's events told. Its own list of nodes cannot be
// used: it hands out pointers to records that it goes on changing.
type table struct {
	self string // our memberlist name

	mu    sync.Mutex
	alive map[string]entry // by memberlist name
	last  map[string]entry // by server id, kept when the server is gone
}

func newTable(self string) *table {
	return &table{self: self, alive: make(map[string]entry), last: make(map[string]entry)}
}

// put notes a node. It copies what it needs of it.
func (t *table) put(n *memberlist.Node) {
	r, err := decode(n.Meta)
	if err != nil {
		return // refused by the alive delegate before it came here
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e := entry{record: r, addr: slices.Clone(n.Addr), port: n.Port}
	t.alive[n.Name] = e
	if known, ok := t.last[r.ServerID]; !ok && len(t.last) >= maxRemembered {
		return
	} else if !ok || known.start <= r.start {
		t.last[r.ServerID] = e
	}
}

func (t *table) drop(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.alive, name)
}

// members returns one member for each server id, the one of the latest start,
// sorted by server id. Nodes of a cluster that formed apart from ours are left
// out.
func (t *table) members() []Member {
	t.mu.Lock()
	defer t.mu.Unlock()
	ours := t.alive[t.self].ClusterID
	latest := make(map[string]string, len(t.alive)) // server id to memberlist name
	for name, e := range t.alive {
		if foreign(ours, e.ClusterID) {
			continue
		}
		if best, ok := latest[e.ServerID]; !ok || t.alive[best].start < e.start {
			latest[e.ServerID] = name
		}
	}
	list := make([]Member, 0, len(latest))
	for _, id := range slices.Sorted(maps.Keys(latest)) {
		name := latest[id]
		list = append(list, t.alive[name].member(name == t.self))
	}
	return list
}

// find returns the cluster address of a server: that of its latest start among
// the living, or else the last one known.
func (t *table) find(serverID string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	best, found := t.last[serverID]
	living := false
	for _, e := range t.alive {
		if e.ServerID == serverID && (!living || e.start > best.start) {
			best, found, living = e, true, true
		}
	}
	return best.reach(best.ClusterAddr), found
}

// addrs returns the gossip addresses of the living.
func (t *table) addrs() map[string]bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	set := make(map[string]bool, len(t.alive))
	for _, e := range t.alive {
		set[e.gossipAddr()] = true
	}
	return set
}

func (e entry) member(self bool) Member {
	m := Member{Meta: e.Meta, GossipAddr: e.gossipAddr(), Self: self}
	m.HTTPAddr = e.reach(m.HTTPAddr)
	m.ClusterAddr = e.reach(m.ClusterAddr)
	return m
}

func (e entry) gossipAddr() string {
	return net.JoinHostPort(e.addr.String(), strconv.Itoa(int(e.port)))
}

// reach completes an address that names no host (":8201", "0.0.0.0:8201")
// with the one at which gossip reaches the node.
func (e entry) reach(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr // has a scheme, or is empty
	}
	ip := net.ParseIP(strings.TrimSpace(host))
	if host == "" || ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort(e.addr.String(), port)
	}
	return addr
}

// foreign reports that two nodes belong to clusters that formed apart.
func foreign(a, b string) bool { return a != "" && b != "" && a != b }
