package http

import (
	"net/netip"
	"sync"
	"time"
)

// maxStrangers bounds how many source addresses are remembered.
const maxStrangers = 16 << 10

// strangers limits requests with tokens that nobody has ever seen, by source
// address: a bucket of tokens for each, of which guessing takes one. A caller
// whose token is known never comes here, whatever others at its address do.
type strangers struct {
	burst float64
	rate  float64 // a second

	mu      sync.Mutex
	buckets map[netip.Prefix]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

func (s *strangers) init(l Limits) {
	s.burst, s.rate = float64(l.StrangerBurst), l.StrangerRate
	s.buckets = make(map[netip.Prefix]bucket)
}

// allow takes one guess from an address's bucket.
func (s *strangers) allow(addr netip.Addr, now time.Time) bool {
	network := networkOf(addr)
	s.mu.Lock()
	defer s.mu.Unlock()
	b, known := s.buckets[network]
	if !known {
		s.makeRoom(now)
		b = bucket{s.burst, now}
	}
	b = s.filled(b, now)
	ok := b.left >= 1
	if ok {
		b.left--
	}
	s.buckets[network] = b
	return ok
}

// spent says whether an address's bucket is empty, and takes nothing.
func (s *strangers) spent(addr netip.Addr, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, known := s.buckets[networkOf(addr)]
	return known && s.filled(b, now).left < 1
}

// networkOf is whom an address stands for: whoever has one IPv6 address has the
// other 2^64 of its network too.
func networkOf(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	network, _ := addr.Prefix(bits)
	return network
}

func (s *strangers) filled(b bucket, now time.Time) bucket {
	if d := now.Sub(b.at); d > 0 {
		b.left = min(s.burst, b.left+d.Seconds()*s.rate)
		b.at = now
	}
	return b
}

// makeRoom drops buckets that are full again, and if there is none, any: an
// attacker with that many addresses is not held up by a table.
func (s *strangers) makeRoom(now time.Time) {
	if len(s.buckets) < maxStrangers {
		return
	}
	var some netip.Prefix
	for network, b := range s.buckets {
		if s.filled(b, now).left >= s.burst {
			delete(s.buckets, network)
		}
		some = network
	}
	if len(s.buckets) >= maxStrangers {
		delete(s.buckets, some)
	}
}

// stranger answers a request whose token nobody knows.
func (c *call) stranger() error {
	c.judged = true
	if !c.s.strangers.allow(c.caller.Addr, time.Now()) {
		return errStranger
	}
	return errDenied
}

// neverSeen says whether the caller's token leaves no trace in this node's
// state. It is asked after a read round, when that state is new enough. Who shows
// a batch token that was sealed here is no stranger, whatever became of it.
func (c *call) neverSeen() bool {
	if c.caller.Batch != nil {
		return false
	}
	st := c.s.cluster.Local()
	if _, known := st.Spent(c.caller.Token); known {
		return false
	}
	_, known := st.Tombstone(c.caller.Token)
	return !known
}
