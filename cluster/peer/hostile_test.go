package peer

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster/keys"
)

// strangerTimeout is long enough for a busy machine: it is only waited for
// when a test fails.
const strangerTimeout = 20 * time.Second

func ctxOf(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), strangerTimeout)
	t.Cleanup(cancel)
	return ctx
}

// tcp connects to a link without saying anything.
func tcp(t testing.TB, l *Link, from string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.DialContext(ctxOf(t), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(strangerTimeout))
	return c
}

// member connects as the named server and sends a preamble.
func member(t testing.TB, l *Link, id string, preamble ...byte) (*tls.Conn, byte) {
	t.Helper()
	c := tls.Client(tcp(t, l, "127.0.0.1"), identity(t, "test", id).Client(l.ServerID()))
	if _, err := c.Write(preamble); err != nil {
		t.Fatal(err)
	}
	var answer [1]byte
	if _, err := io.ReadFull(c, answer[:]); err != nil {
		t.Fatal(err)
	}
	return c, answer[0]
}

// mustClose reads until the other side closes.
func mustClose(t testing.TB, c net.Conn) {
	t.Helper()
	_, err := io.Copy(io.Discard, c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("connection was left open")
	}
}

// stillServes checks that the link works for honest nodes.
func stillServes(t testing.TB, w *world, id string) {
	t.Helper()
	honest := w.listen("honest")
	got, err := honest.Call(ctxOf(t), id, kindEcho, []byte("x"))
	if err != nil || string(got) != "x" {
		t.Fatalf("afterwards an honest call gets %q, %v", got, err)
	}
}

func (w *world) echoing(id string, change ...func(*Config)) *Link {
	l := w.listen(id, change...)
	l.Handle(kindEcho, echo)
	l.Start()
	return l
}

func TestNoTLS(t *testing.T) {
	w := newWorld(t)
	b := w.echoing("b")
	for _, words := range []string{
		"GET / HTTP/1.1\r\nHost: b\r\n\r\n",
		"RP\x01\x01\x01",
		"P\x01\x00\x00\x00\x0e\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00",
		"\x16\x03\x01\xff\xff",
		string(make([]byte, 100)),
	} {
		c := tcp(t, b, "127.0.0.1")
		io.WriteString(c, words)
		c.(*net.TCPConn).CloseWrite()
		mustClose(t, c)
	}
	stillServes(t, w, "b")
}

func TestNoClientCertificate(t *testing.T) {
	w := newWorld(t)
	b := w.echoing("b")
	cfg := identity(t, "test", "a").Client("b")
	cfg.Certificates = nil
	c := tls.Client(tcp(t, b, "127.0.0.1"), cfg)
	c.Write([]byte{usePeer, protocolVersion})
	if n, err := c.Read(make([]byte, 1)); err == nil {
		t.Fatalf("read %d bytes without a certificate", n)
	}
	stillServes(t, w, "b")
}

// TestWrongSecret lets each side in turn be the one with the other secret.
func TestWrongSecret(t *testing.T) {
	w := newWorld(t)
	w.echoing("b")
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(keys.Generate()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ring, err := keys.Load(path, "test")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := ring.Identity("other")
	if err != nil {
		t.Fatal(err)
	}
	other := w.echoing("other", func(c *Config) { c.Identity = theirs })

	_, err = other.Call(ctxOf(t), "b", kindEcho, nil)
	if !errors.Is(err, ErrUnreachable) || !NotHandled(err) || !errors.Is(err, keys.ErrUntrusted) {
		t.Errorf("their call to us: %v", err)
	}
	a := w.listen("a")
	_, err = a.Call(ctxOf(t), "other", kindEcho, nil)
	if !errors.Is(err, ErrUnreachable) || !errors.Is(err, keys.ErrUntrusted) {
		t.Errorf("our call to them: %v", err)
	}
	// One that does not look at our certificate still must show its own.
	cfg := theirs.Client("b")
	cfg.VerifyConnection = nil
	addr, _ := w.resolve("b")
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetDeadline(time.Now().Add(strangerTimeout))
	c := tls.Client(raw, cfg)
	c.Write([]byte{usePeer, protocolVersion})
	if n, err := c.Read(make([]byte, 1)); err == nil {
		t.Errorf("read %d bytes with a foreign certificate", n)
	}
	stillServes(t, w, "b")
}

// TestWrongServer is what protects a server that lost its disk: its former
// name must not reach it.
func TestWrongServer(t *testing.T) {
	w := newWorld(t)
	b := w.echoing("b-2")
	w.place("b-1", b.Addr().String())
	a := w.listen("a")
	_, err := a.Call(ctxOf(t), "b-1", kindEcho, nil)
	if !errors.Is(err, keys.ErrWrongServer) || !errors.Is(err, ErrUnreachable) || !NotHandled(err) {
		t.Fatalf("call meant for b-1: %v", err)
	}
	if _, err := a.Call(ctxOf(t), "b-2", kindEcho, nil); err != nil {
		t.Fatalf("call meant for b-2: %v", err)
	}
}

func TestPreambleRefused(t *testing.T) {
	for _, tt := range []struct {
		name     string
		preamble []byte
		want     *status
	}{
		{"unknown use", []byte{'X', protocolVersion}, ErrVersion},
		{"zeros", []byte{0, 0}, ErrVersion},
		{"newer version", []byte{usePeer, protocolVersion + 1}, ErrVersion},
		{"raft before raft", []byte{useRaft, protocolVersion}, ErrNotReady},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			b := w.echoing("b")
			c, answer := member(t, b, "a", tt.preamble...)
			if statusByCode(answer) != tt.want {
				t.Fatalf("answer %d, want %d", answer, tt.want.code)
			}
			mustClose(t, c)
			stillServes(t, w, "b")
		})
	}
}

