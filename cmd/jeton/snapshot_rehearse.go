package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/snapshot"
)

// rehearsal is what a rehearsal has looked at, in order.
type rehearsal struct {
	snapshot.Meta
	Checks []check `json:"checks"`
	Sound  bool    `json:"sound"`

	out *output
}

type check struct {
	Name  string `json:"name"`
	Found string `json:"found"` // or what is wrong, of the last one
	OK    bool   `json:"ok"`
}

func snapshotRehearseCommand(c *console, flags *flag.FlagSet) runner {
	out := declareOutput(c, flags, false)
	files := declareArchives(c, flags, out)
	config := cluster.DefaultConfig()
	flags.StringVar(&config.SecretFile, "secret-file", "", "`file` with the cluster secret, to see that the archive's keys open with it")
	flags.StringVar(&config.SealKeyFile, "seal-key-file", "", "`file` with the seal key, likewise, where the cluster has one")
	flags.StringVar(&config.ClusterName, "cluster-name", config.ClusterName, "`name` of the cluster, from which its secret makes the seal key")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		r := &rehearsal{out: out}
		err := r.run(ctx, files, args[0], config)
		if r.Sound = err == nil; out.format == "json" && len(r.Checks) > 0 {
			return errors.Join(out.json(r), err)
		}
		if err == nil {
			err = out.success("A node works with the state at index %d of %s.", r.Index, r.Time.Format("2006-01-02 15:04:05 MST"))
		}
		return err
	}
}

func (r *rehearsal) run(ctx context.Context, files *archives, name string, config cluster.Config) error {
	a, err := files.read(name, "reading")
	if err != nil {
		return err
	}
	r.Meta = a.Meta
	for _, step := range []struct {
		name string
		look func() (string, error)
	}{
		{"archive", func() (string, error) {
			return "members, checksums and description fit; the records belong together and have the hash of the description", nil
		}},
		{"bytes", func() (string, error) { return sameBytes(a) }},
		{"tokens", func() (string, error) { return tokensResolve(a.state) }},
		{"deaths", func() (string, error) { return deadStayDead(a.state) }},
		{"policies", func() (string, error) { return policiesParse(a.state) }},
		{"counts", func() (string, error) { return countsAgree(a) }},
	} {
		found, err := step.look()
		if err := r.note(step.name, found, err); err != nil {
			return err
		}
	}
	return r.node(ctx, a, config)
}

// note keeps what a check has found, and shows it.
func (r *rehearsal) note(name, found string, err error) error {
	c := check{name, found, err == nil}
	if err != nil {
		c.Found = err.Error()
		err = fmt.Errorf("%s: %w", name, err)
	}
	r.Checks = append(r.Checks, c)
	if err == nil && r.out.format != "json" {
		fmt.Fprintf(r.out.c.out, "%-9s %s\n", name, found)
	}
	return err
}

// node starts a real node from the state, in a folder that is gone afterwards.
func (r *rehearsal) node(ctx context.Context, a *savedState, config cluster.Config) error {
	dir, err := os.MkdirTemp("", "jeton-rehearsal-") // with mode 0700
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	config.NodeID, config.DataDir, config.Logger = "rehearsal", dir, slog.New(slog.DiscardHandler)
	keyed := config.SecretFile != "" || config.SealKeyFile != ""
	index := min(max(1, a.Meta.Index), 1<<62) // whatever a description says: raft counts on from there
	done, err := cluster.Rehearse(ctx, config, a.state, index, func(n *cluster.Node) error {
		if err := r.note(sameTokens(n, a)); err != nil || !keyed {
			return err
		}
		return r.note(keysOpen(ctx, n, a))
	})
	switch {
	case err != nil && len(r.Checks) > 0 && !r.Checks[len(r.Checks)-1].OK:
		return err // which has been noted
	case errors.Is(err, cluster.ErrSealKey):
		return r.note("keys", "", err)
	case err != nil:
		return r.note("node", "", err)
	}
	return r.note("snapshot", fmt.Sprintf("%d entries were applied on top; the node's own snapshot at index %d reads as %d records", done.Entries, done.Index, done.Records), nil)
}

// sameTokens wants the node to hold the state's tokens, and as many of them alive.
func sameTokens(n *cluster.Node, a *savedState) (name, found string, err error) {
	now := n.Local()
	want, got := countLive(a.state, now.Clock), countLive(now, now.Clock)
	if want != got || now.Cluster != a.state.Cluster {
		err = fmt.Errorf("%d tokens are alive on it, %d in the archive", got, want)
	}
	return "node", fmt.Sprintf("raft restored the state from its disk, and one server leads; %d tokens are alive on it", got), err
}

// sameBytes wants the state to be written as it stood in the archive.
func sameBytes(a *savedState) (string, error) {
	sum := sha256.New()
	n, err := a.state.WriteTo(sum)
	if err != nil {
		return "", err
	}
	line := hex.EncodeToString(sum.Sum(nil)) + "  state.bin\n"
	if n != a.Meta.StateBytes || !strings.HasSuffix(string(a.Sums), line) {
		return "", errors.New("the state is written as other bytes than those in the archive")
	}
	return fmt.Sprintf("the state is written as the %d bytes that were read", n), nil
}
