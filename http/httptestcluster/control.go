package httptestcluster

import (
	"context"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// Fail makes every call fail with an availability error until it is called with
// nil.
func (c *Cluster) Fail(err error) { c.FailAfter(0, err) }

// FailAfter is Fail once so many proposals have been taken.
func (c *Cluster) FailAfter(proposals int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.after, c.fail = proposals, err
}

// Advance moves the cluster's clock.
func (c *Cluster) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew += d
}

// Must applies a command of a caller, for setting a test up.
func (c *Cluster) Must(token string, cmd fsm.Command) fsm.Result {
	d, err := c.Digest(token)
	if err != nil {
		panic("httptestcluster: " + err.Error())
	}
	r, err := c.Propose(context.Background(), cluster.Proposal{Caller: fsm.Caller{Token: d}, Command: cmd})
	if err != nil {
		panic("httptestcluster: " + fsm.Name(cmd) + ": " + err.Error())
	}
	return r.Result
}

// Hash is the hash of the state: equal hashes, equal states.
func (c *Cluster) Hash() fsm.Hash { return c.machine.View().Hash() }

// Status is that of a leader without followers.
func (c *Cluster) Status() cluster.Status {
	st := c.machine.View()
	self := cluster.Member{
		ServerID: "n1-0123456789abcdef", NodeID: "n1", ClusterAddr: "127.0.0.1:8201",
		HTTPAddr: "http://127.0.0.1:8200", Voter: true, Leader: true, Alive: true, Self: true,
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	up := c.fail == nil
	self.Leader = up
	return cluster.Status{
		ServerID: self.ServerID, NodeID: self.NodeID, ClusterName: "test", ClusterID: st.Cluster.String(),
		Initialized: st.Initialized(), Ready: st.Initialized(), Leader: up, HasQuorum: up,
		LeaderID: self.ServerID, LeaderHTTPAddr: self.HTTPAddr,
		Term: 1, Commit: st.Index(), Applied: st.Index(), Clock: st.Clock,
		Members: []cluster.Member{self},
	}
}

// StepDown only counts.
func (c *Cluster) StepDown(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stepped++
	return c.fail
}

// SteppedDown is how often StepDown was called.
func (c *Cluster) SteppedDown() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stepped
}

// Healths are what SetHealths said.
func (c *Cluster) Healths(context.Context) ([]cluster.Health, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.healths, c.fail
}

// SetHealths says how the servers are.
func (c *Cluster) SetHealths(list []cluster.Health) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.healths = list
}

// RemovePeer only remembers.
func (c *Cluster) RemovePeer(_ context.Context, serverID string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.removed = append(c.removed, serverID)
	return c.fail
}

// Removed lists the servers that RemovePeer was called with.
func (c *Cluster) Removed() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.removed...)
}
