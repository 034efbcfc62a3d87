package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"time"

	"github.com/openbao/openbao/api/v2"
)

// nodeStatus is what status shows. A node is in service when it is initialized,
// its keys are open and it has a quorum; `sealed` and `initialized` keep the
// meanings that Vault's tools expect of them.
type nodeStatus struct {
	api.SealStatusResponse
	InService     bool   `json:"in_service"`
	HAMode        string `json:"ha_mode"` // active, standby, or none while no leader is known
	LeaderAddress string `json:"leader_address,omitempty"`
	Overdue       int    `json:"overdue_snapshots,omitempty"` // schedules of snapshots
	CommitIndex   uint64 `json:"raft_committed_index,omitempty"`
	AppliedIndex  uint64 `json:"raft_applied_index,omitempty"`
}

// statusCommand is also the health check of containers, whose image has no shell
// to run another in: 0 in service, 2 not in service or not reachable, 1 if the
// answer makes no sense.
func statusCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	wait := flags.Duration("wait", 0, "ask again until the node is in service, for so long")
	return r.callsAnonymously(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		status, err := askStatus(ctx, client, *wait)
		if err != nil {
			return err
		}
		if err := out.pairs(status, status.pairs()); err != nil {
			return err
		}
		if !status.InService {
			return notServingError{}
		}
		return nil
	})
}

// statusPause is how often status asks when it waits.
const statusPause = 200 * time.Millisecond

// askStatus asks until the node is in service or the time is up, and then says
// what it heard last.
func askStatus(ctx context.Context, client *api.Client, wait time.Duration) (nodeStatus, error) {
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	again := time.NewTicker(statusPause)
	defer again.Stop()
	for {
		status, err := readStatus(ctx, client)
		if err == nil && status.InService || wait == 0 {
			return status, err
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return status, err
		case <-ctx.Done():
			return status, ctx.Err()
		}
	}
}

// statusTimeout bounds one round of questions: a node that takes longer is not in
// service for anybody who asks.
const statusTimeout = 10 * time.Second

func readStatus(ctx context.Context, client *api.Client) (nodeStatus, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	seal, err := client.Sys().SealStatusWithContext(ctx)
	if err != nil {
		return nodeStatus{}, apiError("asking for the status", err)
	}
	s := nodeStatus{SealStatusResponse: *seal, HAMode: "none"}
	if err = s.askHealth(ctx, client); err != nil {
		return nodeStatus{}, err
	}
	leader, err := client.Sys().LeaderWithContext(ctx)
	if errors.As(err, new(*api.ResponseError)) {
		return s, nil // no leader is known: the table says so
	}
	if err != nil {
		return nodeStatus{}, apiError("asking for the leader", err)
	}
	switch {
	case leader.IsSelf:
		s.HAMode = "active"
	case leader.LeaderAddress != "":
		s.HAMode = "standby"
	}
	s.LeaderAddress = leader.LeaderAddress
	s.CommitIndex, s.AppliedIndex = leader.RaftCommittedIndex, leader.RaftAppliedIndex
	return s, nil
}

// askHealth asks what a load balancer would. The library's own Health call turns
// the answers that matter into others.
func (s *nodeStatus) askHealth(ctx context.Context, client *api.Client) error {
	resp, err := client.Logical().ReadRawWithDataWithContext(ctx, "sys/health", map[string][]string{"standbyok": {"true"}})
	var answer *api.ResponseError
	switch {
	case errors.As(err, &answer):
		return nil // 501 not initialized, 503 no quorum, others are no better
	case err != nil:
		return apiError("asking for the health", err)
	}
	defer resp.Body.Close()
	var health struct {
		api.HealthResponse
		Overdue int `json:"overdue_snapshots"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&health); err != nil {
		return apiError("reading the health", err)
	}
	s.InService = resp.StatusCode == http.StatusOK && health.Initialized && !health.Sealed
	s.Overdue = health.Overdue
	return nil
}

func (s nodeStatus) pairs() []pair {
	pairs := []pair{
		{"In Service", s.InService},
		{"Initialized", s.Initialized},
		{"Sealed", s.Sealed},
		{"Version", s.Version},
		{"Storage Type", s.StorageType},
		{"Cluster Name", s.ClusterName},
		{"Cluster ID", s.ClusterID},
		{"HA Mode", s.HAMode},
	}
	if s.LeaderAddress != "" {
		pairs = append(pairs, pair{"Active Node Address", s.LeaderAddress})
	}
	if s.CommitIndex > 0 {
		pairs = append(pairs, pair{"Raft Committed Index", s.CommitIndex}, pair{"Raft Applied Index", s.AppliedIndex})
	}
	if s.Overdue > 0 {
		pairs = append(pairs, pair{"Overdue Snapshots", s.Overdue})
	}
	return pairs
}
