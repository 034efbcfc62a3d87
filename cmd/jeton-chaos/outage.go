package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// writes are the kinds of events that only a leader with a quorum can
// acknowledge.
var writes = []check.Kind{check.Create, check.Renew, check.Revoke, check.Put}

// outage is how long clients had to wait, from a moment on, until a write was
// acknowledged that was sent after it. A node may be left out: what it still
// answers says nothing of the others.
func outage(events []check.Event, from time.Duration, except int) (time.Duration, bool) {
	for _, e := range events { // in the order of the answers
		if e.Start >= from && e.Node != except && e.Outcome == client.Done && slices.Contains(writes, e.Kind) {
			return e.End - from, true
		}
	}
	return 0, false
}

// slot is the grain of availability.
const slot = 100 * time.Millisecond

// availability is the share of time slots in which some write was acknowledged,
// between the first and the last answer.
func availability(events []check.Event) float64 {
	if len(events) == 0 {
		return 0
	}
	served := make(map[time.Duration]bool)
	for _, e := range events {
		if e.Outcome == client.Done && slices.Contains(writes, e.Kind) {
			served[e.End/slot] = true
		}
	}
	slots := events[len(events)-1].End/slot - events[0].End/slot + 1
	return float64(len(served)) / float64(slots)
}

// spread shows a set of durations in a few words.
func spread(d []time.Duration) string {
	if len(d) == 0 {
		return "none"
	}
	d = slices.Sorted(slices.Values(d))
	return fmt.Sprintf("median %s, max %s (%d)", ms(d[len(d)/2]), ms(d[len(d)-1]), len(d))
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
