package cluster

import (
	"fmt"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

func TestThreeNodesFormServeAndAgree(t *testing.T) {
	c := startCluster(t, 3)
	ctx, cancel := testContext(t)
	defer cancel()
	root := c.caller(rootToken)
	for i, n := range c.nodes {
		path := fmt.Sprintf("from-%d", i)
		r, err := n.Propose(ctx, Proposal{Caller: root, Command: &fsm.CubbyholeSet{Path: path, Value: []byte("v")}})
		if err != nil {
			t.Fatalf("node %d: %v", i, err)
		}
		for j, m := range c.nodes {
			v, a, err := m.Read(ctx, root, fsm.Access{Path: "cubbyhole/" + path, Capability: policy.Read})
			if err != nil {
				t.Fatalf("node %d reads node %d: %v", j, i, err)
			}
			if _, ok := v.State.CubbyholeValue(a.Token.Digest, path); !ok || v.State.Index() < r.Index {
				t.Fatalf("node %d does not see the write of node %d at %d, its view is at %d", j, i, r.Index, v.State.Index())
			}
		}
	}
	c.awaitEqual()
}
