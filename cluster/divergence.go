package cluster

import (
	"context"
	"fmt"
	"time"

	metrics "github.com/armon/go-metrics"
	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/fsm"
)

// Equal logs make equal states, unless a machine, its memory or its disk is at fault.
// So that such a fault does not go on answering, the leader logs a StateCheck now and
// then, and all compare what they had. A server whose state is not that of most voters
// must not go on: a follower's data is wiped, and it comes back as another incarnation;
// a leader only stops, since one that is wrong repairs nobody. Where no state has a
// majority, nobody can tell who is right, and nobody vouches for anything until one has.

// checkEvery is how often the leader logs a check while there is something to compare.
const checkEvery = 2 * time.Second

// logChecks is the leader's part. After the last change it logs one more, which tells
// what came of that; then it rests, unless somebody is in doubt.
func (n *Node) logChecks(ctx context.Context, l *leading) {
	for again := true; sleep(ctx, n.cfg.checkEvery); {
		last := lastCheck(n.machine)
		changed := n.machine.View().Index() > last.Index
		if !changed && !again && !n.doubtful.Load() && !l.care.doubtful.Load() {
			continue
		}
		if _, err := l.internal(ctx, &fsm.StateCheck{Of: last}); err != nil {
			n.log.Debug("state check not logged", "error", err)
			continue
		}
		again = changed
	}
}

func lastCheck(m *fsm.Machine) fsm.Check {
	own, _ := m.Checks()
	if len(own) == 0 {
		return fsm.Check{}
	}
	return own[len(own)-1]
}

// watchChecks compares this server with the others at each claim of a leader, and now
// and then while it leads or is in doubt: who was behind has caught up meanwhile.
func (n *Node) watchChecks(ctx context.Context) {
	t := time.NewTicker(n.cfg.checkEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.fsm.claimed:
		case <-t.C:
		}
		n.compare(ctx)
	}
}

// compare holds this server's state against the leader's claim, and asks the voters
// when it is another one. The leader always asks: nobody claims anything to it.
func (n *Node) compare(ctx context.Context) {
	own, claim := n.machine.Checks()
	mine, stood := hashAt(own, claim.Index)
	denied := stood && mine != claim.Hash
	if denied {
		n.doubt(claim.Index)
	}
	leads := n.raft.State() == raft.Leader
	if !denied && !leads && !n.doubtful.Load() && !n.copied.Load() {
		return
	}
	voters := n.voters()
	said := n.askVoters(ctx, voters)
	n.settleCopy(voters, said)
	for i := len(own) - 1; i >= 0; i-- { // the newest index at which there is a majority decides
		c := own[i]
		if c.Index > claim.Index {
			continue // others are just coming there
		}
		hashes := n.hashesAt(said, c)
		switch stand(voters, hashes, c.Hash) {
		case standsAlone:
			n.fence(c.Index)
			return
		case standsSplit:
			n.doubt(c.Index)
			return
		case standsWell:
			n.trust(c.Index)
			return
		}
	}
}

// askVoters asks the voters how they stand. Who does not answer is left out.
func (n *Node) askVoters(ctx context.Context, voters []string) map[string]progress {
	said := make(map[string]progress, len(voters))
	for i, p := range n.askAll(ctx, voters) {
		if p != nil {
			said[voters[i]] = *p
		}
	}
	return said
}

// settleCopy lets this server have an opinion again after it was given another's state
// whole: when a majority of the voters has answered, and none of them is in doubt. What
// was copied meanwhile from one of two is no second voice for it.
func (n *Node) settleCopy(voters []string, said map[string]progress) {
	if !n.copied.Load() || len(said) <= len(voters)/2 {
		return
	}
	for _, p := range said { // order: any will do
		if p.doubtful {
			return
		}
	}
	n.copied.Store(false)
}

// hashesAt are the hashes that voters had at the index of one of this server's, which
// tells of each that was another one.
func (n *Node) hashesAt(said map[string]progress, own fsm.Check) map[string]fsm.Hash {
	hashes := make(map[string]fsm.Hash, len(said))
	for id, p := range said { // order: each is told by itself
		h, ok := hashAt(p.checks, own.Index)
		if !ok {
			continue
		}
		hashes[id] = h
		if h != own.Hash {
			metrics.IncrCounter(metricDiffers, 1)
			n.log.Error("a server has another state than this one", "server", id, "index", own.Index, "its", h, "this", own.Hash)
		}
	}
	return hashes
}

func hashAt(checks []fsm.Check, index uint64) (fsm.Hash, bool) {
	for _, c := range checks {
		if c.Index == index {
			return c.Hash, true
		}
	}
	return fsm.Hash{}, false
}

// standing is what the voters' states say of a server's.
type standing int

const (
	standsUnknown standing = iota // too few are known, and none of these has another
	standsWell                    // most voters have it
	standsAlone                   // most voters have one other
	standsSplit                   // there are several and none has a majority
)

// stand judges a state by those of the voters that are known.
func stand(voters []string, hashes map[string]fsm.Hash, own fsm.Hash) standing {
	votes := make(map[fsm.Hash]int)
	for _, id := range voters {
		if h, ok := hashes[id]; ok {
			votes[h]++
		}
	}
	most := len(voters)/2 + 1
	for h, count := range votes { // order: at most one has a majority
		if count >= most && h != own {
			return standsAlone
		}
		if count >= most {
			return standsWell
		}
	}
	delete(votes, own)
	if len(votes) > 0 {
		return standsSplit
	}
	return standsUnknown
}

// fence stops this server for good.
func (n *Node) fence(index uint64) {
	n.doubt(index) // which outlasts this process: a leader's log may make the same again
	if n.raft.State() != raft.Leader {
		if err := markDiverged(n.cfg.DataDir, index); err != nil {
			n.log.Error("this server's data is wrong and could not be marked so: remove it", "error", err)
		}
	}
	n.fault(fmt.Errorf("%w at index %d", errDiverged, index))
}
