package main

import (
	"context"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/load"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// A leader that is told to stop hands over first: clients that try another node
// see no request fail, and another node leads.
func TestAStoppedLeaderHandsOver(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	work := load.StartPatients(ctx, c.URLs(), c.Root)
	for range 2 {
		lead := leader(t, ctx, c)
		must(t, work.Await(wait(t, ctx), breath))
		begin := time.Now()
		must(t, lead.Stop(wait(t, ctx)))
		t.Logf("%s stopped in %s", lead.ID, ms(time.Since(begin)))
		next := leader(t, ctx, c, lead)
		if next == lead {
			t.Fatalf("%s still leads", lead.ID)
		}
		must(t, work.Await(wait(t, ctx), breath))
		must(t, lead.Start())
		serving(t, ctx, c, lead)
	}
	noneFailed(t, work.Stop())
}

// Every node is restarted in turn; clients that try another node see no request
// fail.
func TestARollingRestartIsNotNoticed(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	work := load.StartPatients(ctx, c.URLs(), c.Root)
	if err := rollingRestart(wait(t, ctx), c, func(ctx context.Context) error { return work.Await(ctx, breath) }); err != nil {
		t.Fatal(err)
	}
	noneFailed(t, work.Stop())
}

func noneFailed(t *testing.T, p load.Patience) {
	t.Helper()
	t.Log(p)
	for i, f := range p.Failed {
		if i == 5 {
			break
		}
		t.Errorf("FAILED %s", f)
	}
}
