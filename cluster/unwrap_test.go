package cluster

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Eight unwraps at once over three nodes, four of them by the wrapping token
// itself: one of them gets the content.
func testOneTimeContent(t *testing.T, c *testCluster) {
	ctx, cancel := testContext(t)
	defer cancel()
	var all sync.WaitGroup
	for i := range 50 {
		text := fmt.Sprintf("wrapping-%d", i)
		all.Go(func() {
			wrap := &fsm.Wrap{
				Token: c.caller(text).Token, Accessor: accessorOf(text), Path: "sys/wrapping/wrap", TTL: time.Hour, Box: []byte(text),
			}
			if _, err := c.nodes[i%3].Propose(ctx, Proposal{Command: wrap}); err != nil {
				t.Errorf("wrap %s: %v", text, err)
				return
			}
			var won atomic.Int32
			var unwraps sync.WaitGroup
			for j := range 8 {
				p := Proposal{Caller: c.caller(rootToken), Command: &fsm.Unwrap{Token: wrap.Token}}
				if j%2 == 0 {
					p = Proposal{Caller: c.caller(text), Command: &fsm.Unwrap{}}
				}
				unwraps.Go(func() {
					r, err := c.nodes[(i+j)%3].Propose(ctx, p)
					var verdict *fsm.Error
					switch {
					case err == nil:
						won.Add(1)
						if got := r.Result.(*fsm.Unwrapped); string(got.Box) != text {
							t.Errorf("%s held %q", text, got.Box)
						}
					case !errors.As(err, &verdict) || verdict.Code != fsm.Denied && verdict.Reason != fsm.WrappingUnknown:
						t.Errorf("unwrap %s: %v", text, err)
					}
				})
			}
			unwraps.Wait()
			if n := won.Load(); n != 1 {
				t.Errorf("%s was unwrapped %d times", text, n)
			}
		})
	}
	all.Wait()
}
