package cluster

import (
	"errors"
	"testing"

	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/fsm"
)

// What one node sealed opens on the others, before and after the key turned: a
// key that a node has not heard of yet costs it a read round.
func TestSealOnOneNodeOpenOnAnother(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 3)
	ctx, cancel := testContext(t)
	defer cancel()
	for round := range 3 {
		sealed, err := c.nodes[round].Seal("label", []byte("secret"))
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range c.nodes {
			if got, err := n.Open(ctx, "label", sealed); err != nil || string(got) != "secret" {
				t.Errorf("round %d, node %d: %q, %v", round, i, got, err)
			}
			if _, err := n.Open(ctx, "other", sealed); !errors.Is(err, keyring.ErrBroken) {
				t.Errorf("round %d, node %d opens it under another label: %v", round, i, err)
			}
		}
		_, err = c.nodes[round].Propose(ctx, Proposal{
			Caller:  c.caller(rootToken),
			Command: &fsm.KeyRotate{Keys: c.nodes[round].DrawKeys(fsm.KeyStorage)},
		})
		if err != nil {
			t.Fatal(err)
		}
		view, err := c.nodes[round].View(ctx)
		if err != nil {
			t.Fatal(err)
		}
		k, ok := view.State.CurrentKey(fsm.KeyStorage)
		if !ok || k.Term != uint64(round)+2 {
			t.Fatalf("round %d: the key in use is %+v", round, k)
		}
		for i, n := range c.nodes {
			if _, err := n.Key(ctx, fsm.KeyStorage, k.ID); err != nil {
				t.Errorf("round %d, node %d: %v", round, i, err)
			}
		}
	}
	if _, err := c.nodes[0].Open(ctx, "label", fsm.Sealed{KeyID: "none"}); !errors.Is(err, keyring.ErrUnknownKey) {
		t.Errorf("a key that nobody has: %v", err)
	}
}
