package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	metrics "github.com/armon/go-metrics"

	"github.com/jeton-io/jeton/fsm"
)

// diskEvery is how often a node looks at the free space of its data directory.
const diskEvery = time.Second

// shortage is how short of space a disk is; the greater, the shorter. A log that
// cannot be written any more ends its node, so commands are refused a good while
// before. Those that only end something are so small, and so much worse to be without,
// that they are taken for longer.
type shortage uint32

const (
	diskAmple shortage = iota // all commands are taken
	diskLow                   // below Config.MinFreeDisk: those that end something, and the cluster's own
	diskFull                  // below the floor: none but the ticks without which there are no reads
)

// floorPart is which part of Config.MinFreeDisk the floor is.
const floorPart = 4

// diskGauge watches the space that is left for the log.
type diskGauge struct {
	dir   string
	least uint64 // bytes; 0: whatever there is will do
	free  func(dir string) (uint64, error)
	log   *slog.Logger
	level atomic.Uint32 // a shortage
}

func (d *diskGauge) shortage() shortage { return shortage(d.level.Load()) }

// watch looks until ctx ends.
func (d *diskGauge) watch(ctx context.Context) {
	d.look()
	for sleep(ctx, diskEvery) {
		d.look()
	}
}

// look is one look.
func (d *diskGauge) look() {
	free, err := d.free(d.dir)
	if err != nil {
		d.log.Debug("free space of the data directory is not known", "error", err)
		return
	}
	metrics.SetGauge(metricDiskFree, float32(free))
	was := d.shortage()
	now := d.judge(free, was)
	if now == was {
		return
	}
	d.level.Store(uint32(now))
	switch now {
	case diskAmple:
		d.log.Info("the disk has room again", "dir", d.dir, "free", free)
	case diskLow:
		d.log.Error("the disk is nearly full: until there is room this node takes only what ends or removes something", "dir", d.dir, "free", free, "least", d.least)
	case diskFull:
		d.log.Error("the disk is full but for a remainder: this node takes nothing until there is room", "dir", d.dir, "free", free, "least", d.least/floorPart)
	}
}

// judge says how short of space a disk is that was so before. A shortage stays until
// there is a tenth more than where it began, lest a node go to and fro.
func (d *diskGauge) judge(free uint64, was shortage) shortage {
	for _, s := range []struct {
		shortage
		below uint64
	}{{diskFull, d.least / floorPart}, {diskLow, d.least}} {
		if was >= s.shortage {
			s.below += s.below / 10
		}
		if free < s.below {
			return s.shortage
		}
	}
	return diskAmple
}

// shortage is what a leader goes by: its own, or the least of a majority of the voters.
func (l *leading) shortage() shortage { return max(l.disk.shortage(), l.care.shortage()) }

// outdone says that a majority of the voters has more room than this leader.
func (l *leading) outdone() bool { return l.disk.shortage() > l.care.shortage() }

// take puts ops into the batcher's queue, but for those that the disks have no room for.
// Each is answered, also when the queue takes none.
func (l *leading) take(ops ...*op) {
	l.asked.Add(uint64(len(ops)))
	taken := ops
	if short := l.shortage(); short > diskAmple {
		taken = nil
		for _, o := range ops {
			if savesRoom(o.envelope, short) {
				taken = append(taken, o)
			} else {
				o.answer <- answer{err: l.noRoom()}
			}
		}
	}
	if err := l.batcher.queue.put(taken...); err != nil {
		fail(taken, err)
	}
}

// noRoom is the error of a command for which there is none here. Where others have
// some, this node will not lead for long, and it is for the next leader.
func (l *leading) noRoom() error {
	if l.outdone() {
		return fmt.Errorf("%w: the leader's disk is nearly full, and it hands over", ErrNoLeader)
	}
	return fmt.Errorf("%w: those of so many voters that the others are no majority", ErrNoSpace)
}

// savesRoom says whether a command is taken on a disk that short of space: one that ends
// something, or the session without which no node can send one. What moves the log's
// clock for a read always is.
func savesRoom(envelope []byte, short shortage) bool {
	e, err := fsm.DecodeEnvelope(envelope)
	if err != nil {
		return false
	}
	switch e.Command.(type) {
	case *fsm.Tick:
		return true
	case *fsm.SessionOpen:
		return short == diskLow
	}
	return short == diskLow && fsm.Ends(e.Command)
}

// makeWay hands leadership over where a majority of the voters has more room. Raft
// chooses who gets it, so that it may take several turns.
func (n *Node) makeWay(l *leading) {
	if l.outdone() {
		n.handOver(ErrNoSpace)
	}
}

// snapshotRoom says why raft should not write a snapshot of the state now: it would take
// what is left for the log, if it is not much smaller than the last one.
func (n *Node) snapshotRoom() error {
	if n.cfg.MinFreeDisk == 0 {
		return nil
	}
	list, err := n.stores.snaps.List()
	if err != nil || len(list) == 0 {
		return err
	}
	free, err := n.disk.free(n.cfg.DataDir)
	if err != nil {
		return nil // not known, so not held against it
	}
	if need := uint64(list[0].Size) + n.cfg.MinFreeDisk/floorPart; free < need {
		return fmt.Errorf("%w: %d bytes are free, a snapshot may need %d", ErrNoSpace, free, need)
	}
	return nil
}
