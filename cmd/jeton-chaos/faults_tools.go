package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// tool is what a fault is done with.
type tool int

const (
	hands   tool = iota // signals and files
	links               // links that can be cut
	packets             // links that can lose some
	disks               // disks that can be tampered with
)

// here says why this machine has no such tool; nil if it has.
func (t tool) here(c *procs.Cluster) error {
	switch {
	case t == disks:
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
	return givesUp(ctx, f, n, n.FailSyncs, syscall.EIO)
}

func refusingDisk(ctx context.Context, f *field, n *procs.Node) error {
	return givesUp(ctx, f, n, n.RefuseWrites, syscall.ENOSPC)
}

// givesUp has a disk fail in some way, for which its node ends, and says so; it is whole
// when that is started again.
func givesUp(ctx context.Context, f *field, n *procs.Node, fail func() (mend func() error, err error), why error) error {
	mend, err := fail()
	if err != nil {
		return err
	}
	said, err := n.AwaitGivingUp(ctx)
	if err == nil && !strings.Contains(said, why.Error()) {
		err = fmt.Errorf("%s gave up for another reason than %q: %s", n.ID, why, said)
	}
	if err := errors.Join(err, mend()); err != nil {
		return err
	}
	f.hold(ctx)
	return n.Start()
}
