package cluster

import (
	"context"
	"errors"
	"time"
)

// Close stops the node. A leader hands leadership over first, so that clients of
// the others hardly notice. ctx bounds the farewell, not the shutdown itself.
func (n *Node) Close(ctx context.Context) error {
	var err error
	n.closed.Do(func() {
		if n.leading.Load() != nil && len(n.voters()) > 1 {
			n.transfer(ctx)
		}
		if lerr := n.gossip.Leave(500 * time.Millisecond); lerr != nil {
			n.log.Debug("gossip leave", "error", lerr)
		}
		n.cancel()
		err = n.closeParts()
		n.tasks.Wait()
	})
	return err
}

func (n *Node) transfer(ctx context.Context) {
	done := make(chan error, 1)
	go func() { done <- n.raft.LeadershipTransfer().Error() }()
	select {
	case err := <-done:
		if err != nil {
			n.log.Warn("leadership not handed over before shutdown", "error", err)
		}
	case <-ctx.Done():
	}
}

// shutdownTimeout bounds raft's shutdown, which can deadlock with a snapshot
// (hashicorp/raft#268).
const shutdownTimeout = 10 * time.Second

func (n *Node) closeParts() error {
	var errs []error
	if r := n.raftNow.Load(); r != nil {
		done := make(chan error, 1)
		go func() { done <- r.Shutdown().Error() }()
		select {
		case err := <-done:
			errs = append(errs, err)
		case <-time.After(shutdownTimeout):
			errs = append(errs, errors.New("raft did not shut down in time"))
		}
	}
	if n.gossip != nil {
		errs = append(errs, n.gossip.Close())
	}
	if n.link != nil {
		errs = append(errs, n.link.Close())
	}
	if n.stores != nil {
		errs = append(errs, n.stores.close())
	}
	return errors.Join(errs...)
}
