package cluster

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"github.com/jeton-io/jeton/cluster/keys"
	"github.com/jeton-io/jeton/fsm"
)

// A throw-away node goes on from a state, and leaves what it came from alone: it
// talks to nobody, and serves only with the seal key.
func TestRehearse(t *testing.T) {
	secret := t.TempDir() + "/secret"
	if err := os.WriteFile(secret, []byte(keys.Generate()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := startCluster(t, 1, func(_ int, cfg *Config) { cfg.SecretFile = secret })
	ctx, cancel := testContext(t)
	defer cancel()
	if err := c.create(ctx, 0, "rehearsed", 0); err != nil {
		t.Fatal(err)
	}
	v, err := c.nodes[0].View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	rehearse := func(secret string, look func(*Node) error) (*Rehearsal, error) {
		var stream bytes.Buffer
		if _, err := v.State.WriteTo(&stream); err != nil {
			t.Fatal(err)
		}
		st, err := fsm.ReadState(&stream)
		if err != nil {
			t.Fatal(err)
		}
		cfg := testConfig(t, 9, 1)
		cfg.SecretFile, cfg.ClusterName = secret, c.cfgs[0].ClusterName
		cfg.Join = []string{c.nodes[0].GossipAddr()}
		return Rehearse(ctx, cfg, st, v.State.Index(), look)
	}
	r, err := rehearse(secret, func(n *Node) error {
		if got, want := n.Local().Serial, v.State.Serial; got < want || n.Local().CountTokens() != v.State.CountTokens() {
			t.Errorf("serial %d, want %d; %d tokens, want %d", got, want, n.Local().CountTokens(), v.State.CountTokens())
		}
		if d, err := n.Digest(rootToken); err != nil {
			t.Error(err)
		} else if _, lives := n.Local().Live(d, n.Local().Clock); !lives {
			t.Error("the root token is not found by its text")
		}
		if all := n.gossip.Members(); len(all) != 1 {
			t.Errorf("it knows of %v", all)
		}
		return nil
	})
	if err != nil || r.Entries < 3 || r.Index != v.State.Index()+r.Entries || r.Records == 0 {
		t.Fatalf("rehearsed %+v, %v", r, err)
	}
	if len(c.nodes[0].gossip.Members()) != 1 {
		t.Error("the cluster has heard of it")
	}
	if _, err := rehearse("", func(n *Node) error {
		if _, err := n.Digest(rootToken); !errors.Is(err, ErrNotReady) {
			t.Errorf("without a key: %v", err)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	other := t.TempDir() + "/other"
	if err := os.WriteFile(other, []byte(keys.Generate()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := rehearse(other, func(*Node) error { return errors.New("it was looked at") }); !errors.Is(err, ErrSealKey) {
		t.Errorf("with another cluster's secret: %v", err)
	}
	fails := errors.New("not as it should be")
	if _, err := rehearse(secret, func(*Node) error { return fails }); !errors.Is(err, fails) {
		t.Errorf("what was seen: %v", err)
	}
	late, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Rehearse(late, testConfig(t, 9, 1), v.State, v.State.Index(), nil); !errors.Is(err, ErrNoLeader) {
		t.Errorf("called off: %v", err)
	}
}