// TestHostileFrames sends what no honest caller sends over a stream of an
// honest one: the stream must end, the node go on.
func TestHostileFrames(t *testing.T) {
	request := appendFrame(nil, frame{kind: kindEcho, id: 1, body: []byte("x")})
	for _, tt := range []struct {
		name  string
		bytes []byte
		end   bool // close our side after it
	}{
		{"garbage", []byte("GET / HTTP/1.1\r\n\r\n"), false},
		{"giant length", unhex(t, "ffffffff 01 00 0000000000000001 00000000"), false},
		{"cut in the header", request[:7], true},
		{"cut in the body", unhex(t, "00400000 01 00 0000000000000001 00000000 00"), true},
		{"an answer", appendFrame(nil, frame{kind: kindEcho, flags: flagReply, id: 1}), false},
		{"an error", appendFrame(nil, frame{kind: kindEcho, flags: flagReply | flagError, id: 1, body: []byte{1}}), false},
		{"call id 0", appendFrame(nil, frame{kind: kindEcho}), false},
		{"one id twice", append(
			appendFrame(nil, frame{kind: 2, id: 1}),
			appendFrame(nil, frame{kind: 2, id: 1})...), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			b := w.listen("b")
			b.Handle(kindEcho, echo)
			b.Handle(2, func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			})
			b.Start()
			c, answer := member(t, b, "a", usePeer, protocolVersion)
			if answer != admitted {
				t.Fatalf("answer %d", answer)
			}
			c.Write(tt.bytes)
			if tt.end {
				c.CloseWrite()
			}
			mustClose(t, c)
			stillServes(t, w, "b")
		})
	}
}

func TestCancelOfUnknownCallIsIgnored(t *testing.T) {
	w := newWorld(t)
	b := w.echoing("b")
	c, _ := member(t, b, "a", usePeer, protocolVersion)
	c.Write(appendFrame(nil, frame{kind: kindEcho, flags: flagCancel, id: 99}))
	c.Write(appendFrame(nil, frame{kind: kindEcho, id: 1, body: []byte("x")}))
	got := make([]byte, prefixBytes+1)
	if _, err := io.ReadFull(c, got); err != nil {
		t.Fatal(err)
	}
	want := appendFrame(nil, frame{kind: kindEcho, flags: flagReply, id: 1, body: []byte("x")})
	if !bytes.Equal(got, want) {
		t.Fatalf("got %x, want %x", got, want)
	}
}

// TestSlowHandshake fills all that one address may have with connections that
// say nothing: others still get in, and the silent ones are closed.
func TestSlowHandshake(t *testing.T) {
	w := newWorld(t)
	b := w.echoing("b", func(c *Config) {
		c.HandshakeTimeout = 3 * time.Second
		c.MaxHandshakes = 16 // two from one address
	})
	silent := []net.Conn{tcp(t, b, "127.0.0.66"), tcp(t, b, "127.0.0.66")}
	// A third from there is one too many and is closed at once; that it is
	// shows that the two have been counted.
	mustClose(t, tcp(t, b, "127.0.0.66"))
	stillServes(t, w, "b") // from 127.0.0.1
	for _, c := range silent {
		mustClose(t, c)
	}
	ctx := ctxOf(t)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for counted := 1; counted != 0; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%d addresses are still counted", counted)
		}
		b.doors.mu.Lock()
		counted = len(b.doors.perAddr)
		b.doors.mu.Unlock()
	}
}

// TestSlowPreamble is the same after the TLS handshake.
func TestSlowPreamble(t *testing.T) {
	w := newWorld(t)
	b := w.echoing("b", func(c *Config) { c.HandshakeTimeout = time.Second })
	c := tls.Client(tcp(t, b, "127.0.0.1"), identity(t, "test", "a").Client("b"))
	c.Write([]byte{usePeer}) // and never the version
	mustClose(t, c)
	stillServes(t, w, "b")
}

func TestTooManyConnections(t *testing.T) {
	w := newWorld(t)
	b := w.echoing("b", func(c *Config) { c.MaxConns = 2 })
	first, _ := member(t, b, "a", usePeer, protocolVersion)
	member(t, b, "a", usePeer, protocolVersion)
	mustClose(t, tcp(t, b, "127.0.0.1"))
	first.Close()
	// The place becomes free when the link has noticed.
	ctx := ctxOf(t)
	a := w.listen("late")
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := a.Call(ctx, "b", kindEcho, nil)
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("no place after one was left: %v", err)
		}
	}
}
