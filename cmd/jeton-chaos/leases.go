package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// leaseResult is what the end of many leases cost, those who make their secrets and
// everybody else.
type leaseResult struct {
	size, some        int           // leases of the mount that has many, and of each other
	issue             time.Duration // to make all
	revoke            time.Duration // until the calls that revoke answered, all together
	manyTook, fewTook time.Duration // until all secrets of these mounts were gone
	manyLeft          int           // when the few were gone
	most              int           // calls at once, of all mounts
	mostMany          int
	mostDead          int
	again             int             // calls that were made again
	idle, while       []time.Duration // what writes took
	broken            []string        // promises that were not kept
}

// revokeWorkers is how many calls a leader makes at once: docs/leases.md.
const revokeWorkers = 64

// leaseRun is a run under way.
type leaseRun struct {
	leaseResult
	ctx             context.Context
	c               *procs.Cluster
	h               *client.Client
	lead            *procs.Node
	service         *hook
	many, few, dead *hooked
	trees           map[string]string // by mount: the root of its tokens
}

// endLeases has the leases of three mounts end with their tokens: one that has many,
// one that has a few, and one whose service does not answer. Writes go on before and
// meanwhile, to compare what they take.
func endLeases(ctx context.Context, c *procs.Cluster, size int) (leaseResult, error) {
	r := &leaseRun{ctx: ctx, c: c, h: client.New(30 * time.Second), trees: make(map[string]string),
		many: new(hooked), few: new(hooked), dead: &hooked{dead: true}}
	r.size, r.some = size, max(20, size/100)
	var err error
	if r.service, err = startHook(map[string]*hooked{"many/": r.many, "few/": r.few, "dead/": r.dead}); err != nil {
		return r.leaseResult, err
	}
	defer r.service.close()
	if r.lead, err = c.AwaitLeader(ctx); err != nil {
		return r.leaseResult, err
	}
	begin := time.Now()
	for name, n := range map[string]int{"many": r.size, "few": r.some, "dead": r.some} { // order: none matters
		if r.trees[name], err = growLeases(ctx, r.h, c, r.service.URL, name, n); err != nil {
			return r.leaseResult, err
		}
	}
	r.issue = time.Since(begin)
	if r.idle, err = probe(ctx, r.h, r.lead.URL, c.Root, func(n int) bool { return n < 300 }); err != nil {
		return r.leaseResult, err
	}
	ended := make(chan error, 1)
	go func() { ended <- r.end() }()
	var failed error
	r.while, failed = probe(ctx, r.h, r.lead.URL, c.Root, func(n int) bool { return len(ended) == 0 || n < 100 })
	if err = <-ended; err == nil {
		err = failed
	}
	r.judge()
	return r.leaseResult, err
}

// end revokes the trees and waits until the secrets are gone. The few come when the
// many are due already.
func (r *leaseRun) end() error {
	if err := r.fell("dead"); err != nil {
		return err
	}
	begin := time.Now()
	if err := r.fell("many"); err != nil {
		return err
	}
	asked := time.Now()
	if err := r.fell("few"); err != nil {
		return err
	}
	if err := r.await(r.few, r.some); err != nil {
		return err
	}
	r.fewTook = time.Since(asked)
	err := r.await(r.many, r.size)
	r.manyTook, r.manyLeft = time.Since(begin), r.service.after(r.many, r.few)
	return err
}

func (r *leaseRun) fell(mount string) error {
	a := r.h.Revoke(r.ctx, r.lead.URL, r.c.Root, r.trees[mount])
	if r.revoke += a.Took; a.Outcome != client.Done {
		return fmt.Errorf("revoke: %s", a)
	}
	return nil
}

// await waits until so many secrets of a mount are gone.
func (r *leaseRun) await(m *hooked, n int) error {
	return poll(r.ctx, func() bool {
		_, revoked, _ := r.service.counts(m)
		return revoked >= n
	})
}

// growLeases mounts the service under a name and has a tree of tokens get secrets by
// all nodes. It returns the tree's root.
func growLeases(ctx context.Context, h *client.Client, c *procs.Cluster, url, mount string, n int) (string, error) {
	for _, r := range []client.Request{
		{Path: "sys/mounts/" + mount, Body: map[string]any{"type": "webhook"}},
		{Path: mount + "/config", Body: map[string]any{"url": url, "signing_key": "of a service that does not look", "timeout": "2s"}},
		{Path: mount + "/roles/ci", Body: map[string]any{"default_ttl": "1h"}},
	} {
		r.Node, r.Method, r.Token = c.Nodes[0].URL, http.MethodPost, c.Root
		if a := h.Do(ctx, r); a.Outcome != client.Done {
			return "", fmt.Errorf("%s: %s", r.Path, a)
		}
	}
	top, a := h.CreateToken(ctx, c.Nodes[0].URL, c.Root, "", client.TokenRequest{})
	if a.Outcome != client.Done {
		return "", fmt.Errorf("create: %s", a)
	}
	var left atomic.Int64
	left.Store(int64(n))
	failed := make([]error, branches)
	var growing sync.WaitGroup
	for b := range branches {
		growing.Go(func() {
			node := c.Nodes[b%len(c.Nodes)].URL
			leaf, a := h.CreateToken(ctx, node, top.ID, "", client.TokenRequest{})
			for a.Outcome == client.Done && left.Add(-1) >= 0 {
				a = h.Do(ctx, client.Request{Node: node, Method: http.MethodGet, Path: mount + "/creds/ci", Token: leaf.ID})
			}
			if a.Outcome != client.Done {
				failed[b] = fmt.Errorf("get secrets of %s: %s", mount, a)
			}
		})
	}
	growing.Wait()
	for _, err := range failed {
		if err != nil {
			return "", err
		}
	}
	return top.ID, nil
}

// judge looks at how the service was asked.
func (r *leaseRun) judge() {
	broken := func(format string, args ...any) { r.broken = append(r.broken, fmt.Sprintf(format, args...)) }
	for _, m := range []struct {
		name string
		*hooked
		want int
	}{{"many", r.many, r.size}, {"few", r.few, r.some}} {
		issued, revoked, again := r.service.counts(m.hooked)
		if r.again += again; issued != m.want || revoked != issued {
			broken("%s: %d secrets asked for, %d made, %d ended", m.name, m.want, issued, revoked)
		}
	}
	r.service.mu.Lock()
	defer r.service.mu.Unlock()
	r.most, r.mostMany, r.mostDead = r.service.most, r.many.most, r.dead.most
	if r.most > revokeWorkers {
		broken("%d calls at once, at most %d are promised", r.most, revokeWorkers)
	}
	if r.manyLeft == 0 {
		broken("%d leases waited for %d of another mount", r.some, r.size)
	}
}

func (r leaseResult) String() string {
	return fmt.Sprintf("%d leases of one mount, %d of two others, one of which answers nothing: made in %s, revoked in %s; "+
		"secrets gone after %s (%.0f/s), the few's after %s, when %d of the many were left; calls at once at most %d (many %d, dead %d), %d made again; "+
		"write p50/p99 idle %s/%s, meanwhile %s/%s",
		r.size, r.some, ms(r.issue), ms(r.revoke), ms(r.manyTook), float64(r.size)/r.manyTook.Seconds(), ms(r.fewTook), r.manyLeft,
		r.most, r.mostMany, r.mostDead, r.again,
		fine(percentile(r.idle, 0.5)), fine(percentile(r.idle, 0.99)),
		fine(percentile(r.while, 0.5)), fine(percentile(r.while, 0.99)))
}
