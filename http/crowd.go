package http

import (
	"net/netip"
	"sync"
)

// crowd bounds how many of something there are at once, and lets no source
// address have more than half of them.
type crowd struct {
	max int

	mu   sync.Mutex
	all  int
	from map[netip.Prefix]int // no zeros
}

func newCrowd(max int) *crowd { return &crowd{max: max, from: make(map[netip.Prefix]int)} }

// enter takes a place for an address; false if there is none. Without an address
// only the whole is bounded.
func (c *crowd) enter(addr netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == c.max {
		return false
	}
	if addr.IsValid() {
		network := networkOf(addr)
		if n := c.from[network]; n == (c.max+1)/2 {
			return false
		}
		c.from[network]++
	}
	c.all++
	return true
}

// leave gives the place back.
func (c *crowd) leave(addr netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if !addr.IsValid() {
		return
	}
	network := networkOf(addr)
	if c.from[network]--; c.from[network] == 0 {
		delete(c.from, network)
	}
}
