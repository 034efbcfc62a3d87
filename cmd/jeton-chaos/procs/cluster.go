package procs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// Config says what cluster to run.
type Config struct {
	Binary     string
	Dir        string   // holds data, logs and secrets; made if need be
	Nodes      int      // 0: three
	Namespaces bool     // a network of its own for each node
	Flags      []string // more flags for every server
	Later      int      // so many nodes more that are not started yet, and only join

	// Heir has the cluster's secret shared, and nobody initialize it: it is to take a
	// snapshot of that cluster.
	Heir *Cluster
}

// Cluster is a set of server processes that know of each other.
type Cluster struct {
	Nodes []*Node
	Root  string // the root token
	dir   string
	net   network
	http  *client.Client
}

// askTimeout bounds a question about a node's health: one that takes longer does
// not serve.
const askTimeout = 2 * time.Second

// startTimeout is how long a cluster gets to form.
const startTimeout = time.Minute

// Start runs the processes and waits until all of them serve.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	c := &Cluster{Root: "root-token-of-a-test", dir: cfg.Dir, net: &loopback{taken: make(map[int]bool)}, http: client.New(askTimeout)}
	if cfg.Namespaces {
		spaces, err := newNamespaces()
		if err != nil {
			return nil, err
		}
		c.net = spaces
	}
	err := c.lay(ctx, cfg)
	first := c.Nodes[:max(0, len(c.Nodes)-cfg.Later)]
	for _, n := range first {
		if err == nil {
			err = n.Start()
		}
	}
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, startTimeout)
		if cfg.Heir == nil {
			err = c.AwaitServing(ctx, first...)
		} else {
			err = c.awaitBlank(ctx)
		}
		cancel()
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, c.Tails(tailLines))
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// lay makes what the processes need before they start.
func (c *Cluster) lay(ctx context.Context, cfg Config) error {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return err
	}
	keys, err := c.keys(ctx, cfg)
	if err != nil {
		return err
	}
	count := cfg.Nodes
	if count == 0 {
		count = 3
	}
	places := make([]addresses, count+cfg.Later)
	var gossip []string
	for i := range places {
		var err error
		if places[i], err = c.net.place(i); err != nil {
			return err
		}
		gossip = append(gossip, places[i].gossip)
	}
	for i, at := range places {
		id := fmt.Sprintf("n%d", i+1)
		others := slices.DeleteFunc(slices.Clone(gossip), func(a string) bool { return a == at.gossip })
		n := &Node{ID: id, URL: "http://" + at.http, GRPC: at.grpc, DataDir: filepath.Join(cfg.Dir, id), LogFile: filepath.Join(cfg.Dir, id+".log"), index: i}
		n.argv = append(c.net.command(i, cfg.Binary), "server",
			"--node-id", id, "--data-dir", n.DataDir,
			"--http-addr", at.http, "--cluster-addr", at.cluster, "--gossip-addr", at.gossip, "--grpc-addr", at.grpc,
			"--join", strings.Join(others, ","), "--cluster-name", "chaos")
		if i < count {
			n.argv = append(n.argv, "--bootstrap-expect", fmt.Sprint(count))
		}
		n.argv = append(append(append(n.argv, keys...), logIn(i)...), cfg.Flags...)
		c.Nodes = append(c.Nodes, n)
	}
	return nil
}

// logIn has every second server keep its log in segments, so that whatever is done to
// clusters is done to both kinds of log. Config.Flags can say something else.
func logIn(i int) []string {
	return []string{"--raft-log-store", []string{"boltdb", "wal"}[i%2]}
}

// keys makes the secrets, and says by which flags a server is told of them.
func (c *Cluster) keys(ctx context.Context, cfg Config) ([]string, error) {
	if cfg.Heir != nil {
		return []string{"--secret-file", cfg.Heir.secretFile()}, nil
	}
	if out, err := exec.CommandContext(ctx, cfg.Binary, "operator", "keygen", "-out", c.secretFile()).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("keygen: %w\n%s", err, out)
	}
	root := filepath.Join(cfg.Dir, "root-token")
	if err := os.WriteFile(root, []byte(c.Root+"\n"), 0o600); err != nil {
		return nil, err
	}
	return []string{"--secret-file", c.secretFile(), "--initial-root-token-file", root}, nil
}

func (c *Cluster) secretFile() string { return filepath.Join(c.dir, "cluster.secret") }

// URLs are the addresses of all nodes, for clients.
func (c *Cluster) URLs() []string { return urls(c.Nodes) }

// Others are all nodes but these.
func (c *Cluster) Others(except ...*Node) []*Node {
	return slices.DeleteFunc(slices.Clone(c.Nodes), func(n *Node) bool { return slices.Contains(except, n) })
}

func urls(nodes []*Node) []string {
	var urls []string
	for _, n := range nodes {
		urls = append(urls, n.URL)
	}
	return urls
}

// Faults tells of processes that ended without having been told to, and of panics
// that a server survived.
func (c *Cluster) Faults() error {
	var errs []error
	for _, n := range c.Nodes {
		errs = append(errs, n.fault())
	}
	return errors.Join(errs...)
}

// Close kills what runs and removes the network. Data and logs stay.
func (c *Cluster) Close() error {
	var errs []error
	for _, n := range c.Nodes {
		errs = append(errs, n.Kill())
	}
	c.http.CloseIdle()
	return errors.Join(append(errs, c.net.close())...)
}

// Cut makes the node and all others unreachable for each other. Clients still
// reach it.
func (c *Cluster) Cut(n *Node) error {
	return c.links(n, (*namespaces).cut)
}

// Lose has a share of the packets vanish that come to the node from others, until mend is
// called. What clients send arrives.
func (c *Cluster) Lose(n *Node, share float64) (mend func() error, err error) {
	spaces, ok := c.net.(*namespaces)
	if !ok {
		return nil, errNoPartition
	}
	if err := spaces.lose(n.index, share); err != nil {
		return nil, err
	}
	return func() error { return spaces.loseNone(n.index, share) }, nil
}

// Heal undoes Cut.
func (c *Cluster) Heal(n *Node) error {
	return c.links(n, (*namespaces).mend)
}

func (c *Cluster) links(n *Node, do func(n *namespaces, from, to int) error) error {
	spaces, ok := c.net.(*namespaces)
	if !ok {
		return errNoPartition
	}
	var errs []error
	for _, other := range c.Others(n) {
		errs = append(errs, do(spaces, n.index, other.index), do(spaces, other.index, n.index))
	}
	return errors.Join(errs...)
}

// CutOneWay loses what the node sends to the others, while it still hears them.
func (c *Cluster) CutOneWay(n *Node) error { return c.outgoing(n, (*namespaces).cut) }

// HealOneWay undoes CutOneWay.
func (c *Cluster) HealOneWay(n *Node) error { return c.outgoing(n, (*namespaces).mend) }

func (c *Cluster) outgoing(n *Node, do func(n *namespaces, from, to int) error) error {
	spaces, ok := c.net.(*namespaces)
	if !ok {
		return errNoPartition
	}
	var errs []error
	for _, other := range c.Others(n) {
		errs = append(errs, do(spaces, n.index, other.index))
	}
	return errors.Join(errs...)
}

// Partitions says whether nodes can be cut off.
func (c *Cluster) Partitions() bool {
	_, ok := c.net.(*namespaces)
	return ok
}
