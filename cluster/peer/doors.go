package peer

import (
	"net/netip"
	"sync"
)

// doors counts who may be inside: connections in all, handshakes in all, and
// handshakes from one remote address, so that a single host that opens
// connections and stays silent cannot keep the others out.
type doors struct {
	maxConns, maxHandshakes, maxPerAddr int

	mu         sync.Mutex
	conns      int
	handshakes int
	perAddr    map[netip.Addr]int
}

func (d *doors) init(maxConns, maxHandshakes int) {
	d.maxConns = maxConns
	d.maxHandshakes = maxHandshakes
	d.maxPerAddr = max(1, maxHandshakes/8)
	d.perAddr = make(map[netip.Addr]int)
}

// enter counts a connection in whose handshake begins.
func (d *doors) enter(from netip.Addr) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conns >= d.maxConns || d.handshakes >= d.maxHandshakes || d.perAddr[from] >= d.maxPerAddr {
		return false
	}
	d.conns++
	d.handshakes++
	d.perAddr[from]++
	return true
}

// settled ends the handshake of a connection.
func (d *doors) settled(from netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handshakes--
	if d.perAddr[from]--; d.perAddr[from] == 0 {
		delete(d.perAddr, from)
	}
}

// leave ends a connection.
func (d *doors) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conns--
}
