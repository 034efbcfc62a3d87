package cluster

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jeton-io/jeton/fsm"
)

// testPlans has children made on all nodes while their parent is revoked as
// planned: when that is done, there are as many as the plan counted, and when it is
// refused, the parent lives.
func testPlans(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	done, refused := 0, 0
	for round := range 20 {
		parent := fmt.Sprintf("planned-%d", round)
		k := c.token(parent, 0)
		k.Policies = []string{"root"}
		if _, err := c.nodes[round%3].Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: k}); err != nil {
			t.Fatal(err)
		}
		var made atomic.Int64
		var makers sync.WaitGroup
		for i := range 3 {
			makers.Go(func() {
				// some plans meet nobody who still makes children, some do
				for j := range 1 + round%4 {
					child := c.token(fmt.Sprintf("child-%d-%d-%d", round, i, j), 0)
					if _, err := c.nodes[i].Propose(ctx, Proposal{Caller: c.caller(parent), Command: child}); err == nil {
						made.Add(1)
					} else if !denied(err) {
						t.Error(err)
					}
				}
			})
		}
		if round%4 == 0 {
			makers.Wait()
		}
		tokens, err := revokeAsPlanned(t, c, c.nodes[(round+1)%3], parent)
		makers.Wait()
		var verdict *fsm.Error
		switch _, dead := c.read(ctx, round%3, parent); {
		case err == nil && !denied(dead):
			t.Errorf("%s was revoked: %v", parent, dead)
		case err == nil && made.Load() != tokens-1:
			t.Errorf("%s: %d were planned, and %d children made", parent, tokens, made.Load())
		case err == nil:
			done++
		case !errors.As(err, &verdict) || verdict.Reason != fsm.PlanChanged:
			t.Errorf("%s: %v", parent, err)
		case dead != nil:
			t.Errorf("%s: the plan was refused, and yet: %v", parent, dead)
		default:
			refused++
		}
	}
	t.Logf("%d plans done, %d refused", done, refused)
	if done == 0 {
		t.Error("no plan was done")
	}
}

// revokeAsPlanned makes a plan on a node, holds it there and proposes it.
func revokeAsPlanned(t *testing.T, c *testCluster, n *Node, text string) (tokens int64, err error) {
	ctx, cancel := testContext(t)
	defer cancel()
	revoke := &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken, Token: c.caller(text).Token}}
	view := func() (*fsm.State, *fsm.Actor) {
		v, err := n.View(ctx)
		if err != nil {
			t.Fatal(err)
		}
		a, verdict := v.State.Resolve(c.caller(rootToken), v.State.Clock)
		if verdict != nil {
			t.Fatal(verdict)
		}
		return v.State, a
	}
	st, a := view()
	i, verdict := st.Foresee(a, revoke)
	if verdict != nil {
		t.Fatal(verdict)
	}
	p := &fsm.Planned{Epoch: i.Epoch, Serial: i.Serial, Tokens: uint64(i.Tokens), Command: revoke}
	st, a = view()
	if _, verdict := st.Hold(a, p); verdict != nil {
		return 0, verdict
	}
	p.Checked = st.Serial
	_, err = n.Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: p})
	return int64(i.Tokens), err
}
