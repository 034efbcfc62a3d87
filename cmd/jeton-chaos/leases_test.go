package main

import (
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// TestLeasesEndWithoutAFlood: a service is asked to end a thousand secrets by so many
// calls at once as are promised and no more, and neither they nor a service that
// answers nothing hold up another mount, or anybody's writes.
func TestLeasesEndWithoutAFlood(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	r, err := endLeases(wait(t, ctx), c, 1000)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r)
	for _, b := range r.broken {
		t.Error(b)
	}
}
