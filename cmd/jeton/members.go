package main

import (
	"context"
	"encoding/json"
	"flag"
	"strconv"

	"github.com/openbao/openbao/api/v2"
)

// member is one server as two sources tell of it: the raft configuration says who
// belongs and votes, ha-status where clients reach it. What the server does not
// say (Vault has no alive, for one) is left out.
type member struct {
	Node       string `json:"node,omitempty"`
	ServerID   string `json:"server_id"`
	Role       string `json:"role"` // leader, follower, or non-voter
	Alive      *bool  `json:"alive,omitempty"`
	Address    string `json:"cluster_address"`
	APIAddress string `json:"api_address,omitempty"`
	Version    string `json:"version,omitempty"`
}

// raftServer is an entry of sys/storage/raft/configuration.
type raftServer struct {
	NodeID  string `json:"node_id"` // raft's name of the server
	Name    string `json:"name"`    // the node's, without its incarnation
	Address string `json:"address"`
	Leader  bool   `json:"leader"`
	Voter   bool   `json:"voter"`
	Alive   *bool  `json:"alive"`
}

func operatorMembersCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		servers, err := raftServers(ctx, client)
		if err != nil {
			return err
		}
		status, err := client.Sys().HAStatusWithContext(ctx)
		if err != nil {
			return apiError("listing the nodes", err)
		}
		members := joinMembers(servers, status.Nodes)
		if out.format == "json" {
			return out.json(members)
		}
		rows := [][]string{
			{"Node", "Server ID", "Role", "Alive", "Cluster Address", "API Address"},
			{"----", "---------", "----", "-----", "---------------", "-----------"},
		}
		for _, m := range members {
			alive := "n/a"
			if m.Alive != nil {
				alive = strconv.FormatBool(*m.Alive)
			}
			rows = append(rows, []string{show(m.Node), m.ServerID, m.Role, alive, show(m.Address), show(m.APIAddress)})
		}
		return writeColumns(c.out, rows)
	})
}

func raftServers(ctx context.Context, client *api.Client) ([]raftServer, error) {
	secret, err := client.Logical().ReadWithContext(ctx, "sys/storage/raft/configuration")
	if err != nil {
		return nil, apiError("reading the raft configuration", err)
	}
	var config struct {
		Config struct {
			Servers []raftServer `json:"servers"`
		} `json:"config"`
	}
	if err := decodeData(secret, &config); err != nil {
		return nil, apiError("reading the raft configuration", err)
	}
	return config.Config.Servers, nil
}

// decodeData puts the data of an answer, if there is one, into a struct.
func decodeData(secret *api.Secret, into any) error {
	if secret == nil {
		return nil
	}
	text, err := json.Marshal(secret.Data)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// joinMembers keeps the order of the configuration. What ha-status says of a node
// outside it is left out: such a node is no member.
func joinMembers(servers []raftServer, nodes []api.HANode) []member {
	members := make([]member, 0, len(servers))
	for _, s := range servers {
		m := member{Node: s.Name, ServerID: s.NodeID, Address: s.Address, Alive: s.Alive, Role: "follower"}
		switch {
		case s.Leader:
			m.Role = "leader"
		case !s.Voter:
			m.Role = "non-voter"
		}
		for _, n := range nodes {
			// Vault's servers are named by their addresses, ours by the node's name
			if s.Name != "" && n.Hostname == s.Name || n.Hostname == s.NodeID || n.ClusterAddress == s.Address {
				m.APIAddress, m.Version = n.APIAddress, n.Version
				break
			}
		}
		members = append(members, m)
	}
	return members
}
