package cluster

import (
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// testNet stands between the cluster ports of a test's nodes: a TCP proxy for
// each pair and direction of dialing, which can break. What it does to bytes goes by
// the direction in which they travel, so that a line can fail one way only.
type testNet struct {
	t testing.TB

	mu     sync.Mutex
	change *sync.Cond
	lines  map[[2]string]*testLine // by dialing and called node id
	state  func(from, to string) lineState
	rand   *rand.Rand // of lossy and slow lines
}

type lineState int

const (
	lineUp    lineState = iota
	lineCut             // connections break, new ones are closed at once
	lineHang            // nothing breaks and nothing arrives
	lineLossy           // connections break now and then, what is under way in them being lost
	lineSlow            // what is sent arrives late; connections overtake each other
)

const (
	lossOneIn = 40 // pieces sent over a lossy line
	slowest   = 40 * time.Millisecond
)

type testLine struct {
	net      *testNet
	from, to string
	listener net.Listener
	target   string // last address that gossip told
	conns    map[net.Conn]bool
}

func newTestNet(t testing.TB) *testNet {
	n := &testNet{t: t, lines: make(map[[2]string]*testLine), rand: rand.New(rand.NewPCG(1, 0))}
	n.change = sync.NewCond(&n.mu)
	n.state = func(string, string) lineState { return lineUp }
	t.Cleanup(n.close)
	return n
}

// reach is Config.reach of a node.
func (n *testNet) reach(from string) func(string, string) (string, bool) {
	return func(serverID, addr string) (string, bool) {
		to := nodeOf(serverID)
		n.mu.Lock()
		defer n.mu.Unlock()
		l := n.lines[[2]string{from, to}]
		if l == nil {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				n.t.Error(err)
				return "", false
			}
			l = &testLine{net: n, from: from, to: to, listener: listener, conns: make(map[net.Conn]bool)}
			n.lines[[2]string{from, to}] = l
			go l.accept()
		}
		l.target = addr
		return l.listener.Addr().String(), true
	}
}

// isolate puts all lines of a node, both ways, into a state.
func (n *testNet) isolate(node string, s lineState) {
	n.set(func(from, to string) lineState {
		if from == node || to == node {
			return s
		}
		return lineUp
	})
}

func (n *testNet) heal() { n.set(func(string, string) lineState { return lineUp }) }

func (n *testNet) set(state func(from, to string) lineState) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.state = state
	for _, l := range n.lines {
		if l.cutLocked() {
			l.breakLocked()
		}
	}
	n.change.Broadcast()
}

func (n *testNet) close() {
	n.set(func(string, string) lineState { return lineCut })
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.lines {
		l.listener.Close()
	}
}

// cutLocked says that connections break: no TCP connection lives with one direction
// alone.
func (l *testLine) cutLocked() bool {
	return l.net.state(l.from, l.to) == lineCut || l.net.state(l.to, l.from) == lineCut
}

func (l *testLine) breakLocked() {
	for c := range l.conns {
		c.Close()
	}
	clear(l.conns)
}

func (l *testLine) accept() {
	for {
		in, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.net.mu.Lock()
		target, ok := l.target, !l.cutLocked()
		l.net.mu.Unlock()
		out, err := net.Dial("tcp", target)
		if err != nil {
			in.Close()
			continue
		}
		l.net.mu.Lock()
		if ok = ok && !l.cutLocked(); ok {
			l.conns[in], l.conns[out] = true, true
		}
		l.net.mu.Unlock()
		if !ok {
			in.Close()
			out.Close()
			continue
		}
		go l.copy(out, in, l.from, l.to)
		go l.copy(in, out, l.to, l.from)
	}
}

// copy carries what one end sends to the other until the connection breaks.
func (l *testLine) copy(dst, src net.Conn, from, to string) {
	defer dst.Close()
	defer src.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := src.Read(buf)
		if err != nil || !l.net.carry(from, to) {
			return
		}
		if _, err := dst.Write(buf[:n]); err != nil {
			return
		}
	}
}

// carry takes as long as a piece is under way. It is false when the piece is lost, and
// with it the connection: TCP would deliver nothing that comes after it.
func (n *testNet) carry(from, to string) bool {
	n.mu.Lock()
	for n.state(from, to) == lineHang {
		n.change.Wait()
	}
	var late time.Duration
	lost := false
	switch n.state(from, to) {
	case lineSlow:
		late = below(n.rand, slowest)
	case lineLossy:
		lost = n.rand.IntN(lossOneIn) == 0
	}
	n.mu.Unlock()
	time.Sleep(late)
	return !lost
}

// below draws a time.
func below(r *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(most)))
}
