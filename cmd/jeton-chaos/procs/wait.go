package procs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// pollEvery is how often processes are asked for what they give no notice of.
const pollEvery = 20 * time.Millisecond

// until asks again and again until there is no error, and says the last one when
// the context ends first.
func until(ctx context.Context, ask func() error) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// AwaitServing waits until each node calls itself healthy and answers a
// linearizable read.
func (c *Cluster) AwaitServing(ctx context.Context, nodes ...*Node) error {
	for _, n := range nodes {
		if err := until(ctx, func() error { return c.serves(ctx, n) }); err != nil {
			return fmt.Errorf("%s does not serve: %w", n.ID, err)
		}
	}
	return nil
}

// awaitBlank waits until each node says that nobody has initialized the cluster.
func (c *Cluster) awaitBlank(ctx context.Context) error {
	for _, n := range c.Nodes {
		err := until(ctx, func() error {
			if a := c.Health(ctx, n, true); a.Status != http.StatusNotImplemented {
				return fmt.Errorf("health: %s", a)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s does not wait for its initialization: %w", n.ID, err)
		}
	}
	return nil
}

func (c *Cluster) serves(ctx context.Context, n *Node) error {
	if a := c.Health(ctx, n, true); a.Status != http.StatusOK {
		return fmt.Errorf("health: %s", a)
	}
	if a := c.http.LookupSelf(ctx, n.URL, c.Root); a.Outcome != client.Done {
		return fmt.Errorf("read: %s", a)
	}
	return nil
}

// Health asks a node what a load balancer would.
func (c *Cluster) Health(ctx context.Context, n *Node, standbyOK bool) client.Answer {
	path := "sys/health"
	if standbyOK {
		path += "?standbyok=true"
	}
	return c.http.Do(ctx, client.Request{Node: n.URL, Method: http.MethodGet, Path: path})
}

// Position is what sys/leader says of a node.
type Position struct {
	Leads     bool   `json:"is_self"`
	Leader    string `json:"leader_address"`
	Committed uint64 `json:"raft_committed_index"`
	Applied   uint64 `json:"raft_applied_index"`
}

// Position asks a node where it stands.
func (c *Cluster) Position(ctx context.Context, n *Node) (Position, error) {
	var p Position
	a := c.http.Do(ctx, client.Request{Node: n.URL, Method: http.MethodGet, Path: "sys/leader"})
	if a.Outcome != client.Done {
		return p, fmt.Errorf("%s: sys/leader: %s", n.ID, a)
	}
	return p, a.Decode(&p)
}

var errNoLeader = errors.New("no node leads")

// AwaitLeader waits until a running node, none of the excepted, leads and serves.
func (c *Cluster) AwaitLeader(ctx context.Context, except ...*Node) (*Node, error) {
	var leader *Node
	err := until(ctx, func() error {
		for _, n := range c.Others(except...) {
			if !n.Running() {
				continue
			}
			p, err := c.Position(ctx, n)
			if err != nil || !p.Leads {
				continue
			}
			if err := c.serves(ctx, n); err != nil {
				return err
			}
			leader = n
			return nil
		}
		return errNoLeader
	})
	return leader, err
}

// AwaitCaughtUp waits until the node has applied all that the leader had, which is
// more than it has acknowledged. (Not what it had committed: raft's own entries are
// never applied to the machine.)
func (c *Cluster) AwaitCaughtUp(ctx context.Context, n, leader *Node) error {
	target, err := c.Position(ctx, leader)
	if err != nil {
		return err
	}
	return until(ctx, func() error {
		p, err := c.Position(ctx, n)
		if err == nil && p.Applied < target.Applied {
			err = fmt.Errorf("%s is at %d, the leader was at %d", n.ID, p.Applied, target.Applied)
		}
		return err
	})
}

// tokenRecords is the metric that counts a node's token records.
const tokenRecords = "jeton_token_count"

// TokenRecords is how many tokens a node has on record, dead ones included that no
// sweep has come to yet.
func (c *Cluster) TokenRecords(ctx context.Context, n *Node) (int, error) {
	a := c.http.Do(ctx, client.Request{Node: n.URL, Method: http.MethodGet, Path: "sys/metrics?format=prometheus", Token: c.Root})
	if a.Outcome != client.Done {
		return 0, fmt.Errorf("%s: metrics: %s", n.ID, a)
	}
	for line := range bytes.Lines(a.Body) {
		if name, value, ok := strings.Cut(strings.TrimSpace(string(line)), " "); ok && name == tokenRecords {
			count, err := strconv.ParseFloat(value, 64)
			return int(count), err
		}
	}
	return 0, fmt.Errorf("%s: no metric %s", n.ID, tokenRecords)
}
