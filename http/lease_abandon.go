package http

import (
	"context"
	"sync"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// A secret that was made and that nobody was given: the log did not say in time
// that it counts, or its answer could not be wrapped or audited. Its lease may be
// live nevertheless. The log is told so that it ends, in the background, for what
// kept the answer back is likely to keep that back for a while too.

const (
	maxAbandoned  = 1024      // leases that wait for it on a node
	abandonFor    = time.Hour // how long it is tried
	abandonPause  = 100 * time.Millisecond
	abandonPauses = 30 * time.Second // the longest pause between two tries
)

// notHandedOut stands with a lease as its last error.
const notHandedOut = "its secret could not be handed out"

// unheld is a lease whose secret nobody has been given yet.
type unheld struct {
	lease  string // empty: there is none, or none that may live
	unsure bool   // the other side may still be at making it
}

// abandoned are the leases that are being ended for that.
type abandoned struct {
	closing chan struct{}
	under   sync.WaitGroup

	mu     sync.Mutex
	n      int
	closed bool
}

// start does the work if there is a place for it.
func (a *abandoned) start(work func()) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.n == maxAbandoned {
		return false
	}
	a.n++
	a.under.Go(func() {
		work()
		a.mu.Lock()
		a.n--
		a.mu.Unlock()
	})
	return true
}

// close lets the attempts under way come to their end, as long as ctx allows.
func (a *abandoned) close(ctx context.Context) {
	a.mu.Lock()
	if !a.closed {
		a.closed = true
		close(a.closing)
	}
	a.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		a.under.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// abandon has a lease ended whose secret nobody has.
func (s *Server) abandon(u unheld) {
	if !s.abandoned.start(func() { s.endAbandoned(u) }) {
		s.log.Error("a secret that nobody has lives until its lease ends", "lease", u.lease, "error", "too many of them, or the server ends")
	}
}

func (s *Server) endAbandoned(u unheld) {
	ctx, cancel := context.WithTimeout(context.Background(), abandonFor)
	defer cancel()
	for pause := abandonPause; ; pause = min(2*pause, abandonPauses) {
		err := s.sayAbandoned(ctx, u)
		if err == nil {
			return
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
			continue
		case <-s.abandoned.closing:
		case <-ctx.Done():
		}
		again.Stop()
		s.log.Error("a secret that nobody has lives until its lease ends", "lease", u.lease, "error", err)
		return
	}
}

// sayAbandoned ends the lease in the log, whether it was confirmed before or will
// be by an attempt that is still on its way.
func (s *Server) sayAbandoned(ctx context.Context, u unheld) error {
	ctx, cancel := context.WithTimeout(ctx, confirmTime)
	defer cancel()
	_, err := s.cluster.Propose(ctx, cluster.Proposal{Command: &fsm.LeaseConfirm{Lease: u.lease, Error: notHandedOut, Unsure: u.unsure}})
	return err
}
