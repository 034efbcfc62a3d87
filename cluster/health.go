package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/peer"
)

// Health is what the leader knows of a server that it asks every second.
type Health struct {
	ServerID    string
	NodeID      string
	Voter       bool
	Leader      bool
	Healthy     bool          // it answers and is not far behind
	Heard       bool          // it has answered this leader at all
	LastContact time.Duration // since it answered; or since this leader asks it, if it never has
	Applied     uint64
	Term        uint64
	StableSince time.Time // zero when not healthy
	SealKeys    []string  // ids of the seal keys that it holds, the one that it would use first
}

// Healths asks the leader how the servers of the raft configuration are.
func (n *Node) Healths(ctx context.Context) ([]Health, error) {
	b, err := n.askLeader(ctx, kindHealth, nil)
	if err != nil {
		return nil, err
	}
	list, err := decodeHealths(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoLeader, err)
	}
	return list, nil
}

func decodeHealths(b []byte) ([]Health, error) {
	r := reader{b: b}
	var list []Health
	for _, item := range r.list() {
		h, err := decodeHealth(item)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, r.end()
}

func (n *Node) handleHealth(context.Context, string, []byte) ([]byte, error) {
	l := n.leading.Load()
	if l == nil {
		return nil, peer.ErrNotLeader
	}
	var list [][]byte
	for _, h := range l.care.healths(n.servers(), n.serverID, time.Now()) {
		list = append(list, h.encode())
	}
	return appendList(nil, list), nil
}

func (c *care) healths(servers []raft.Server, leader string, now time.Time) []Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]Health, 0, len(servers))
	for _, s := range servers {
		id := string(s.ID)
		o := c.servers[id]
		if o == nil {
			o = &observed{since: now} // it came after the last round
		}
		list = append(list, Health{
			ServerID: id, NodeID: nodeOf(id), Voter: s.Suffrage == raft.Voter, Leader: id == leader,
			Healthy: !o.healthy.IsZero(), Heard: !o.heard.IsZero(), LastContact: c.silence(o, now),
			Applied: o.applied, Term: o.term, StableSince: o.healthy, SealKeys: o.sealKeys,
		})
	}
	return list
}

func (h *Health) encode() []byte {
	flags := uint64(0)
	for i, set := range []bool{h.Voter, h.Leader, h.Healthy, h.Heard} {
		if set {
			flags |= 1 << i
		}
	}
	b := appendUint(appendBytes(nil, h.ServerID), flags)
	b = appendUint(appendUint(appendUint(b, uint64(max(h.LastContact, 0))), h.Applied), h.Term)
	stable := uint64(0)
	if !h.StableSince.IsZero() {
		stable = uint64(h.StableSince.UnixNano())
	}
	return appendList(appendUint(b, stable), h.SealKeys)
}

func decodeHealth(b []byte) (Health, error) {
	r := reader{b: b}
	h := Health{ServerID: string(r.bytes())}
	h.NodeID = nodeOf(h.ServerID)
	flags := r.uint()
	for i, set := range []*bool{&h.Voter, &h.Leader, &h.Healthy, &h.Heard} {
		*set = flags&(1<<i) != 0
	}
	h.LastContact, h.Applied, h.Term = time.Duration(r.uint()), r.uint(), r.uint()
	if at := r.uint(); at != 0 {
		h.StableSince = time.Unix(0, int64(at))
	}
	h.SealKeys = r.texts()
	return h, r.end()
}
