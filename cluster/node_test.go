package cluster

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

const rootToken = "test-root-token"

// testCluster is a real cluster in one process: own ports, disks and raft each.
type testCluster struct {
	t     *testing.T
	nodes []*Node
	cfgs  []Config
}

func testLogger() *slog.Logger {
	if os.Getenv("JETON_TEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.NewTextHandler(io.Discard, nil))
}

func testConfig(t *testing.T, i, expect int) Config {
	cfg := DefaultConfig()
	cfg.NodeID = fmt.Sprintf("n%d", i)
	cfg.DataDir = t.TempDir()
	cfg.ClusterAddr, cfg.GossipAddr = "127.0.0.1:0", "127.0.0.1:0"
	cfg.BootstrapExpect = expect
	cfg.ClusterName = t.Name()
	cfg.InitialRootToken, cfg.InitialRootAccessor = rootToken, "rootaccessor123456789012"
	cfg.DefaultPolicy = fsm.PolicySet{Name: "default", Raw: "", Parsed: policy.Append(nil, &policy.Policy{})}
	cfg.Logger = testLogger().With("node", cfg.NodeID)
	cfg.SettleTime = 200 * time.Millisecond
	cfg.OnFault = func(err error) { t.Errorf("%s: fault: %v", cfg.NodeID, err) }
	return cfg
}

func startCluster(t *testing.T, n int) *testCluster {
	t.Helper()
	c := &testCluster{t: t}
	for i := range n {
		cfg := testConfig(t, i+1, n)
		if i > 0 {
			cfg.Join = []string{c.nodes[0].GossipAddr()}
		}
		node, err := Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { node.Close(context.Background()) })
		c.nodes, c.cfgs = append(c.nodes, node), append(c.cfgs, cfg)
	}
	for _, node := range c.nodes {
		c.awaitReady(node)
	}
	return c
}

func (c *testCluster) awaitReady(n *Node) {
	c.t.Helper()
	select {
	case <-n.Ready():
	case <-time.After(20 * time.Second):
		c.t.Fatalf("%s not ready: %+v", n.cfg.NodeID, n.Status())
	}
}

func (c *testCluster) caller(text string) fsm.Caller {
	c.t.Helper()
	d, err := c.nodes[0].Digest(text)
	if err != nil {
		c.t.Fatal(err)
	}
	return fsm.Caller{Token: d}
}

func TestThreeNodesFormServeAndAgree(t *testing.T) {
	c := startCluster(t, 3)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	root := c.caller(rootToken)
	for i, n := range c.nodes {
		path := fmt.Sprintf("from-%d", i)
		r, err := n.Propose(ctx, Proposal{Caller: root, Command: &fsm.CubbyholeSet{Path: path, Value: []byte("v")}})
		if err != nil {
			t.Fatalf("node %d: %v", i, err)
		}
		for j, m := range c.nodes {
			v, a, err := m.Read(ctx, root, fsm.Access{Path: "cubbyhole/" + path, Capability: policy.Read})
			if err != nil {
				t.Fatalf("node %d reads node %d: %v", j, i, err)
			}
			if _, ok := v.State.CubbyholeValue(a.Token.Digest, path); !ok || v.State.Index() < r.Index {
				t.Fatalf("node %d does not see the write of node %d at %d, its view is at %d", j, i, r.Index, v.State.Index())
			}
		}
	}
}

func testContext(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), 30*time.Second)
}
