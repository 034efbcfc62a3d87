package fsm

import (
	"math"
	"time"
)

// Instant is a point of log time in nanoseconds since the Unix epoch. The
// leader's clock makes it; nobody below the log looks at a watch.
type Instant int64

// Never is the deadline of what does not expire.
const Never Instant = math.MaxInt64

// Add is i moved by d. It saturates at Never, so that a deadline can not wrap
// into the past.
func (i Instant) Add(d time.Duration) Instant {
	if d > 0 && i > Never-Instant(d) {
		return Never
	}
	return i + Instant(d)
}

// Sub is the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// Unix is i in whole seconds, as Vault's API shows it.
func (i Instant) Unix() int64 { return int64(i) / int64(time.Second) }

// Time is i as a time.Time in UTC, for answers and humans only.
func (i Instant) Time() time.Time { return time.Unix(0, int64(i)).UTC() }
