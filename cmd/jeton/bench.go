package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/jeton-io/jeton/cmd/jeton/bench"
)

func benchCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	config := bench.DefaultConfig()
	addr := flags.String("addr", "", "`URL,…` of the nodes, over which connections are spread (default: as -address)")
	flags.StringVar(&config.To, "to", "", "take only the nodes with this `role`: leader or follower")
	token := flags.String("token", "", "`text` of a token that may create tokens; better in the environment (JETON_TOKEN) or kept by login")
	connections := flags.String("c", "64", "`number,…` of connections; every workload runs with each")
	flags.DurationVar(&config.Duration, "d", config.Duration, "`duration` to measure, for each")
	flags.Float64Var(&config.Rate, "rate", 0, "`number` of rounds that begin in a second, over all connections and evenly, however long they take (0: as many as the connections carry)")
	flags.DurationVar(&config.Warmup, "warmup", config.Warmup, "`duration` before that which does not count")
	flags.DurationVar(&config.Timeout, "timeout", config.Timeout, "`duration` after which a request is given up")
	flags.DurationVar(&config.TTL, "ttl", config.TTL, "`duration` that the tokens live which are made")
	flags.BoolVar(&config.Keep, "keep", false, "leave those tokens to expire instead of revoking them at the end, which weighs on what is measured next")
	floors := flags.String("floors", "", "`file` of what jeton-floor did on this machine, as -format=json has it, to compare with")
	return func(ctx context.Context, args []string) error {
		if err := readFloors(&config, *floors); err != nil {
			return err
		}
		if len(args) > 0 {
			config.Workloads = args
		}
		if err := completeBench(&config, r, *addr, *token, *connections); err != nil {
			return err
		}
		var results []bench.Result
		err := bench.Run(ctx, config, func(result bench.Result) {
			results = append(results, result)
			fmt.Fprintf(c.err, "%s with %d connections: done\n", result.Workload, result.Connections)
		})
		// what was measured before an error is still worth printing
		if out.format == "json" {
			err = errors.Join(err, out.json(results))
		} else if len(results) > 0 {
			err = errors.Join(err, bench.WriteTable(c.out, results))
		}
		return err
	}
}

func readFloors(config *bench.Config, name string) error {
	if name == "" {
		return nil
	}
	text, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, &config.Floors)
	}
	if err != nil {
		return usageError{fmt.Errorf("-floors %s: %w", name, err)}
	}
	return nil
}

// completeBench fills in what other client commands take from the same places.
func completeBench(config *bench.Config, r *remote, addr, token, connections string) error {
	if addr == "" {
		addr = r.addr()
	}
	config.Addrs = splitList(addr)
	config.Connections = nil
	for _, s := range splitList(connections) {
		n, err := strconv.Atoi(s)
		if err != nil {
			return usagef("-c: %q is not a number of connections", s)
		}
		config.Connections = append(config.Connections, n)
	}
	var err error
	if config.Token = token; token == "" {
		if config.Token, err = r.token(); err != nil {
			return err
		}
	}
	if config.TLS, err = r.tlsConfig(); err != nil {
		return err
	}
	if err := config.Validate(); err != nil {
		return usageError{err}
	}
	return nil
}

// benchArgs names the workloads, for help.
func benchArgs() string {
	return "[" + strings.Join(bench.Names(), "|") + " ...]"
}

// tlsConfig is what the client library would verify a server with.
func (r *remote) tlsConfig() (*tls.Config, error) {
	config, err := r.config()
	if err != nil {
		return nil, err
	}
	return config.TLSConfig(), nil
}

func splitList(s string) []string {
	var parts []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
