package main

import (
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// Revoking a large tree is one short call, after which no node accepts any of it;
// the sweep that follows leaves room for others. What it all takes is shown, not
// judged: machines differ.
func TestALargeTreeFallsAtOnce(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	r, err := fellTree(ctx, c, 20_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range r.broken {
		t.Errorf("VIOLATION %s", b)
	}
	t.Log(r)
}
