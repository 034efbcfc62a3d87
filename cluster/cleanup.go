package cluster

import (
	"context"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// How often it is looked whether there is something to clean up.
const cleanupPoll = 200 * time.Millisecond

// expire proposes Expire when something's time has come by the leader's clock.
// What has expired, the machine decides by log time.
func (n *Node) expire(ctx context.Context, l *leading) {
	for sleep(ctx, cleanupPoll) {
		if n.machine.View().NextExpiry() <= l.clock.now() {
			n.clean(ctx, l, func(limit uint32) fsm.Command { return &fsm.Expire{Limit: limit} })
		}
	}
}

// sweep proposes Sweep while revocations have left something to clear.
func (n *Node) sweep(ctx context.Context, l *leading) {
	for sleep(ctx, cleanupPoll) {
		if n.machine.View().SweepPending() {
			n.clean(ctx, l, func(limit uint32) fsm.Command { return &fsm.Sweep{Limit: limit} })
		}
	}
}

// clean is one pass: bounded pieces, one after the other, until there are no more.
func (n *Node) clean(ctx context.Context, l *leading, piece func(limit uint32) fsm.Command) {
	pace := newPace(n.cfg.SweepLimit, l.asked.Load(), time.Now())
	for {
		c, start := piece(pace.limit), time.Now()
		res, err := l.internal(ctx, c)
		if err != nil {
			if ctx.Err() == nil {
				n.log.Debug("clean-up entry not applied", "command", fsm.Name(c), "error", err)
			}
			return
		}
		n.deaths.tell(ctx, n.machine.View())
		now := time.Now()
		pause := pace.after(now.Sub(start), l.asked.Load(), l.care.lag.Load(), now)
		if !res.(*fsm.Swept).More || !sleep(ctx, pause) {
			return
		}
	}
}

// pace is how fast a pass goes. Its entries are small, and between two there is a pause
// at least as long as the entry took, so that ordinary requests seldom wait behind one
// and never behind two: with 256 records an entry and no more than the least pause, a
// tree's sweep made the p99 of writes five times the idle one, with 64 and this, twice.
//
// When nobody has asked for anything for a while, and no voter falls behind, it hurries:
// entries grow, each then costs less of everything but the records themselves, and there
// is no pause. Who asks next waits behind one of them.
type pace struct {
	limit, least, most uint32
	asked              uint64    // by others, as of the last entry
	quiet              time.Time // since when nobody has
}

const (
	cleanupPause  = 2 * time.Millisecond  // the least
	cleanupGrowth = 8                     // how many times larger entries become
	quietFor      = time.Second           // before it hurries
	hurriedMost   = 20 * time.Millisecond // that an entry should take then
	hurriedLag    = 32                    // entries that a voter may be behind
)

func newPace(least uint32, asked uint64, now time.Time) pace {
	most := max(least, min(least*cleanupGrowth, fsm.MaxSweepRecords))
	return pace{limit: least, least: least, most: most, asked: asked, quiet: now}
}

// after an entry comes a pause. It goes by how long the entry took, how much others have
// asked for until now, and by how many entries the last voter was behind.
func (p *pace) after(took time.Duration, asked, lag uint64, now time.Time) time.Duration {
	if asked != p.asked {
		p.asked, p.quiet = asked, now
	}
	switch {
	case now.Sub(p.quiet) < quietFor || lag > hurriedLag:
		p.limit = p.least
		return max(cleanupPause, took)
	case took > hurriedMost:
		p.limit = max(p.limit/2, p.least)
	case took < hurriedMost/2:
		p.limit = min(2*p.limit, p.most)
	}
	return 0
}
