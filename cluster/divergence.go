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
// what came of that; then it rests.
func (n *Node) logChecks(ctx context.Context, l *leading) {
	for again := true; sleep(ctx, n.cfg.checkEvery); {
		last := lastCheck(n.machine)
		changed := n.machine.View().Index() > last.Index
		if !changed && !again {
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
	mine, ok := hashAt(own, claim.Index)
	if !ok {
		return // it did not stand there, or claims nothing: no opinion
	}
	leads := n.raft.State() == raft.Leader
	if mine == claim.Hash && !leads && !n.doubtful.Load() {
		return
	}
	if mine != claim.Hash {
		n.doubt(true, claim)
	}
	voters := n.voters()
	hashes := n.hashesAt(ctx, voters, claim.Index)
	for _, id := range voters {
		if h, ok := hashes[id]; ok && h != mine {
			metrics.IncrCounter(metricDiffers, 1)
			n.log.Error("a server has another state than this one", "server", id, "index", claim.Index, "its", h, "this", mine)
		}
	}
	switch stand(voters, hashes, mine, claim.Hash) {
	case standsAlone:
		n.fence(claim.Index)
	case standsSplit:
		n.doubt(true, claim)
	case standsWell:
		n.doubt(false, claim)
	}
}

// doubt sets whether this server vouches for what its state says.
func (n *Node) doubt(doubtful bool, claim fsm.Check) {
	if n.doubtful.Swap(doubtful) == doubtful {
		return
	}
	if doubtful {
		n.log.Error("the servers' states differ: this node answers nothing until most voters have one state", "index", claim.Index, "claimed", claim.Hash)
		return
	}
	n.log.Warn("most voters have this node's state: it answers again", "index", claim.Index)
}

// hashesAt asks voters for the hash they had at an index. Who does not answer or does
// not know is left out.
func (n *Node) hashesAt(ctx context.Context, voters []string, index uint64) map[string]fsm.Hash {
	type answer struct {
		id   string
		hash fsm.Hash
		ok   bool
	}
	answers := make(chan answer, len(voters))
	for _, id := range voters {
		go func() {
			p, err := n.progressOf(ctx, id)
			hash, ok := hashAt(p.checks, index)
			answers <- answer{id, hash, ok && err == nil}
		}()
	}
	hashes := make(map[string]fsm.Hash, len(voters))
	for range voters {
		if a := <-answers; a.ok {
			hashes[a.id] = a.hash
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
	standsWell  standing = iota // most voters have it, or nobody is known to have another
	standsAlone                 // most voters have one other
	standsSplit                 // there are several and none has a majority
)

// stand judges a state by what is known of the voters' and by what a leader claimed.
func stand(voters []string, hashes map[string]fsm.Hash, own, claimed fsm.Hash) standing {
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
	if len(votes) > 0 || own != claimed {
		return standsSplit
	}
	return standsWell
}

// fence stops this server for good.
func (n *Node) fence(index uint64) {
	n.doubtful.Store(true)
	err := fmt.Errorf("%w at index %d", errDiverged, index)
	if n.raft.State() != raft.Leader {
		if werr := markDiverged(n.cfg.DataDir, index); werr != nil {
			n.log.Error("this server's data is wrong and could not be marked so: remove it", "error", werr)
		}
	}
	n.fault(err)
}
