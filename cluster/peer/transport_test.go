package peer

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/keys"
)

// counter is a machine that counts its entries.
type counter struct{ n int }

func (c *counter) Apply(*raft.Log) any                 { c.n++; return c.n }
func (c *counter) Snapshot() (raft.FSMSnapshot, error) { return counterSnapshot{}, nil }
func (c *counter) Restore(in io.ReadCloser) error      { return in.Close() }

type counterSnapshot struct{}

func (counterSnapshot) Persist(sink raft.SnapshotSink) error { return sink.Close() }
func (counterSnapshot) Release()                             {}

// raftNode is raft over a link, on stores in memory.
type raftNode struct {
	*raft.Raft
	link      *Link
	transport *Transport
}

func startRaft(t *testing.T, l *Link, members ...string) raftNode {
	t.Helper()
	transport := l.Transport(TransportConfig{Timeout: 5 * time.Second})
	conf := raft.DefaultConfig()
	conf.LocalID = raft.ServerID(l.ServerID())
	conf.Logger = hclog.NewNullLogger()
	store, snapshots := raft.NewInmemStore(), raft.NewInmemSnapshotStore()
	var servers []raft.Server
	for _, id := range members {
		servers = append(servers, raft.Server{ID: raft.ServerID(id), Address: raft.ServerAddress(id)})
	}
	if err := raft.BootstrapCluster(conf, store, store, snapshots, transport, raft.Configuration{Servers: servers}); err != nil {
		t.Fatal(err)
	}
	r, err := raft.NewRaft(conf, &counter{}, store, store, snapshots, transport)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Shutdown().Error(); err != nil {
			t.Error(err)
		}
	})
	return raftNode{Raft: r, link: l, transport: transport}
}

// heartbeatFastPath tells whether the wrapped transport has a heartbeat
// handler. There is no other way to ask: it is a private field.
func heartbeatFastPath(t *testing.T, inner *raft.NetworkTransport) bool {
	t.Helper()
	field := reflect.ValueOf(inner).Elem().FieldByName("heartbeatFn")
	if !field.IsValid() || field.Kind() != reflect.Func {
		t.Fatal("raft.NetworkTransport has no heartbeatFn any more: find out anew how heartbeats travel (hashicorp/raft#695)")
	}
	return !field.IsNil()
}

// TestRaftOverLinks forms a cluster of three whose addresses are server ids,
// commits, and checks that no heartbeat handler was installed.
func TestRaftOverLinks(t *testing.T) {
	w := newWorld(t)
	ids := []string{"a-1", "b-1", "c-1"}
	var nodes []raftNode
	for _, id := range ids {
		l := w.listen(id)
		l.Start()
		nodes = append(nodes, startRaft(t, l, ids...))
	}
	leader := awaitLeader(t, nodes)
	for range 10 {
		if err := leader.Apply([]byte("x"), 10*time.Second).Error(); err != nil {
			t.Fatal(err)
		}
	}
	addr, id := leader.LeaderWithID()
	if string(addr) != leader.link.ServerID() || string(id) != leader.link.ServerID() {
		t.Errorf("leader is %q at %q, want %q at both", id, addr, leader.link.ServerID())
	}
	for _, n := range nodes {
		if heartbeatFastPath(t, n.transport.NetworkTransport) {
			t.Errorf("%s: raft's heartbeat handler reached the inner transport", n.link.ServerID())
		}
	}
	if err := leader.LeadershipTransfer().Error(); err != nil {
		t.Errorf("leadership transfer: %v", err)
	}
}

// TestHeartbeatFieldIsTheOne keeps the check above honest: on the bare
// transport raft does set the field.
func TestHeartbeatFieldIsTheOne(t *testing.T) {
	w := newWorld(t)
	l := w.listen("a")
	transport := l.Transport(TransportConfig{})
	defer transport.Close()
	transport.NetworkTransport.SetHeartbeatHandler(func(raft.RPC) {})
	if !heartbeatFastPath(t, transport.NetworkTransport) {
		t.Fatal("the field does not follow SetHeartbeatHandler")
	}
}

