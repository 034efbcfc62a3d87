package peer

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster/keys"
)

// world is a set of links that know each other's addresses.
type world struct {
	t  testing.TB
	mu sync.Mutex

	addrs   map[string]string
	strange map[string]bool // not members
}

func newWorld(t testing.TB) *world {
	return &world{t: t, addrs: make(map[string]string), strange: make(map[string]bool)}
}

func (w *world) resolve(id string) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	addr, ok := w.addrs[id]
	return addr, ok
}

func (w *world) member(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.strange[id]
}

func (w *world) place(id, addr string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.addrs[id] = addr
}

func (w *world) banish(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.strange[id] = true
}

func identity(t testing.TB, cluster, id string) *keys.Identity {
	t.Helper()
	ring, err := keys.Ephemeral(cluster)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := ring.Identity(id)
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

// listen binds a link of the world without starting it.
func (w *world) listen(id string, change ...func(*Config)) *Link {
	w.t.Helper()
	cfg := Config{Identity: identity(w.t, "test", id), Resolve: w.resolve, Member: w.member}
	for _, f := range change {
		f(&cfg)
	}
	l, err := Listen("127.0.0.1:0", cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { l.Close() })
	w.place(id, l.Addr().String())
	return l
}

const kindEcho Kind = 1

func echo(_ context.Context, _ string, payload []byte) ([]byte, error) { return payload, nil }

func TestCall(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	b.Handle(kindEcho, func(_ context.Context, from string, payload []byte) ([]byte, error) {
		return fmt.Appendf(nil, "%s said %s", from, payload), nil
	})
	b.Start()
	got, err := a.Call(t.Context(), "b", kindEcho, []byte("hello"))
	if err != nil || string(got) != "a said hello" {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestListenRefuses(t *testing.T) {
	w := newWorld(t)
	good := Config{Identity: identity(t, "test", "a"), Resolve: w.resolve, Member: w.member}
	for name, change := range map[string]func(*Config){
		"no identity":       func(c *Config) { c.Identity = nil },
		"no resolver":       func(c *Config) { c.Resolve = nil },
		"no members":        func(c *Config) { c.Member = nil },
		"negative duration": func(c *Config) { c.DeadAfter = -1 },
		"negative limit":    func(c *Config) { c.MaxConns = -1 },
	} {
		cfg := good
		change(&cfg)
		if l, err := Listen("127.0.0.1:0", cfg); err == nil {
			l.Close()
			t.Errorf("%s: accepted", name)
		}
	}
	taken := w.listen("b").Addr().String()
	if _, err := Listen(taken, good); err == nil {
		t.Error("a port was bound twice")
	}
}

func TestHandlePanics(t *testing.T) {
	w := newWorld(t)
	started := w.listen("a")
	started.Handle(kindEcho, echo)
	mustPanic := func(what string, f func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s: no panic", what)
			}
		}()
		f()
	}
	mustPanic("kind of pings", func() { started.Handle(kindPing, echo) })
	mustPanic("kind twice", func() { started.HandleAnyone(kindEcho, echo) })
	started.Start()
	started.Start() // does nothing
	mustPanic("after Start", func() { started.Handle(kindEcho+1, echo) })
}

func BenchmarkCall(b *testing.B) {
	for _, inFlight := range []int{1, 64} {
		for _, size := range []int{300, 64 << 10} {
			b.Run(fmt.Sprintf("inflight=%d/bytes=%d", inFlight, size), func(b *testing.B) {
				benchmarkCall(b, inFlight, size)
			})
		}
	}
}

func benchmarkCall(b *testing.B, inFlight, size int) {
	w := newWorld(b)
	caller, server := w.listen("a"), w.listen("b")
	server.Handle(kindEcho, func(context.Context, string, []byte) ([]byte, error) { return nil, nil })
	server.Start()
	payload := make([]byte, size)
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	if _, err := caller.Call(ctx, "b", kindEcho, payload); err != nil {
		b.Fatal(err)
	}
	work := make(chan struct{})
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.SetBytes(int64(size))
	b.ResetTimer()
	for range inFlight {
		wg.Go(func() {
			for range work {
				if _, err := caller.Call(ctx, "b", kindEcho, payload); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}
