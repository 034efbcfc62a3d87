package engine

import (
	"context"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// Revoker ends outside what leases stand for, as the leader of the cluster asks.
type Revoker struct {
	engines Engines
	opener  Opener
	ready   chan struct{} // closed when there is an opener
}

// NewRevoker returns a revoker that waits for its opener: the node that opens
// secrets is started with the revoker.
func NewRevoker(es Engines) *Revoker { return &Revoker{engines: es, ready: make(chan struct{})} }

// Use says who opens the secrets of configurations. It is called once.
func (r *Revoker) Use(o Opener) {
	r.opener = o
	close(r.ready)
}

// Revoke implements cluster.Revoker: what only waited for others was not tried.
func (r *Revoker) Revoke(ctx context.Context, st *fsm.State, l *fsm.Lease) error {
	select {
	case <-r.ready:
	case <-ctx.Done():
		return Unreachable("the node is starting")
	}
	ctx, cancel := context.WithTimeout(ctx, RevokeTime)
	defer cancel()
	e, o, err := r.engines.OrderFor(ctx, st, l, r.opener)
	if err != nil {
		return err
	}
	err = e.Revoke(ctx, o)
	if isOf(Busy, err) {
		return cluster.ErrNotTried
	}
	return err
}
