package main

import (
	"context"
	"errors"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// tool is what a fault is done with.
type tool int

const (
	hands   tool = iota // signals and files
	links               // links that can be cut
	packets             // links that can lose some
	calls               // a disk that can be tampered with
)

// here says why this machine has no such tool; nil if it has.
func (t tool) here(c *procs.Cluster) error {
	switch {
	case t == calls:
		return procs.CanTamper()
	case t != hands && !c.Partitions():
		return procs.CanPartition()
	case t == packets:
		return procs.CanLose()
	}
	return nil
}

// lossy has a tenth to a half of what other nodes send get lost.
func lossy(ctx context.Context, f *field, n *procs.Node) error {
	mend, err := f.Lose(n, 0.1+0.4*f.random.Float64())
	if err != nil {
		return err
	}
	f.hold(ctx)
	return mend()
}

// The time by which a slow disk's syncs are longer.
const (
	quickestSync = 20 * time.Millisecond
	slowestSync  = 300 * time.Millisecond
)

func slowDisk(ctx context.Context, f *field, n *procs.Node) error {
	mend, err := n.SlowSyncs(quickestSync + time.Duration(f.random.Int64N(int64(slowestSync-quickestSync))))
	if err != nil {
		return err
	}
	f.hold(ctx)
	return mend()
}

func brokenDisk(ctx context.Context, f *field, n *procs.Node) error {
	return givesUp(ctx, f, n, n.FailSyncs)
}

func fullDisk(ctx context.Context, f *field, n *procs.Node) error {
	return givesUp(ctx, f, n, n.LeaveNoSpace)
}

// givesUp has a disk fail in some way, which its node ends for; it is whole when that is
// started again.
func givesUp(ctx context.Context, f *field, n *procs.Node, fail func() (mend func() error, err error)) error {
	mend, err := fail()
	if err != nil {
		return err
	}
	_, err = n.AwaitGivingUp(ctx)
	if err := errors.Join(err, mend()); err != nil {
		return err
	}
	f.hold(ctx)
	return n.Start()
}
