package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	metrics "github.com/armon/go-metrics"

	"github.com/jeton-io/jeton/fsm"
)

// Revoker ends outside what leases stand for.
type Revoker interface {
	// Revoke ends one lease. nil says that it is gone, be it that it never was. It
	// is called until it returns nil, perhaps for one lease on two nodes at once,
	// and returns when its context ends. The state is the one in which the lease was
	// found. The error's text is logged with the lease and shown to clients. One that
	// wraps ErrNotTried counts for nothing: it is soon asked again.
	Revoke(ctx context.Context, s *fsm.State, l *fsm.Lease) error
}

// ErrNotTried says of a revocation that its turn did not come in time: too many
// others were waiting for the other side, of which this says nothing.
var ErrNotTried = errors.New("others are being revoked there")

// retryIrrevocable is the pause between attempts at a lease that has become
// irrevocable.
const retryIrrevocable = 24 * time.Hour

// delivery is the leader's duty to have ended leases revoked. What is to be done
// stands in the state and what was done is logged, so it can stop anywhere: the
// next leader goes on from there, and at worst revokes something a second time.
type delivery struct {
	n       *Node
	l       *leading
	results chan attempt
	pending map[string]bool // leases that are tried, or whose result is not logged yet
	busy    map[uint64]int  // how many of them a mount has
}

// attempt is what became of one call.
type attempt struct {
	lease *fsm.Lease
	err   error
}

// deliver runs until ctx ends. Calls under way then are given up: they return
// when they please, and nobody listens.
func (n *Node) deliver(ctx context.Context, l *leading) {
	if n.cfg.Revoker == nil {
		return
	}
	d := &delivery{
		n: n, l: l, results: make(chan attempt, n.cfg.RevokeWorkers),
		pending: make(map[string]bool), busy: make(map[uint64]int),
	}
	tick := time.NewTicker(cleanupPoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-d.results:
			d.settle(ctx, d.gather(a))
		case <-tick.C:
		}
		d.dispatch(ctx)
	}
}

// dispatch begins what is due while there are workers. No mount takes more than
// half of those that are free, so that one whose other side hangs leaves some to
// every other. Nothing is begun whose outcome could not be logged: it would be done
// again and again.
func (d *delivery) dispatch(ctx context.Context) {
	if d.l.shortage() == diskFull || d.n.doubtful.Load() {
		return // what is in doubt must not be done outside, either
	}
	st, now := d.n.machine.View(), d.l.clock.now()
	st.DueMounts(func(mount uint64, first fsm.Instant) {
		free := d.n.cfg.RevokeWorkers - len(d.pending)
		most := (free + d.busy[mount] + 1) / 2
		if first > now || free == 0 || most <= d.busy[mount] {
			return
		}
		for _, lease := range st.DueLeases(mount, now, most) {
			if d.busy[mount] < most && !d.pending[lease.ID] {
				d.pending[lease.ID] = true
				d.busy[mount]++
				go d.try(ctx, st, lease)
			}
		}
	})
}

// try makes one call.
func (d *delivery) try(ctx context.Context, st *fsm.State, lease *fsm.Lease) {
	a := attempt{lease: lease}
	defer func() {
		if p := recover(); p != nil {
			panicked(d.n.log, "revoking a lease panicked", p, "lease", lease.ID)
			a.err = fmt.Errorf("internal error")
		}
		d.results <- a // there is room for every call
	}()
	ctx, cancel := context.WithTimeout(ctx, d.n.cfg.RevokeTimeout)
	defer cancel()
	a.err = d.n.cfg.Revoker.Revoke(ctx, st, lease)
}

// gather takes what other results there are, as many as one command holds.
func (d *delivery) gather(first attempt) []attempt {
	all := []attempt{first}
	for len(all) < fsm.MaxSettled {
		select {
		case a := <-d.results:
			all = append(all, a)
		default:
			return all
		}
	}
	return all
}

// settle logs results. When that fails the leases are still due and will be tried
// again.
func (d *delivery) settle(ctx context.Context, all []attempt) {
	cmd := new(fsm.LeaseSettle)
	for _, a := range all {
		cmd.Attempts = append(cmd.Attempts, d.outcome(a))
	}
	switch _, err := d.l.internal(ctx, cmd); {
	case err == nil:
		d.n.tellLeases(ctx, cmd, all)
	case ctx.Err() == nil:
		d.n.log.Warn("revocations done and not logged, to be done again", "leases", len(all), "error", err)
	}
	for _, a := range all {
		delete(d.pending, a.lease.ID)
		if d.busy[a.lease.Mount]--; d.busy[a.lease.Mount] == 0 {
			delete(d.busy, a.lease.Mount)
		}
	}
}

// outcome is what is logged of an attempt. One that only waited comes again soon, but
// behind those that are due already: see DueLeases.
func (d *delivery) outcome(a attempt) fsm.Attempt {
	o := fsm.Attempt{Lease: a.lease.ID, Tries: a.lease.Tries}
	if errors.Is(a.err, ErrNotTried) {
		metrics.IncrCounter(metricRevokeWaited, 1)
		o.Waited, o.NextTry = true, d.l.clock.now().Add(d.n.cfg.RevokeRetry/20+rand.N(d.n.cfg.RevokeRetry/10))
		return o
	}
	metrics.IncrCounter(metricRevoked, 1)
	if a.err != nil {
		metrics.IncrCounter(metricRevokeFailed, 1)
		o.Error = boundedError(a.err)
		o.NextTry = d.l.clock.now().Add(d.n.retryPause(a.lease.Tries + 1))
		d.n.log.Warn("lease not revoked", "lease", a.lease.ID, "failures", a.lease.Tries+1, "error", o.Error)
	}
	return o
}

// retryPause is how long to wait after so many failures: RevokeRetry, doubled each
// time, half more or less so that not all come at once.
func (n *Node) retryPause(failures uint32) time.Duration {
	if failures >= fsm.MaxLeaseTries {
		return retryIrrevocable
	}
	pause := n.cfg.RevokeRetry << (failures - 1)
	return pause/2 + rand.N(pause)
}

// boundedError is an error as a lease keeps it.
func boundedError(err error) string {
	text := strings.ToValidUTF8(err.Error(), "")
	if text == "" {
		text = "unknown error"
	}
	if len(text) > fsm.MaxLeaseErrorBytes {
		text = strings.ToValidUTF8(text[:fsm.MaxLeaseErrorBytes-3], "") + "..."
	}
	return text
}
