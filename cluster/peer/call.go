package peer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Dialing again after a failure waits between these, doubled each time.
const (
	minBackoff = 50 * time.Millisecond
	maxBackoff = time.Second
)

// callers holds one stream for each server that was called.
type callers struct {
	link *Link

	mu    sync.Mutex
	peers map[string]*caller
}

// caller is the way to one server.
type caller struct {
	stream  *stream       // nil when there is none
	dialing chan struct{} // closed when the dial under way is over; nil when none is

	// After a failed dial:
	err      error
	addr     string // where it failed: another address is tried at once
	failures int
	retryAt  time.Time
}

func (cs *callers) init(l *Link) {
	cs.link = l
	cs.peers = make(map[string]*caller)
}

// Call asks another server and waits for its answer. The payload is copied
// before Call returns, and the answer belongs to the caller. A connection is
// opened when there is none.
//
// Every error wraps one of this package's sentinels. NotHandled tells whether
// the call certainly had no effect. The context's deadline goes along; when it
// passes, or the caller cancels, the handler's context ends too.
func (l *Link) Call(ctx context.Context, serverID string, kind Kind, payload []byte) ([]byte, error) {
	if kind == kindPing {
		return nil, ErrUnknownKind
	}
	if len(payload) > MaxPayload {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(payload))
	}
	for attempt := 0; ; attempt++ {
		s, err := l.callers.stream(ctx, serverID)
		if err != nil {
			return nil, err
		}
		body, err := s.call(ctx, kind, payload)
		// A stream that broke before our frame was written may only have
		// been stale: the server was restarted. A fresh one decides.
		if attempt == 0 && errors.Is(err, ErrUnreachable) {
			continue
		}
		return body, err
	}
}

// stream returns the stream to a server, dialing at most once for all who ask
// meanwhile.
func (cs *callers) stream(ctx context.Context, serverID string) (*stream, error) {
	for {
		s, dialing, err := cs.find(serverID)
		if s != nil || err != nil {
			return s, err
		}
		select {
		case <-dialing:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrTimeout, context.Cause(ctx))
		}
	}
}

// find returns a live stream, or the dial to wait for, or why there is none.
func (cs *callers) find(serverID string) (*stream, <-chan struct{}, error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	p := cs.peers[serverID]
	if p != nil && p.stream != nil && !p.stream.ended() {
		return p.stream, nil, nil
	}
	if p != nil && p.dialing != nil {
		return nil, p.dialing, nil
	}
	if cs.link.ctx.Err() != nil {
		return nil, nil, ErrClosed
	}
	addr, ok := cs.link.cfg.Resolve(serverID)
	if !ok {
		return nil, nil, fmt.Errorf("%w: no address known for server %s", ErrUnreachable, serverID)
	}
	if p == nil {
		p = &caller{}
		cs.peers[serverID] = p
	}
	if p.err != nil && p.addr == addr && time.Now().Before(p.retryAt) {
		return nil, nil, p.err
	}
	if !cs.link.begin() {
		return nil, nil, ErrClosed
	}
	p.stream, p.dialing = nil, make(chan struct{})
	go cs.open(p, serverID, addr)
	return nil, p.dialing, nil
}

// open dials, tells the waiting, and then runs the stream to its end.
func (cs *callers) open(p *caller, serverID, addr string) {
	defer cs.link.work.Done()
	c, err := cs.link.dial(cs.link.ctx, serverID, addr, usePeer)
	var s *stream
	if err == nil {
		s = newStream(c, cs.link.cfg.WriteTimeout)
	}
	cs.mu.Lock()
	if cs.peers[serverID] != p && s != nil { // forgotten meanwhile
		c.Close()
		s, err = nil, ErrClosed
	}
	p.stream, p.err, p.addr = s, err, addr
	if err != nil {
		p.retryAt = time.Now().Add(backoff(p.failures))
		p.failures++
	} else {
		p.failures = 0
	}
	close(p.dialing)
	p.dialing = nil
	cs.mu.Unlock()
	if s != nil {
		s.run(cs.link.cfg.PingInterval, cs.link.cfg.DeadAfter)
	}
}

// backoff spreads the tries of several nodes over half of the wait.
func backoff(failures int) time.Duration {
	wait := min(minBackoff<<min(failures, 10), maxBackoff)
	return wait/2 + rand.N(wait/2)
}

// forget drops what is known about a server; its connection is closed by the
// link.
func (cs *callers) forget(serverID string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.peers, serverID)
}
