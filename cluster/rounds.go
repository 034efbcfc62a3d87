package cluster

import (
	"context"
	"sync"
)

// rounds lets many callers share one piece of work: a caller gets the result of
// the round that starts after it arrived. One round is in flight, the next one
// fills (etcd's LinearizableReadNotify).
type rounds[T any] struct {
	do func(waiters int) (T, error)

	mu      sync.Mutex
	next    *round[T]
	running bool
}

type round[T any] struct {
	done    chan struct{}
	waiters int
	result  T
	err     error
}

// join waits for a round that starts from now on.
func (r *rounds[T]) join(ctx context.Context) (T, error) {
	r.mu.Lock()
	if r.next == nil {
		r.next = &round[T]{done: make(chan struct{})}
	}
	mine := r.next
	mine.waiters++
	if !r.running {
		r.running = true
		go r.loop()
	}
	r.mu.Unlock()
	select {
	case <-mine.done:
		return mine.result, mine.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}

func (r *rounds[T]) loop() {
	for {
		r.mu.Lock()
		cur := r.next
		r.next = nil
		r.running = cur != nil
		r.mu.Unlock()
		if cur == nil {
			return
		}
		cur.result, cur.err = r.do(cur.waiters)
		close(cur.done)
	}
}
