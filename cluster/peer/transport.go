package peer

import (
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// TransportConfig tunes raft's transport.
type TransportConfig struct {
	// Timeout bounds one raft RPC; a snapshot may take that long for each
	// 256 KiB. Default 10 s.
	Timeout time.Duration
	// MaxPool is how many idle connections are kept to each server. Default 3.
	MaxPool int
	// Logger is raft's. nil means none.
	Logger hclog.Logger
}

// Transport is raft's network transport over a Link. Raft server addresses
// are server ids.
//
// It differs from the transport it wraps in one thing: there is no fast path
// for heartbeats. That path lets the transport's goroutine change raft's term
// while the main loop writes (hashicorp/raft#695: divergence of logs), so
// heartbeats take their turn in the main loop like every other RPC. The price
// is that they wait behind disk writes.
type Transport struct {
	*raft.NetworkTransport
	layer *raftLayer
}

// Raft looks for these by type assertion and does without, silently, where
// they are missing.
var (
	_ raft.Transport   = (*Transport)(nil)
	_ raft.WithPreVote = (*Transport)(nil)
	_ raft.WithPeers   = (*Transport)(nil)
	_ raft.WithClose   = (*Transport)(nil)
)

// Transport lets raft streams in and returns raft's transport over them. It
// is to be called once, when raft is about to start: until then raft streams
// are refused. Raft closes it at shutdown.
func (l *Link) Transport(cfg TransportConfig) *Transport {
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.MaxPool == 0 {
		cfg.MaxPool = 3
	}
	if cfg.Logger == nil {
		cfg.Logger = hclog.NewNullLogger()
	}
	l.raft.open()
	return &Transport{
		NetworkTransport: raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{
			Stream:  l.raft,
			MaxPool: cfg.MaxPool,
			Timeout: cfg.Timeout,
			Logger:  cfg.Logger,
			// One setting for all nodes and for good: it is part of what
			// they say to each other.
			MsgpackUseNewTimeFormat: true,
		}),
		layer: l.raft,
	}
}

// SetHeartbeatHandler does nothing, on purpose. See Transport.
func (t *Transport) SetHeartbeatHandler(func(raft.RPC)) {}

// Connect implements raft.WithPeers. Connections are made when needed.
func (t *Transport) Connect(raft.ServerAddress, raft.Transport) {}

// Disconnect implements raft.WithPeers: it closes the raft connections with a
// server.
func (t *Transport) Disconnect(peer raft.ServerAddress) {
	t.layer.drop(func(serverID string) bool { return serverID == string(peer) })
}

// DisconnectAll implements raft.WithPeers: it closes all raft connections.
func (t *Transport) DisconnectAll() {
	t.layer.drop(func(string) bool { return true })
}
