package check

import (
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// slack is what clocks on one machine may differ by: the servers judge by the wall
// clock, which may be slewed; the history is kept by the monotonic one.
const slack = 250 * time.Millisecond

// lifetime bounds a token's deadline from both sides. Creation and renewals all
// ask for the same time to live, so that each can only move the deadline on.
type lifetime struct{ grants []grant }

type grant struct {
	event Event
	ttl   time.Duration
}

func (l *lifetime) add(e Event, ttl time.Duration) {
	l.grants = append(l.grants, grant{e, ttl})
}

// earliest is the first moment at which the token can have been over, as seen by
// the asking event: what was acknowledged before it was sent counts, and was
// stamped no earlier than it was sent itself.
func (l *lifetime) earliest(e Event) time.Duration {
	var at time.Duration
	for _, g := range l.grants {
		if g.event.Outcome == client.Done && g.event.End <= e.Start {
			at = max(at, g.event.Start+g.ttl-slack)
		}
	}
	return at
}

// latest is the moment after which it must be over: all that was sent before the
// event was answered may have counted, and was stamped no later than it was
// acknowledged.
func (l *lifetime) latest(e Event) time.Duration {
	var at time.Duration
	for _, g := range l.grants {
		if g.event.Start > e.End {
			continue
		}
		if g.event.effective() == never {
			return never
		}
		at = max(at, g.event.End+g.ttl+slack)
	}
	return at
}
