package peer

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// blocking registers a handler that tells when it has begun and when its
// context has ended.
func blocking(l *Link) (begun, ended chan struct{}) {
	begun, ended = make(chan struct{}, 100), make(chan struct{}, 100)
	l.Handle(2, func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
		begun <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
		return nil, ctx.Err()
	})
	return begun, ended
}

func await(t testing.TB, what string, ch <-chan struct{}) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(strangerTimeout):
		t.Fatalf("waited in vain for: %s", what)
	}
}

func TestCancelGoesAlong(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	begun, ended := blocking(b)
	b.Start()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := a.Call(ctx, "b", 2, nil)
		result <- err
	}()
	await(t, "the handler", begun)
	cancel()
	if err := <-result; !errors.Is(err, ErrUnknownOutcome) || !errors.Is(err, context.Canceled) || NotHandled(err) {
		t.Fatalf("canceled call: %v", err)
	}
	await(t, "the end of the handler's context", ended)
}

func TestDeadlineEndsTheHandler(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	_, ended := blocking(b)
	b.Start()
	// Have the connection up, so that the time is the handler's.
	if _, err := a.Call(ctxOf(t), "b", 3, nil); !errors.Is(err, ErrUnknownKind) {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := a.Call(ctx, "b", 2, nil); !errors.Is(err, ErrUnknownOutcome) {
		t.Fatalf("call past its deadline: %v", err)
	}
	await(t, "the end of the handler's context", ended)
}

func TestDoneContextIsNotSent(t *testing.T) {
	w := newWorld(t)
	a := w.listen("a")
	w.echoing("b")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := a.Call(ctx, "b", kindEcho, nil)
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.Canceled) || !NotHandled(err) {
		t.Fatal(err)
	}
}

// TestConnectionBreaks checks the two outcomes: a call that was written when
// the connection broke may have been handled, one that had no connection was
// not.
func TestConnectionBreaks(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	begun, _ := blocking(b)
	b.Start()
	result := make(chan error, 1)
	go func() {
		_, err := a.Call(ctxOf(t), "b", 2, nil)
		result <- err
	}()
	await(t, "the handler", begun)
	b.Close()
	if err := <-result; !errors.Is(err, ErrUnknownOutcome) || NotHandled(err) {
		t.Fatalf("call in flight: %v", err)
	}
	// A call written before the end of the connection was noticed is one whose
	// outcome is unknown too. After it there is no connection to write to.
	_, err := a.Call(ctxOf(t), "b", 2, nil)
	if errors.Is(err, ErrUnknownOutcome) {
		_, err = a.Call(ctxOf(t), "b", 2, nil)
	}
	if !errors.Is(err, ErrUnreachable) || !NotHandled(err) {
		t.Fatalf("call to nobody: %v", err)
	}
}

// TestUnwrittenCallIsNotSent holds the writer up, so that a second frame is
// still queued when the connection fails.
func TestUnwrittenCallIsNotSent(t *testing.T) {
	w := newWorld(t)
	l := w.listen("a")
	near, far := net.Pipe() // a write returns only when it is read
	t.Cleanup(func() { far.Close() })
	s := newStream(&conn{Conn: near, raw: near, link: l, remote: "b"}, time.Minute)
	go s.run(time.Minute, time.Minute)

	results := make(chan error, 2)
	send := func() {
		go func() {
			_, err := s.call(t.Context(), kindEcho, []byte("x"))
			results <- err
		}()
	}
	send()
	if _, err := io.ReadFull(far, make([]byte, 1)); err != nil { // the first is being written
		t.Fatal(err)
	}
	send()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for queued := uint64(0); queued < 2; <-tick.C {
		s.out.mu.Lock()
		queued = s.out.queued
		s.out.mu.Unlock()
	}
	far.Close()
	var sent, unsent int
	for range 2 {
		switch err := <-results; {
		case errors.Is(err, ErrUnknownOutcome) && !NotHandled(err):
			sent++
		case errors.Is(err, ErrUnreachable) && NotHandled(err):
			unsent++
		default:
			t.Errorf("unexpected: %v", err)
		}
	}
	if sent != 1 || unsent != 1 {
		t.Fatalf("%d calls may have been sent, %d were not; want 1 and 1", sent, unsent)
	}
}

// TestReconnect restarts a server at another address.
func TestReconnect(t *testing.T) {
	w := newWorld(t)
	a := w.listen("a")
	b := w.echoing("b")
	if _, err := a.Call(ctxOf(t), "b", kindEcho, nil); err != nil {
		t.Fatal(err)
	}
	b.Close()
	// Fails, and begins a wait before the address is tried again.
	if _, err := a.Call(ctxOf(t), "b", kindEcho, nil); err == nil {
		t.Fatal("call to a closed server succeeded")
	}
	w.echoing("b") // another port: tried at once
	var err error
	for range 2 { // the first may still have been written to the old connection
		if _, err = a.Call(ctxOf(t), "b", kindEcho, nil); err == nil {
			return
		}
	}
	t.Fatal(err)
}

