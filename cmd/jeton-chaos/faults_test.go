package main

import (
	"context"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/load"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// work puts load on the cluster.
func work(t *testing.T, ctx context.Context, c *procs.Cluster) *load.Load {
	t.Helper()
	l, err := load.Start(ctx, load.Config{Nodes: c.URLs(), Root: c.Root, Seed: uint64(time.Now().UnixNano())})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// settle ends the load, asks about every token once more and judges all that
// clients were told.
func settle(t *testing.T, ctx context.Context, c *procs.Cluster, l *load.Load) {
	t.Helper()
	l.Stop()
	serving(t, ctx, c, c.Nodes...)
	if err := l.Audit(ctx); err != nil {
		t.Error(err)
	}
	violations := l.History.Check()
	for i, v := range violations {
		if i == 10 {
			t.Errorf("and %d more", len(violations)-i)
			break
		}
		t.Errorf("VIOLATION %s", v)
	}
	t.Log(tally(l.History.Events()))
}

// Killing leaders under load loses nothing that was acknowledged, revives nothing
// that was revoked and lets nothing be used twice; service comes back without
// hands.
func TestKilledLeaders(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	l := work(t, ctx, c)
	var downs []time.Duration
	for range 4 {
		down, err := killLeader(wait(t, ctx), c, l)
		if err != nil {
			t.Fatal(err)
		}
		downs = append(downs, down)
		if down > 20*time.Second {
			t.Errorf("no write was acknowledged for %s", down)
		}
	}
	t.Logf("from the kill to the next acknowledged write: %s", spread(downs))
	settle(t, ctx, c, l)
}