func awaitLeader(t *testing.T, nodes []raftNode) raftNode {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(strangerTimeout)
	for {
		for _, n := range nodes {
			if n.State() == raft.Leader {
				return n
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("no leader")
		}
	}
}

// TestHeartbeatsTakeTheirTurn sends what raft calls a heartbeat: it must come
// out where all RPCs do, whatever handler was given.
func TestHeartbeatsTakeTheirTurn(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	b.Start()
	from, to := a.Transport(TransportConfig{}), b.Transport(TransportConfig{})
	defer from.Close()
	defer to.Close()
	to.SetHeartbeatHandler(func(raft.RPC) { t.Error("fast path taken") })
	go func() {
		for rpc := range to.Consumer() {
			rpc.Respond(&raft.AppendEntriesResponse{Term: rpc.Command.(*raft.AppendEntriesRequest).Term}, nil)
			return
		}
	}()
	beat := &raft.AppendEntriesRequest{
		RPCHeader: raft.RPCHeader{ProtocolVersion: 3, ID: []byte("a"), Addr: []byte("a")},
		Term:      7,
	}
	var answer raft.AppendEntriesResponse
	if err := from.AppendEntries("b", "b", beat, &answer); err != nil || answer.Term != 7 {
		t.Fatalf("heartbeat answered with %+v, %v", answer, err)
	}
}

// TestRaftDialDemandsTheServer: a vote request for a server that lost its disk
// must not reach its next incarnation.
func TestRaftDialDemandsTheServer(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b-2")
	b.Start()
	from := a.Transport(TransportConfig{})
	defer from.Close()
	defer b.Transport(TransportConfig{}).Close()
	w.place("b-1", b.Addr().String())
	var answer raft.RequestVoteResponse
	err := from.RequestVote("b-1", "b-1", &raft.RequestVoteRequest{}, &answer)
	if !errors.Is(err, keys.ErrWrongServer) {
		t.Fatal(err)
	}
	if err := from.RequestVote("x", "x", &raft.RequestVoteRequest{}, &answer); !errors.Is(err, ErrUnreachable) {
		t.Fatalf("server without address: %v", err)
	}
}

func TestRaftPeersOnly(t *testing.T) {
	w := newWorld(t)
	a := w.listen("a")
	b := w.listen("b", func(c *Config) {
		c.Member = func(string) bool { return true }
		c.RaftPeer = w.member
	})
	b.Handle(kindEcho, echo)
	b.Start()
	defer b.Transport(TransportConfig{}).Close()
	from := a.Transport(TransportConfig{})
	defer from.Close()
	w.banish("a")
	var answer raft.RequestVoteResponse
	err := from.RequestVote("b", "b", &raft.RequestVoteRequest{}, &answer)
	if !errors.Is(err, ErrNotMember) {
		t.Fatalf("vote request of a stranger: %v", err)
	}
	if _, err := a.Call(ctxOf(t), "b", kindEcho, nil); err != nil {
		t.Fatalf("its calls have another rule: %v", err)
	}
}

// TestRaftLayerCloses checks that closing raft's layer ends raft's connections
// on both sides and no other.
func TestRaftLayerCloses(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.echoing("b")
	from, to := a.Transport(TransportConfig{}), b.Transport(TransportConfig{})
	defer from.Close()
	out, err := a.raft.Dial("b", 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Call(ctxOf(t), "b", kindEcho, nil); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	out.SetReadDeadline(time.Now().Add(strangerTimeout))
	if _, err := out.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("raft's connection outlived its layer: %v", err)
	}
	if _, err := b.raft.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("Accept after Close: %v", err)
	}
	if _, err := a.raft.Dial("b", 5*time.Second); !errors.Is(err, ErrNotReady) {
		t.Fatalf("Dial after Close: %v", err)
	}
	if _, err := a.Call(ctxOf(t), "b", kindEcho, nil); err != nil {
		t.Fatalf("calls go on: %v", err)
	}
}

// TestDisconnectRaft checks WithPeers.
func TestDisconnectRaft(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.listen("a"), w.echoing("b"), w.echoing("c")
	from := a.Transport(TransportConfig{})
	defer from.Close()
	defer b.Transport(TransportConfig{}).Close()
	defer c.Transport(TransportConfig{}).Close()
	open := func() int {
		return len(a.connsOf(func(c *conn) bool { return c.use == useRaft }))
	}
	for _, id := range []raft.ServerAddress{"b", "b", "c"} {
		if _, err := a.raft.Dial(id, 5*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	from.Disconnect("b")
	if n := open(); n != 1 {
		t.Fatalf("%d connections left, want that to c", n)
	}
	from.DisconnectAll()
	if n := open(); n != 0 {
		t.Fatalf("%d connections left", n)
	}
}

func TestServerAddr(t *testing.T) {
	var addr net.Addr = serverAddr("node-1")
	if got := fmt.Sprint(addr.Network(), " ", addr); got != "jeton node-1" {
		t.Fatal(got)
	}
}
