package peer

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// keepAlive finds dead raft connections and idle accepted ones within half a
// minute; streams of calls are pinged and need it less.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// Handler answers the calls of one kind. from is the caller's server id, read
// from its certificate. The payload belongs to the handler. The context ends
// when the caller stops waiting, and with the connection and the Link. The
// error goes to the caller as one of this package's sentinels (ErrFailed if
// it wraps none) and its text, which must therefore hold no secret.
//
// Handlers run concurrently, each in a goroutine of its own. Close waits for
// them, so they must end when their context does.
type Handler func(ctx context.Context, from string, payload []byte) ([]byte, error)

// Link is a node's end of the cluster port: it accepts raft streams and calls
// from other nodes, and opens its own to them. It is safe for concurrent use.
type Link struct {
	cfg      Config
	listener net.Listener
	handlers [256]handler
	raft     *raftLayer
	callers  callers
	doors    doors
	warnings throttle

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // everything that Close waits for

	mu     sync.Mutex
	conns  map[*conn]struct{} // nil once closed
	opened bool               // Start was called
}

type handler struct {
	handle Handler
	open   bool // also for callers that are not members
}

// Listen binds the cluster port. addr may end in :0; Addr tells the port.
// Nothing is accepted before Start, so handlers can be registered and the
// address announced first.
func Listen(addr string, cfg Config) (*Link, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	lc := net.ListenConfig{KeepAliveConfig: keepAlive}
	listener, err := lc.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cluster port: %w", err)
	}
	l := &Link{cfg: cfg, listener: listener, conns: make(map[*conn]struct{})}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.raft = newRaftLayer(l)
	l.callers.init(l)
	l.doors.init(cfg.MaxConns, cfg.MaxHandshakes)
	return l, nil
}

// Addr returns the bound address.
func (l *Link) Addr() net.Addr { return l.listener.Addr() }

// ServerID returns the server id that this node's certificate names.
func (l *Link) ServerID() string { return l.cfg.Identity.ServerID() }

// Handle registers the handler of a kind, for members only. It panics after
// Start, for kind 0, and for a kind that has a handler.
func (l *Link) Handle(kind Kind, h Handler) { l.register(kind, handler{handle: h}) }

// HandleAnyone is Handle for kinds that any holder of the cluster secret may
// call: those that make it a member.
func (l *Link) HandleAnyone(kind Kind, h Handler) {
	l.register(kind, handler{handle: h, open: true})
}

func (l *Link) register(kind Kind, h handler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opened || kind == kindPing || l.handlers[kind].handle != nil {
		panic(fmt.Sprintf("peer: handler of kind %d registered late or twice", kind))
	}
	l.handlers[kind] = h
}

// Start begins to accept connections.
func (l *Link) Start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opened || l.conns == nil {
		return
	}
	l.opened = true
	l.work.Add(1)
	go l.acceptLoop()
}

// Disconnect closes all connections with a server, raft's too: for one that
// has been removed. It may come back if Member and RaftPeer let it.
func (l *Link) Disconnect(serverID string) {
	l.callers.forget(serverID)
	for _, c := range l.connsOf(func(c *conn) bool { return c.remote == serverID }) {
		c.Close()
	}
}

// Close closes the port and all connections, ends the handlers' contexts and
// waits for them.
func (l *Link) Close() error {
	l.cancel()
	err := l.listener.Close()
	l.mu.Lock()
	conns := l.conns
	l.conns = nil
	l.mu.Unlock()
	for c := range conns {
		c.Close()
	}
	l.raft.Close()
	l.work.Wait()
	return err
}

// track counts a connection in, or refuses it because the link is closed.
func (l *Link) track(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns == nil {
		return false
	}
	l.conns[c] = struct{}{}
	return true
}

func (l *Link) untrack(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

func (l *Link) connsOf(match func(*conn) bool) []*conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []*conn
	for c := range l.conns {
		if match(c) {
			found = append(found, c)
		}
	}
	return found
}

// begin counts a goroutine in that Close has to wait for, unless the link is
// closed already.
func (l *Link) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns == nil {
		return false
	}
	l.work.Add(1)
	return true
}
