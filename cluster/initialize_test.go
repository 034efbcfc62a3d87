package cluster

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

func TestInitializeOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, 1, func(_ int, cfg *Config) { cfg.InitialRootToken = "" })
	n := c.start(0)
	ctx, cancel := testContext(t)
	defer cancel()
	await(t, "a leader", func() bool { return n.Status().Leader })
	if _, err := n.View(ctx); !errors.Is(err, ErrNotReady) {
		t.Errorf("view before initialization: %v", err)
	}
	if _, err := n.Propose(ctx, Proposal{Command: &fsm.CubbyholeSet{}}); !errors.Is(err, ErrNotReady) {
		t.Errorf("command before initialization: %v", err)
	}
	if _, err := n.Digest("x"); !errors.Is(err, ErrNotReady) {
		t.Errorf("digest before initialization: %v", err)
	}
	if err := n.Initialize(ctx, InitRequest{RootToken: "a", Accessor: "short"}); err == nil {
		t.Error("initialized with a bad accessor")
	}
	if err := n.Initialize(ctx, InitRequest{RootToken: "a", Accessor: accessorOf("a")}); err != nil {
		t.Fatal(err)
	}
	var verdict *fsm.Error
	if err := n.Initialize(ctx, InitRequest{RootToken: "b", Accessor: accessorOf("b")}); !errors.As(err, &verdict) || verdict.Code != fsm.Exists {
		t.Errorf("initialized again: %v", err)
	}
	if _, err := c.read(ctx, 0, "a"); err != nil {
		t.Error(err)
	}
	if _, err := c.read(ctx, 0, "b"); !denied(err) {
		t.Errorf("the second root token: %v", err)
	}
	if s := n.Status(); !s.Ready || !s.Initialized || !s.HasQuorum || len(s.Members) != 1 || !s.Members[0].Self || !s.Members[0].Leader {
		t.Errorf("status %+v", s)
	}
	await(t, "the first level", func() bool { return n.machine.View().Level == fsm.KnownLevel })
}

// A node that can not open the salt does not serve, and serves again when it can.
func TestNodeWithoutTheSealKeyDoesNotServe(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 1)
	n := c.nodes[0]
	good := n.machine.View()
	bad := *good
	bad.Salt.Box = append([]byte(nil), good.Salt.Box...)
	bad.Salt.Box[len(bad.Salt.Box)-1]++
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for range 2 {
		n.stateChanged(&bad)
		if _, err := n.Digest("x"); !errors.Is(err, ErrNotReady) {
			t.Errorf("digest under a salt that does not open: %v", err)
		}
		if _, _, err := n.Read(ctx, fsm.Caller{}, fsm.Access{Path: "x", Capability: policy.Read}); !errors.Is(err, ErrNotReady) {
			t.Errorf("read: %v", err)
		}
		if n.Status().Ready {
			t.Error("says it is ready")
		}
	}
	n.stateChanged(good)
	if _, err := c.read(ctx, 0, rootToken); err != nil {
		t.Error(err)
	}
}
