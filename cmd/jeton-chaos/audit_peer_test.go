package main

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"testing"
)

// auditPeer is what nodes send their audit entries to. It reads those of all but one.
type auditPeer struct {
	net.Listener
	mu      sync.Mutex
	unread  string        // the node whose entries are left lying
	release chan struct{} // closed when they are not any more
	dropped bool          // an entry has said that some are missing
}

func newAuditPeer(t *testing.T, unread string) *auditPeer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &auditPeer{Listener: l, unread: `"node":"` + unread + `"`, release: make(chan struct{})}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.read(conn)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		p.goOn()
	})
	return p
}

func (p *auditPeer) read(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for lines.Buffer(nil, 4<<20); lines.Scan(); {
		if strings.Contains(lines.Text(), p.unread) {
			<-p.release
		}
		p.mu.Lock()
		p.dropped = p.dropped || strings.Contains(lines.Text(), `"type":"dropped"`)
		p.mu.Unlock()
	}
}

func (p *auditPeer) goOn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.release:
	default:
		close(p.release)
	}
}

func (p *auditPeer) heardOfDrops() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped
}
