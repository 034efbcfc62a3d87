package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/load"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// killLeader kills the leader where it stands, waits until the others serve,
// starts it again and waits until it has caught up. It returns how long no write
// was acknowledged.
func killLeader(ctx context.Context, c *procs.Cluster, l *load.Load) (time.Duration, error) {
	victim, err := c.AwaitLeader(ctx)
	if err != nil {
		return 0, err
	}
	if err := victim.Kill(); err != nil {
		return 0, err
	}
	from := l.History.Now()
	next, err := c.AwaitLeader(ctx, victim)
	if err != nil {
		return 0, fmt.Errorf("after the kill of %s: %w", victim.ID, err)
	}
	down, err := awaitWrite(ctx, l, from, victim.Index())
	if err != nil {
		return 0, err
	}
	if err := victim.Start(); err != nil {
		return 0, err
	}
	if err := c.AwaitServing(ctx, victim); err != nil {
		return 0, err
	}
	if err := c.AwaitCaughtUp(ctx, victim, next); err != nil {
		return 0, err
	}
	return down, awaitAnswers(ctx, l, breath)
}

// breath is how many answers clients get between two faults.
const breath = 300

// awaitAnswers waits until clients have got so many more answers.
func awaitAnswers(ctx context.Context, l *load.Load, n int) error {
	before := len(l.History.Events())
	return poll(ctx, func() bool { return len(l.History.Events()) >= before+n })
}

// poll asks again and again until the answer is yes or the context ends.
func poll(ctx context.Context, yes func() bool) error {
	tick := time.NewTicker(slot)
	defer tick.Stop()
	for !yes() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// awaitWrite waits until the load has had a write acknowledged that was sent after
// a moment.
func awaitWrite(ctx context.Context, l *load.Load, from time.Duration, except int) (took time.Duration, err error) {
	if err = poll(ctx, func() (ok bool) {
		took, ok = outage(l.History.Events(), from, except)
		return ok
	}); err != nil {
		return 0, fmt.Errorf("no write was acknowledged: %w", err)
	}
	return took, nil
}
