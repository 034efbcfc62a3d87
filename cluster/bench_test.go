package cluster

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jeton-io/jeton/fsm"
)

// Three nodes in this process, real disks. Each benchmark has c clients at one
// node, the leader or a follower, each waiting for its answer before it asks
// again.

func BenchmarkPropose(b *testing.B) {
	var made atomic.Int64
	benchmark(b, func(b *testing.B, c *testCluster, n *Node) error {
		i := made.Add(1)
		d, err := n.Digest(fmt.Sprint("bench-", i))
		if err != nil {
			return err
		}
		cmd := &fsm.TokenCreate{Token: d, Accessor: fmt.Sprintf("%024d", i), Policies: []string{"default"}}
		_, err = n.Propose(b.Context(), Proposal{Caller: c.caller(rootToken), Command: cmd})
		return err
	})
}

func BenchmarkRead(b *testing.B) {
	benchmark(b, func(b *testing.B, c *testCluster, n *Node) error {
		_, _, err := n.Read(b.Context(), c.caller(rootToken), lookup)
		return err
	})
}

// BenchmarkUse spends uses of one single token: every read is a log entry.
func BenchmarkUse(b *testing.B) {
	benchmark(b, func(b *testing.B, c *testCluster, n *Node) error {
		_, _, err := n.Read(b.Context(), c.caller("hot"), lookup)
		return err
	})
}

// BenchmarkWriteThenRead is a write through a follower followed at once by a read
// on the same idle follower.
func BenchmarkWriteThenRead(b *testing.B) {
	c := benchCluster(b)
	n := c.nodes[c.follower()]
	caller := c.caller(rootToken)
	for i := 0; b.Loop(); i++ {
		cmd := &fsm.CubbyholeSet{Path: fmt.Sprint(i % 100), Value: []byte("v")}
		if _, err := n.Propose(b.Context(), Proposal{Caller: caller, Command: cmd}); err != nil {
			b.Fatal(err)
		}
		if _, _, err := n.Read(b.Context(), caller, lookup); err != nil {
			b.Fatal(err)
		}
	}
}

func benchCluster(b *testing.B) *testCluster {
	c := startCluster(b, 3, func(_ int, cfg *Config) { cfg.reach = nil })
	if err := c.create(b.Context(), 0, "hot", 1<<30); err != nil {
		b.Fatal(err)
	}
	return c
}

func benchmark(b *testing.B, do func(*testing.B, *testCluster, *Node) error) {
	c := benchCluster(b)
	for _, where := range []string{"leader", "follower"} {
		for _, clients := range []int{1, 64, 256} {
			b.Run(fmt.Sprintf("%s/c=%d", where, clients), func(b *testing.B) {
				node := c.leader()
				if where == "follower" {
					node = c.follower()
				}
				var left atomic.Int64
				left.Store(int64(b.N))
				var wg sync.WaitGroup
				b.ReportAllocs()
				b.ResetTimer()
				for range clients {
					wg.Go(func() {
						for left.Add(-1) >= 0 {
							if err := do(b, c, c.nodes[node]); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
			})
		}
	}
}
