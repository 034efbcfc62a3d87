package main

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/load"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// fault is something that happens to a cluster, and is over when strike returns:
// whatever was broken is whole again, though it may not serve yet.
type fault struct {
	name   string
	needs  tool
	strike func(context.Context, *field) (wound, error)
}

// field is where faults strike.
type field struct {
	*procs.Cluster
	load   *load.Load
	random *rand.Rand
}

// wound is when the cluster could have begun to recover, and the node of which
// nothing may be expected; nobody if there is none.
type wound struct {
	from   time.Duration
	except int
}

const nobody = -1

// faults is all that can happen, and the order is what a seed chooses from.
var faults = []fault{
	{"kill the leader", hands, lead(killed)},
	{"kill a follower", hands, follow(killed)},
	{"kill all nodes", hands, killAll},
	{"pause the leader", hands, lead(paused)},
	{"pause a follower", hands, follow(paused)},
	{"pause all but one", hands, pauseMost},
	{"stop the leader", hands, lead(stopped)},
	{"stop a follower", hands, follow(stopped)},
	{"restart one after the other", hands, restartAll},
	{"lose a follower's disk", hands, follow(wiped)},
	{"remove the leader", hands, lead(removed)},
	{"remove a follower", hands, follow(removed)},
	{"cut the leader off", links, lead(cutOff)},
	{"cut a follower off", links, follow(cutOff)},
	{"lose what the leader says", links, lead(unheard)},
	{"lose what a follower says", links, follow(unheard)},
	{"cut all nodes off", links, cutAll},
	{"lose the leader's packets", packets, lead(lossy)},
	{"lose a follower's packets", packets, follow(lossy)},
	{"slow the leader's disk", disks, lead(slowDisk)},
	{"slow a follower's disk", disks, follow(slowDisk)},
	{"break the leader's disk", disks, lead(brokenDisk)},
	{"break a follower's disk", disks, follow(brokenDisk)},
	{"refuse the leader's writes", disks, lead(refusingDisk)},
	{"refuse a follower's writes", disks, follow(refusingDisk)},
}

// The time for which something stays broken.
const (
	shortestHold = 300 * time.Millisecond
	longestHold  = 5 * time.Second
)

// hold leaves things broken for a while.
func (f *field) hold(ctx context.Context) {
	t := time.NewTimer(shortestHold + time.Duration(f.random.Int64N(int64(longestHold-shortestHold))))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// blow is what happens to one node.
type blow func(context.Context, *field, *procs.Node) error

// lead strikes the leader. Recovery begins at once, on the other nodes.
func lead(b blow) func(context.Context, *field) (wound, error) {
	return func(ctx context.Context, f *field) (wound, error) {
		n, err := f.AwaitLeader(ctx)
		if err != nil {
			return wound{}, err
		}
		w := wound{f.load.History.Now(), n.Index()}
		return w, b(ctx, f, n)
	}
}

// follow strikes another node.
func follow(b blow) func(context.Context, *field) (wound, error) {
	return func(ctx context.Context, f *field) (wound, error) {
		n, err := f.AwaitLeader(ctx)
		if err != nil {
			return wound{}, err
		}
		others := f.Others(n)
		n = others[f.random.IntN(len(others))]
		w := wound{f.load.History.Now(), n.Index()}
		return w, b(ctx, f, n)
	}
}

func killed(ctx context.Context, f *field, n *procs.Node) error {
	if err := n.Kill(); err != nil {
		return err
	}
	f.hold(ctx)
	return n.Start()
}

func paused(ctx context.Context, f *field, n *procs.Node) error {
	if err := n.Pause(); err != nil {
		return err
	}
	f.hold(ctx)
	return n.Continue()
}

func stopped(ctx context.Context, f *field, n *procs.Node) error {
	if err := n.Stop(ctx); err != nil {
		return err
	}
	f.hold(ctx)
	return n.Start()
}

// wiped comes back as a node without a past.
func wiped(ctx context.Context, f *field, n *procs.Node) error {
	if err := n.Kill(); err != nil {
		return err
	}
	if err := n.Wipe(); err != nil {
		return err
	}
	f.hold(ctx)
	return n.Start()
}

// removed loses its place in the cluster while it runs, and asks for it when it is started
// again, with its data. A leader hands over first.
func removed(ctx context.Context, f *field, n *procs.Node) error {
	if err := f.Remove(ctx, n); err != nil {
		return err
	}
	f.hold(ctx)
	if err := n.Kill(); err != nil {
		return err
	}
	return n.Start()
}

func cutOff(ctx context.Context, f *field, n *procs.Node) error {
	if err := f.Cut(n); err != nil {
		return err
	}
	f.hold(ctx)
	return f.Heal(n)
}

func unheard(ctx context.Context, f *field, n *procs.Node) error {
	if err := f.CutOneWay(n); err != nil {
		return err
	}
	f.hold(ctx)
	return f.HealOneWay(n)
}

// The faults below leave no quorum: recovery begins when they are over.

func killAll(ctx context.Context, f *field) (wound, error) {
	for _, n := range f.Nodes {
		if err := n.Kill(); err != nil {
			return wound{}, err
		}
	}
	f.hold(ctx)
	for _, n := range f.Nodes {
		if err := n.Start(); err != nil {
			return wound{}, err
		}
	}
	return wound{f.load.History.Now(), nobody}, nil
}

func pauseMost(ctx context.Context, f *field) (wound, error) {
	spared := f.Nodes[f.random.IntN(len(f.Nodes))]
	for _, n := range f.Others(spared) {
		if err := n.Pause(); err != nil {
			return wound{}, err
		}
	}
	f.hold(ctx)
	for _, n := range f.Others(spared) {
		if err := n.Continue(); err != nil {
			return wound{}, err
		}
	}
	return wound{f.load.History.Now(), nobody}, nil
}

func cutAll(ctx context.Context, f *field) (wound, error) {
	for _, n := range f.Nodes {
		if err := f.CutOneWay(n); err != nil {
			return wound{}, err
		}
	}
	f.hold(ctx)
	for _, n := range f.Nodes {
		if err := f.HealOneWay(n); err != nil {
			return wound{}, err
		}
	}
	return wound{f.load.History.Now(), nobody}, nil
}

func restartAll(ctx context.Context, f *field) (wound, error) {
	w := wound{f.load.History.Now(), nobody}
	return w, rollingRestart(ctx, f.Cluster, func(ctx context.Context) error { return awaitAnswers(ctx, f.load, breath/3) })
}

// rollingRestart stops and starts one node after the other, each when the one
// before serves again and clients have been served meanwhile.
func rollingRestart(ctx context.Context, c *procs.Cluster, meanwhile func(context.Context) error) error {
	for _, n := range c.Nodes {
		if err := meanwhile(ctx); err != nil {
			return err
		}
		if err := n.Stop(ctx); err != nil {
			return err
		}
		if err := n.Start(); err != nil {
			return err
		}
		if err := c.AwaitServing(ctx, n); err != nil {
			return err
		}
	}
	return meanwhile(ctx)
}
