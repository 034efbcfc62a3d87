package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/engine/postgres"
	"github.com/jeton-io/jeton/http/engine/webhook"
)

func serverCommand(c *console, flags *flag.FlagSet) runner {
	load := declareSettings(flags)
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 0, 0); err != nil {
			return err
		}
		options, err := load(c.env)
		if err != nil {
			return usageError{err}
		}
		return runServer(ctx, options, func(string) {})
	}
}

// How long a stopping server waits: for another node to take leadership over, and
// for the requests under way.
const (
	handOverTimeout = 5 * time.Second
	drainTimeout    = 15 * time.Second
)

// installMetrics runs once in a process: a dev cluster's nodes share the registry.
var installMetrics = sync.OnceValues(httpd.InstallMetrics)

// runServer runs one node until ctx ends, and calls ready once it serves. It is
// the only place where the parts of a server are put together.
func runServer(ctx context.Context, o Options, ready func(addr string)) error {
	logger := newLogger(os.Stderr, o)
	listener, err := net.Listen("tcp", o.HTTPAddr)
	if err != nil {
		return err
	}
	defer listener.Close() // closed already when the server ran
	var calls net.Listener // nil: no gRPC
	if o.GRPCAddr != "" {
		if calls, err = net.Listen("tcp", o.GRPCAddr); err != nil {
			return err
		}
		defer calls.Close()
	}
	metrics, err := installMetrics()
	if err != nil {
		return err
	}
	config, err := clusterConfig(o, listener.Addr().String(), logger)
	if err != nil {
		return err
	}
	engines := engine.Engines{fsm.MountDatabase: postgres.New(), fsm.MountWebhook: webhook.New()}
	defer engines.Close()
	revoker := engine.NewRevoker(engines)
	config.Revoker = revoker
	config.OpenStore = openStore
	node, err := cluster.Open(config)
	if err != nil {
		return err
	}
	revoker.Use(node)
	server, err := httpd.New(httpd.Config{
		Cluster: node, Logger: logger, Metrics: metrics, Version: version,
		TLSCertFile: o.TLSCertFile, TLSKeyFile: o.TLSKeyFile,
		LegacyPaths: !o.DisableLegacyPaths, NoWaypoint: o.DisableWaypoint, Engines: engines,
		Recipients: func(keys []string) bool { _, err := parseRecipients(keys); return err == nil },
	})
	if err != nil {
		return errors.Join(err, node.Close(ctx))
	}
	logger.Info("started", "version", version, "http", listener.Addr(), "cluster", node.ClusterAddr(), "gossip", node.GossipAddr())
	serving := make(chan error, 2)
	go func() { serving <- server.Serve(listener) }()
	if calls != nil {
		logger.Info("serving gRPC", "grpc", calls.Addr())
		go func() { serving <- server.ServeGRPC(calls) }()
	}
	go announce(ctx, node, func() { ready(nodeURL(o, listener.Addr().String())) })
	go reloadOnHangup(ctx, server, logger)
	go paceCollector(ctx)
	select {
	case <-ctx.Done():
	case err = <-serving: // a listener broke
	}
	return errors.Join(err, shutDown(node, server, logger))
}

// announce calls ready when the node answers linearizable reads.
func announce(ctx context.Context, node *cluster.Node, ready func()) {
	select {
	case <-ctx.Done():
		return
	case <-node.Ready():
	}
	for ctx.Err() == nil {
		if _, err := node.View(ctx); err == nil {
			ready()
			return
		}
	}
}

// shutDown leaves in the order in which clients notice least: leadership first,
// then the requests under way, then the node.
func shutDown(node *cluster.Node, server *httpd.Server, logger *slog.Logger) error {
	logger.Info("stopping")
	if s := node.Status(); s.Leader && len(s.Members) > 1 {
		ctx, cancel := context.WithTimeout(context.Background(), handOverTimeout)
		if err := node.StepDown(ctx); err != nil {
			logger.Warn("leadership not handed over", "error", err)
		}
		cancel()
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	err := server.Shutdown(ctx)
	err = errors.Join(err, node.Close(ctx))
	logger.Info("stopped")
	return err
}

// reloadOnHangup reads the certificate files again on SIGHUP, and has audit
// devices open their files anew.
func reloadOnHangup(ctx context.Context, server *httpd.Server, logger *slog.Logger) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			if err := server.Reload(); err != nil {
				logger.Error("certificate not reloaded, the old one stays in use", "error", err)
				continue
			}
			logger.Info("certificate and audit devices reloaded")
		}
	}
}

// clusterConfig is what a node's options mean to package cluster.
func clusterConfig(o Options, httpAddr string, logger *slog.Logger) (cluster.Config, error) {
	c := cluster.DefaultConfig()
	c.NodeID, c.DataDir, c.ClusterName = o.NodeID, o.DataDir, o.ClusterName
	c.ClusterAddr, c.GossipAddr = o.ClusterAddr, o.GossipAddr
	// what names no host (":8200") is completed by gossip, which knows one
	c.AdvertiseHTTP = cmp.Or(o.AdvertiseHTTPAddr, httpAddr)
	c.AdvertiseCluster, c.AdvertiseGossip = o.AdvertiseClusterAddr, o.AdvertiseGossipAddr
	c.Join, c.BootstrapExpect, c.NonVoter = o.Join, o.BootstrapExpect, o.NonVoter
	c.SecretFile, c.SealKeyFile = o.SecretFile, o.SealKeyFile
	c.LogStore, c.MinFreeDisk = o.RaftLogStore, uint64(o.MinFreeDisk)<<20
	c.Logger = logger
	c.OnFault = func(err error) {
		// The disk or the log can not be trusted any more: nothing may be tidied up.
		logger.Error("fault, exiting", "error", err)
		os.Exit(exitFailed)
	}
	c.DefaultPolicy = fsm.PolicySet{
		Name: "default", Raw: policy.DefaultText, Parsed: policy.Append(nil, policy.Default()),
	}
	if o.InitialRootTokenFile == "" {
		return c, nil
	}
	var err error
	if c.InitialRootToken, err = readRootToken(o.InitialRootTokenFile); err != nil {
		return c, err
	}
	c.InitialRootAccessor = httpd.NewAccessor()
	return c, nil
}

// nodeURL is how a client on this machine names the node.
func nodeURL(o Options, addr string) string {
	if o.TLSCertFile != "" {
		return "https://" + addr
	}
	return "http://" + addr
}

// readRootToken does not mind who may read the file, unlike the client's token
// helper: secrets that are mounted into containers come with mode 0444. A token
// that no request could use would leave the cluster without a root.
func readRootToken(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("initial root token: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTokenBytes))
	if err != nil {
		return "", fmt.Errorf("initial root token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if err := httpd.CheckRootToken(token); err != nil {
		return "", fmt.Errorf("initial root token: %s: %w", path, err)
	}
	return token, nil
}
