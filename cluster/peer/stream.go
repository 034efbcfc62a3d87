package peer

import (
	"bufio"
	"context"
	"fmt"
	"sync"
	"time"
)

// stream is the calling end of a connection: many calls in flight, answers in
// any order.
type stream struct {
	conn *conn
	out  *writer // its mutex also guards what follows

	lastID uint64
	calls  map[uint64]*call // sent or queued, not answered
}

// call is one call in flight. done holds a token when the rest is set.
type call struct {
	done   chan struct{}
	number uint64 // of its frame in the writer
	body   []byte
	err    error
}

var callPool = sync.Pool{New: func() any { return &call{done: make(chan struct{}, 1)} }}

func newStream(c *conn, writeTimeout time.Duration) *stream {
	return &stream{conn: c, out: newWriter(c, writeTimeout), calls: make(map[uint64]*call)}
}

// run serves the connection until it fails.
func (s *stream) run(pingEvery, deadAfter time.Duration) {
	var work sync.WaitGroup
	work.Go(s.out.run)
	work.Go(func() { s.out.watch(&s.conn.received, pingEvery, deadAfter, s.ping) })
	s.fail(s.read())
	work.Wait()
}

// ended reports whether the stream takes no more calls.
func (s *stream) ended() bool {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	return s.out.err != nil
}

// call sends a payload and waits for the answer.
func (s *stream) call(ctx context.Context, kind Kind, payload []byte) ([]byte, error) {
	wait, err := waitOf(ctx)
	if err != nil {
		return nil, err
	}
	c := callPool.Get().(*call)
	id, err := s.send(c, frame{kind: kind, wait: wait, body: payload})
	if err != nil {
		callPool.Put(c)
		return nil, err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		if s.forget(kind, id) {
			callPool.Put(c)
			return nil, fmt.Errorf("%w: %w", ErrUnknownOutcome, context.Cause(ctx))
		}
		<-c.done // the answer won: it was being delivered
	}
	body, err := c.body, c.err
	c.body, c.err = nil, nil
	callPool.Put(c)
	return body, err
}

// waitOf returns the milliseconds until the context's deadline, at least 1,
// or 0 when it has none. An error means that nothing may be sent any more.
func waitOf(ctx context.Context) (uint32, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrTimeout, context.Cause(ctx))
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0, nil
	}
	ms := time.Until(deadline).Milliseconds()
	return uint32(min(max(ms, 1), 1<<31)), nil
}

// send queues the frame of a call under a fresh id.
func (s *stream) send(c *call, f frame) (id uint64, err error) {
	s.out.mu.Lock()
	if s.out.err != nil {
		err := s.out.err
		s.out.mu.Unlock()
		return 0, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	s.lastID++
	f.id = s.lastID
	number, ok := s.out.queueLocked(f)
	if !ok {
		s.out.mu.Unlock()
		return 0, fmt.Errorf("%w: too much is queued for %s", ErrOverloaded, s.conn.remote)
	}
	c.number = number
	s.calls[f.id] = c
	s.out.mu.Unlock()
	s.out.notify()
	return f.id, nil
}

// forget gives up a call and tells the peer. It reports false when the answer
// is being delivered.
func (s *stream) forget(kind Kind, id uint64) bool {
	s.out.mu.Lock()
	_, waiting := s.calls[id]
	delete(s.calls, id)
	if waiting && s.out.err == nil {
		s.out.queueLocked(frame{kind: kind, flags: flagCancel, id: id})
	}
	s.out.mu.Unlock()
	s.out.notify()
	return waiting
}

// read delivers answers until the connection fails.
func (s *stream) read() error {
	r := bufio.NewReaderSize(s.conn, readBuffer)
	for {
		f, err := readFrame(r)
		if err != nil {
			return err
		}
		if f.flags&flagReply == 0 {
			return fmt.Errorf("%w: a request from the serving side", errFrame)
		}
		if f.kind != kindPing {
			s.deliver(f)
		}
	}
}

func (s *stream) deliver(f frame) {
	s.out.mu.Lock()
	c := s.calls[f.id]
	delete(s.calls, f.id)
	s.out.mu.Unlock()
	if c == nil {
		return // given up by its caller
	}
	if f.flags&flagError != 0 {
		c.err = &CallError{
			ServerID: s.conn.remote,
			Kind:     f.kind,
			Status:   statusByCode(f.body[0]),
			Text:     string(f.body[1:]),
		}
	} else {
		c.body = f.body
	}
	c.done <- struct{}{}
}

// fail ends the stream. Calls that the writer had not yet taken were
// certainly not sent; of the others nobody can know.
func (s *stream) fail(err error) {
	s.out.stop(err)
	s.out.mu.Lock()
	err = s.out.err // the first reason is the better one
	calls, taken := s.calls, s.out.taken
	s.calls = nil
	s.out.mu.Unlock()
	for _, c := range calls {
		outcome := ErrUnknownOutcome
		if c.number > taken {
			outcome = ErrUnreachable
		}
		c.err = fmt.Errorf("%w: connection to %s: %w", outcome, s.conn.remote, err)
		c.done <- struct{}{}
	}
}

// ping asks for a sign of life.
func (s *stream) ping() {
	s.out.mu.Lock()
	if s.out.err == nil {
		s.lastID++
		s.out.queueLocked(frame{kind: kindPing, id: s.lastID})
	}
	s.out.mu.Unlock()
	s.out.notify()
}
