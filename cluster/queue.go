package cluster

import (
	"sync"
	"time"
)

// op is one encoded command on its way.
type op struct {
	envelope []byte
	watched  bool // its node waits for the local apply
	answer   chan answer
}

// answer is what became of an attempt to have an op applied.
type answer struct {
	reply []byte // encoded outcome
	index uint64
	err   error
}

func newOp(envelope []byte, watched bool) *op {
	return &op{envelope, watched, make(chan answer, 1)}
}

// The size of one batch. Raft counts entries, not bytes, in its caches and
// trailing logs, so an entry must stay small.
const (
	batchCommands = 256
	batchBytes    = 128 << 10
)

// queue gathers ops while a batch is in flight: the next batch is what has
// gathered meanwhile, without any artificial delay.
type queue struct {
	mu     sync.Mutex
	ops    []*op
	closed error
	wake   chan struct{} // holds one token when there is something to take
	max    int
}

func newQueue(max int) *queue { return &queue{max: max, wake: make(chan struct{}, 1)} }

// put adds ops, all or none.
func (q *queue) put(ops ...*op) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed != nil {
		return q.closed
	}
	if len(q.ops)+len(ops) > q.max {
		return ErrOverloaded
	}
	q.ops = append(q.ops, ops...)
	q.signal()
	return nil
}

// signal wakes whoever takes from the queue.
func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take removes one batch; it is empty when nothing waits.
func (q *queue) take() []*op {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, bytes := 0, 0
	for n < len(q.ops) && n < batchCommands {
		bytes += len(q.ops[n].envelope)
		if n > 0 && bytes > batchBytes {
			break
		}
		n++
	}
	batch := append([]*op(nil), q.ops[:n]...)
	clear(q.ops[:n])
	q.ops = append(q.ops[:0], q.ops[n:]...)
	if len(q.ops) > 0 {
		q.signal()
	}
	return batch
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.ops)
}

// close answers everything that waits, and whatever comes later, with err.
func (q *queue) close(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = err
	for _, o := range q.ops {
		o.answer <- answer{err: err}
	}
	q.ops = nil
}

func fail(batch []*op, err error) {
	for _, o := range batch {
		o.answer <- answer{err: err}
	}
}

func envelopes(batch []*op) [][]byte {
	e := make([][]byte, len(batch))
	for i, o := range batch {
		e[i] = o.envelope
	}
	return e
}

// raftTimeout bounds only the wait for raft's main loop to take an entry; what
// it took is waited for without limit, and the watchdog sees to the rest.
const raftTimeout = 5 * time.Second
