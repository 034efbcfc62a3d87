package cluster

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/keys"
	"github.com/jeton-io/jeton/cluster/peer"
	"github.com/jeton-io/jeton/fsm"
)

// stranger is a cluster port that knows where a node is, and shows the certificate of
// a ring.
func stranger(t *testing.T, ring *keys.Ring, id string, n *Node) *peer.Link {
	t.Helper()
	identity, err := ring.Identity(id)
	if err != nil {
		t.Fatal(err)
	}
	l, err := peer.Listen("127.0.0.1:0", peer.Config{
		Identity: identity,
		Resolve:  func(string) (string, bool) { return n.ClusterAddr(), true },
		Member:   func(string) bool { return true },
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Start()
	t.Cleanup(func() { l.Close() })
	return l
}

func writeSecret(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func loadRing(t *testing.T, path, cluster string) *keys.Ring {
	t.Helper()
	ring, err := keys.Load(path, cluster)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// calls is what could be asked of a node, in a form that a member would get answered.
func calls(n *Node) map[peer.Kind][]byte {
	forged := fsm.Envelope{Command: &fsm.Tick{}}
	return map[peer.Kind][]byte{
		kindPropose:   encodeFrame([]*op{newOp(forged.Encode(), false)}),
		kindReadIndex: appendUint(nil, 0),
		kindTerm:      nil,
		kindClock:     nil,
		kindJoin:      joinRequest(n.formationID()),
		kindPromise:   encodePromise([]string{"mallory-0011223344556677", n.serverID}, true),
		kindStatus:    nil,
		kindStepDown:  nil,
		kindRemove:    []byte(n.serverID),
		kindHealth:    nil,
		kindLed:       nil,
	}
}

// Without the cluster's secret, and with it as no member, a node is asked for everything
// that there is to ask, and for a vote.
func TestStrangersAreNotAnswered(t *testing.T) {
	t.Parallel()
	path := writeSecret(t, keys.Generate())
	c := startCluster(t, 1, func(_ int, cfg *Config) {
		cfg.SecretFile, cfg.ClusterName = path, "ours"
	})
	n := c.nodes[0]
	none, err := keys.Ephemeral("ours")
	if err != nil {
		t.Fatal(err)
	}
	const mallory = "mallory-0011223344556677"
	ctx, cancel := testContext(t)
	defer cancel()
	before := n.machine.View().Index()
	for _, tt := range []struct {
		name string
		ring *keys.Ring
		id   string
	}{
		{"no secret", none, mallory},
		{"another secret", loadRing(t, writeSecret(t, keys.Generate()), "ours"), mallory},
		{"another secret, the name of a member", loadRing(t, writeSecret(t, keys.Generate()), "ours"), n.serverID},
		{"the secret, another cluster", loadRing(t, path, "theirs"), mallory},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := stranger(t, tt.ring, tt.id, n)
			for kind, payload := range calls(n) {
				if b, err := l.Call(ctx, n.serverID, kind, payload); !errors.Is(err, keys.ErrUntrusted) || !peer.NotHandled(err) {
					t.Errorf("call %d: %x, %v", kind, b, err)
				}
			}
			transport := l.Transport(peer.TransportConfig{Timeout: 10 * time.Second})
			defer transport.Close()
			var vote raft.RequestVoteResponse
			err := transport.RequestVote(raft.ServerID(n.serverID), raft.ServerAddress(n.serverID), &raft.RequestVoteRequest{Term: 99}, &vote)
			if !errors.Is(err, keys.ErrUntrusted) {
				t.Errorf("a vote in term 99: %+v, %v", vote, err)
			}
		})
	}
	t.Run("the secret, no member", func(t *testing.T) {
		l := stranger(t, loadRing(t, path, "ours"), mallory, n)
		open := map[peer.Kind]bool{kindJoin: true, kindPromise: true, kindLed: true}
		for kind, payload := range calls(n) {
			if kind == kindJoin {
				payload = joinRequest("of another cluster")
			}
			b, err := l.Call(ctx, n.serverID, kind, payload)
			if !open[kind] && (!errors.Is(err, peer.ErrNotMember) || !peer.NotHandled(err)) {
				t.Errorf("call %d: %x, %v", kind, b, err)
			}
			if open[kind] && errors.Is(err, peer.ErrNotMember) {
				t.Errorf("call %d, which makes members: %v", kind, err)
			}
			if kind == kindJoin && err == nil {
				t.Error("it joined as of another cluster")
			}
		}
	})
	if got := n.servers(); len(got) != 1 || n.raft.CurrentTerm() >= 99 || n.leading.Load() == nil {
		t.Errorf("afterwards: servers %v, term %d, leading %v", got, n.raft.CurrentTerm(), n.leading.Load() != nil)
	}
	if len(calls(n)) != int(kindLed) {
		t.Error("a kind of call is not among those that are tried")
	}
	if v, err := c.read(ctx, 0, rootToken); err != nil || v.State.Index() < before {
		t.Errorf("the node serves no longer: %v", err)
	}
}

// ear tells when something is logged.
type ear struct {
	text  string
	heard func()
}

func (e ear) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(e.text)) {
		e.heard()
	}
	return len(line), nil
}

// A whole node with another secret, or none, that is told to join: it hears of nobody,
// and nobody hears of it.
func TestNodeWithAnotherSecretStaysAlone(t *testing.T) {
	t.Parallel()
	path := writeSecret(t, keys.Generate())
	c := startCluster(t, 1, func(_ int, cfg *Config) { cfg.SecretFile, cfg.ClusterName = path, "ours" })
	ctx, cancel := testContext(t)
	defer cancel()
	for _, secret := range []string{"", writeSecret(t, keys.Generate())} {
		refused := make(chan struct{})
		log := ear{"gossip: join failed", sync.OnceFunc(func() { close(refused) })}
		out := newCluster(t, 1, 1, func(_ int, cfg *Config) {
			cfg.SecretFile, cfg.ClusterName, cfg.NodeID = secret, "ours", "mallory"
			cfg.Join = []string{c.nodes[0].GossipAddr()}
			cfg.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		n := out.start(0)
		out.awaitReady() // it expects one server, and is that
		select {
		case <-refused:
		case <-ctx.Done():
			t.Fatal("it has not tried to join, or was not refused")
		}
		if n.formationID() == c.nodes[0].formationID() {
			t.Error("it is in the cluster")
		}
		for _, of := range []*Node{n, c.nodes[0]} {
			if got := of.gossip.Members(); len(got) != 1 || len(of.servers()) != 1 {
				t.Errorf("%s hears of %+v and has the servers %v", of.cfg.NodeID, got, of.servers())
			}
		}
		out.stop(0)
	}
}
