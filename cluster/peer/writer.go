package peer

import (
	"net"
	"runtime"
	"sync"
	"time"
)

const (
	// maxQueued bounds the bytes that wait for the network on one
	// connection. A call that meets it is refused.
	maxQueued = 16 << 20
	// largeWrite is enough for one write: nothing is gained by waiting.
	largeWrite = 64 << 10
	// keepBuffer is the largest buffer that is kept for reuse.
	keepBuffer = 2 << 20
)

// writer gathers the frames of a connection: whatever was queued while one
// write was under way goes out with the next, in one piece.
type writer struct {
	conn    net.Conn
	timeout time.Duration // of one write
	wake    chan struct{} // holds one token when there may be work
	stopped chan struct{} // closed by stop

	mu      sync.Mutex
	pending []byte // frames not yet given to the network
	queued  uint64 // frames ever queued
	taken   uint64 // frames ever given to the network, whole or in part
	err     error  // why nothing more is accepted
}

func newWriter(conn net.Conn, timeout time.Duration) *writer {
	return &writer{
		conn:    conn,
		timeout: timeout,
		wake:    make(chan struct{}, 1),
		stopped: make(chan struct{}),
	}
}

// queueLocked appends a frame and returns its number, or false when too much
// waits already. The caller holds mu, has looked at err, and calls notify
// when it has let go of mu.
func (w *writer) queueLocked(f frame) (number uint64, ok bool) {
	if len(w.pending) > 0 && len(w.pending)+len(f.body) > maxQueued {
		return 0, false
	}
	w.pending = appendFrame(w.pending, f)
	w.queued++
	return w.queued, true
}

// queue appends a frame unless the writer has stopped or is full.
func (w *writer) queue(f frame) error {
	w.mu.Lock()
	err := w.err
	if err == nil {
		if _, ok := w.queueLocked(f); !ok {
			err = ErrOverloaded
		}
	}
	w.mu.Unlock()
	if err == nil {
		w.notify()
	}
	return err
}

func (w *writer) notify() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run writes until the connection fails or stop is called.
func (w *writer) run() {
	var spare []byte
	for {
		select {
		case <-w.wake:
		case <-w.stopped:
			return
		}
		for {
			out := w.take(spare)
			if out == nil {
				break
			}
			w.conn.SetWriteDeadline(time.Now().Add(w.timeout))
			if _, err := w.conn.Write(out); err != nil {
				w.stop(err)
				return
			}
			spare = nil
			if cap(out) <= keepBuffer {
				spare = out
			}
		}
	}
}

// take returns what is queued, leaving empty to queue into next, or nil. A
// small queue is left alone for one turn of the scheduler first: the answers
// that just came in make their callers send again, and one write for all of
// them is worth more than the microsecond (measured on two cores: 64 calls in
// flight go from 84,000 to 300,000 calls/s, one alone does not suffer).
func (w *writer) take(empty []byte) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.pending); n > 0 && n < largeWrite {
		w.mu.Unlock()
		runtime.Gosched()
		w.mu.Lock()
	}
	if len(w.pending) == 0 || w.err != nil {
		return nil
	}
	out := w.pending
	w.pending, w.taken = empty[:0], w.queued
	return out
}

// stop makes the writer refuse frames with err and closes the connection. The
// first reason stays. It reports whether this call was the first.
func (w *writer) stop(err error) bool {
	w.mu.Lock()
	first := w.err == nil
	if first {
		w.err = err
		close(w.stopped)
	}
	w.mu.Unlock()
	w.conn.Close()
	return first
}
