package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// treeResult is what the revocation of a large tree cost.
type treeResult struct {
	size        int
	grow        time.Duration // to make it
	revoke      time.Duration // until the call answered
	sweep       time.Duration // until the last record was gone
	idle, swept []time.Duration
	broken      []string // promises that were not kept
}

// Branches of the tree: its root has some, and each of these has as many leaves as
// it takes.
const branches = 20

// fellTree makes a tree of tokens, revokes its root, and asks every node at once
// about leaves. Writes go on before and during the sweep, one after the other, to
// compare what they take.
func fellTree(ctx context.Context, c *procs.Cluster, size int) (treeResult, error) {
	h := client.New(30 * time.Second)
	r := treeResult{size: size}
	lead, err := c.AwaitLeader(ctx)
	if err != nil {
		return r, err
	}
	records, err := c.TokenRecords(ctx, lead)
	if err != nil {
		return r, err
	}
	begin := time.Now()
	root, leaves, err := growTree(ctx, h, c, size)
	if err != nil {
		return r, err
	}
	r.grow = time.Since(begin)
	if r.idle, err = probe(ctx, h, lead.URL, c.Root, func(n int) bool { return n < 300 }); err != nil {
		return r, err
	}
	begin = time.Now()
	if a := h.Revoke(ctx, lead.URL, c.Root, root); a.Outcome != client.Done {
		return r, fmt.Errorf("revoke the tree: %s", a)
	}
	r.revoke = time.Since(begin)
	swept := make(chan error, 1)
	go func() { swept <- awaitSwept(ctx, c, lead, records, pollEvery) }()
	r.broken = askLeaves(ctx, h, c, leaves)
	r.swept, err = probe(ctx, h, lead.URL, c.Root, func(n int) bool { return len(swept) == 0 || n < 100 })
	r.sweep = time.Since(begin)
	if err != nil {
		return r, err
	}
	return r, <-swept
}

func awaitSwept(ctx context.Context, c *procs.Cluster, n *procs.Node, records int, every time.Duration) error {
	return pollAt(ctx, every, func() bool {
		left, err := c.TokenRecords(ctx, n)
		return err == nil && left <= records
	})
}

// seldom is how often it is asked what is left while nobody is to ask for anything: to be
// asked holds the sweep up for a while, and what it takes is known as exactly as that.
const seldom = 5 * time.Second

// fellTreeAlone makes such a tree, revokes it, and says how long its sweep takes while
// nobody wants anything else.
func fellTreeAlone(ctx context.Context, c *procs.Cluster, size int) (time.Duration, error) {
	h := client.New(30 * time.Second)
	lead, err := c.AwaitLeader(ctx)
	if err != nil {
		return 0, err
	}
	records, err := c.TokenRecords(ctx, lead)
	if err != nil {
		return 0, err
	}
	root, _, err := growTree(ctx, h, c, size)
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	if a := h.Revoke(ctx, lead.URL, c.Root, root); a.Outcome != client.Done {
		return 0, fmt.Errorf("revoke the tree: %s", a)
	}
	err = awaitSwept(ctx, c, lead, records, seldom)
	return time.Since(begin), err
}

// growTree makes the tokens, and remembers some leaves of every branch.
func growTree(ctx context.Context, h *client.Client, c *procs.Cluster, size int) (root string, leaves []string, err error) {
	top, a := h.CreateToken(ctx, c.Nodes[0].URL, c.Root, "", client.TokenRequest{})
	if a.Outcome != client.Done {
		return "", nil, fmt.Errorf("create the tree's root: %s", a)
	}
	var left atomic.Int64
	left.Store(int64(size - 1 - branches))
	failed := make([]error, branches)
	some := make([][]string, branches)
	var growing sync.WaitGroup
	for b := range branches {
		growing.Go(func() {
			node := c.Nodes[b%len(c.Nodes)].URL
			branch, a := h.CreateToken(ctx, node, top.ID, "", client.TokenRequest{})
			for n := 0; a.Outcome == client.Done && left.Add(-1) >= 0; n++ {
				var leaf client.Token
				if leaf, a = h.CreateToken(ctx, node, branch.ID, "", client.TokenRequest{}); n%50 == 0 {
					some[b] = append(some[b], leaf.ID)
				}
			}
			if a.Outcome != client.Done {
				failed[b] = fmt.Errorf("grow the tree: %s", a)
			}
		})
	}
	growing.Wait()
	for b := range branches {
		if failed[b] != nil {
			return "", nil, failed[b]
		}
		leaves = append(leaves, some[b]...)
	}
	rand.Shuffle(len(leaves), func(i, j int) { leaves[i], leaves[j] = leaves[j], leaves[i] })
	return top.ID, leaves, nil
}

// askLeaves asks every node about leaves of a tree whose revocation was answered.
func askLeaves(ctx context.Context, h *client.Client, c *procs.Cluster, leaves []string) (broken []string) {
	var mu sync.Mutex
	var asking sync.WaitGroup
	for _, n := range c.Nodes {
		asking.Go(func() {
			for _, leaf := range leaves[:min(20, len(leaves))] {
				if a := h.LookupSelf(ctx, n.URL, leaf); a.Status != http.StatusForbidden {
					mu.Lock()
					broken = append(broken, fmt.Sprintf("a leaf of a revoked tree on %s: %s, want 403", n.ID, a))
					mu.Unlock()
				}
			}
		})
	}
	asking.Wait()
	return broken
}

// probe writes one value after the other and says how long each took.
func probe(ctx context.Context, h *client.Client, node, token string, more func(n int) bool) ([]time.Duration, error) {
	var took []time.Duration
	for n := 0; more(n); n++ {
		a := h.Put(ctx, node, token, "probe", map[string]string{"n": fmt.Sprint(n)})
		if a.Outcome != client.Done {
			return took, fmt.Errorf("write: %s", a)
		}
		took = append(took, a.Took)
	}
	return took, nil
}

func (r treeResult) String() string {
	return fmt.Sprintf("tree of %d tokens: made in %s, revoked in %s, swept after %s; write p50/p99 idle %s/%s, during the sweep %s/%s",
		r.size, ms(r.grow), ms(r.revoke), ms(r.sweep),
		fine(percentile(r.idle, 0.5)), fine(percentile(r.idle, 0.99)),
		fine(percentile(r.swept, 0.5)), fine(percentile(r.swept, 0.99)))
}

func fine(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
