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
	pace := newPace(n.cfg.SweepLimit)
	for {
		c, before, start := piece(pace.limit), l.asked(), time.Now()
		res, err := l.internal(ctx, c)
		if err != nil {
			if ctx.Err() == nil {
				n.log.Debug("clean-up entry not applied", "command", fsm.Name(c), "error", err)
			}
			return
		}
		n.deaths.tell(ctx, n.machine.View())
		others := l.asked() - before - 1
		if pause := pace.after(time.Since(start), others); !res.(*fsm.Swept).More || !sleep(ctx, pause) {
			return
		}
	}
}

// pace is how fast a pass goes. While others ask for something its entries are small,
// and between two there is a pause at least as long as the entry took, so that ordinary
// requests seldom wait behind one and never behind two: with 256 records an entry and
// no more than the least pause, a tree's sweep made the p99 of writes five times the
// idle one, with 64 and this, twice. While nobody asks, nobody waits: entries grow,
// each then costs less of everything but the records themselves, and there is no pause.
type pace struct{ limit, least, most uint32 }

const (
	cleanupPause  = 2 * time.Millisecond // the least, while others ask
	cleanupGrowth = 8                    // an entry's size when nobody does
)

func newPace(least uint32) pace {
	return pace{least, least, max(least, min(least*cleanupGrowth, fsm.MaxSweepRecords))}
}

// after an entry, and so many requests of others meanwhile, comes a pause.
func (p *pace) after(took time.Duration, others uint64) time.Duration {
	if others == 0 {
		p.limit = min(2*p.limit, p.most)
		return 0
	}
	p.limit = p.least
	return max(cleanupPause, took)
}
