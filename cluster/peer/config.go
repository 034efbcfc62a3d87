package peer

import (
	"errors"
	"log/slog"
	"time"

	"github.com/jeton-io/jeton/cluster/keys"
)

// Config says who a node is and whom it listens to. The functions are called
// from many goroutines and must not block.
type Config struct {
	// Identity is the node's own certificate.
	Identity *keys.Identity
	// Resolve finds the address (host:port) of a server id. It is a hint:
	// whoever answers there must prove to be that server.
	Resolve func(serverID string) (addr string, ok bool)
	// Member reports whether a server id is one of the cluster's: only
	// members' calls reach handlers registered with Handle. It is asked for
	// each call.
	Member func(serverID string) bool
	// RaftPeer reports whether a server id may open a raft stream to us. It
	// is asked once for each connection. nil means Member. It has to admit
	// servers that an outdated configuration does not name: a follower that
	// was away while all others were replaced is told so by a leader it has
	// never heard of.
	RaftPeer func(serverID string) bool
	// Logger gets one line for each refused connection. nil means none.
	Logger *slog.Logger

	// HandshakeTimeout bounds the time from accept to the end of the
	// preamble, and the whole of dialing. Default 5 s.
	HandshakeTimeout time.Duration
	// PingInterval is how long a stream of calls may be silent before the
	// caller's end asks whether the other is still there. Default 1 s.
	PingInterval time.Duration
	// DeadAfter is how long it may stay silent then. Default 5 s.
	DeadAfter time.Duration
	// WriteTimeout bounds one write. Default 10 s.
	WriteTimeout time.Duration
	// MaxConns bounds accepted connections. Default 1024.
	MaxConns int
	// MaxHandshakes bounds accepted connections whose preamble is not done,
	// over all remote addresses; one address may have an eighth of them.
	// Default 256.
	MaxHandshakes int
	// MaxCalls bounds the calls of one connection that are being handled.
	// Default 4096.
	MaxCalls int
}

// withDefaults fills what was left zero and checks the rest.
func (c Config) withDefaults() (Config, error) {
	if c.Identity == nil || c.Resolve == nil || c.Member == nil {
		return c, errors.New("peer: Identity, Resolve and Member are required")
	}
	if c.RaftPeer == nil {
		c.RaftPeer = c.Member
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	for _, d := range []struct {
		value *time.Duration
		def   time.Duration
	}{
		{&c.HandshakeTimeout, 5 * time.Second},
		{&c.PingInterval, time.Second},
		{&c.DeadAfter, 5 * time.Second},
		{&c.WriteTimeout, 10 * time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.def
		}
		if *d.value < 0 {
			return c, errors.New("peer: negative duration in the configuration")
		}
	}
	for _, n := range []struct {
		value *int
		def   int
	}{
		{&c.MaxConns, 1024},
		{&c.MaxHandshakes, 256},
		{&c.MaxCalls, 4096},
	} {
		if *n.value == 0 {
			*n.value = n.def
		}
		if *n.value < 0 {
			return c, errors.New("peer: negative limit in the configuration")
		}
	}
	return c, nil
}
