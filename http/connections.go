package http

import (
	"net"
	"net/netip"
	"sync"
)

// doorkeeper is a listener that bounds open connections. One too many is closed
// at once, before it costs more than the accept: to leave it waiting would hold
// up all that come after it.
type doorkeeper struct {
	net.Listener
	crowd *crowd
}

func (d doorkeeper) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		addr := sourceAddr(conn.RemoteAddr().String())
		if d.crowd.enter(addr) {
			return &guest{Conn: conn, crowd: d.crowd, addr: addr}, nil
		}
		conn.Close()
	}
}

// guest is an open connection. It gives its place back once, however often it is
// closed.
type guest struct {
	net.Conn
	crowd *crowd
	addr  netip.Addr
	gone  sync.Once
}

func (g *guest) Close() error {
	err := g.Conn.Close()
	g.gone.Do(func() { g.crowd.leave(g.addr) })
	return err
}

// CloseWrite is what net/http looks for, so that a client that still sends gets
// to read its answer. A connection that cannot be half closed is left open until
// Close.
func (g *guest) CloseWrite() error {
	if half, ok := g.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
