package audit

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Why an entry was not written.
var (
	errFull    = errors.New("too many entries wait")
	errLate    = errors.New("not written in time")
	errClosing = errors.New("device is closing")
	errBroken  = errors.New("device cannot be had on this node")
)

// maxQueuedBytes bounds the memory that a queue takes, whatever its length.
const maxQueuedBytes = 32 << 20

// Receipt tells what becomes of an entry.
type Receipt struct {
	line  []byte
	since time.Time
	due   time.Time // zero: the entry waits as long as it takes
	taken atomic.Bool
	done  chan error // nil: nobody asks
}

// Wait returns nil once the entry is written, and an error when it was not or
// when the device's deadline has passed. When ctx ends before that nobody waits
// any more, but the entry stands.
func (r *Receipt) Wait(ctx context.Context) error {
	select {
	case err := <-r.done:
		return err
	default:
	}
	timer := time.NewTimer(time.Until(r.due))
	defer timer.Stop()
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	}
	if r.taken.CompareAndSwap(false, true) {
		return errLate // and the device will pass it over
	}
	select { // it may be written by now
	case err := <-r.done:
		return err
	default:
		return errLate
	}
}

func (r *Receipt) answer(err error) {
	if r.done != nil {
		r.done <- err
	}
}

// queue holds entries for a device's goroutine.
type queue struct {
	most int

	mu     sync.Mutex
	list   []*Receipt
	bytes  int
	closed bool
	wake   chan struct{} // holds something while there is news
}

func newQueue(most int) *queue { return &queue{most: most, wake: make(chan struct{}, 1)} }

func (q *queue) put(r *Receipt) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return errClosing
	case len(q.list) >= q.most || q.bytes+len(r.line) > maxQueuedBytes && len(q.list) > 0:
		return errFull
	}
	q.list = append(q.list, r)
	q.bytes += len(r.line)
	q.signal()
	return nil
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// A batch is written at once: so many entries, or so many bytes.
const (
	maxBatch      = 256
	maxBatchBytes = 256 << 10
)

// take waits for news and takes some entries, oldest first. Those that nobody
// waits for any more are left out. It is false when the queue is closed and empty.
func (q *queue) take(batch []*Receipt) ([]*Receipt, bool) {
	if batch = q.some(batch); len(batch) == 0 {
		<-q.wake
		batch = q.some(batch)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return batch, len(batch) > 0 || len(q.list) > 0 || !q.closed
}

func (q *queue) some(batch []*Receipt) []*Receipt {
	q.mu.Lock()
	defer q.mu.Unlock()
	size, n := 0, 0
	for n < len(q.list) && len(batch) < maxBatch && size < maxBatchBytes {
		r := q.list[n]
		n++
		q.bytes -= len(r.line)
		if r.done == nil || r.taken.CompareAndSwap(false, true) {
			batch = append(batch, r)
			size += len(r.line)
		}
	}
	clear(q.list[:n])
	if q.list = q.list[n:]; len(q.list) == 0 {
		q.list = nil // so that what was taken is not kept
	}
	return batch
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.list)
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}
