package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/load"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// recoveryLimit is when a cluster that was made whole is given up: it does not
// serve by itself again.
const recoveryLimit = time.Minute

// campaign is a cluster under load to which one thing happens after the other.
type campaign struct {
	field
	seed   uint64
	log    io.Writer
	struck []strike
	begin  time.Time
}

// strike is one fault and what followed.
type strike struct {
	fault  string
	outage time.Duration
}

func newCampaign(ctx context.Context, c *procs.Cluster, seed uint64, rate int, log io.Writer) (*campaign, error) {
	l, err := load.Start(ctx, load.Config{Nodes: c.URLs(), Root: c.Root, Seed: seed, Rate: rate})
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(seed, 0))
	return &campaign{field: field{c, l, random}, seed: seed, log: log, begin: time.Now()}, nil
}

// suffer lets a fault strike and waits until every node serves again and clients
// have had some peace.
func (c *campaign) suffer(ctx context.Context, f fault) error {
	ctx, cancel := context.WithTimeout(ctx, recoveryLimit)
	defer cancel()
	w, err := f.strike(ctx, &c.field)
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	down, err := awaitWrite(ctx, c.load, w)
	if err == nil {
		err = c.AwaitServing(ctx, c.Nodes...)
	}
	if err == nil {
		err = c.AwaitVoters(ctx)
	}
	if err == nil {
		err = c.Faults()
	}
	if err != nil {
		return fmt.Errorf("after %q: %w", f.name, err)
	}
	c.struck = append(c.struck, strike{f.name, down})
	fmt.Fprintf(c.log, "%8s  %-28s write acknowledged after %s\n", time.Since(c.begin).Round(time.Second), f.name, ms(down))
	return awaitAnswers(ctx, c.load, breath)
}

// possible are the faults that can strike here.
func (c *campaign) possible() []fault {
	var can []fault
	for _, f := range faults {
		if err := f.needs.here(c.Cluster); err != nil {
			fmt.Fprintf(c.log, "NOT TRIED: %s: %v\n", f.name, err)
			continue
		}
		can = append(can, f)
	}
	return can
}

// wander lets faults strike by chance, for a time.
func (c *campaign) wander(ctx context.Context, d time.Duration) error {
	can := c.possible()
	for end := time.Now().Add(d); time.Now().Before(end) && ctx.Err() == nil; {
		if err := c.suffer(ctx, can[c.random.IntN(len(can))]); err != nil {
			return err
		}
	}
	return nil
}

// repeat lets one fault strike again and again.
func (c *campaign) repeat(ctx context.Context, name string, times int) error {
	for _, f := range faults {
		if f.name != name {
			continue
		}
		for range times {
			if err := c.suffer(ctx, f); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("no fault is called %q", name)
}

// settle ends the load, asks every node about every token once more, and judges
// all that clients were told.
func (c *campaign) settle(ctx context.Context) ([]check.Violation, error) {
	c.load.Stop()
	within, cancel := context.WithTimeout(ctx, recoveryLimit)
	defer cancel()
	err := c.AwaitServing(within, c.Nodes...)
	if err == nil {
		err = c.load.Audit(ctx)
	}
	return c.load.History.Check(), err
}
