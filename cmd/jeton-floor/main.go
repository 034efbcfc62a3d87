// Command jeton-floor is a node with nothing of a token server in it: the same raft,
// the same batches, the same HTTP server of the standard library, and a handler that
// gives one answer to everything. What jeton does beside it on the same machine, divided
// by what this does, is how much of the stack's speed is left to users.
//
//	jeton-floor [-local] server [flags of jeton server that deploy/run.sh gives]
//
// A POST waits for a group commit of the smallest command there is, a GET for a
// linearizable view; with -local a GET waits for nothing. The answers are those of a
// create and of a lookup in form, so that jeton bench can be pointed at it. Nothing is
// authenticated: it is for measuring, and is not part of a release.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "jeton-floor:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	local := flag.NewFlagSet("jeton-floor", flag.ExitOnError)
	lax := local.Bool("local", false, "answer GET without a read index")
	local.Parse(args)
	config, addr, err := parse(local.Args())
	if err != nil {
		return err
	}
	node, err := cluster.Open(config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := &http.Server{Addr: addr, Handler: handler(node, *lax), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.ListenAndServe(); ctx.Err() == nil {
		return err
	}
	end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return node.Close(end)
}

// parse reads what deploy/run.sh gives to a server.
func parse(args []string) (cluster.Config, string, error) {
	c := cluster.DefaultConfig()
	if len(args) == 0 || args[0] != "server" {
		return c, "", fmt.Errorf("the first argument has to be server")
	}
	f := flag.NewFlagSet("server", flag.ContinueOnError)
	addr := f.String("http-addr", "127.0.0.1:8200", "`address` of HTTP")
	join := f.String("join", "", "gossip `addresses` of others")
	root := f.String("initial-root-token-file", "", "`file` of a token that is never asked for")
	f.String("grpc-addr", "", "ignored")
	f.StringVar(&c.NodeID, "node-id", "", "`name` of the node")
	f.StringVar(&c.DataDir, "data-dir", "", "`directory` of its data")
	f.StringVar(&c.ClusterAddr, "cluster-addr", "", "`address` of raft")
	f.StringVar(&c.GossipAddr, "gossip-addr", "", "`address` of gossip")
	f.IntVar(&c.BootstrapExpect, "bootstrap-expect", 3, "`number` of nodes")
	f.StringVar(&c.SecretFile, "secret-file", "", "`file` of the cluster secret")
	if err := f.Parse(args[1:]); err != nil {
		return c, "", err
	}
	if kind := os.Getenv("JETON_RAFT_LOG_STORE"); kind != "" {
		c.LogStore = kind
	}
	if *join != "" {
		c.Join = strings.Split(*join, ",")
	}
	token, err := os.ReadFile(*root)
	if err != nil {
		return c, "", err
	}
	c.InitialRootToken, c.InitialRootAccessor = strings.TrimSpace(string(token)), strings.Repeat("0", fsm.AccessorBytes)
	c.AdvertiseHTTP = *addr
	c.DefaultPolicy = fsm.PolicySet{Name: "default", Raw: policy.DefaultText, Parsed: policy.Append(nil, policy.Default())}
	c.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c.OnFault = func(err error) {
		c.Logger.Error("fault, exiting", "error", err)
		os.Exit(1)
	}
	return c, *addr, nil
}
