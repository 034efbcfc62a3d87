package gossip

import (
	"net"
	"testing"

	"github.com/hashicorp/memberlist"
)

func node(name string, start uint64, m Meta) *memberlist.Node {
	return &memberlist.Node{
		Name: name, Addr: net.IPv4(10, 0, 0, byte(start)), Port: 8202,
		Meta: record{Meta: m, start: start}.encode(),
	}
}

// TestTableTakesTheLatestStart: while two names carry one server id, the later
// start is the server, in whatever order they were heard of.
func TestTableTakesTheLatestStart(t *testing.T) {
	m := metaOf("a")
	for _, order := range [][2]uint64{{1, 2}, {2, 1}} {
		table := newTable("self")
		for _, start := range order {
			m.ClusterAddr = net.JoinHostPort("", "8201")
			table.put(node(string(rune('a'+start)), start, m))
		}
		if addr, ok := table.find(m.ServerID); !ok || addr != "10.0.0.2:8201" {
			t.Errorf("order %v: found %q, %v", order, addr, ok)
		}
		if list := table.members(); len(list) != 1 || list[0].GossipAddr != "10.0.0.2:8202" {
			t.Errorf("order %v: members %+v", order, list)
		}
		// A clock that was set back: the one that is left counts.
		table.drop("c")
		if addr, _ := table.find(m.ServerID); addr != "10.0.0.1:8201" {
			t.Errorf("order %v: after the later died, found %q", order, addr)
		}
		// Nobody is left: the last known address may still do.
		table.drop("b")
		if addr, ok := table.find(m.ServerID); !ok || addr == "" {
			t.Errorf("order %v: the dead server has no address", order)
		}
		if list := table.members(); len(list) != 0 {
			t.Errorf("order %v: dead members %+v", order, list)
		}
	}
}

func TestTableHidesForeignClusters(t *testing.T) {
	table := newTable("self")
	ours, theirs, young := metaOf("a"), metaOf("b"), metaOf("c")
	ours.ClusterID, theirs.ClusterID = "one", "two"
	table.put(node("self", 1, ours))
	table.put(node("other", 2, theirs))
	table.put(node("young", 3, young))
	list := table.members()
	if len(list) != 2 || list[0].NodeID != "a" || !list[0].Self || list[1].NodeID != "c" || list[1].Self {
		t.Fatalf("members %+v", list)
	}
}

func TestTableIsBounded(t *testing.T) {
	table := newTable("self")
	for i := range maxRemembered + 10 {
		m := metaOf("n")
		m.ServerID = string(rune(0x4e00 + i))
		table.put(node(m.ServerID, 1, m))
		table.drop(m.ServerID)
	}
	if n := len(table.last); n != maxRemembered {
		t.Fatalf("%d servers are remembered", n)
	}
}

func TestReach(t *testing.T) {
	e := entry{addr: net.IPv4(10, 0, 0, 1), port: 8202}
	for addr, want := range map[string]string{
		":8201":               "10.0.0.1:8201",
		"0.0.0.0:8201":        "10.0.0.1:8201",
		"[::]:8201":           "10.0.0.1:8201",
		"10.9.9.9:8201":       "10.9.9.9:8201",
		"node-1:8201":         "node-1:8201",
		"https://node-1:8200": "https://node-1:8200",
		"":                    "",
	} {
		if got := e.reach(addr); got != want {
			t.Errorf("%q is reached at %q, want %q", addr, got, want)
		}
	}
}

// TestOutbid: what a former start left behind costs one bid, a live twin is
// found out.
func TestOutbid(t *testing.T) {
	l := newLocal(metaOf("a"), 100)
	for _, tt := range []struct {
		start        uint64
		raised, twin bool
	}{
		{99, false, false}, // an earlier start
		{150, true, false}, // our clock was set back
		{150, false, false},
		{^uint64(0), false, false}, // cannot be outbid
	} {
		if raised, twin := l.outbid(tt.start); raised != tt.raised || twin != tt.twin {
			t.Errorf("stamp %d: %v, %v", tt.start, raised, twin)
		}
	}
	if got := l.current().start; got != 151 {
		t.Fatalf("our stamp is %d", got)
	}
	told := 0
	for range 20 {
		if _, twin := l.outbid(l.current().start + 1); twin {
			told++
		}
	}
	if told != 1 {
		t.Fatalf("a live twin was reported %d times", told)
	}
}
