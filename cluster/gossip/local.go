package gossip

import (
	"fmt"
	"sync"
)

// outbids is how often another process must take a start stamp above ours
// before it counts as alive. The leftovers of a former start cannot answer,
// so they cost one bid each at most.
const outbids = 5

// local is our own record, and the bidding for our server id.
type local struct {
	mu     sync.Mutex
	record record
	bids   int
}

func newLocal(m Meta, start uint64) *local {
	return &local{record: record{Meta: m, start: max(start, 1)}}
}

func (l *local) current() record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.record
}

func (l *local) set(m Meta) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m.ServerID != l.record.ServerID {
		return fmt.Errorf("server id changes from %q to %q", l.record.ServerID, m.ServerID)
	}
	l.record.Meta = m
	return nil
}

// outbid answers a record of another process that carries our server id: raised
// says that ours was lifted above it and has to be spread, twin that the other
// has answered often enough to be alive. twin is true once.
func (l *local) outbid(start uint64) (raised, twin bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if start < l.record.start || start+1 == 0 {
		return false, false
	}
	l.record.start = start + 1
	l.bids++
	return true, l.bids == outbids
}
