package cluster

import (
	"context"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// The pace of cleaning up. Between two entries of a pass there is a pause at least
// as long as the entry took, so that ordinary writes seldom wait behind one and
// never behind two: with 256 records an entry and no more than the least pause, a
// tree's sweep made the p99 of writes five times the idle one, with 64 and this,
// twice.
const (
	cleanupPause = 2 * time.Millisecond // the least
	cleanupPoll  = 200 * time.Millisecond
)

// expire proposes Expire when something's time has come by the leader's clock.
// What has expired, the machine decides by log time.
func (n *Node) expire(ctx context.Context, l *leading) {
	for sleep(ctx, cleanupPoll) {
		for n.machine.View().NextExpiry() <= l.clock.now() {
			if !n.clean(ctx, l, &fsm.Expire{Limit: n.cfg.SweepLimit}) {
				break
			}
		}
	}
}

// sweep proposes Sweep while revocations have left something to clear.
func (n *Node) sweep(ctx context.Context, l *leading) {
	for sleep(ctx, cleanupPoll) {
		for n.machine.View().SweepPending() {
			if !n.clean(ctx, l, &fsm.Sweep{Limit: n.cfg.SweepLimit}) {
				break
			}
		}
	}
}

// clean has one bounded piece done; it is false when the pass should end.
func (n *Node) clean(ctx context.Context, l *leading, c fsm.Command) bool {
	start := time.Now()
	res, err := l.internal(ctx, c)
	if err != nil {
		if ctx.Err() == nil {
			n.log.Debug("clean-up entry not applied", "command", fsm.Name(c), "error", err)
		}
		return false
	}
	n.deaths.tell(ctx, n.machine.View())
	return res.(*fsm.Swept).More && sleep(ctx, max(cleanupPause, time.Since(start)))
}
