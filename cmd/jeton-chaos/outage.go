package main

import (
	"slices"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// writes are the kinds of events that only a leader with a quorum can
// acknowledge.
var writes = []check.Kind{check.Create, check.Renew, check.Revoke, check.Put}

// outage is how long clients had to wait, from the moment at which a cluster could
// begin to recover, until a write was acknowledged that was sent after it. What the
// wounded node still answers says nothing of the others.
func outage(events []check.Event, w wound) (time.Duration, bool) {
	for _, e := range events { // in the order of the answers
		if e.Start >= w.from && e.Node != w.except && e.Outcome == client.Done && slices.Contains(writes, e.Kind) {
			return e.End - w.from, true
		}
	}
	return 0, false
}

// slot is the grain of availability: long enough for clients at work to have sent a
// few writes in each.
const slot = 250 * time.Millisecond

// availability is the share of time slots in which some write was acknowledged,
// from the first event to the last write.
func availability(events []check.Event) float64 {
	if len(events) == 0 {
		return 0
	}
	first := events[0].End / slot
	last := first
	served := make(map[time.Duration]bool)
	for _, e := range events {
		if e.Outcome == client.Done && slices.Contains(writes, e.Kind) {
			last = e.End / slot
			served[last] = true
		}
	}
	return float64(len(served)) / float64(last-first+1)
}

func ms(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// percentile of a set of durations; 0 if it is empty.
func percentile(d []time.Duration, p float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	d = slices.Sorted(slices.Values(d))
	return d[min(len(d)-1, int(float64(len(d))*p))]
}
