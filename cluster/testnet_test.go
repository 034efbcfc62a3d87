package cluster

import (
	"net"
	"sync"
	"testing"
)

// testNet stands between the cluster ports of a test's nodes: a TCP proxy for
// each pair and direction of dialing, which can break.
type testNet struct {
	t testing.TB

	mu     sync.Mutex
	change *sync.Cond
	lines  map[[2]string]*testLine // by dialing and called node id
	state  func(from, to string) lineState
}

type lineState int

const (
	lineUp   lineState = iota
	lineCut            // connections break, new ones are closed at once
	lineHang           // nothing breaks and nothing arrives
)

type testLine struct {
	net      *testNet
	from, to string
	listener net.Listener
	target   string // last address that gossip told
	conns    map[net.Conn]bool
}

func newTestNet(t testing.TB) *testNet {
	n := &testNet{t: t, lines: make(map[[2]string]*testLine)}
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
		if state(l.from, l.to) == lineCut {
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
		target, ok := l.target, l.net.state(l.from, l.to) != lineCut
		l.net.mu.Unlock()
		out, err := net.Dial("tcp", target)
		if err != nil {
			in.Close()
			continue
		}
		l.net.mu.Lock()
		if ok = ok && l.net.state(l.from, l.to) != lineCut; ok {
			l.conns[in], l.conns[out] = true, true
		}
		l.net.mu.Unlock()
		if !ok {
			in.Close()
			out.Close()
			continue
		}
		go l.copy(in, out)
		go l.copy(out, in)
	}
}

func (l *testLine) copy(dst, src net.Conn) {
	defer dst.Close()
	defer src.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := src.Read(buf)
		if err != nil {
			return
		}
		l.net.mu.Lock()
		for l.net.state(l.from, l.to) == lineHang {
			l.net.change.Wait()
		}
		l.net.mu.Unlock()
		if _, err := dst.Write(buf[:n]); err != nil {
			return
		}
	}
}
