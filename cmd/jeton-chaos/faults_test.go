package main

import (
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// seedEnv repeats the faults of another run.
const seedEnv = "JETON_CHAOS_SEED"

// judge runs a campaign and fails the test for what it broke.
func judge(t *testing.T, apart bool, strikes func(*campaign) error) *campaign {
	t.Helper()
	ctx, c := start(t, procs.Config{Namespaces: apart})
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv(seedEnv); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("%s: %v", seedEnv, err)
		}
	}
	k, err := newCampaign(ctx, c, seed, 0, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if err := strikes(k); err != nil {
		t.Error(err)
	}
	violations, err := k.settle(ctx)
	if err != nil {
		t.Error(err)
	}
	for i, v := range violations {
		if i == 10 {
			t.Errorf("and %d more", len(violations)-i)
			break
		}
		t.Errorf("VIOLATION %s", v)
	}
	t.Log(k.report(violations))
	return k
}

// Killing leaders under load loses nothing that was acknowledged, revives nothing
// that was revoked and lets nothing be used twice; service comes back without
// hands.
func TestKilledLeaders(t *testing.T) {
	k := judge(t, false, func(k *campaign) error { return k.repeat(t.Context(), "kill the leader", 4) })
	for _, s := range k.struck {
		if s.outage > 20*time.Second {
			t.Errorf("after %q no write was acknowledged for %s", s.fault, s.outage)
		}
	}
}

// Servers that are removed while they run, the leader among them, are let in again, and
// nothing is lost.
func TestRemovedServers(t *testing.T) {
	t.Parallel() // it mostly waits
	judge(t, false, func(k *campaign) error {
		return errors.Join(k.repeat(t.Context(), "remove the leader", 1), k.repeat(t.Context(), "remove a follower", 1))
	})
}

// Whatever strikes, in an order that is another each time.
func TestFaultsByChance(t *testing.T) {
	if err := procs.CanPartition(); err != nil {
		t.Logf("NO PARTITION IS TESTED HERE: %v", err)
		judge(t, false, func(k *campaign) error { return k.wander(t.Context(), 20*time.Second) })
		return
	}
	judge(t, true, func(k *campaign) error { return k.wander(t.Context(), 20*time.Second) })
}
