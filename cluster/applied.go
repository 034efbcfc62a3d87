package cluster

import (
	"context"
	"sync"
)

// applied lets goroutines wait until the local machine has applied an index.
// raft's own AppliedIndex means "handed to the machine", which is not enough.
type applied struct {
	mu      sync.Mutex
	index   uint64
	waiters map[chan struct{}]uint64
}

func (a *applied) set(index uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.index = max(a.index, index)
	for c, want := range a.waiters {
		if want <= a.index {
			close(c)
			delete(a.waiters, c)
		}
	}
}

func (a *applied) get() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.index
}

// wait returns once index has been applied, or with the context's error.
func (a *applied) wait(ctx context.Context, index uint64) error {
	a.mu.Lock()
	if a.index >= index {
		a.mu.Unlock()
		return nil
	}
	if a.waiters == nil {
		a.waiters = make(map[chan struct{}]uint64)
	}
	c := make(chan struct{})
	a.waiters[c] = index
	a.mu.Unlock()
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		a.mu.Lock()
		delete(a.waiters, c)
		a.mu.Unlock()
		return ctx.Err()
	}
}
