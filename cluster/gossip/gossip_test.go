package gossip

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/armon/go-metrics"

	"github.com/jeton-io/jeton/cluster/keys"
)

// patience bounds waits; it is reached only when a test fails.
const patience = 30 * time.Second

func ephemeral(t testing.TB, cluster string) *keys.Ring {
	t.Helper()
	r, err := keys.Ephemeral(cluster)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// start runs a node on loopback that joins the others.
func start(t testing.TB, id string, join []*Gossip, change ...func(*Config)) *Gossip {
	t.Helper()
	cfg := Config{
		Ring:     ephemeral(t, "test"),
		Bind:     "127.0.0.1:0",
		Meta:     metaOf(id),
		Interval: 100 * time.Millisecond,
		Logger:   slog.New(slog.DiscardHandler),
	}
	for _, g := range join {
		cfg.Join = append(cfg.Join, g.Addr().String())
	}
	for _, f := range change {
		f(&cfg)
	}
	g, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

// await waits until the members of a node satisfy ok.
func await(t testing.TB, g *Gossip, what string, ok func([]Member) bool) []Member {
	t.Helper()
	members, cancel := g.Subscribe()
	defer cancel()
	timeout := time.After(patience)
	for {
		select {
		case list := <-members:
			if ok(list) {
				return list
			}
		case <-timeout:
			t.Fatalf("waited in vain for %s; members are %+v", what, g.Members())
		}
	}
}

func names(list []Member) string {
	var out []string
	for _, m := range list {
		out = append(out, m.NodeID)
	}
	return strings.Join(out, " ")
}

func sees(ids string) func([]Member) bool {
	return func(list []Member) bool { return names(list) == ids }
}

func TestThreeNodesFindEachOther(t *testing.T) {
	a := start(t, "a", nil)
	b := start(t, "b", []*Gossip{a})
	c := start(t, "c", []*Gossip{b, a})
	for _, g := range []*Gossip{a, b, c} {
		list := await(t, g, "all three", sees("a b c"))
		for _, m := range list {
			want := metaOf(m.NodeID)
			if m.Meta != want || m.Self != (m.NodeID == g.cfg.Meta.NodeID) {
				t.Errorf("member %+v, want %+v", m, want)
			}
			if addr, ok := g.Resolve(m.ServerID); !ok || addr != want.ClusterAddr {
				t.Errorf("resolves %s to %q, %v", m.ServerID, addr, ok)
			}
		}
	}
	if _, ok := a.Resolve("nobody"); ok {
		t.Error("an unknown server has an address")
	}
}

func TestUpdateMeta(t *testing.T) {
	a := start(t, "a", nil)
	b := start(t, "b", []*Gossip{a})
	await(t, a, "b", sees("a b"))
	m := metaOf("b")
	m.ClusterAddr, m.ClusterID, m.HasState = "127.0.0.1:9999", "formed", true
	if err := b.UpdateMeta(m); err != nil {
		t.Fatal(err)
	}
	has := func(list []Member) bool {
		return slices.ContainsFunc(list, func(got Member) bool { return got.Meta == m })
	}
	await(t, a, "the new record", has)
	await(t, b, "its own new record", has)
	if addr, _ := a.Resolve(m.ServerID); addr != m.ClusterAddr {
		t.Errorf("resolves to %q", addr)
	}
	m.ServerID = "another"
	if err := b.UpdateMeta(m); err == nil {
		t.Error("the server id changed")
	}
	if err := b.UpdateMeta(Meta{}); err == nil {
		t.Error("an empty record was taken")
	}
}

func TestLeave(t *testing.T) {
	a := start(t, "a", nil)
	b := start(t, "b", []*Gossip{a})
	await(t, a, "b", sees("a b"))
	await(t, b, "a", sees("a b"))
	if err := b.Leave(patience); err != nil {
		t.Fatal(err)
	}
	await(t, a, "b to leave", sees("a"))
	if addr, ok := a.Resolve(metaOf("b").ServerID); !ok || addr == "" {
		t.Error("the last address of a server that left is not kept")
	}
	if err := b.Leave(patience); err != nil {
		t.Errorf("second Leave: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close after Leave: %v", err)
	}
}

// TestRestartElsewhere kills a node and starts it at once with the same server
// id and another port: it must be found without waiting for its death.
func TestRestartElsewhere(t *testing.T) {
	a := start(t, "a", nil, func(c *Config) { c.Interval = time.Second })
	b := start(t, "b", []*Gossip{a})
	await(t, a, "b", sees("a b"))
	b.Close()
	again := start(t, "b", []*Gossip{a})
	await(t, a, "b at its new port", func(list []Member) bool {
		return names(list) == "a b" && list[1].GossipAddr == again.Addr().String()
	})
	await(t, again, "a", sees("a b"))
}

// TestJoinLater starts a node whose seed is not there yet.
func TestJoinLater(t *testing.T) {
	probe := start(t, "x", nil)
	addr := probe.Addr().String()
	probe.Close()
	a := start(t, "a", nil, func(c *Config) { c.Join = []string{"no such host:1", "localhost:1", addr} })
	start(t, "b", nil, func(c *Config) { c.Bind = addr })
	await(t, a, "b", sees("a b"))
}

func TestDeadNodeGoes(t *testing.T) {
	a := start(t, "a", nil)
	b := start(t, "b", []*Gossip{a})
	await(t, a, "b", sees("a b"))
	b.Close()
	await(t, a, "the death of b", sees("a"))
}

// TestClustersDoNotMerge joins nodes that must not understand each other: by
// name, by secret, by both. A third node of their own shows that time enough
// has passed, and that joining works.
func TestClustersDoNotMerge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(keys.Generate()), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := func(cluster string) *keys.Ring {
		r, err := keys.Load(path, cluster)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, tt := range []struct {
		name string
		ring *keys.Ring
	}{
		{"other name", ephemeral(t, "other")},
		{"other secret", secret("test")},
		{"other name and secret", secret("other")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			theirs := func(c *Config) { c.Ring = tt.ring }
			a := start(t, "a", nil)
			x := start(t, "x", []*Gossip{a}, theirs)
			// Both lists hold the other cluster first.
			start(t, "b", []*Gossip{x, a})
			start(t, "y", []*Gossip{a, x}, theirs)
			await(t, a, "b", sees("a b"))
			await(t, x, "y", sees("x y"))
			if _, err := x.ml.Join([]string{a.Addr().String()}); err == nil {
				t.Error("a join over the border succeeded")
			}
			if got := names(a.Members()) + ", " + names(x.Members()); got != "a b, x y" {
				t.Errorf("members %s", got)
			}
		})
	}
}

// TestRotation lets two neighbours in a rotation of the secret gossip.
func TestRotation(t *testing.T) {
	first, second := keys.Generate(), keys.Generate()
	ring := func(lines ...string) *keys.Ring {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := keys.Load(path, "test")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a := start(t, "a", nil, func(c *Config) { c.Ring = ring(first, second) })
	b := start(t, "b", []*Gossip{a}, func(c *Config) { c.Ring = ring(second, first) })
	await(t, a, "b", sees("a b"))
	await(t, b, "a", sees("a b"))
}

// TestForeignClusterID has two clusters of one name and secret that formed
// apart. Those that formed refuse each other and say so.
func TestForeignClusterID(t *testing.T) {
	var log lockedBuffer
	a := start(t, "a", nil, func(c *Config) { c.Meta.ClusterID = "one" })
	x := start(t, "x", nil, func(c *Config) {
		c.Meta.ClusterID = "two"
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	if _, err := x.ml.Join([]string{a.Addr().String()}); err == nil {
		t.Error("two formed clusters merged")
	}
	if !strings.Contains(log.String(), "belongs to another cluster") {
		t.Errorf("the log does not say why: %s", log.String())
	}
	young := start(t, "young", []*Gossip{a})
	await(t, a, "the young node", sees("a young"))
	await(t, young, "the formed one", sees("a young"))
}

// TestTwin runs one server id twice, at the same time.
func TestTwin(t *testing.T) {
	twins := make(chan Member, 2)
	watch := func(c *Config) { c.OnTwin = func(other Member) { twins <- other } }
	a := start(t, "a", nil)
	start(t, "b", []*Gossip{a}, watch)
	start(t, "b", []*Gossip{a}, watch)
	select {
	case other := <-twins:
		if other.NodeID != "b" {
			t.Fatalf("twin is %+v", other)
		}
	case <-time.After(patience):
		t.Fatal("nobody noticed the twin")
	}
}

// TestRestartWithClockSetBack must not take the leftovers for a twin.
func TestRestartWithClockSetBack(t *testing.T) {
	a := start(t, "a", nil)
	b := start(t, "b", []*Gossip{a})
	await(t, a, "b", sees("a b"))
	b.local.mu.Lock()
	b.local.record.start += uint64(time.Hour) // as if it had started in an hour
	b.local.mu.Unlock()
	m := metaOf("b")
	m.HTTPAddr = "changed:1"
	if err := b.UpdateMeta(m); err != nil {
		t.Fatal(err)
	}
	await(t, a, "the later stamp", func(list []Member) bool {
		return len(list) == 2 && list[1].HTTPAddr == "changed:1"
	})
	b.Close()
	again := start(t, "b", []*Gossip{a}, func(c *Config) {
		c.OnTwin = func(other Member) { t.Errorf("taken for a twin: %+v", other) }
	})
	await(t, a, "the new start", func(list []Member) bool {
		return names(list) == "a b" && list[1].GossipAddr == again.Addr().String()
	})
}

func TestSubscribe(t *testing.T) {
	a := start(t, "a", nil)
	members, cancel := a.Subscribe()
	if list := <-members; names(list) != "a" {
		t.Fatalf("first value %s", names(list))
	}
	b := start(t, "b", []*Gossip{a})
	await(t, a, "b", sees("a b"))
	b.Leave(patience)
	await(t, a, "b to leave", sees("a"))
	// Nobody took the values between: what is there now is the latest, or
	// about to be replaced by it.
	timeout := time.After(patience)
	for seen := ""; seen != "a"; {
		select {
		case list := <-members:
			seen = names(list)
		case <-timeout:
			t.Fatal("the latest value did not come")
		}
	}
	cancel()
	cancel()
	if _, open := <-members; open {
		t.Fatal("channel is open after cancel")
	}
	members, _ = a.Subscribe()
	a.Close()
	for range members { // ends, because Close closes it
	}
	members, _ = a.Subscribe()
	if _, open := <-members; open {
		t.Fatal("channel of a closed node is open")
	}
}

// TestMetricsReachArmon guards the pinned module set: with others memberlist's
// metrics vanish without an error.
func TestMetricsReachArmon(t *testing.T) {
	sink := metrics.NewInmemSink(time.Hour, time.Hour)
	conf := metrics.DefaultConfig("test")
	conf.EnableHostname, conf.EnableRuntimeMetrics = false, false
	if _, err := metrics.NewGlobal(conf, sink); err != nil {
		t.Fatal(err)
	}
	a := start(t, "a", nil)
	b := start(t, "b", []*Gossip{a})
	await(t, b, "a", sees("a b"))
	for _, interval := range sink.Data() {
		interval.RLock()
		defer interval.RUnlock()
		for name := range interval.Counters {
			if strings.HasPrefix(name, "test.memberlist.") {
				return
			}
		}
	}
	t.Fatal("no counter of memberlist arrived in armon/go-metrics")
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		bind, advertise string
		ok              bool
		want            string // of the advertised address; "" for not checked
	}{
		{"localhost:0", "", true, ""},
		{"127.0.0.1:0", "localhost:9999", true, "127.0.0.1:9999"},
		{"127.0.0.1:0", "127.0.0.1:0", true, ""},
		{"127.0.0.1:0", "0.0.0.0:1", false, ""},
		{"127.0.0.1:0", "no such host:1", false, ""},
		{"127.0.0.1", "", false, ""},
		{"127.0.0.1:x", "", false, ""},
		{"127.0.0.1:70000", "", false, ""},
		{"[::]:0", "", false, ""},
	} {
		cfg := Config{
			Ring: ephemeral(t, "test"), Bind: tt.bind, Advertise: tt.advertise, Meta: metaOf("a"),
			Logger: slog.New(slog.DiscardHandler),
		}
		g, err := Start(cfg)
		if (err == nil) != tt.ok {
			t.Errorf("bind %q, advertise %q: %v", tt.bind, tt.advertise, err)
		}
		if err != nil {
			continue
		}
		self := await(t, g, "itself", sees("a"))[0]
		want := tt.want
		if want == "" {
			want = g.Addr().String()
		}
		if self.GossipAddr != want {
			t.Errorf("bind %q, advertise %q: advertises %s, want %s", tt.bind, tt.advertise, self.GossipAddr, want)
		}
		if host, _, _ := net.SplitHostPort(g.Addr().String()); host != "127.0.0.1" {
			t.Errorf("bind %q bound %s", tt.bind, g.Addr())
		}
		g.Close()
	}
}
