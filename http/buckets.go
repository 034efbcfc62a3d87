package http

import (
	"net/netip"
	"sync"
	"time"
)

// buckets limit something by source address: a bucket of tokens for each, which
// fills at a steady rate. How many there are is bounded.
type buckets struct {
	burst float64       // tokens in a full bucket
	rate  float64       // tokens a second
	block time.Duration // what an empty bucket costs besides; 0: nothing
	max   int

	mu sync.Mutex
	of map[netip.Prefix]bucket
}

type bucket struct {
	left  float64
	at    time.Time
	until time.Time // blocked; zero: not
}

func newBuckets(burst, rate float64, max int) *buckets {
	return &buckets{burst: burst, rate: rate, max: max, of: make(map[netip.Prefix]bucket)}
}

// taken is what became of taking a token.
type taken struct {
	ok   bool
	left float64
	full time.Duration // until the bucket is full again
	wait time.Duration // until there is a token; 0 when this was one
}

// take takes one token from an address's bucket.
func (s *buckets) take(addr netip.Addr, now time.Time) (t taken) {
	network := networkOf(addr)
	s.mu.Lock()
	defer s.mu.Unlock()
	b, known := s.of[network]
	if !known {
		s.makeRoom(now)
		b = bucket{left: s.burst, at: now}
	}
	b = s.filled(b, now)
	switch {
	case b.until.After(now):
		t.wait = b.until.Sub(now)
	case b.left >= 1:
		b.left--
		t.ok = true
	default:
		t.wait = s.filling(1 - b.left)
		if s.block > 0 {
			b.until, t.wait = now.Add(s.block), s.block
		}
	}
	s.of[network] = b
	t.left, t.full = b.left, s.filling(s.burst-b.left)
	return t
}

// allow is take for who wants to know no more.
func (s *buckets) allow(addr netip.Addr, now time.Time) bool { return s.take(addr, now).ok }

// spent says whether an address's bucket is empty, and takes nothing.
func (s *buckets) spent(addr netip.Addr, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, known := s.of[networkOf(addr)]
	return known && s.filled(b, now).left < 1
}

// filling is how long so many tokens take to come.
func (s *buckets) filling(tokens float64) time.Duration {
	return time.Duration(tokens / s.rate * float64(time.Second))
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

func (s *buckets) filled(b bucket, now time.Time) bucket {
	if d := now.Sub(b.at); d > 0 {
		b.left = min(s.burst, b.left+d.Seconds()*s.rate)
		b.at = now
	}
	return b
}

// roomLooks is how many buckets are looked at to make room for one: a table full of
// an attacker's addresses must not make others wait for a walk through it.
const roomLooks = 16

// makeRoom drops the buckets that are full again among some, and if there is
// none, the fullest: an attacker with that many addresses is not held up by a
// table.
func (s *buckets) makeRoom(now time.Time) {
	if len(s.of) < s.max {
		return
	}
	var fullest netip.Prefix
	most, looks := -1.0, 0
	for network, b := range s.of { // order: at random
		b = s.filled(b, now)
		switch {
		case b.until.After(now):
			b.left = 0
		case b.left >= s.burst:
			delete(s.of, network)
		}
		if b.left > most {
			fullest, most = network, b.left
		}
		if looks++; looks == roomLooks {
			break
		}
	}
	if len(s.of) >= s.max {
		delete(s.of, fullest)
	}
}
