package http

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/jeton-io/jeton/http/httptestcluster"
)

func TestCrowd(t *testing.T) {
	c := newCrowd(4)
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	v6, neighbour := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	enter := func(addr netip.Addr, want bool) {
		t.Helper()
		if c.enter(addr) != want {
			t.Errorf("%v: got %v", addr, !want)
		}
	}
	enter(a, true)
	enter(a, true)
	enter(a, false) // half of all
	enter(v6, true)
	enter(neighbour, true)
	enter(b, false) // all
	c.leave(v6)
	enter(b, true)
	c.leave(neighbour)
	c.leave(b)
	c.leave(a)
	enter(a, true)
	enter(v6, true)
	enter(neighbour, true)
	for _, addr := range []netip.Addr{a, a, v6, neighbour} {
		c.leave(addr)
	}
	for range 4 { // without addresses there are no halves
		enter(netip.Addr{}, true)
	}
	enter(netip.Addr{}, false)
	if len(c.from) != 0 {
		t.Errorf("remembers %v, who are gone", c.from)
	}
}

// visit is a connection from an address.
type visit struct {
	net.Conn
	from   string
	closed int
}

func (v *visit) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(v.from))
}
func (v *visit) Close() error { v.closed++; return nil }

// queue is a listener with so many visits.
type queue struct {
	net.Listener
	visits []*visit
}

func (q *queue) Accept() (net.Conn, error) {
	if len(q.visits) == 0 {
		return nil, io.EOF
	}
	v := q.visits[0]
	q.visits = q.visits[1:]
	return v, nil
}

func TestDoorkeeper(t *testing.T) {
	q := &queue{}
	d := doorkeeper{q, newCrowd(4)}
	one, two, three := &visit{from: "192.0.2.1:1"}, &visit{from: "192.0.2.1:2"}, &visit{from: "192.0.2.1:3"}
	other := &visit{from: "192.0.2.2:1"}
	q.visits = []*visit{one, two, three, other}
	var open []net.Conn
	for {
		conn, err := d.Accept()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			break
		}
		open = append(open, conn)
	}
	if len(open) != 3 || three.closed != 1 || other.closed != 0 {
		t.Fatalf("%d connections are open, the third of one address was closed %d times", len(open), three.closed)
	}
	open[0].Close()
	open[0].Close() // counts once
	q.visits = []*visit{{from: "192.0.2.1:4"}}
	if _, err := d.Accept(); err != nil {
		t.Errorf("a place that was given back: %v", err)
	}
	if d.crowd.all != 3 {
		t.Errorf("%d are counted, want 3", d.crowd.all)
	}
}

// Serve keeps the door: a connection too many is closed without an answer.
func TestServeBoundsConnections(t *testing.T) {
	s := internalServer(t, httptestcluster.New(), nil)
	s.connections.max = 2 // one to an address
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	greet := func(conn net.Conn) error {
		if _, err := io.WriteString(conn, "GET /v1/sys/seal-status HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return err
		}
		_, err := conn.Read(make([]byte, 1))
		return err
	}
	if err := greet(dial()); err != nil {
		t.Errorf("first connection: %v", err)
	}
	if err := greet(dial()); err == nil {
		t.Error("second connection of one address got an answer")
	}
	s.Shutdown(t.Context())
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}
