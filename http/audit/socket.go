package audit

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// socket writes to the other end of a connection, which it dials when there is
// none, and again after it broke.
type socket struct {
	dial  func(deadline time.Time) (net.Conn, error)
	frame func(line []byte) []byte // nil: a line is sent as it is

	conn    net.Conn
	packets bool // the connection keeps messages apart, and takes each whole or not at all
	out     stream
	broken  *atomic.Bool // the other end has hung up
	stalled time.Time    // since when it takes nothing; zero: it does
}

// maxStall is how long a peer may take nothing before its connection is given up
// for a fresh one. A slow peer gets all that was sent, while one that has
// vanished without a word is found again.
const maxStall = 30 * time.Second

func newSocket(s Settings) *socket {
	return &socket{dial: func(deadline time.Time) (net.Conn, error) {
		return (&net.Dialer{Deadline: deadline}).Dial(s.network, s.address)
	}}
}

func (s *socket) write(lines [][]byte, deadline time.Time) (int, error) {
	fresh := false
	if s.conn == nil || s.broken.Load() || !s.stalled.IsZero() && time.Since(s.stalled) > maxStall {
		if err := s.connect(deadline); err != nil {
			return 0, err
		}
		fresh = true
	}
	n, err := s.send(lines, deadline)
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, errTooLong) {
		return n, err
	}
	s.close()
	if fresh {
		return n, err
	}
	// The other end may have been started anew since the last entry.
	if err := s.connect(deadline); err != nil {
		return n, err
	}
	m, err := s.send(lines[n:], deadline)
	return n + m, err
}

func (s *socket) connect(deadline time.Time) error {
	s.close()
	conn, err := s.dial(deadline)
	if err != nil {
		return err
	}
	network := conn.RemoteAddr().Network()
	s.conn, s.packets = conn, network == "udp" || network == "unixgram"
	s.out = stream{w: conn}
	broken := new(atomic.Bool)
	s.broken, s.stalled = broken, time.Time{}
	if !s.packets {
		go func() { // what the other end says is of no interest, but that it hung up is
			io.Copy(io.Discard, conn)
			broken.Store(true)
		}()
	}
	return nil
}

func (s *socket) send(lines [][]byte, deadline time.Time) (n int, err error) {
	if err := s.conn.SetWriteDeadline(deadline); err != nil {
		return 0, err
	}
	if s.packets {
		n, err = s.sendPackets(lines)
	} else {
		n, err = s.out.write(s.framed(lines), deadline)
	}
	switch {
	case n > 0 || err == nil:
		s.stalled = time.Time{}
	case errors.Is(err, os.ErrDeadlineExceeded) && s.stalled.IsZero():
		s.stalled = time.Now()
	}
	return n, err
}

// sendPackets sends each line as a message of its own, without its line break.
func (s *socket) sendPackets(lines [][]byte) (int, error) {
	for i, l := range s.framed(lines) {
		_, err := s.conn.Write(l[:len(l)-1])
		if errors.Is(err, syscall.EMSGSIZE) {
			return i, errTooLong
		}
		if err != nil {
			return i, err
		}
	}
	return len(lines), nil
}

func (s *socket) framed(lines [][]byte) [][]byte {
	if s.frame == nil {
		return lines
	}
	out := make([][]byte, len(lines))
	for i, l := range lines {
		out[i] = s.frame(l)
	}
	return out
}

func (s *socket) reopen() { s.close() }

func (s *socket) close() error {
	if s.conn == nil {
		return nil
	}
	err := s.conn.Close()
	s.conn = nil
	return err
}
