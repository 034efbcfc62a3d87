package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// watchdog ends the process when an apply or a disk write hangs. A leader whose
// disk hangs would keep its leadership, since its heartbeats need no disk
// (hashicorp/raft#503), and a transfer needs the very loop that hangs.
//
// It counts looks instead of comparing times: a process that was stopped for a
// minute and goes on has not been looking meanwhile, and nothing hung.
type watchdog struct {
	limit   time.Duration
	onFault func(error)

	mu      sync.Mutex
	running map[*watched]struct{}
	once    sync.Once
}

// watched is something under way.
type watched struct {
	what   string
	limits int // that it is given
	looks  int // that found it running
}

// looksPerLimit is how often the watchdog looks within its limit.
const looksPerLimit = 4

func newWatchdog(limit time.Duration, onFault func(error)) *watchdog {
	return &watchdog{limit: limit, onFault: onFault, running: make(map[*watched]struct{})}
}

// begin notes that something started; the returned function says that it ended.
func (w *watchdog) begin(what string) func() { return w.beginLong(what, 1) }

// beginLong is begin for what may take several limits.
func (w *watchdog) beginLong(what string, limits int) func() {
	x := &watched{what: what, limits: limits}
	w.mu.Lock()
	w.running[x] = struct{}{}
	w.mu.Unlock()
	return func() {
		w.mu.Lock()
		delete(w.running, x)
		w.mu.Unlock()
	}
}

// run looks until ctx ends.
func (w *watchdog) run(ctx context.Context) {
	t := time.NewTicker(w.limit / looksPerLimit)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if what, stuck := w.look(); stuck {
				w.fault(fmt.Errorf("%s has been running for too long; most things are given %s", what, w.limit))
			}
		}
	}
}

// look counts one look at everything that runs. What is found once more than
// looksPerLimit times for each of its limits has been there for all of them at least.
func (w *watchdog) look() (what string, stuck bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for x := range w.running {
		if x.looks++; x.looks > looksPerLimit*x.limits {
			what, stuck = x.what, true
		}
	}
	return what, stuck
}

// fault reports that the node must not go on, once.
func (w *watchdog) fault(err error) { w.once.Do(func() { w.onFault(err) }) }
