package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/jeton-io/jeton/cluster/keys"
	httpd "github.com/jeton-io/jeton/http"
)

// maxDevNodes keeps the ports of a dev cluster, ten to a node, within sight; raft
// gains nothing from more voters.
const maxDevNodes = 9

// serve runs one node until its context ends, and calls ready once when it serves.
type serve func(ctx context.Context, o Options, ready func(addr string)) error

func devCommand(c *console, flags *flag.FlagSet) runner {
	d := devCluster{serve: runServer}
	flags.IntVar(&d.nodes, "nodes", 1, "`number` of nodes")
	flags.IntVar(&d.httpPort, "http-port", 8200, "`port` for clients of the first node; the next ones are ten apart,\ncluster, gossip and gRPC use the three after each")
	flags.StringVar(&d.rootToken, "root-token", "root", "`text` of the root token")
	flags.StringVar(&d.dataDir, "data-dir", "", "`directory` to keep data in (default: a temporary one, removed at the end)")
	flags.StringVar(&d.logLevel, "log-level", "warn", "least `level` that is logged, to standard error")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 0, 0); err != nil {
			return err
		}
		if err := d.validate(); err != nil {
			return err
		}
		return d.run(ctx, c)
	}
}

// devCluster is N full nodes in one process: each with its own raft, gossip and
// disk, talking over loopback as they would over a network.
type devCluster struct {
	nodes, httpPort              int
	rootToken, dataDir, logLevel string
	serve                        serve
}

func (d devCluster) validate() error {
	if d.nodes < 1 || d.nodes > maxDevNodes {
		return usagef("-nodes %d is outside 1..%d", d.nodes, maxDevNodes)
	}
	if last := d.port(d.nodes) + 3; d.httpPort < 1 || last > 65535 {
		return usagef("-http-port %d leaves no room for %d nodes", d.httpPort, d.nodes)
	}
	if err := httpd.CheckRootToken(d.rootToken); err != nil {
		return usagef("-root-token: %v", err)
	}
	return nil
}

// port is the HTTP port of node i, counted from 1.
func (d devCluster) port(i int) int { return d.httpPort + 10*(i-1) }

func (d devCluster) run(ctx context.Context, c *console) error {
	dir := d.dataDir
	if dir == "" {
		temporary, err := os.MkdirTemp("", "jeton-dev-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	options, err := d.options(dir)
	if err != nil {
		return err
	}
	return d.serveAll(ctx, options, func(addrs []string) {
		for i, addr := range addrs {
			fmt.Fprintf(c.out, "%s %s\n", options[i].NodeID, addr)
		}
		fmt.Fprintf(c.out, "root token: %s\nready\n", d.rootToken)
	})
}

// options lays the nodes out in dir, with the secret that they share.
func (d devCluster) options(dir string) ([]Options, error) {
	secret, token := filepath.Join(dir, "cluster.secret"), filepath.Join(dir, "root-token")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if _, err := os.Stat(secret); errors.Is(err, fs.ErrNotExist) { // kept when the directory is used again
		if err := createSecretFile(secret, keys.Generate()); err != nil {
			return nil, err
		}
	}
	if err := writeSecretFile(token, d.rootToken); err != nil {
		return nil, err
	}
	options := make([]Options, d.nodes)
	for i := range options {
		o := DefaultOptions()
		o.NodeID = fmt.Sprintf("node-%d", i+1)
		o.DataDir = filepath.Join(dir, o.NodeID)
		port := d.port(i + 1)
		o.HTTPAddr, o.ClusterAddr, o.GossipAddr, o.GRPCAddr = loopback(port), loopback(port+1), loopback(port+2), loopback(port+3)
		for other := 1; other <= d.nodes; other++ {
			if other != i+1 {
				o.Join = append(o.Join, loopback(d.port(other)+2))
			}
		}
		o.BootstrapExpect = d.nodes
		o.ClusterName = "jeton-dev"
		o.SecretFile, o.InitialRootTokenFile = secret, token
		o.LogLevel = d.logLevel
		if err := o.Validate(); err != nil {
			return nil, err
		}
		options[i] = o
	}
	return options, nil
}

// serveAll runs the nodes and calls ready with their addresses when all serve. The
// first that fails ends the others.
func (d devCluster) serveAll(ctx context.Context, options []Options, ready func(addrs []string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var nodes sync.WaitGroup
	failed := make([]error, len(options))
	addrs := make([]string, len(options))
	serving := make(chan struct{}, len(options))
	for i, o := range options {
		nodes.Go(func() {
			defer cancel()
			err := d.serve(ctx, o, func(addr string) {
				addrs[i] = addr
				serving <- struct{}{}
			})
			if err != nil {
				failed[i] = fmt.Errorf("%s: %w", o.NodeID, err)
			}
		})
	}
	if receiveAll(ctx, serving, len(options)) {
		ready(addrs)
	}
	nodes.Wait()
	return errors.Join(failed...)
}

// receiveAll waits for n signals; false if the context ends first.
func receiveAll(ctx context.Context, signals <-chan struct{}, n int) bool {
	for range n {
		select {
		case <-signals:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
