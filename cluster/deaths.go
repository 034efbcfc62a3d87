package cluster

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/jeton-io/jeton/fsm"
)

// DeathReport is told of tokens that ended, in the order of their burial, with a
// state that remembers them. It may take its time, within bounds: the leader
// clears nothing more away until it returns. It returns soon after ctx ends.
type DeathReport func(ctx context.Context, st *fsm.State, dead []*fsm.Tombstone)

// LeaseReport is told what became of attempts to end outside what leases stood for,
// after that was logged. It may take its time, within bounds: no other results are
// logged until it returns. It returns soon after ctx ends.
type LeaseReport func(ctx context.Context, st *fsm.State, tried []TriedLease)

// TriedLease is one attempt.
type TriedLease struct {
	Lease  *fsm.Lease // as it was before the attempt
	Failed string     // why it failed, as the lease keeps it; empty: it is gone
}

// deaths hands on what this node buries while it leads. Each is told of at most
// once: a new leader begins where it takes over.
type deaths struct {
	report atomic.Pointer[DeathReport]
	leases atomic.Pointer[LeaseReport]
	mu     sync.Mutex
	last   uint64 // serial of the last burial told of
}

// OnDeaths has a report told of tokens that end while this node leads.
func (n *Node) OnDeaths(r DeathReport) { n.deaths.report.Store(&r) }

// OnLeases has a report told of leases that this node has revoked outside, or tried
// to, while it leads.
func (n *Node) OnLeases(r LeaseReport) { n.deaths.leases.Store(&r) }

// begin is the beginning of a leadership.
func (d *deaths) begin(st *fsm.State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = max(d.last, st.Serial)
}

// deathsAtOnce bounds how many burials a report is told of in one call.
const deathsAtOnce = 256

func (d *deaths) tell(ctx context.Context, st *fsm.State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	report := d.report.Load()
	if report == nil {
		d.last = max(d.last, st.Serial)
		return
	}
	for ctx.Err() == nil {
		dead := st.TombstonesAfter(d.last, deathsAtOnce)
		if len(dead) == 0 {
			return
		}
		(*report)(ctx, st, dead)
		d.last = dead[len(dead)-1].Serial
	}
}

// tellDeaths tells of tokens that ended without any clearing up.
func (n *Node) tellDeaths(ctx context.Context, _ *leading) {
	for sleep(ctx, cleanupPoll) {
		n.deaths.tell(ctx, n.machine.View())
	}
}

// tellLeases tells of attempts whose results are logged.
func (n *Node) tellLeases(ctx context.Context, cmd *fsm.LeaseSettle, all []attempt) {
	report := n.deaths.leases.Load()
	if report == nil {
		return
	}
	tried := make([]TriedLease, 0, len(all))
	for i, a := range all { // what only waited was no attempt
		if !cmd.Attempts[i].Waited {
			tried = append(tried, TriedLease{a.lease, cmd.Attempts[i].Error})
		}
	}
	if len(tried) > 0 {
		(*report)(ctx, n.machine.View(), tried)
	}
}
