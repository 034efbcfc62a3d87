package cluster

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/fsm"
)

// care is what a leader knows of the servers by asking them. It begins anew with each
// leadership: nobody is dead who was only silent before.
type care struct {
	mu      sync.Mutex
	servers map[string]*observed

	level    atomic.Uint32 // see shortage
	doubtful atomic.Bool   // some server is in doubt about its state
	lag      atomic.Uint64 // by how many indexes the last of the voters that answer was behind
}

// observed is one server, as it was when it answered last.
type observed struct {
	since   time.Time // when it was first asked
	heard   time.Time // zero: not yet
	healthy time.Time // since when; zero: it is not
	progress
}

func newCare() *care { return &care{servers: make(map[string]*observed)} }

// round asks every server how far it is, all at once.
func (n *Node) round(ctx context.Context, c *care) {
	servers := n.servers()
	ids := make([]string, len(servers))
	for i, s := range servers {
		ids[i] = string(s.ID)
	}
	answers := n.askAll(ctx, ids)
	if ctx.Err() == nil {
		c.note(servers, answers, n.machine.View().Autopilot(), n.applied.get(), time.Now())
	}
}

// note takes in the answers of a round, nil for who gave none.
func (c *care) note(servers []raft.Server, answers []*progress, a fsm.Autopilot, leaderAt uint64, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := make(map[string]*observed, len(servers))
	voters, lag := 0, uint64(0)
	var spread [diskFull]disks
	for i, s := range servers {
		o := c.servers[string(s.ID)]
		if o == nil {
			o = &observed{since: now}
		}
		if p := answers[i]; p != nil {
			o.heard, o.progress = now, *p
		}
		switch ok := c.answers(o, a, now) && o.applied+a.TrailingLogs >= leaderAt; {
		case !ok:
			o.healthy = time.Time{}
		case o.healthy.IsZero():
			o.healthy = now
		}
		next[string(s.ID)] = o
		if s.Suffrage == raft.Voter {
			voters++
			if p := answers[i]; p != nil && p.applied < leaderAt {
				lag = max(lag, leaderAt-p.applied)
			}
			for level := range spread {
				spread[level].add(o.short > shortage(level), c.silence(o, now) <= a.LastContact)
			}
		}
	}
	c.servers = next
	c.lag.Store(lag)
	c.doubtful.Store(slices.ContainsFunc(answers, func(p *progress) bool { return p != nil && p.doubtful }))
	level := diskAmple
	for level < diskFull && spread[level].lack(voters) {
		level++
	}
	c.level.Store(uint32(level))
}

// disks counts voters by whether theirs is shorter of space than some shortage.
type disks struct{ shorter, able int }

// add takes in a voter. Who is silent is of no help; but a leader that has just begun, as
// one does to whom another made way, hears of some only in its second round.
func (d *disks) add(shorter, there bool) {
	switch {
	case shorter:
		d.shorter++
	case there:
		d.able++
	}
}

// lack says that the able are no majority of the voters, and that space is a reason.
func (d *disks) lack(voters int) bool { return d.shorter > 0 && d.able <= voters/2 }

// shortage is the least that a majority of the voters keeps to.
func (c *care) shortage() shortage { return shortage(c.level.Load()) }

// answers says whether a server has answered lately.
func (c *care) answers(o *observed, a fsm.Autopilot, now time.Time) bool {
	return !o.heard.IsZero() && c.silence(o, now) <= a.LastContact
}

// silence is for how long a server has not answered.
func (*care) silence(o *observed, now time.Time) time.Duration {
	if o.heard.IsZero() {
		return now.Sub(o.since)
	}
	return now.Sub(o.heard)
}

// silent says whether a server has not answered for a while, of which this leader was
// there.
func (c *care) silent(id string, least time.Duration, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.servers[id]
	return o != nil && c.silence(o, now) >= least
}

// stable says whether a server that wants a vote has been healthy for long enough.
func (c *care) stable(id string, a fsm.Autopilot, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.servers[id]
	return o != nil && o.wantsVote && !o.healthy.IsZero() && now.Sub(o.healthy) >= a.Stabilization
}

// removable is a server that has been dead for long enough and that the cluster can do
// without; "" for none. Those without a vote can always go. Of voters one at a time
// goes, while more than half of them live and enough are left.
func (c *care) removable(servers []raft.Server, a fsm.Autopilot, now time.Time) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	voters, alive, dead := 0, 0, ""
	for _, s := range servers {
		id := string(s.ID)
		o := c.servers[id]
		gone := o != nil && c.silence(o, now) >= a.DeadAfter
		switch {
		case gone && s.Suffrage != raft.Voter:
			return id
		case s.Suffrage != raft.Voter:
			continue
		case gone:
			dead = id
		case o != nil && c.answers(o, a, now):
			alive++
		}
		voters++
	}
	if voters-1 < int(a.MinQuorum) || alive <= voters/2 {
		return ""
	}
	return dead
}

// without is a server that has not said that it holds a seal key; "" when all have.
func (c *care) without(servers []raft.Server, sealKey string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range servers {
		if o := c.servers[string(s.ID)]; o == nil || !o.holds(sealKey) {
			return string(s.ID)
		}
	}
	return ""
}
