package peer

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// raftBacklog is how many accepted raft streams may wait for raft's Accept.
const raftBacklog = 64

// raftLayer is raft's stream layer: addresses are server ids.
type raftLayer struct {
	link     *Link
	incoming chan *conn
	ctx      context.Context // ends with Close, and with it dialing
	end      context.CancelFunc

	mu    sync.Mutex
	state layerState
}

type layerState int

const (
	layerIdle layerState = iota // raft is not there yet: its streams are refused
	layerOpen
	layerClosed
)

func newRaftLayer(l *Link) *raftLayer {
	r := &raftLayer{link: l, incoming: make(chan *conn, raftBacklog)}
	r.ctx, r.end = context.WithCancel(context.Background())
	return r
}

// open lets raft streams in. It is done when raft asks for its layer: until
// then nobody would answer.
func (r *raftLayer) open() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == layerIdle {
		r.state = layerOpen
	}
}

func (r *raftLayer) listening() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state == layerOpen
}

// offer hands an accepted connection to raft, or closes it.
func (r *raftLayer) offer(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == layerOpen {
		select {
		case r.incoming <- c:
			return
		default:
		}
	}
	c.Close()
}

// Accept implements net.Listener.
func (r *raftLayer) Accept() (net.Conn, error) {
	if r.ctx.Err() != nil {
		return nil, net.ErrClosed
	}
	select {
	case c := <-r.incoming:
		return c, nil
	case <-r.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. Raft's transport closes neither its pooled
// connections nor those that it accepted, so this does; calls between nodes
// go on.
func (r *raftLayer) Close() error {
	r.mu.Lock()
	r.state = layerClosed
	r.mu.Unlock()
	r.end()
	r.drop(func(string) bool { return true })
	return nil
}

// drop closes raft's connections with the servers that match.
func (r *raftLayer) drop(match func(serverID string) bool) {
	for _, c := range r.link.connsOf(func(c *conn) bool { return c.use == useRaft && match(c.remote) }) {
		c.Close()
	}
}

// Addr implements net.Listener: raft's own address is the server id.
func (r *raftLayer) Addr() net.Addr { return serverAddr(r.link.ServerID()) }

// Dial implements raft.StreamLayer.
func (r *raftLayer) Dial(address raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	serverID := string(address)
	if !r.listening() {
		return nil, ErrClosed
	}
	addr, ok := r.link.cfg.Resolve(serverID)
	if !ok {
		return nil, fmt.Errorf("%w: no address known for server %s", ErrUnreachable, serverID)
	}
	ctx := r.ctx
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	c, err := r.link.dial(ctx, serverID, addr, useRaft)
	if err != nil {
		return nil, err // not c: a nil *conn is no nil net.Conn
	}
	if !r.listening() {
		c.Close()
		return nil, ErrClosed
	}
	return c, nil
}

// serverAddr is a server id as a net.Addr.
type serverAddr string

func (serverAddr) Network() string  { return "jeton" }
func (a serverAddr) String() string { return string(a) }
