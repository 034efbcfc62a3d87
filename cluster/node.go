package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/gossip"
	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/cluster/keys"
	"github.com/jeton-io/jeton/cluster/peer"
	"github.com/jeton-io/jeton/fsm"
)

// Node is one server of a cluster. Its methods are safe for concurrent use.
type Node struct {
	cfg      Config
	log      *slog.Logger
	serverID string
	wall     func() time.Time

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	sealer    *keys.Sealer
	keyring   *keyring.Ring
	link      *peer.Link
	gossip    *gossip.Gossip
	formation *formation
	watchdog  *watchdog
	disk      *diskGauge

	machine *fsm.Machine
	fsm     *raftFSM
	applied applied
	stores  *stores
	carrier *peer.Transport // of raft
	raft    *raft.Raft
	raftNow atomic.Pointer[raft.Raft] // raft once it runs
	begun   chan struct{}             // closed when nothing of the above is made any more
	down    chan struct{}             // closed when raft has stopped, or was given up

	digester  atomic.Pointer[digester]
	ready     atomic.Bool
	doubtful  atomic.Bool // states differ, and whether this one is right is not known
	doubtedAt uint64      // since this index; of watchChecks
	copied    atomic.Bool // the state is another server's: no second voice for it
	readyC    chan struct{}
	readyOnce sync.Once
	leading   atomic.Pointer[leading]
	deaths    deaths
	saving    saving
	outbox    *queue
	session   atomic.Pointer[session]

	reads       rounds[View]
	leaderReads rounds[readIndex]
	sessions    rounds[*session]

	wakeMu sync.Mutex
	wake   chan struct{} // closed and replaced when another leader, or none, is seen

	// membership keeps a server from being added while a level that it may not
	// know is being raised.
	membership  sync.Mutex
	handingOver atomic.Bool
	faulted     sync.Once
	closed      sync.Once
	closeErr    error
}

// Open starts a node. It returns when its ports are bound and its data directory
// is open; forming or joining goes on in the background (Ready).
func Open(cfg Config) (*Node, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	n := &Node{
		cfg: cfg, log: cfg.Logger, wall: time.Now,
		machine: fsm.NewMachine(), readyC: make(chan struct{}),
		outbox: newQueue(cfg.MaxQueued), wake: make(chan struct{}),
		begun: make(chan struct{}), down: make(chan struct{}),
	}
	if cfg.wall != nil {
		n.wall = cfg.wall
	}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	n.watchdog = newWatchdog(cfg.StallTimeout, n.fault)
	n.disk = &diskGauge{dir: cfg.DataDir, least: cfg.MinFreeDisk, free: freeSpace, log: cfg.Logger}
	if cfg.freeSpace != nil {
		n.disk.free = cfg.freeSpace
	}
	n.reads.do = n.viewRound
	n.leaderReads.do = n.leaderRound
	n.sessions.do = n.sessionRound
	n.fsm = &raftFSM{machine: n.machine, applied: &n.applied, watchdog: n.watchdog, changed: n.stateChanged,
		claimed: make(chan struct{}, 1), damaged: n.fault, replaced: n.stateReplaced, room: n.snapshotRoom}
	if err := n.open(); err != nil {
		n.cancel()
		close(n.begun)
		n.closeParts()
		return nil, err
	}
	n.spawn(n.watchdog.run)
	n.spawn(n.forward)
	n.spawn(n.gauges)
	n.spawn(n.disk.watch)
	n.spawn(n.begin)
	return n, nil
}

