package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
)

// Options is everything that one node is told from outside. It is plain text and
// numbers, as typed; what they mean is decided where they are used (server.go).
type Options struct {
	NodeID  string
	DataDir string

	HTTPAddr, ClusterAddr, GossipAddr                            string
	GRPCAddr                                                     string // empty: none
	AdvertiseHTTPAddr, AdvertiseClusterAddr, AdvertiseGossipAddr string

	Join            []string
	BootstrapExpect int
	ClusterName     string
	NonVoter        bool

	SecretFile, SealKeyFile string
	TLSCertFile, TLSKeyFile string
	InitialRootTokenFile    string

	RaftLogStore        string
	MinFreeDisk         int // MiB
	LogLevel, LogFormat string
	DisableLegacyPaths  bool
	DisableWaypoint     bool
}

// DefaultOptions is a node that only this machine can reach.
func DefaultOptions() Options {
	return Options{
		HTTPAddr:     "127.0.0.1:8200",
		ClusterAddr:  "127.0.0.1:8201",
		GossipAddr:   "127.0.0.1:8202",
		ClusterName:  "jeton",
		RaftLogStore: "boltdb",
		MinFreeDisk:  128,
		LogLevel:     "info",
		LogFormat:    "text",
	}
}

// setting is one option. Its flag, its environment variable and its key in a
// file all follow from its name, and all set it through the same value.
type setting struct {
	name  string
	usage string // back quotes name the value, as in package flag
	value func(*Options) settingValue
}

// settings is the one list that flags, environment, files and help are made from.
var settings = []setting{
	{"node-id", "`name` of this node, unique in the cluster (default: the host's name)", text(func(o *Options) *string { return &o.NodeID })},
	{"data-dir", "`directory` that holds everything the node must not lose; required", text(func(o *Options) *string { return &o.DataDir })},

	{"http-addr", "`host:port` for clients", text(func(o *Options) *string { return &o.HTTPAddr })},
	{"cluster-addr", "`host:port` for the other nodes: raft and node-to-node calls", text(func(o *Options) *string { return &o.ClusterAddr })},
	{"gossip-addr", "`host:port` for gossip, TCP and UDP", text(func(o *Options) *string { return &o.GossipAddr })},
	{"grpc-addr", "`host:port` for Waypoint's clients, gRPC (default: none)", text(func(o *Options) *string { return &o.GRPCAddr })},
	{"advertise-http-addr", "`host:port` by which clients reach http-addr from outside", text(func(o *Options) *string { return &o.AdvertiseHTTPAddr })},
	{"advertise-cluster-addr", "`host:port` by which nodes reach cluster-addr", text(func(o *Options) *string { return &o.AdvertiseClusterAddr })},
	{"advertise-gossip-addr", "`host:port` by which nodes reach gossip-addr", text(func(o *Options) *string { return &o.AdvertiseGossipAddr })},

	{"join", "gossip addresses of other nodes, `host:port,…`; names are looked up again and again", list(func(o *Options) *[]string { return &o.Join })},
	{"bootstrap-expect", "`number` of nodes that form a new cluster together (default: 1 without join; with it none, the node only joins)", number(func(o *Options) *int { return &o.BootstrapExpect })},
	{"cluster-name", "`name` that keeps the gossip of different clusters apart", text(func(o *Options) *string { return &o.ClusterName })},
	{"non-voter", "receive the log without a vote", boolean(func(o *Options) *bool { return &o.NonVoter })},

	{"secret-file", "`file` with the cluster secret (jeton operator keygen), a line each; the first is used, all are accepted", text(func(o *Options) *string { return &o.SecretFile })},
	{"seal-key-file", "`file` with the key that wraps the cluster's keys (default: derived from the cluster secret)", text(func(o *Options) *string { return &o.SealKeyFile })},
	{"tls-cert-file", "`file` with the certificate for clients, PEM; read again on SIGHUP", text(func(o *Options) *string { return &o.TLSCertFile })},
	{"tls-key-file", "`file` with that certificate's key", text(func(o *Options) *string { return &o.TLSKeyFile })},
	{"initial-root-token-file", "`file` whose content becomes the root token when the cluster first forms", text(func(o *Options) *string { return &o.InitialRootTokenFile })},

	{"raft-log-store", "`kind` of log store: boltdb or wal; a log of the other kind is copied at the start", choice([]string{"boltdb", "wal"}, func(o *Options) *string { return &o.RaftLogStore })},
	{"min-free-disk", "`MiB` that have to be free where data-dir is for writes to be taken, and a quarter of it for revocations; 0: any", number(func(o *Options) *int { return &o.MinFreeDisk })},
	{"log-level", "least `level` that is logged: trace, debug, info, warn or error", choice([]string{"trace", "debug", "info", "warn", "error"}, func(o *Options) *string { return &o.LogLevel })},
	{"log-format", "`form` of log lines: text or json", choice([]string{"text", "json"}, func(o *Options) *string { return &o.LogFormat })},
	{"disable-legacy-paths", "refuse the 2015 forms that carry tokens in paths", boolean(func(o *Options) *bool { return &o.DisableLegacyPaths })},
	{"disable-waypoint", "answer none of Waypoint's paths, whose bootstrap is open to whoever comes first", boolean(func(o *Options) *bool { return &o.DisableWaypoint })},
}

