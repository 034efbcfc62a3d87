package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openbao/openbao/api/v2"
)

// How the leader looks after the servers: Vault's operator raft autopilot.
const (
	autopilotConfigPath = "sys/storage/raft/autopilot/configuration"
	autopilotStatePath  = "sys/storage/raft/autopilot/state"
)

func autopilotReadCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		secret, err := client.Logical().ReadWithContext(ctx, autopilotConfigPath)
		if err != nil {
			return apiError("reading the configuration of autopilot", err)
		}
		return out.found(secret, autopilotConfigPath)
	})
}

// autopilotSetCommand sends the settings that are given; the others stay. Their flags
// have the names of Vault's, which are the server's with dashes.
func autopilotSetCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	given := make(map[string]any)
	set := func(name string, value any) { given[strings.ReplaceAll(name, "-", "_")] = value }
	const cleanup = "cleanup-dead-servers"
	flags.BoolFunc(cleanup, "remove servers that are dead, which needs -min-quorum (=false: do not)", func(s string) error {
		on, err := strconv.ParseBool(s)
		if err != nil {
			return errors.New("neither true nor false")
		}
		set(cleanup, on)
		return nil
	})
	for name, usage := range map[string]string{ // order: flags are sorted by name
		"dead-server-last-contact-threshold": "`duration` of silence that makes a server dead",
		"last-contact-threshold":             "`duration` of silence that makes a server unhealthy",
		"server-stabilization-time":          "`duration` for which a newcomer has to be healthy before it votes",
	} {
		flags.Func(name, usage, func(s string) error {
			d, err := parseDuration(s)
			if err != nil {
				return err
			}
			set(name, d.String())
			return nil
		})
	}
	for name, usage := range map[string]string{ // order: flags are sorted by name
		"max-trailing-logs": "`entries` behind the leader that make a server unhealthy",
		"min-quorum":        "`voters` that removing a dead one has to leave, 3 or more",
	} {
		flags.Func(name, usage, func(s string) error {
			n, err := strconv.ParseUint(s, 10, 32)
			if err != nil {
				return errors.New("not a number from 0")
			}
			set(name, n)
			return nil
		})
	}
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		if len(given) == 0 {
			return usagef("expected something to set")
		}
		if _, err := client.Logical().WriteWithContext(ctx, autopilotConfigPath, given); err != nil {
			return apiError("configuring autopilot", err)
		}
		return out.success("Configured autopilot")
	})
}

// autopilotState is what a table tells of sys/storage/raft/autopilot/state.
type autopilotState struct {
	Healthy          bool                       `json:"healthy"`
	FailureTolerance int                        `json:"failure_tolerance"`
	Leader           string                     `json:"leader"`
	Servers          map[string]autopilotServer `json:"servers"`
}

type autopilotServer struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Status      string `json:"status"`
	Healthy     bool   `json:"healthy"`
	LastContact string `json:"last_contact"`
	LastIndex   uint64 `json:"last_index"`
	StableSince string `json:"stable_since"`
	Version     string `json:"version"`
}

func autopilotStateCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		secret, err := client.Logical().ReadWithContext(ctx, autopilotStatePath)
		switch {
		case err != nil:
			return apiError("asking how the servers are", err)
		case secret == nil:
			return nothingAt(autopilotStatePath)
		case out.format == "json":
			return out.json(secret.Data) // and not the envelope, as Vault's command
		}
		var state autopilotState
		if err := decodeData(secret, &state); err != nil {
			return apiError("asking how the servers are", err)
		}
		summary := [][]string{{"Key", "Value"}, {"---", "-----"},
			{"healthy", strconv.FormatBool(state.Healthy)}, {"failure_tolerance", strconv.Itoa(state.FailureTolerance)}, {"leader", show(state.Leader)}}
		return writeTables(c.out, [][][]string{summary, state.table()})
	})
}

// table has a row for each server, by its node. Versions get a column when somebody knows
// one: Jeton's nodes do not tell each other theirs.
func (s *autopilotState) table() [][]string {
	rows := titled("Node", "Server ID", "Status", "Healthy", "Last Contact", "Last Index", "Behind", "Healthy Since")
	servers := make([]autopilotServer, 0, len(s.Servers))
	for _, server := range s.Servers { // order: sorted below
		servers = append(servers, server)
	}
	slices.SortFunc(servers, func(a, b autopilotServer) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	versions := slices.ContainsFunc(servers, func(server autopilotServer) bool { return server.Version != "" })
	if versions {
		rows[0], rows[1] = append(rows[0], "Version"), append(rows[1], "-------")
	}
	last := s.Servers[s.Leader].LastIndex
	for _, server := range servers {
		behind := uint64(0)
		if last > server.LastIndex { // else it has answered later than the leader
			behind = last - server.LastIndex
		}
		row := []string{
			show(server.Name), server.ID, server.Status, strconv.FormatBool(server.Healthy), inMilliseconds(server.LastContact),
			strconv.FormatUint(server.LastIndex, 10), strconv.FormatUint(behind, 10), inSeconds(server.StableSince),
		}
		if versions {
			row = append(row, show(server.Version))
		}
		rows = append(rows, row)
	}
	return rows
}

// inMilliseconds leaves out of a duration what nobody reads.
func inMilliseconds(text string) string {
	d, err := time.ParseDuration(text)
	if err != nil {
		return show(text)
	}
	return d.Round(time.Millisecond).String()
}

// inSeconds leaves out of a time what nobody reads.
func inSeconds(text string) string {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return show(text)
	}
	return at.Truncate(time.Second).Format(time.RFC3339)
}