func (n *Node) open() (err error) {
	if err := setAside(n.cfg.DataDir, n.log); err != nil {
		return err
	}
	if n.serverID, err = openIdentity(n.cfg.DataDir, n.cfg.NodeID); err != nil {
		return err
	}
	if err := n.readDoubt(); err != nil {
		return err
	}
	if n.formation, err = openFormation(n.cfg.DataDir); err != nil {
		return err
	}
	ring, err := n.openKeys()
	if err != nil {
		return err
	}
	id, err := ring.Identity(n.serverID)
	if err != nil {
		return err
	}
	n.link, err = peer.Listen(n.cfg.ClusterAddr, peer.Config{
		Identity: id, Logger: n.log, Resolve: n.resolve, Member: n.isMember,
		// Whoever holds the secret may speak raft: a server that was away while all
		// others were replaced is told so by a leader it has never heard of.
		RaftPeer: func(string) bool { return true },
	})
	if err != nil {
		return err
	}
	n.handlers()
	used, err := hasState(n.cfg.DataDir)
	if err != nil {
		return err
	}
	n.gossip, err = gossip.Start(gossip.Config{
		Ring: ring, Bind: n.cfg.GossipAddr, Advertise: n.cfg.AdvertiseGossip, Join: n.cfg.Join,
		Meta: n.meta(used && n.formationID() != ""), Logger: n.log,
		OnTwin: func(m gossip.Member) {
			n.fault(fmt.Errorf("another process at %s runs with the server id of this data directory", m.ClusterAddr))
		},
	})
	if err != nil {
		return err
	}
	n.link.Start()
	return nil
}

func (n *Node) openKeys() (ring *keys.Ring, err error) {
	if n.cfg.SecretFile == "" {
		ring, err = keys.Ephemeral(n.cfg.ClusterName)
	} else {
		ring, err = keys.Load(n.cfg.SecretFile, n.cfg.ClusterName)
	}
	if err != nil {
		return nil, err
	}
	if w := ring.Warning(); w != "" {
		n.log.Warn(w)
	}
	if err := ring.RequireSecret(n.cfg.ClusterAddr, n.cfg.GossipAddr); err != nil {
		return nil, err
	}
	n.sealer = ring.Sealer()
	if n.cfg.SealKeyFile != "" {
		var warning string
		if n.sealer, warning, err = keys.LoadSealer(n.cfg.SealKeyFile); err != nil {
			return nil, err
		}
		if warning != "" {
			n.log.Warn(warning)
		}
	}
	if n.cfg.sealer != nil {
		n.sealer = n.cfg.sealer
	}
	n.keyring = keyring.New(n.sealer)
	return ring, nil
}

func (n *Node) handlers() {
	n.link.Handle(kindPropose, n.handlePropose)
	n.link.Handle(kindReadIndex, n.handleReadIndex)
	n.link.Handle(kindTerm, n.handleTerm)
	n.link.Handle(kindClock, n.handleClock)
	n.link.Handle(kindStatus, n.handleStatus)
	n.link.Handle(kindStepDown, n.handleStepDown)
	n.link.Handle(kindRemove, n.handleRemove)
	n.link.Handle(kindHealth, n.handleHealth)
	n.link.HandleAnyone(kindJoin, n.handleJoin)
	n.link.HandleAnyone(kindPromise, n.handlePromise)
	n.link.HandleAnyone(kindLed, n.handleLed)
}

func (n *Node) meta(hasState bool) gossip.Meta {
	m := gossip.Meta{
		ServerID: n.serverID, NodeID: n.cfg.NodeID, HTTPAddr: n.cfg.AdvertiseHTTP,
		ClusterAddr: n.cfg.AdvertiseCluster, ClusterID: n.formationID(),
		Voter: !n.cfg.NonVoter, HasState: hasState,
	}
	if m.ClusterAddr == "" {
		m.ClusterAddr = n.link.Addr().String()
	}
	return m
}

func (n *Node) resolve(id string) (string, bool) {
	if id == n.serverID {
		return n.link.Addr().String(), true
	}
	addr, ok := n.gossip.Resolve(id)
	if ok && n.cfg.reach != nil {
		return n.cfg.reach(id, addr)
	}
	return addr, ok
}

func (n *Node) spawn(task func(context.Context)) {
	n.tasks.Add(1)
	go func() {
		defer n.tasks.Done()
		task(n.ctx)
	}()
}

// Ready is closed when the node can serve: initialized, and its keyring open.
func (n *Node) Ready() <-chan struct{} { return n.readyC }

// ClusterAddr is the bound address of the cluster port.
func (n *Node) ClusterAddr() string { return n.link.Addr().String() }

// GossipAddr is the bound address of the gossip port.
func (n *Node) GossipAddr() string { return n.gossip.Addr().String() }

// fault reports that this node must not go on, once.
func (n *Node) fault(err error) {
	n.faulted.Do(func() {
		n.log.Error("fault: this node must not go on", "error", err)
		if n.cfg.OnFault == nil {
			panic(err)
		}
		n.cfg.OnFault(err)
	})
}
