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
type watchdog struct {
	limit   time.Duration
	onFault func(error)

	mu      sync.Mutex
	running map[*watched]struct{}
	once    sync.Once
}

type watched struct {
	what  string
	since time.Time
}

func newWatchdog(limit time.Duration, onFault func(error)) *watchdog {
	return &watchdog{limit: limit, onFault: onFault, running: make(map[*watched]struct{})}
}

// begin notes that something started; the returned function says that it ended.
func (w *watchdog) begin(what string) func() {
	x := &watched{what, time.Now()}
	w.mu.Lock()
	w.running[x] = struct{}{}
	w.mu.Unlock()
	return func() {
		w.mu.Lock()
		delete(w.running, x)
		w.mu.Unlock()
	}
}

// run looks four times within the limit until ctx ends.
func (w *watchdog) run(ctx context.Context) {
	t := time.NewTicker(max(w.limit/4, time.Millisecond))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-t.C:
			if what, stuck := w.stuck(now); stuck {
				w.fault(fmt.Errorf("%s has been running for more than %s", what, w.limit))
			}
		}
	}
}

func (w *watchdog) stuck(now time.Time) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for x := range w.running {
		if now.Sub(x.since) > w.limit {
			return x.what, true
		}
	}
	return "", false
}

// fault reports that the node must not go on, once.
func (w *watchdog) fault(err error) { w.once.Do(func() { w.onFault(err) }) }
