package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"
)

const (
	// closeTimeout bounds each step of a shutdown that waits for others' code:
	// raft's can deadlock with a snapshot (hashicorp/raft#268).
	closeTimeout = 10 * time.Second
	leaveTimeout = 500 * time.Millisecond
)

// Close stops the node. A leader hands leadership over first, so that clients of
// the others hardly notice. ctx bounds the farewell, not the shutdown itself,
// which has bounds of its own; an error says that something still runs.
func (n *Node) Close(ctx context.Context) error {
	n.closed.Do(func() {
		if n.leading.Load() != nil && len(n.voters()) > 1 {
			n.transfer(ctx)
		}
		n.cancel() // first: the end of gossip is no fault to those who follow it
		if err := n.gossip.Leave(leaveTimeout); err != nil {
			n.log.Debug("gossip leave", "error", err)
		}
		n.closeErr = n.closeParts()
		if n.closeErr == nil {
			n.closeErr = within(closeTimeout, "tasks", func() error { n.tasks.Wait(); return nil })
		}
	})
	return n.closeErr
}

func (n *Node) transfer(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*n.cfg.ElectionTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- settled(n.raft.LeadershipTransfer(), n.down) }()
	select {
	case err := <-done:
		if err != nil {
			n.log.Warn("leadership not handed over before shutdown", "error", err)
		}
	case <-ctx.Done():
	}
}

// closeParts stops raft, then what carries it, then its stores: a store under a
// running raft would make an orderly stop look like a failing disk.
func (n *Node) closeParts() error {
	err := within(closeTimeout, "start", func() error { <-n.begun; return nil })
	if err == nil {
		if r := n.raftNow.Load(); r != nil {
			err = within(closeTimeout, "raft", func() error { return n.stopRaft(r) })
		}
	}
	close(n.down)
	errs := []error{err}
	if n.gossip != nil {
		errs = append(errs, n.gossip.Close())
	}
	if n.link != nil {
		errs = append(errs, within(closeTimeout, "cluster port", n.link.Close))
	}
	if err == nil && n.stores != nil {
		errs = append(errs, within(closeTimeout, "stores", n.stores.close))
	}
	return errors.Join(errs...)
}

// stopRaft waits until raft has stopped. Raft itself hangs up only then, and waits
// for calls to servers that hang as long as those may take, so we hang up first.
func (n *Node) stopRaft(r *raft.Raft) error {
	stopped := r.Shutdown()
	return errors.Join(n.carrier.Close(), stopped.Error())
}

// within gives f some time.
func within(limit time.Duration, what string, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return fmt.Errorf("%s did not stop within %s", what, limit)
	}
}
