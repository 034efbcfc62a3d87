package cluster

import (
	"context"
	"math"
	"sync"
	"time"
)

// When a node writes a raft snapshot is a matter between two costs: what it writes, which
// is the whole state, and what a restart has to apply again, which is what was logged
// since. With limits that stay the same a large state would be written over and over for
// a little log, so they grow with what was written last: a quarter of its bytes, or as
// many entries for each SnapshotBytes of it as the limit says. They do not grow for ever,
// since a restart should not take for ever either.
//
// Each node does this for its own log. Raft counts only entries, and is not asked.
const (
	snapshotPoll  = time.Second
	snapshotRetry = 10 * time.Second // after a failure: most likely the disk is full
	// snapshotNever is for raft's own count.
	snapshotNever = math.MaxUint64

	snapshotPart       = 4 // of the last snapshot's bytes
	mostTimesTheBytes  = 2 // of the limits: half a million creates, some seconds of a restart
	mostTimesTheNumber = 8
)

// snapshotDue says whether so much logged since the last snapshot asks for the next one.
func snapshotDue(cfg *Config, logged logged, last int64) bool {
	bytes := min(max(cfg.SnapshotBytes, last/snapshotPart), mostTimesTheBytes*cfg.SnapshotBytes)
	times := min(max(1, last/cfg.SnapshotBytes), mostTimesTheNumber)
	return logged.bytes >= bytes || logged.entries >= times*int64(cfg.SnapshotEntries)
}

// logged is so much of a log.
type logged struct{ entries, bytes int64 }

// coverage is how far a node's machine has come, and its snapshots behind it.
type coverage struct {
	mu      sync.Mutex
	applied logged // since the process began
	covered logged // of that, by a snapshot on the disk
}

func (p *coverage) add(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.applied.entries++
	p.applied.bytes += int64(bytes)
}

func (p *coverage) sinceSnapshot() logged {
	p.mu.Lock()
	defer p.mu.Unlock()
	return logged{p.applied.entries - p.covered.entries, p.applied.bytes - p.covered.bytes}
}

// snapshot begins one of all that was applied. It counts when written is called, unless
// one that covers more was there before it: a leader may send its own meanwhile.
func (p *coverage) snapshot() (written func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	covers := p.applied
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if covers.entries > p.covered.entries {
			p.covered = covers
		}
	}
}

// snapshotByLog has raft write one whenever it is due.
func (n *Node) snapshotByLog(ctx context.Context) {
	for sleep(ctx, snapshotPoll) {
		// Most of the time not even the least is there, and the disk is not asked.
		now := n.fsm.coverage.sinceSnapshot()
		if !snapshotDue(&n.cfg, now, 0) || !snapshotDue(&n.cfg, now, n.lastSnapshotBytes()) {
			continue
		}
		if err := settled(n.raft.Snapshot(), n.down); err != nil && ctx.Err() == nil {
			n.log.Warn("snapshot failed", "error", err)
			sleep(ctx, snapshotRetry)
		}
	}
}

// lastSnapshotBytes is the size of the newest one, 0 if there is none.
func (n *Node) lastSnapshotBytes() int64 {
	list, err := n.stores.snaps.List()
	if err != nil || len(list) == 0 {
		return 0
	}
	return list[0].Size
}