// env is the setting's environment variable.
func (s setting) env() string {
	return "JETON_" + strings.ToUpper(s.key())
}

// key is the setting's name in a configuration file.
func (s setting) key() string {
	return strings.ReplaceAll(s.name, "-", "_")
}

// configEnv names a configuration file when --config does not.
const configEnv = "JETON_CONFIG"

// declareSettings adds a flag for every setting and --config. The returned load
// puts the sources together once the flags are parsed: flag over environment over
// file over default.
func declareSettings(flags *flag.FlagSet) (load func(env func(string) string) (Options, error)) {
	shown := DefaultOptions()
	given := make(map[string][]string, len(settings)) // as typed, in order
	for _, s := range settings {
		flags.Var(&flagValue{settingValue: s.value(&shown), note: func(v string) { given[s.name] = append(given[s.name], v) }}, s.name, s.usage+"\n"+s.env())
	}
	file := flags.String("config", "", "HCL `file` with any of these settings, dashes as underscores\n"+configEnv)
	return func(env func(string) string) (Options, error) {
		o := DefaultOptions()
		path := *file
		if path == "" {
			path = env(configEnv)
		}
		if path != "" {
			if err := readConfigFile(path, &o); err != nil {
				return Options{}, err
			}
		}
		for _, s := range settings {
			if v := env(s.env()); v != "" { // empty is as good as unset, so that compose files can pass it on
				if err := s.set(&o, v); err != nil {
					return Options{}, fmt.Errorf("%s: %w", s.env(), err)
				}
			}
			if v, ok := given[s.name]; ok {
				if err := s.set(&o, v...); err != nil {
					return Options{}, fmt.Errorf("--%s: %w", s.name, err)
				}
			}
		}
		if err := o.complete(os.Hostname); err != nil {
			return Options{}, err
		}
		return o, o.Validate()
	}
}

// set replaces the setting's value by what one source says.
func (s setting) set(o *Options, texts ...string) error {
	v := s.value(o)
	v.reset()
	for _, text := range texts {
		if err := v.Set(text); err != nil {
			return err
		}
	}
	return nil
}

// complete fills in the defaults that depend on the machine or on other settings.
// A node that was told whom to join must never form a cluster alone because it was
// not told how many to wait for.
func (o *Options) complete(hostname func() (string, error)) error {
	if o.NodeID == "" {
		name, err := hostname()
		if err != nil {
			return fmt.Errorf("node-id is not set and the host has no name: %w", err)
		}
		o.NodeID = name
	}
	if o.BootstrapExpect == 0 && len(o.Join) == 0 {
		o.BootstrapExpect = 1
	}
	return nil
}

// Validate checks what can be seen without looking at files or the network.
func (o Options) Validate() error {
	if o.DataDir == "" {
		return errors.New("data-dir is required")
	}
	if (o.TLSCertFile == "") != (o.TLSKeyFile == "") {
		return errors.New("tls-cert-file and tls-key-file must be given together")
	}
	if o.DisableWaypoint && o.GRPCAddr != "" {
		return errors.New("grpc-addr is for Waypoint's clients, whom disable-waypoint turns away")
	}
	if o.BootstrapExpect < 0 {
		return fmt.Errorf("bootstrap-expect %d is negative", o.BootstrapExpect)
	}
	if o.MinFreeDisk < 0 {
		return fmt.Errorf("min-free-disk %d is negative", o.MinFreeDisk)
	}
	if o.ClusterName == "" {
		return errors.New("cluster-name is empty")
	}
	addrs := map[string]string{
		"http-addr": o.HTTPAddr, "cluster-addr": o.ClusterAddr, "gossip-addr": o.GossipAddr, "grpc-addr": o.GRPCAddr,
		"advertise-http-addr": o.AdvertiseHTTPAddr, "advertise-cluster-addr": o.AdvertiseClusterAddr, "advertise-gossip-addr": o.AdvertiseGossipAddr,
	}
	for _, s := range settings { // in order, so that the same mistake gives the same message
		addr, ok := addrs[s.name]
		if !ok || addr == "" && (s.name == "grpc-addr" || strings.HasPrefix(s.name, "advertise-")) {
			continue
		}
		if err := checkAddr(addr); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	for _, addr := range o.Join {
		if err := checkAddr(addr); err != nil {
			return fmt.Errorf("join: %w", err)
		}
	}
	return nil
}

func checkAddr(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is not host:port", addr)
	}
	if _, err := net.LookupPort("tcp", port); err != nil || port == "" {
		return fmt.Errorf("%q has no usable port", addr)
	}
	return nil
}

func readConfigFile(path string, o *Options) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfigBytes+1))
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	if len(text) > maxConfigBytes {
		return fmt.Errorf("config: %s is larger than %d bytes", path, maxConfigBytes)
	}
	if err := applyHCL(text, o); err != nil {
		return fmt.Errorf("config: %s: %w", path, err)
	}
	return nil
}
