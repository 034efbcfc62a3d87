package cluster

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/gossip"
	"github.com/jeton-io/jeton/cluster/peer"
	"github.com/jeton-io/jeton/fsm"
)

// servers is the latest raft configuration, which alone decides who votes.
func (n *Node) servers() []raft.Server {
	r := n.raftNow.Load()
	if r == nil {
		return nil
	}
	f := r.GetConfiguration()
	if f.Error() != nil {
		return nil
	}
	return f.Configuration().Servers
}

func (n *Node) voters() []string {
	var ids []string
	for _, s := range n.servers() {
		if s.Suffrage == raft.Voter {
			ids = append(ids, string(s.ID))
		}
	}
	return ids
}

func (n *Node) isVoter(id string) bool {
	for _, s := range n.servers() {
		if string(s.ID) == id {
			return s.Suffrage == raft.Voter
		}
	}
	return false
}

func (n *Node) isMember(id string) bool {
	for _, s := range n.servers() {
		if string(s.ID) == id {
			return true
		}
	}
	return false
}

// joinRequest is what a server says of itself: the cluster that it takes this
// for, and the highest feature level it knows.
func joinRequest(clusterID string) []byte {
	return appendUint(appendBytes(nil, clusterID), fsm.KnownLevel)
}

func decodeJoin(b []byte) (clusterID string, level uint64, err error) {
	r := reader{b: b}
	clusterID, level = string(r.bytes()), r.uint()
	return clusterID, level, r.end()
}

// handleJoin adds a server as a non-voter. It becomes a voter when it has caught
// up and stayed (reconcile).
func (n *Node) handleJoin(_ context.Context, from string, payload []byte) ([]byte, error) {
	cluster, level, err := decodeJoin(payload)
	if err != nil {
		return nil, err
	}
	if n.leading.Load() == nil {
		return nil, peer.ErrNotLeader
	}
	if err := n.admits(from, cluster, level); err != nil {
		n.log.Error("a server may not join", "server", from, "reason", err)
		return nil, err
	}
	n.membership.Lock() // the level must not rise between this and the next line
	defer n.membership.Unlock()
	if n.isMember(from) {
		return nil, nil
	}
	n.log.Info("adding server", "server", from)
	f := n.raft.AddNonvoter(raft.ServerID(from), raft.ServerAddress(from), 0, raftTimeout)
	return nil, settled(f, n.down)
}

// admits says why a server may not become part of this cluster.
func (n *Node) admits(server, cluster string, level uint64) error {
	if have := n.formationID(); cluster != have {
		return fmt.Errorf("server %s belongs to cluster %q, this is %q", server, cluster, have)
	}
	if nodeOf(server) == "" {
		return fmt.Errorf("server id %q holds no node id", server)
	}
	if need := n.machine.View().Level; level < need {
		return fmt.Errorf("server %s knows feature level %d, the cluster is at %d", server, level, need)
	}
	return nil
}

// progress is how far a server is, by its own word.
type progress struct {
	applied   uint64
	wantsVote bool
	level     uint64 // highest feature level it knows
	term      uint64
	short     shortage
	sealKeys  []string // ids of those it holds
	doubtful  bool     // it does not vouch for its state
	checks    []fsm.Check
}

// progressOf is progress of any server, be it this one.
func (n *Node) progressOf(ctx context.Context, id string) (progress, error) {
	if id == n.serverID {
		return n.ownProgress(), nil
	}
	return n.progress(ctx, id)
}

// askAll asks servers all at once. The answers stand in their order, nil for who gave none.
func (n *Node) askAll(ctx context.Context, ids []string) []*progress {
	answers := make([]*progress, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			if p, err := n.progressOf(ctx, id); err == nil {
				answers[i] = &p
			}
		})
	}
	wg.Wait()
	return answers
}

func (n *Node) ownProgress() progress {
	p := progress{applied: n.applied.get(), wantsVote: !n.cfg.NonVoter, level: fsm.KnownLevel, short: n.disk.shortage(), sealKeys: n.sealer.IDs()}
	if r := n.raftNow.Load(); r != nil {
		p.term = r.CurrentTerm()
	}
	if p.doubtful = n.doubtful.Load(); !n.copied.Load() {
		p.checks, _ = n.machine.Checks()
	}
	return p
}

func (n *Node) progress(ctx context.Context, id string) (progress, error) {
	ctx, cancel := context.WithTimeout(ctx, n.cfg.ElectionTimeout*2)
	defer cancel()
	b, err := n.link.Call(ctx, id, kindStatus, nil)
	if err != nil {
		return progress{}, err
	}
	return decodeProgress(b)
}

// The flags of a server's answer.
const (
	wantsVote = 1 << iota
	lowDisk
	fullDisk // with lowDisk
	inDoubt
)

func shortageOf(flags uint64) shortage {
	switch {
	case flags&fullDisk != 0:
		return diskFull
	case flags&lowDisk != 0:
		return diskLow
	}
	return diskAmple
}

func (n *Node) handleStatus(context.Context, string, []byte) ([]byte, error) {
	p := n.ownProgress()
	return p.encode(), nil
}

func (p *progress) encode() []byte {
	flags := uint64(0)
	if p.wantsVote {
		flags |= wantsVote
	}
	if p.doubtful {
		flags |= inDoubt
	}
	if p.short >= diskLow {
		flags |= lowDisk
	}
	if p.short == diskFull {
		flags |= fullDisk
	}
	b := appendUint(appendUint(appendUint(appendUint(nil, p.applied), flags), p.level), p.term)
	b = appendUint(appendList(b, p.sealKeys), uint64(len(p.checks)))
	for _, c := range p.checks {
		b = appendHash(appendUint(b, c.Index), c.Hash)
	}
	return b
}

func decodeProgress(b []byte) (progress, error) {
	r := reader{b: b}
	p := progress{applied: r.uint()}
	flags := r.uint()
	p.wantsVote, p.short, p.doubtful = flags&wantsVote != 0, shortageOf(flags), flags&inDoubt != 0
	p.level, p.term = r.uint(), r.uint()
	p.sealKeys = r.texts()
	for range min(r.uint(), fsm.KeptChecks) {
		p.checks = append(p.checks, fsm.Check{Index: r.uint(), Hash: r.hash()})
	}
	return p, r.end()
}

// failureTolerance is how many more voters may fail, by gossip's word.
func (n *Node) failureTolerance() int {
	voters := n.voters()
	alive := 0
	for _, id := range voters {
		if _, ok := n.gossiped(id); ok {
			alive++
		}
	}
	return alive - (len(voters)/2 + 1)
}

func (n *Node) gossiped(id string) (gossip.Member, bool) {
	for _, m := range n.gossip.Members() {
		if m.ServerID == id {
			return m, true
		}
	}
	return gossip.Member{}, false
}
