package peer

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster/keys"
)

// wire is somebody between two nodes, who sees and changes what goes to the called one.
type wire struct {
	listener net.Listener
	target   string
	change   func(b []byte) (changed []byte, goOn bool) // nil: pass

	mu   sync.Mutex
	seen []byte // what the calling node has sent
}

// between puts a wire before a link, where the world finds it.
func (w *world) between(l *Link, change func([]byte) ([]byte, bool)) *wire {
	w.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	m := &wire{listener: listener, target: l.Addr().String(), change: change}
	w.t.Cleanup(func() { listener.Close() })
	w.place(l.ServerID(), listener.Addr().String())
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			go m.carry(in)
		}
	}()
	return m
}

func (m *wire) carry(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", m.target)
	if err != nil {
		return
	}
	defer out.Close()
	go func() {
		io.Copy(in, out)
		in.Close()
	}()
	buf := make([]byte, 16<<10)
	for {
		n, err := in.Read(buf)
		if err != nil {
			return
		}
		b, goOn := bytes.Clone(buf[:n]), true
		if m.change != nil {
			b, goOn = m.change(b)
		}
		m.mu.Lock()
		m.seen = append(m.seen, buf[:n]...)
		m.mu.Unlock()
		if _, err := out.Write(b); err != nil || !goOn {
			return
		}
	}
}

// TestRecordedConnectionSaysNothing plays what an honest node has sent to the node that
// it was sent to, and to another: nothing of it is handled a second time.
func TestRecordedConnectionSaysNothing(t *testing.T) {
	w := newWorld(t)
	var handled atomic.Int64
	b, other := w.listen("b"), w.listen("c")
	for _, l := range []*Link{b, other} {
		l.Handle(kindEcho, func(_ context.Context, _ string, payload []byte) ([]byte, error) {
			handled.Add(1)
			return payload, nil
		})
		l.Start()
	}
	m := w.between(b, nil)
	a := w.listen("a")
	secret := []byte("what a node says to another")
	if _, err := a.Call(ctxOf(t), "b", kindEcho, secret); err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	recorded := bytes.Clone(m.seen)
	m.mu.Unlock()
	if len(recorded) == 0 || bytes.Contains(recorded, secret) {
		t.Fatalf("recorded %d bytes, none or with the payload in the clear", len(recorded))
	}
	for _, l := range []*Link{b, other} {
		c := tcp(t, l, "127.0.0.1")
		c.Write(recorded)
		c.(*net.TCPConn).CloseWrite()
		mustClose(t, c)
		w.place(l.ServerID(), l.Addr().String())
		stillServes(t, w, l.ServerID())
	}
	if n := handled.Load(); n != 3 { // the first call, and stillServes of each
		t.Errorf("%d calls were handled, want 3", n)
	}
}

// TestTamperedConnection changes, repeats, holds back and cuts off what a node sends,
// after the handshake: no changed frame is handled, and the caller is not told that one
// was.
func TestTamperedConnection(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(b []byte) ([]byte, bool)
	}{
		{"a bit of the record", func(b []byte) ([]byte, bool) { b[len(b)-1] ^= 1; return b, true }},
		{"its length", func(b []byte) ([]byte, bool) { b[4]--; return b, true }},
		{"twice", func(b []byte) ([]byte, bool) { return append(b, b...), true }},
		{"cut", func(b []byte) ([]byte, bool) { return b[:len(b)/2], false }},
		{"held back", func(b []byte) ([]byte, bool) { return nil, false }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			var handled atomic.Int64
			b := w.listen("b")
			b.Handle(kindEcho, func(_ context.Context, _ string, payload []byte) ([]byte, error) {
				handled.Add(1)
				return payload, nil
			})
			b.Start()
			var armed atomic.Bool
			w.between(b, func(sent []byte) ([]byte, bool) {
				if armed.Swap(false) {
					return tt.change(sent)
				}
				return sent, true
			})
			a := w.listen("a", func(c *Config) { c.PingInterval = time.Hour }) // what is changed is the call
			if _, err := a.Call(ctxOf(t), "b", kindEcho, nil); err != nil {
				t.Fatal(err)
			}
			armed.Store(true)
			_, err := a.Call(ctxOf(t), "b", kindEcho, []byte("x"))
			most := int64(1)
			if tt.name == "twice" { // the first of the two is the caller's own, and may be answered
				most = 2
			} else if !errors.Is(err, ErrUnknownOutcome) {
				t.Errorf("the caller is told %v", err)
			}
			w.place("b", b.Addr().String())
			if n := handled.Load(); n > most {
				t.Errorf("%d calls were handled, want %d at most", n, most)
			}
			stillServes(t, w, "b")
		})
	}
}

// TestStolenCertificate: a certificate is public. Who has not its key is nobody.
func TestStolenCertificate(t *testing.T) {
	w := newWorld(t)
	b := w.echoing("b")
	mine := identity(t, "test", "thief").Client("b")
	theirs := identity(t, "test", "a").Client("b")
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, stolen := range map[string]tls.Certificate{
		"with a key of one's own": {Certificate: theirs.Certificates[0].Certificate, PrivateKey: key},
		"with another's key":      {Certificate: theirs.Certificates[0].Certificate, PrivateKey: mine.Certificates[0].PrivateKey},
	} {
		cfg := mine.Clone()
		cfg.Certificates = []tls.Certificate{stolen}
		c := tls.Client(tcp(t, b, "127.0.0.1"), cfg)
		c.Write([]byte{usePeer, protocolVersion})
		if n, err := c.Read(make([]byte, 1)); err == nil {
			t.Errorf("%s: %d bytes were answered", name, n)
		}
	}
	// The other way round: whoever answers for b has to be b.
	if _, err := w.listen("a").Call(ctxOf(t), "b", kindEcho, nil); err != nil {
		t.Fatal(err)
	}
	w.place("b", w.echoing("thief-at-bs-address").Addr().String())
	if _, err := w.listen("a2").Call(ctxOf(t), "b", kindEcho, nil); !errors.Is(err, keys.ErrWrongServer) || !NotHandled(err) {
		t.Errorf("another server at the address of b: %v", err)
	}
}
