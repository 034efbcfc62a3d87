package peer

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
)

// conn is an established connection, either way, of either use.
type conn struct {
	net.Conn // TLS
	raw      net.Conn
	link     *Link
	remote   string // server id, from the certificate
	use      byte   // useRaft or usePeer
	received atomic.Uint64
	once     sync.Once
	onClose  func()
}

func newConn(l *Link, secured *tls.Conn, remote string, use byte, onClose func()) *conn {
	return &conn{Conn: secured, raw: secured.NetConn(), link: l, remote: remote, use: use, onClose: onClose}
}

// Read counts bytes, so that a watcher can tell a silent peer from a slow one.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.received.Add(uint64(n))
	return n, err
}

// Close closes the TCP connection under TLS. TLS's own farewell is left out:
// it can block for seconds on a dead peer, and both uses know from their
// framing where a message ends.
func (c *conn) Close() error {
	var err error
	c.once.Do(func() {
		err = c.raw.Close()
		c.link.untrack(c)
		if c.onClose != nil {
			c.onClose()
		}
	})
	return err
}
