package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/load"
)

// pollEvery is how often a question is asked that nobody answers unasked.
const pollEvery = 50 * time.Millisecond

// poll asks again and again until the answer is yes or the context ends.
func poll(ctx context.Context, yes func() bool) error { return pollAt(ctx, pollEvery, yes) }

func pollAt(ctx context.Context, every time.Duration, yes func() bool) error {
	tick := time.NewTicker(every)
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

// breath is how many answers clients get between two faults.
const breath = 300

// awaitAnswers waits until clients have got so many more answers.
func awaitAnswers(ctx context.Context, l *load.Load, n int) error {
	before := len(l.History.Events())
	return poll(ctx, func() bool { return len(l.History.Events()) >= before+n })
}

// awaitWrite waits until clients have had a write acknowledged that they sent after
// a moment, and says how long after it that was.
func awaitWrite(ctx context.Context, l *load.Load, w wound) (took time.Duration, err error) {
	if err = poll(ctx, func() (ok bool) {
		took, ok = outage(l.History.Events(), w)
		return ok
	}); err != nil {
		return 0, fmt.Errorf("no write was acknowledged: %w", err)
	}
	return took, nil
}
