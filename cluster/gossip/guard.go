package gossip

import (
	"net"
	"net/netip"
	"sync"
)

// Streams that may be open at once, over all and from one remote address.
// memberlist gives each a goroutine and TCPTimeout before it knows whether the
// other side holds a key.
const (
	maxStreams        = 256
	maxStreamsPerAddr = 32
)

// guard passes accepted streams on to memberlist while there are not too many.
type guard struct {
	in   <-chan net.Conn
	out  chan net.Conn
	stop chan struct{} // nobody takes streams any more
	done chan struct{} // nobody brings streams any more
	once sync.Once

	mu      sync.Mutex
	open    int
	perAddr map[netip.Addr]int
}

func newGuard(in <-chan net.Conn) *guard {
	g := &guard{
		in:      in,
		out:     make(chan net.Conn),
		stop:    make(chan struct{}),
		done:    make(chan struct{}),
		perAddr: make(map[netip.Addr]int),
	}
	go g.run()
	return g
}

func (g *guard) run() {
	for {
		select {
		case c := <-g.in:
			g.pass(c)
		case <-g.done:
			return
		}
	}
}

func (g *guard) pass(c net.Conn) {
	from := addrOf(c)
	if !g.enter(from) {
		c.Close()
		return
	}
	counted := &countedConn{Conn: c, left: sync.OnceFunc(func() { g.leave(from) })}
	select {
	case g.out <- counted:
	case <-g.stop:
		counted.Close()
	}
}

func (g *guard) enter(from netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open >= maxStreams || g.perAddr[from] >= maxStreamsPerAddr {
		return false
	}
	g.open++
	g.perAddr[from]++
	return true
}

func (g *guard) leave(from netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	if g.perAddr[from]--; g.perAddr[from] == 0 {
		delete(g.perAddr, from)
	}
}

// closing makes the guard drop what it is brought.
func (g *guard) closing() { g.once.Do(func() { close(g.stop) }) }

// close ends the guard.
func (g *guard) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.done:
	default:
		close(g.done)
	}
}

// countedConn tells when it is closed.
type countedConn struct {
	net.Conn
	left func()
}

func (c *countedConn) Close() error {
	c.left()
	return c.Conn.Close()
}

func addrOf(c net.Conn) netip.Addr {
	addr, _ := netip.ParseAddrPort(c.RemoteAddr().String())
	return addr.Addr().Unmap()
}