func TestDialIsSharedAndBacksOff(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var dials atomic.Int32
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			dials.Add(1)
			c.Close()
		}
	}()
	w := newWorld(t)
	a := w.listen("a")
	w.place("b", listener.Addr().String())
	var work sync.WaitGroup
	for range 50 {
		work.Go(func() {
			if _, err := a.Call(ctxOf(t), "b", kindEcho, nil); !errors.Is(err, ErrUnreachable) {
				t.Errorf("got %v", err)
			}
		})
	}
	work.Wait()
	// Failing takes a moment on a busy machine; each caller dialing for
	// itself would make 50.
	if n := dials.Load(); n > 10 {
		t.Fatalf("50 calls at once dialed %d times", n)
	}
}

func TestNoAddress(t *testing.T) {
	w := newWorld(t)
	a := w.listen("a")
	if _, err := a.Call(ctxOf(t), "nobody", kindEcho, nil); !errors.Is(err, ErrUnreachable) {
		t.Fatal(err)
	}
	if len(a.callers.peers) != 0 {
		t.Fatal("something is kept about a server without address")
	}
}

// TestSilentPeer puts a proxy between two nodes that stops passing bytes on,
// as a network that is cut does: no packet says so.
func TestSilentPeer(t *testing.T) {
	w := newWorld(t)
	b := w.listen("b")
	begun, ended := blocking(b)
	b.Start()
	proxy := newProxy(t, b.Addr().String())
	w.place("b", proxy.addr())
	a := w.listen("a", func(c *Config) {
		c.PingInterval, c.DeadAfter = 50*time.Millisecond, time.Second
	})
	result := make(chan error, 1)
	go func() {
		_, err := a.Call(t.Context(), "b", 2, nil)
		result <- err
	}()
	await(t, "the handler", begun)
	select { // longer than a silent peer gets
	case err := <-result:
		t.Fatalf("a slow call on a living connection ended: %v", err)
	case <-time.After(1500 * time.Millisecond):
	}
	proxy.cut.Store(true)
	select {
	case err := <-result:
		if !errors.Is(err, ErrUnknownOutcome) || !errors.Is(err, errSilent) {
			t.Fatal(err)
		}
	case <-time.After(strangerTimeout):
		t.Fatal("a silent peer was waited for")
	}
	b.Close()
	await(t, "the end of the handler's context", ended)
}

// TestSilentCaller is the other end's view: it must not keep dead callers.
func TestSilentCaller(t *testing.T) {
	w := newWorld(t)
	b := w.listen("b", func(c *Config) { c.DeadAfter = 20 * time.Millisecond })
	begun, ended := blocking(b)
	b.Start()
	c, _ := member(t, b, "a", usePeer, protocolVersion)
	c.Write(appendFrame(nil, frame{kind: 2, id: 1}))
	await(t, "the handler", begun)
	await(t, "the end of the handler's context", ended)
}

func TestOverloaded(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b", func(c *Config) { c.MaxCalls = 2 })
	begun, _ := blocking(b)
	b.Start()
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	for range 2 {
		work.Go(func() { a.Call(ctx, "b", 2, nil) })
	}
	await(t, "the first handler", begun)
	await(t, "the second handler", begun)
	if _, err := a.Call(ctxOf(t), "b", 2, nil); !errors.Is(err, ErrOverloaded) || !NotHandled(err) {
		t.Errorf("third call: %v", err)
	}
	cancel()
	work.Wait()
}

func TestDisconnect(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	begun, ended := blocking(b)
	b.Start()
	result := make(chan error, 1)
	go func() {
		_, err := a.Call(ctxOf(t), "b", 2, nil)
		result <- err
	}()
	await(t, "the handler", begun)
	b.Disconnect("a")
	await(t, "the end of the handler's context", ended)
	if err := <-result; !errors.Is(err, ErrUnknownOutcome) {
		t.Fatal(err)
	}
	if _, err := a.Call(ctxOf(t), "b", 77, nil); !errors.Is(err, ErrUnknownKind) {
		t.Fatalf("coming back: %v", err)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	begun, ended := blocking(b)
	b.Start()
	go a.Call(ctxOf(t), "b", 2, nil)
	await(t, "the handler", begun)
	b.Close()
	select {
	case <-ended:
	default:
		t.Fatal("Close did not wait for the handler")
	}
	a.Close()
	if _, err := a.Call(ctxOf(t), "b", 2, nil); !errors.Is(err, ErrClosed) || !NotHandled(err) {
		t.Fatalf("call on a closed link: %v", err)
	}
	if err := a.Close(); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("second Close: %v", err)
	}
}

// proxy passes TCP bytes on until it is cut.
type proxy struct {
	listener net.Listener
	cut      atomic.Bool
}

func newProxy(t *testing.T, target string) *proxy {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	p := &proxy{listener: listener}
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", target)
			if err != nil {
				in.Close()
				continue
			}
			go p.pass(in, out)
			go p.pass(out, in)
		}
	}()
	return p
}

func (p *proxy) addr() string { return p.listener.Addr().String() }

func (p *proxy) pass(from, to net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		switch cut := p.cut.Load(); {
		case err != nil && !cut:
			to.Close()
			return
		case err != nil:
			return // and the other side hears nothing of it
		case !cut:
			to.Write(buf[:n])
		}
	}
}
