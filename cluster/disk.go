package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	metrics "github.com/armon/go-metrics"
)

// diskEvery is how often a node looks at the free space of its data directory.
const diskEvery = time.Second

// diskGauge watches the space that is left for the log. A log that cannot be written
// any more ends its node, so writes are refused a good while before; what is needed to
// go on, such as clearing away what has expired, is still logged.
type diskGauge struct {
	dir   string
	least uint64 // bytes; 0: whatever there is will do
	free  func(dir string) (uint64, error)
	log   *slog.Logger
	low   atomic.Bool
}

// watch looks until ctx ends.
func (d *diskGauge) watch(ctx context.Context) {
	d.look()
	for sleep(ctx, diskEvery) {
		d.look()
	}
}

// look is one look. Space that has become low is so until there is a tenth more than
// the least, lest a node go to and fro.
func (d *diskGauge) look() {
	free, err := d.free(d.dir)
	if err != nil {
		d.log.Debug("free space of the data directory is not known", "error", err)
		return
	}
	metrics.SetGauge(metricDiskFree, float32(free))
	was := d.low.Load()
	least := d.least
	if was {
		least += d.least / 10
	}
	low := free < least
	if low == was {
		return
	}
	d.low.Store(low)
	if low {
		d.log.Error("the disk is nearly full: this node stops taking writes until there is room", "dir", d.dir, "free", free, "least", d.least)
	} else {
		d.log.Info("the disk has room again", "dir", d.dir, "free", free)
	}
}

// noRoom says why a leader takes no writes: its own disk is nearly full, or so many of
// the other voters' are that those with room are no majority.
func (n *Node) noRoom(l *leading) error {
	if n.disk.low.Load() {
		return fmt.Errorf("%w: of the leader", ErrNoSpace)
	}
	if l.care.full.Load() {
		return fmt.Errorf("%w: of so many voters that the others are no majority", ErrNoSpace)
	}
	return nil
}

// makeWay hands leadership over where this disk is nearly full and a majority of the
// voters has room. Raft chooses who gets it, so that it may take several turns.
func (n *Node) makeWay(l *leading) {
	if n.disk.low.Load() && !l.care.full.Load() {
		n.handOver(ErrNoSpace)
	}
}
