package peer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/jeton-io/jeton/cluster/keys"
)

// The preamble, sent by the dialing node as soon as TLS stands, is two bytes:
// the use of the connection and the version of this protocol. The answer is
// one byte: admitted, or the code of the sentinel that says why not.
const (
	useRaft byte = 'R'
	usePeer byte = 'P'

	protocolVersion byte = 1
	admitted        byte = 0
)

func (l *Link) acceptLoop() {
	defer l.work.Done()
	var delay time.Duration
	for {
		raw, err := l.listener.Accept()
		if err != nil {
			if l.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			// Out of file descriptors, most likely: wait for some to be freed.
			delay = min(max(2*delay, 5*time.Millisecond), time.Second)
			l.refused("accept failed", netip.Addr{}, err)
			select {
			case <-time.After(delay):
			case <-l.ctx.Done():
				return
			}
			continue
		}
		delay = 0
		from := remoteAddr(raw)
		if !l.doors.enter(from) {
			l.refused("connection refused", from, ErrOverloaded)
			raw.Close()
			continue
		}
		if !l.begin() {
			raw.Close()
			return
		}
		go func() {
			defer l.work.Done()
			l.welcome(raw, from)
		}()
	}
}

// welcome takes a new connection through the handshake and the preamble, and
// hands it to raft or serves its calls until it ends.
func (l *Link) welcome(raw net.Conn, from netip.Addr) {
	c, err := l.admit(raw)
	l.doors.settled(from)
	if err != nil {
		raw.Close()
		l.doors.leave()
		l.refused("connection refused", from, err)
		return
	}
	if c.use == useRaft {
		l.raft.offer(c)
		return
	}
	l.serve(c)
}

// admit does what must be over within HandshakeTimeout.
func (l *Link) admit(raw net.Conn) (*conn, error) {
	ctx, cancel := context.WithTimeout(l.ctx, l.cfg.HandshakeTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer stop()

	secured := tls.Server(raw, l.cfg.Identity.Server())
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	remote, err := keys.PeerID(secured.ConnectionState())
	if err != nil {
		return nil, err
	}
	var preamble [2]byte
	if _, err := io.ReadFull(secured, preamble[:]); err != nil {
		return nil, err
	}
	refusal := l.judge(remote, preamble)
	answer := admitted
	if refusal != nil {
		answer = statusOf(refusal).code
	}
	if _, err := secured.Write([]byte{answer}); err != nil {
		return nil, err
	}
	if refusal != nil {
		return nil, fmt.Errorf("server %s: %w", remote, refusal)
	}
	if !stop() {
		return nil, ctx.Err() // the timer has closed it, or will
	}
	c := newConn(l, secured, remote, preamble[0], l.doors.leave)
	if !l.track(c) {
		return nil, ErrClosed
	}
	return c, nil
}

// judge returns why a connection is refused, or nil.
func (l *Link) judge(remote string, preamble [2]byte) error {
	if preamble[1] != protocolVersion {
		return fmt.Errorf("%w: theirs is %d, ours %d", ErrVersion, preamble[1], protocolVersion)
	}
	switch preamble[0] {
	case usePeer:
		return nil // judged call by call
	case useRaft:
		if !l.raft.listening() {
			return fmt.Errorf("raft stream: %w", ErrNotReady)
		}
		if !l.cfg.RaftPeer(remote) {
			return fmt.Errorf("raft stream: %w", ErrNotMember)
		}
		return nil
	}
	return fmt.Errorf("%w: use %#02x", ErrVersion, preamble[0])
}

// refused warns about a connection, but not about each of a flood.
func (l *Link) refused(what string, from netip.Addr, err error) {
	if l.ctx.Err() != nil {
		return
	}
	if ok, left := l.warnings.allow(time.Now()); ok {
		l.cfg.Logger.Warn("cluster port: "+what, "from", from, "error", err, "unreported", left)
	}
}

func remoteAddr(c net.Conn) netip.Addr {
	addr, _ := netip.ParseAddrPort(c.RemoteAddr().String())
	return addr.Addr().Unmap()
}
