package peer

import (
	"sync"
	"time"
)

// warnEvery is the least time between two warnings about refused connections:
// anybody can cause them.
const warnEvery = 10 * time.Second

// throttle lets one event through in warnEvery and counts the others.
type throttle struct {
	mu   sync.Mutex
	last time.Time
	left int
}

// allow reports whether to speak now, and about how many events it did not.
func (t *throttle) allow(now time.Time) (ok bool, left int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.last.IsZero() && now.Sub(t.last) < warnEvery {
		t.left++
		return false, 0
	}
	left, t.last, t.left = t.left, now, 0
	return true, left
}
