package procs

import (
	"context"
	"fmt"
	"maps"
	"net/http"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// AwaitVoters waits until every node, or each of those named, has a vote and nobody
// else has, as all of them know it: a node that lost its disk is promoted when it has
// caught up, and its former self removed.
func (c *Cluster) AwaitVoters(ctx context.Context, nodes ...*Node) error {
	want := make(map[string]bool)
	if len(nodes) == 0 {
		nodes = c.Nodes
	}
	for _, n := range nodes {
		id, err := n.serverID()
		if err != nil {
			return err
		}
		want[id] = true
	}
	for _, n := range nodes {
		err := until(ctx, func() error {
			voters, err := c.voters(ctx, n)
			if err == nil && !maps.Equal(voters, want) {
				err = fmt.Errorf("raft configuration of %s: %v, want all of %v to vote", n.ID, voters, want)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// voters are the servers of the raft configuration as a node knows it, and whether each
// votes.
func (c *Cluster) voters(ctx context.Context, n *Node) (map[string]bool, error) {
	a := c.http.Do(ctx, client.Request{Node: n.URL, Method: http.MethodGet, Path: "sys/storage/raft/configuration", Token: c.Root})
	if a.Outcome != client.Done {
		return nil, fmt.Errorf("raft configuration: %s", a)
	}
	var body struct {
		Data struct {
			Config struct {
				Servers []struct {
					ID    string `json:"node_id"`
					Voter bool
				}
			}
		}
	}
	voters := make(map[string]bool)
	err := a.Decode(&body)
	for _, s := range body.Data.Config.Servers {
		voters[s.ID] = s.Voter
	}
	return voters, err
}

// Remove has another node take a server out of the raft configuration, and waits until
// that knows of it no more.
func (c *Cluster) Remove(ctx context.Context, n *Node) error {
	id, err := n.serverID()
	if err != nil {
		return err
	}
	by := c.Others(n)[0]
	r := client.Request{Node: by.URL, Method: http.MethodPost, Path: "sys/storage/raft/remove-peer", Token: c.Root, Body: map[string]any{"server_id": id}}
	return until(ctx, func() error {
		a := c.http.Do(ctx, r)
		voters, err := c.voters(ctx, by)
		if _, in := voters[id]; err == nil && in {
			err = fmt.Errorf("remove %s: %s", n.ID, a)
		}
		return err
	})
}
