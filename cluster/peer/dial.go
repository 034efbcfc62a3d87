package peer

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
)

// dial opens a connection to a server at the address that Resolve gave. All
// its errors wrap ErrUnreachable: nothing was asked of the peer.
func (l *Link) dial(ctx context.Context, serverID, addr string, use byte) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.HandshakeTimeout)
	defer cancel()
	stopWithLink := context.AfterFunc(l.ctx, cancel)
	defer stopWithLink()

	c, err := l.dialOnce(ctx, serverID, addr, use)
	if err != nil {
		return nil, fmt.Errorf("%w: server %s at %s: %w", ErrUnreachable, serverID, addr, err)
	}
	return c, nil
}

func (l *Link) dialOnce(ctx context.Context, serverID, addr string, use byte) (*conn, error) {
	dialer := net.Dialer{KeepAliveConfig: keepAlive}
	raw, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer stop()
	c, err := l.introduce(ctx, raw, serverID, use)
	if err == nil && !stop() {
		err = context.Cause(ctx)
	}
	if err != nil {
		raw.Close()
		if ctx.Err() != nil {
			err = ctx.Err() // rather than "use of closed connection"
		}
		return nil, err
	}
	if !l.track(c) {
		raw.Close()
		return nil, ErrClosed
	}
	return c, nil
}

// introduce does the handshake and the preamble.
func (l *Link) introduce(ctx context.Context, raw net.Conn, serverID string, use byte) (*conn, error) {
	secured := tls.Client(raw, l.cfg.Identity.Client(serverID))
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	if _, err := secured.Write([]byte{use, protocolVersion}); err != nil {
		return nil, err
	}
	// The answer also shows that our certificate was accepted: in TLS 1.3 the
	// client's handshake is over before the server has looked at it.
	var answer [1]byte
	if _, err := io.ReadFull(secured, answer[:]); err != nil {
		return nil, err
	}
	if answer[0] != admitted {
		return nil, statusByCode(answer[0])
	}
	return newConn(l, secured, serverID, use, nil), nil
}
