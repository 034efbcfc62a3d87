package cluster

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Await sees the entry that makes the state so, and says when the time is up.
func testAwait(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	digest := c.token("awaited", 0).Token
	there := func(st *fsm.State) bool { t, _ := st.Live(digest, st.Clock); return t != nil }
	soon, over := context.WithTimeout(ctx, 50*time.Millisecond)
	defer over()
	if err := c.nodes[1].Await(soon, there); !errors.Is(err, ErrTimeout) {
		t.Fatalf("waiting in vain: %v, want %v", err, ErrTimeout)
	}
	seen := make(chan error, 3)
	for _, n := range c.all() {
		go func() { seen <- n.Await(ctx, there) }()
	}
	if err := c.create(ctx, 0, "awaited", 0); err != nil {
		t.Fatal(err)
	}
	for range c.all() {
		if err := <-seen; err != nil {
			t.Errorf("waiting for a token: %v", err)
		}
	}
}
