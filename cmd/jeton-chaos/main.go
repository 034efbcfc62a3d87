// Jeton-chaos runs a cluster of real processes under load, lets faults strike it by
// chance, and checks that nothing the clients were told was untrue: no acknowledged
// token lost, no revoked one accepted, none used more often than it allows.
//
//	jeton-chaos -duration 10m -seed 42
//	jeton-chaos -conformance DIR -runs 20
//	jeton-chaos -leases 10000
//
// The faults and their order follow from the seed; what they meet does not, since
// processes are not deterministic. It ends with a table, and with 1 if a promise was
// broken or the cluster did not recover by itself; logs and data are kept then.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

type options struct {
	duration time.Duration
	seed     uint64
	kills    int
	tree     int
	rate     int
	dir      string

	conformance string // folder of the suite; then nothing else is done
	runs        int
	leases      int // to end; then nothing else is done
}

func main() {
	var o options
	flag.DurationVar(&o.duration, "duration", 10*time.Minute, "how long faults strike by chance")
	flag.Uint64Var(&o.seed, "seed", 0, "what chooses the faults (0: the time)")
	flag.IntVar(&o.kills, "kills", 20, "how often the leader is killed before that")
	flag.IntVar(&o.tree, "tree", 100_000, "size of the trees that are revoked at the end, beside writes and alone (0: none); only they with -kills 0 -duration 0")
	flag.IntVar(&o.rate, "rate", 400, "operations a second")
	flag.StringVar(&o.dir, "dir", "", "where to keep data and logs (default: temporary, kept when something is wrong)")
	flag.StringVar(&o.conformance, "conformance", "", "replay the conformance suite in this `folder` instead, at last with a leader killed before each scenario")
	flag.IntVar(&o.runs, "runs", 20, "with -conformance: whole runs before that")
	flag.IntVar(&o.leases, "leases", 0, "end so many leases instead, and say how their service is asked to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "jeton-chaos:", err)
		os.Exit(1)
	}
}

// errOnOneMachine: a service that is called in plain text has to be on the node.
var errOnOneMachine = errors.New("the nodes call a service on loopback")

// errBroken: the violations have been shown.
var errBroken = errors.New("promises were broken")

func run(ctx context.Context, o options) (err error) {
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano())
	}
	fmt.Printf("seed %d: repeat with -seed %[1]d\n", o.seed)
	dir := o.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "jeton-chaos-"); err != nil {
			return err
		}
	}
	binary, err := procs.Binary(ctx, dir)
	if err != nil {
		return err
	}
	apart := procs.CanPartition()
	switch {
	case o.leases > 0:
		apart = errOnOneMachine
	case apart != nil:
		fmt.Println("NO PARTITIONS:", apart)
	}
	// The cluster outlives an interrupt, to be asked and judged.
	c, err := procs.Start(context.WithoutCancel(ctx), procs.Config{Binary: binary, Dir: dir, Namespaces: apart == nil})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			fmt.Printf("%s\ndata and logs are in %s\n", c.Tails(30), dir)
		}
		err = errors.Join(err, c.Close())
		if err == nil && o.dir == "" {
			err = os.RemoveAll(dir)
		}
	}()
	if o.conformance != "" {
		return replay(ctx, c, o.conformance, o.runs)
	}
	if o.leases > 0 {
		r, err := endLeases(ctx, c, o.leases)
		return say(r, r.broken, err)
	}
	if o.kills > 0 || o.duration > 0 {
		if err := harass(ctx, c, o); err != nil {
			return err
		}
	}
	if o.tree == 0 || ctx.Err() != nil {
		return nil
	}
	return fell(ctx, c, o.tree)
}

// harass runs the campaign and judges it.
func harass(ctx context.Context, c *procs.Cluster, o options) error {
	asked := context.WithoutCancel(ctx)
	k, err := newCampaign(asked, c, o.seed, o.rate, os.Stdout)
	if err != nil {
		return err
	}
	if err = k.repeat(ctx, "kill the leader", o.kills); err == nil {
		err = k.wander(ctx, o.duration)
	}
	if ctx.Err() != nil {
		fmt.Println("interrupted")
		err = nil
		for _, n := range c.Nodes { // whatever the interrupted fault left, a server that was removed among it
			err = errors.Join(err, n.Kill(), n.Start())
		}
	}
	violations, settled := k.settle(asked)
	fmt.Print(k.report(violations))
	for _, v := range violations {
		fmt.Println("VIOLATION", v)
	}
	if len(violations) > 0 {
		settled = errors.Join(settled, errBroken)
	}
	return errors.Join(err, settled)
}

// fell runs the fall of a tree beside writes, and of another alone.
func fell(ctx context.Context, c *procs.Cluster, size int) error {
	r, err := fellTree(ctx, c, size)
	if err := say(r, r.broken, err); err != nil {
		return err
	}
	alone, err := fellTreeAlone(ctx, c, size)
	if err == nil {
		fmt.Printf("another, while nobody asks for anything: swept after %s at most\n", ms(alone))
	}
	return err
}

// say tells of a result and the promises that it broke.
func say(r fmt.Stringer, broken []string, err error) error {
	if err != nil {
		return err
	}
	fmt.Println(r)
	for _, b := range broken {
		fmt.Println("VIOLATION", b)
	}
	if len(broken) > 0 {
		return errBroken
	}
	return nil
}
