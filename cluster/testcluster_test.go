package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

const rootToken = "test-root-token"

// testCluster is a real cluster in one process: own ports, disks and raft each.
type testCluster struct {
	testing.TB
	net   *testNet
	cfgs  []Config
	mu    *sync.Mutex // loads go on while a test stops and starts nodes
	nodes []*Node     // nil while down
}

func testLogger() *slog.Logger {
	if os.Getenv("JETON_TEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.NewTextHandler(io.Discard, nil))
}

func testContext(t testing.TB) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), 60*time.Second)
}

func testConfig(t testing.TB, i, expect int) Config {
	cfg := DefaultConfig()
	cfg.NodeID = fmt.Sprintf("n%d", i)
	cfg.DataDir = t.TempDir()
	cfg.ClusterAddr, cfg.GossipAddr = "127.0.0.1:0", "127.0.0.1:0"
	cfg.BootstrapExpect = expect
	cfg.ClusterName = t.Name()
	cfg.InitialRootToken, cfg.InitialRootAccessor = rootToken, accessorOf(rootToken)
	cfg.DefaultPolicy = fsm.PolicySet{Name: "default", Parsed: policy.Append(nil, policy.Default())}
	cfg.Logger = testLogger().With("node", cfg.NodeID)
	cfg.SettleTime = 200 * time.Millisecond
	cfg.OnFault = func(err error) { t.Errorf("%s: fault: %v", cfg.NodeID, err) }
	return cfg
}

// startCluster starts n nodes that form a cluster, and waits until all serve.
func startCluster(t testing.TB, n int, change ...func(i int, cfg *Config)) *testCluster {
	t.Helper()
	c := newCluster(t, n, n, change...)
	for i := range n {
		c.start(i)
	}
	c.awaitReady()
	return c
}

// newCluster prepares n nodes of a cluster.
func newCluster(t testing.TB, n, expect int, change ...func(i int, cfg *Config)) *testCluster {
	c := &testCluster{TB: t, net: newTestNet(t), mu: new(sync.Mutex), nodes: make([]*Node, n)}
	for i := range n {
		cfg := testConfig(t, i+1, expect)
		cfg.reach = c.net.reach(cfg.NodeID)
		for _, f := range change {
			f(i, &cfg)
		}
		c.cfgs = append(c.cfgs, cfg)
	}
	t.Cleanup(func() {
		for i, n := range c.nodes {
			if n != nil {
				c.stop(i)
			}
		}
	})
	return c
}

// start starts a node that joins those that run.
func (c *testCluster) start(i int) *Node {
	c.Helper()
	for _, n := range c.nodes {
		if n != nil {
			c.cfgs[i].Join = append(c.cfgs[i].Join, n.GossipAddr())
		}
	}
	n, err := Open(c.cfgs[i])
	if err != nil {
		c.Fatal(err)
	}
	c.put(i, n)
	return n
}

func (c *testCluster) put(i int, n *Node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes[i] = n
}

// all is a copy of the nodes, for what runs beside the test.
func (c *testCluster) all() []*Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.nodes)
}

// stop closes a node in good order.
func (c *testCluster) stop(i int) {
	c.Helper()
	if err := c.nodes[i].Close(c.Context()); err != nil {
		c.Errorf("%s: close: %v", c.cfgs[i].NodeID, err)
	}
	c.put(i, nil)
}

// crash stops a node without a word to anyone.
func (c *testCluster) crash(i int) {
	c.Helper()
	n := c.nodes[i]
	n.closed.Do(func() {
		n.cancel()
		if err := n.closeParts(); err != nil {
			c.Errorf("%s: %v", n.cfg.NodeID, err)
		}
		n.tasks.Wait()
	})
	c.put(i, nil)
}

// await polls for what has no event of its own.
func await(t testing.TB, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// awaitReady waits until all that run serve.
func (c *testCluster) awaitReady() {
	c.Helper()
	for _, n := range c.nodes {
		if n == nil {
			continue
		}
		select {
		case <-n.Ready():
		case <-time.After(60 * time.Second):
			c.Fatalf("%s not ready: %+v", n.cfg.NodeID, n.Status())
		}
	}
}

// leader waits until a node, other than those named, serves as leader.
func (c *testCluster) leader(except ...int) (i int) {
	c.Helper()
	await(c, "a leader", func() bool {
		for i = range c.nodes {
			if c.nodes[i] != nil && !slices.Contains(except, i) && c.nodes[i].leading.Load() != nil {
				return true
			}
		}
		return false
	})
	return i
}

// follower is a node that runs and does not lead.
func (c *testCluster) follower() int {
	c.Helper()
	leader := c.leader()
	for i, n := range c.nodes {
		if n != nil && i != leader {
			return i
		}
	}
	c.Fatal("no follower")
	return -1
}

func (c *testCluster) caller(text string) fsm.Caller {
	c.Helper()
	for _, n := range c.all() {
		if n != nil {
			d, err := n.Digest(text)
			if err != nil {
				c.Fatal(err)
			}
			return fsm.Caller{Token: d}
		}
	}
	c.Fatal("no node runs")
	return fsm.Caller{}
}

func accessorOf(text string) string {
	return fmt.Sprintf("%024s", text)[len(fmt.Sprintf("%024s", text))-24:]
}

// token is the command that creates a token with a text of our choice.
func (c *testCluster) token(text string, uses uint32) *fsm.TokenCreate {
	return &fsm.TokenCreate{
		Token: c.caller(text).Token, Accessor: accessorOf(text), Policies: []string{"default"}, NumUses: uses,
	}
}

func (c *testCluster) create(ctx context.Context, node int, text string, uses uint32) error {
	_, err := c.all()[node].Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: c.token(text, uses)})
	return err
}

func (c *testCluster) revoke(ctx context.Context, node int, text string) error {
	_, err := c.all()[node].Propose(ctx, Proposal{
		Caller: c.caller(rootToken), Command: &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken, Token: c.caller(text).Token}},
	})
	return err
}

// lookup is a read that every token with the policy default may do.
var lookup = fsm.Access{Path: "auth/token/lookup-self", Capability: policy.Read}

func (c *testCluster) read(ctx context.Context, node int, text string) (View, error) {
	v, _, err := c.all()[node].Read(ctx, c.caller(text), lookup)
	return v, err
}

// denied says that an error is the machine's refusal of a caller.
func denied(err error) bool {
	var verdict *fsm.Error
	return errors.As(err, &verdict) && verdict.Code == fsm.Denied
}

// awaitEqual waits until all nodes that run have applied the same and compares
// their states.
func (c *testCluster) awaitEqual() {
	c.Helper()
	type stand struct {
		index uint64
		hash  fsm.Hash
	}
	var got map[string]stand
	same := func() bool {
		got = make(map[string]stand)
		indexes := make(map[uint64]bool)
		for _, n := range c.all() {
			if n != nil {
				st := n.machine.View()
				got[n.cfg.NodeID] = stand{st.Index(), st.Hash()}
				indexes[st.Index()] = true
			}
		}
		return len(indexes) == 1
	}
	await(c, "all nodes at one index", same)
	var first *stand
	for id, s := range got {
		if first == nil {
			first = &s
		}
		if s.hash != first.hash {
			c.Fatalf("%s differs at index %d: %x, want %x", id, s.index, s.hash, first.hash)
		}
	}
}
