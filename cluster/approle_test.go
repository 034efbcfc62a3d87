package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jeton-io/jeton/fsm"
)

// Single-use secret-ids are shown to all three nodes at once, several times each,
// while the leader is killed: each makes one token, whoever is told so.
func TestSecretIDsAcrossNodes(t *testing.T) {
	t.Parallel()
	ctx, cancel := testContext(t)
	defer cancel()
	c := startCluster(t, 3)
	c.must(ctx, &fsm.AuthEnable{Path: "ar", Type: fsm.MountApprole, Accessor: "auth_approle_1"})
	c.must(ctx, &fsm.ApproleSet{
		Mount: "ar", Name: "web", RoleID: "web-id", Given: fsm.GivenSecretIDNumUses, Rules: fsm.SecretIDRules{NumUses: 1},
	})
	const secrets = 60
	for i := range secrets {
		text := fmt.Sprint("secret-", i)
		c.must(ctx, &fsm.SecretIDCreate{Mount: "ar", Role: "web", Digest: c.caller(text).Token, Accessor: accessorOf(text)})
	}
	lead := c.leader()
	nodes := c.all()
	killed := make(chan struct{})
	var won [secrets]atomic.Int32
	var all sync.WaitGroup
	for i := range secrets {
		all.Go(func() {
			if i >= secrets/2 { // these meet the cluster without its leader
				<-killed
			}
			var logins sync.WaitGroup
			for j := range 6 {
				logins.Go(func() { c.logIn(ctx, nodes[j%3], j%3 == lead, i, j, &won[i]) })
			}
			if i == secrets/4 {
				c.crash(lead)
				close(killed)
			}
			logins.Wait()
		})
	}
	all.Wait()
	c.leader(lead)
	view, err := nodes[(lead+1)%3].View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range secrets {
		made := 0
		for j := range 6 {
			if _, ok := view.State.LiveByAccessor(accessorOf(fmt.Sprintf("token-%d-%d", i, j)), view.At); ok {
				made++
			}
		}
		if n := won[i].Load(); made != 1 || n > 1 {
			t.Errorf("secret-id %d made %d tokens, and %d clients were given one", i, made, n)
		}
	}
}

// logIn shows a secret-id to a node. Only one that was killed may leave the
// outcome open.
func (c *testCluster) logIn(ctx context.Context, n *Node, mayDie bool, secret, try int, won *atomic.Int32) {
	token := fmt.Sprintf("token-%d-%d", secret, try)
	_, err := n.Propose(ctx, Proposal{Command: &fsm.ApproleLogin{
		Mount: "ar", RoleID: "web-id", Role: "web", SecretID: c.caller(fmt.Sprint("secret-", secret)).Token,
		From: netip.MustParseAddr("10.0.0.1"), Token: c.caller(token).Token, Accessor: accessorOf(token),
	}})
	var verdict *fsm.Error
	switch {
	case err == nil:
		won.Add(1)
	case errors.As(err, &verdict) && verdict.Reason == fsm.BadApproleLogin, mayDie:
	default:
		c.Errorf("login %d with secret-id %d: %v", try, secret, err)
	}
}

// must has root do something.
func (c *testCluster) must(ctx context.Context, cmd fsm.Command) {
	c.Helper()
	if _, err := c.all()[0].Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: cmd}); err != nil {
		c.Fatalf("%s: %v", fsm.Name(cmd), err)
	}
}
