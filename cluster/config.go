package cluster

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/keys"
	"github.com/jeton-io/jeton/fsm"
)

// Config says what a node is. Every time-out and limit of the package is here.
type Config struct {
	NodeID      string // 1..64 of letters, digits, dash, underscore, dot
	DataDir     string
	ClusterName string

	ClusterAddr string // host:port for raft and node-to-node calls
	GossipAddr  string // host:port, TCP and UDP
	// Advertised addresses; empty means the bound one.
	AdvertiseCluster string
	AdvertiseGossip  string
	AdvertiseHTTP    string // where clients reach this node, told to others

	Join            []string // gossip addresses of other nodes
	BootstrapExpect int      // servers in the first configuration; 0: only join
	NonVoter        bool

	SecretFile  string // cluster secret; empty: loopback only
	SealKeyFile string // empty: derived from the cluster secret

	// InitialRootToken, when not empty, initializes the cluster at its first
	// formation with this root token.
	InitialRootToken    string
	InitialRootAccessor string
	DefaultPolicy       fsm.PolicySet // the policy named default, for initialization

	// Revoker ends what leases stand for, while this node leads. nil: nobody does,
	// and leases that have ended wait.
	Revoker Revoker

	// OpenStore opens the places of scheduled snapshots, which are saved while this
	// node leads. nil: none are.
	OpenStore OpenStore

	MinFreeDisk uint64 // free bytes of the data directory's file system below which writes are refused, see shortage; 0: never
	LogStore    string // boltdb or wal; a log of the other kind is copied at the start
	Logger      *slog.Logger
	// OnFault is called once, from any goroutine, when the node must not go on.
	// It should end the process. nil panics.
	OnFault func(error)

	// Raft's timing. A lease below the heartbeat would turn a short stall of a
	// shared disk into an election; the lease is not what makes reads safe.
	HeartbeatTimeout time.Duration
	ElectionTimeout  time.Duration
	LeaseTimeout     time.Duration

	SnapshotEntries uint64 // entries since the last raft snapshot that make the next
	SnapshotBytes   int64  // or entry bytes; of a large state more of both (snapshotByLog)
	TrailingLogs    uint64 // entries kept behind a snapshot for slow followers

	MaxQueued      int           // commands that may wait on one node
	ProposeTimeout time.Duration // how long a command is tried while no leader takes it
	ReadTimeout    time.Duration // how long a read waits for a round
	MaxClockSkew   time.Duration // between the leader and a majority of the voters
	StallTimeout   time.Duration // an apply or a disk write in flight longer ends the process
	SweepLimit     uint32        // records a sweep or expire entry may delete; eight times as many while nobody asks for anything
	RevokeWorkers  int           // calls of the Revoker at once
	RevokeTimeout  time.Duration // for one of them
	RevokeRetry    time.Duration // after the first failure; twice as long after each further one
	SaveTimeout    time.Duration // for saving one scheduled snapshot
	SettleTime     time.Duration // how long the candidates of a formation must stand unchanged

	// For rehearsals and tests. wall, when not nil, is this node's clock; sealer is in
	// place of what the files give.
	wall   func() time.Time
	sealer *keys.Sealer
	// For tests. reach, when not nil, gives the address to dial for a server at addr. They
	// put a network between the nodes with it.
	reach func(serverID, addr string) (string, bool)
	// wrapLog, when not nil, stands between raft and the disk's log.
	wrapLog func(raft.LogStore) raft.LogStore
	// checkEvery is the interval of state checks.
	checkEvery time.Duration
	// wrapMachine, when not nil, stands between raft and the state machine.
	wrapMachine func(raft.FSM) raft.FSM
	// freeSpace, when not nil, is what a directory's file system has left.
	freeSpace func(dir string) (uint64, error)
}

// DefaultConfig is a loopback node with everything else at its default.
func DefaultConfig() Config {
	return Config{
		ClusterName:      "jeton",
		ClusterAddr:      "127.0.0.1:8201",
		GossipAddr:       "127.0.0.1:8202",
		MinFreeDisk:      128 << 20,
		LogStore:         logInBolt,
		Logger:           slog.Default(),
		HeartbeatTimeout: 500 * time.Millisecond,
		ElectionTimeout:  500 * time.Millisecond,
		LeaseTimeout:     500 * time.Millisecond,
		SnapshotEntries:  8192,
		SnapshotBytes:    64 << 20,
		TrailingLogs:     2048,
		MaxQueued:        16_384,
		ProposeTimeout:   15 * time.Second,
		ReadTimeout:      5 * time.Second,
		MaxClockSkew:     5 * time.Second,
		StallTimeout:     30 * time.Second,
		SweepLimit:       64,
		RevokeWorkers:    64,
		RevokeTimeout:    20 * time.Second,
		RevokeRetry:      10 * time.Second,
		SaveTimeout:      time.Hour,
		SettleTime:       time.Second,
		checkEvery:       checkEvery,
	}
}

// Validate checks ranges and how they relate.
func (c *Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(validNodeID(c.NodeID), "node id %q: want 1 to 64 letters, digits, dashes, underscores or dots", c.NodeID)
	check(c.DataDir != "", "data dir is empty")
	check(c.ClusterName != "", "cluster name is empty")
	check(c.BootstrapExpect >= 0 && c.BootstrapExpect <= 9, "bootstrap-expect %d: want 0..9", c.BootstrapExpect)
	check(c.BootstrapExpect == 0 || !c.NonVoter, "a non-voter can not be part of the first configuration: bootstrap-expect must be 0")
	check(logPlaces[c.LogStore] != "", "raft-log-store %q: want boltdb or wal", c.LogStore)
	check(c.LeaseTimeout <= c.HeartbeatTimeout, "lease %s above heartbeat %s", c.LeaseTimeout, c.HeartbeatTimeout)
	check(c.ElectionTimeout >= c.HeartbeatTimeout, "election time-out %s below heartbeat %s", c.ElectionTimeout, c.HeartbeatTimeout)
	check(c.SweepLimit > 0 && c.SweepLimit <= fsm.MaxSweepRecords, "sweep limit %d: want 1..%d", c.SweepLimit, fsm.MaxSweepRecords)
	check(c.Logger != nil, "no logger")
	check(c.MaxQueued > 0 && c.MaxQueued <= fsm.MaxOutcomesSession, "max queued %d: want 1..%d", c.MaxQueued, fsm.MaxOutcomesSession)
	check(c.RevokeWorkers > 0 && c.RevokeWorkers <= 1024, "revoke workers %d: want 1..1024", c.RevokeWorkers)
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"lease time-out", c.LeaseTimeout}, {"propose time-out", c.ProposeTimeout}, {"read time-out", c.ReadTimeout},
		{"clock skew", c.MaxClockSkew}, {"stall time-out", c.StallTimeout}, {"settle time", c.SettleTime},
		{"revoke time-out", c.RevokeTimeout}, {"revoke retry", c.RevokeRetry},
		{"save time-out", c.SaveTimeout},
	} {
		check(d.value >= time.Millisecond, "%s %s: want 1ms or more", d.name, d.value)
	}
	return errors.Join(errs...)
}

func validNodeID(s string) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
		default:
			return false
		}
	}
	return true
}
