package peer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	readBuffer = 64 << 10
	// maxHandling bounds the bytes of the payloads of one connection that
	// are being handled.
	maxHandling = 64 << 20
)

// session is the serving end of a stream of calls.
type session struct {
	link *Link
	conn *conn
	out  *writer
	ctx  context.Context

	mu      sync.Mutex
	cancels map[uint64]context.CancelFunc // calls being handled
	bytes   int                           // their payloads
}

// serve answers calls until the connection ends, and waits for its handlers.
func (l *Link) serve(c *conn) {
	ctx, cancel := context.WithCancel(l.ctx)
	s := &session{
		link:    l,
		conn:    c,
		out:     newWriter(c, l.cfg.WriteTimeout),
		ctx:     ctx,
		cancels: make(map[uint64]context.CancelFunc),
	}
	var work sync.WaitGroup
	work.Go(s.out.run)
	// The calling side never lets a minute pass in silence: it pings.
	work.Go(func() { s.out.watch(&c.received, l.cfg.DeadAfter, 6*l.cfg.DeadAfter, func() {}) })
	err := s.read(&work)
	s.out.stop(err)
	cancel()
	work.Wait()
	if l.ctx.Err() == nil {
		l.cfg.Logger.Debug("cluster port: stream ended", "server", c.remote, "error", err)
	}
}

func (s *session) read(work *sync.WaitGroup) error {
	r := bufio.NewReaderSize(s.conn, readBuffer)
	for {
		f, err := readFrame(r)
		if err != nil {
			return err
		}
		switch {
		case f.flags == flagCancel:
			s.abandon(f.id)
		case !f.isRequest():
			return fmt.Errorf("%w: an answer from the calling side", errFrame)
		case f.kind == kindPing:
			s.answer(frame{kind: kindPing, flags: flagReply, id: f.id})
		default:
			if err := s.accept(work, f); err != nil {
				return err
			}
		}
	}
}

// accept starts the handler of a call, or refuses it at once.
func (s *session) accept(work *sync.WaitGroup, f frame) error {
	h := s.link.handlers[f.kind]
	switch {
	case h.handle == nil:
		s.refuse(f, ErrUnknownKind)
		return nil
	case !h.open && !s.link.cfg.Member(s.conn.remote):
		s.refuse(f, ErrNotMember)
		return nil
	}
	ctx, cancel := s.ctx, context.CancelFunc(nil)
	if f.wait > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(f.wait)*time.Millisecond)
	} else {
		ctx, cancel = context.WithCancel(ctx)
	}
	s.mu.Lock()
	_, twice := s.cancels[f.id]
	full := len(s.cancels) >= s.link.cfg.MaxCalls || s.bytes > 0 && s.bytes+len(f.body) > maxHandling
	if !twice && !full {
		s.cancels[f.id] = cancel
		s.bytes += len(f.body)
	}
	s.mu.Unlock()
	switch {
	case twice:
		cancel()
		return fmt.Errorf("%w: call id %d is in use", errFrame, f.id)
	case full:
		cancel()
		s.refuse(f, ErrOverloaded)
		return nil
	}
	work.Go(func() { s.handle(ctx, cancel, h.handle, f) })
	return nil
}

func (s *session) handle(ctx context.Context, cancel context.CancelFunc, h Handler, f frame) {
	size := len(f.body)
	body, err := h(ctx, s.conn.remote, f.body)
	s.mu.Lock()
	delete(s.cancels, f.id)
	s.bytes -= size
	s.mu.Unlock()
	cancel()
	switch {
	case err != nil:
		s.refuse(f, err)
	case len(body) > MaxPayload:
		s.refuse(f, fmt.Errorf("%w: answer of %d bytes", ErrFailed, len(body)))
	default:
		s.answer(frame{kind: f.kind, flags: flagReply, id: f.id, body: body})
	}
}

// abandon ends the context of a call whose caller has gone.
func (s *session) abandon(id uint64) {
	s.mu.Lock()
	cancel := s.cancels[id]
	s.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// refuse answers a call with an error.
func (s *session) refuse(f frame, err error) {
	text := err.Error()
	if len(text) > maxText {
		text = text[:maxText]
	}
	body := append([]byte{statusOf(err).code}, text...)
	s.answer(frame{kind: f.kind, flags: flagReply | flagError, id: f.id, body: body})
}

// answer queues a reply. A caller that lets its answers pile up loses the
// connection.
func (s *session) answer(f frame) {
	if err := s.out.queue(f); errors.Is(err, ErrOverloaded) {
		s.out.stop(fmt.Errorf("%w: answers are not read", ErrOverloaded))
	}
}
