package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// simLeases is what clients know of the leases that they were given, and what the other
// side knows of them.
type simLeases struct {
	*outside
	mu     sync.Mutex
	issued int
	given  map[string]fsm.Digest // by lease: the token that it hangs on
}

func newSimLeases(seed uint64) *simLeases {
	r := rand.New(rand.NewPCG(seed, 300))
	l := &simLeases{given: make(map[string]fsm.Digest)}
	l.outside = newOutside(func(context.Context, *fsm.Lease) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if r.IntN(8) == 0 {
			return errors.New("the other side is not in the mood")
		}
		return nil
	})
	return l
}

// mount is what has to be there for leases.
func (l *simLeases) mount() []fsm.Command {
	return []fsm.Command{
		&fsm.SecretEnable{Path: "hook", Type: fsm.MountWebhook, Accessor: "webhook_hook"},
		&fsm.EngineSet{Mount: "hook", Path: "roles/r", Body: []byte("{}"), DefaultTTL: time.Hour},
	}
}

// lend has a token take a lease. Only one that is confirmed counts: of another the
// client has no secret.
func (c *simClient) lend(ctx context.Context, n *Node, who fsm.Caller) (index uint64, err error) {
	l := c.leases
	l.mu.Lock()
	l.issued++
	suffix := fmt.Sprintf("%024d", l.issued)
	l.mu.Unlock()
	issued, err := n.Propose(ctx, Proposal{Caller: who, Command: &fsm.LeaseIssue{Mount: "hook", Path: "creds/r", Suffix: suffix, Role: "roles/r"}})
	if err != nil {
		return issued.Index, err
	}
	id := "hook/creds/r/" + suffix
	if r, err := n.Propose(ctx, Proposal{Command: &fsm.LeaseConfirm{Lease: id}}); err == nil && r.Result.(*fsm.LeaseStands).Lease != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.given[id] = who.Token
	}
	return issued.Index, nil
}

// judgeLeases waits until the leases of the dead are revoked outside, and sees to it
// that those of the living are not. By then no token ends any more.
func (s *sim) judgeLeases() {
	st := s.nodes[s.leader()].machine.View()
	gone := func(id string) bool {
		s.leases.outside.mu.Lock()
		defer s.leases.outside.mu.Unlock()
		return s.leases.gone[id]
	}
	for id, owner := range s.leases.given { // order: each stands alone
		if _, lives := st.Live(owner, st.Clock); lives {
			if gone(id) {
				s.Errorf("lease %s was revoked while its token lives", id)
			}
			continue
		}
		await(s, "lease "+id+" to be revoked, its token being dead", func() bool { return gone(id) || s.Failed() })
	}
}
