package gossip

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/jeton-io/jeton/cluster/keys"
)

// Config says what a node tells and whom it asks.
type Config struct {
	// Ring holds the gossip keys; its cluster name is the label.
	Ring *keys.Ring
	// Bind is the host:port to listen on, TCP and UDP. Port 0 takes a free one.
	Bind string
	// Advertise is the host:port at which others reach us; the host may be a
	// DNS name, resolved once. "" means the bound address, or this machine's
	// private address when that is 0.0.0.0. Port 0 means the bound one.
	Advertise string
	// Join lists gossip addresses (host:port) of other nodes. Names are
	// resolved anew at each try; the own address may be among them.
	Join []string
	// Meta is the first record; UpdateMeta changes it.
	Meta Meta
	// OnTwin is called once, from a goroutine of its own, when another live
	// process runs with our server id: a copied data directory. nil is
	// allowed.
	OnTwin func(other Member)
	// Interval is that of probes; the other times follow from it. A dead node
	// is noticed after about five. Default 1 s.
	Interval time.Duration
	// Logger is required.
	Logger *slog.Logger
}

// Gossip is a running node. It is safe for concurrent use.
type Gossip struct {
	cfg       Config
	log       *slog.Logger
	ml        *memberlist.Memberlist
	transport *transport
	table     *table
	local     *local
	watchers  watchers
	changed   chan struct{} // holds a token when the table has changed
	updates   chan struct{} // holds a token when our record has changed

	cancel context.CancelFunc
	work   sync.WaitGroup
	leave  sync.Mutex
	closed bool
}

// Start binds the gossip port, begins to gossip and to join in the background.
func Start(cfg Config) (*Gossip, error) {
	if cfg.Ring == nil || cfg.Logger == nil {
		return nil, errors.New("gossip: Ring and Logger are required")
	}
	if err := cfg.Meta.validate(); err != nil {
		return nil, err
	}
	if cfg.Interval == 0 {
		cfg.Interval = time.Second
	}
	name := cfg.Meta.ServerID + nameMark + startTag()
	g := &Gossip{
		cfg:     cfg,
		log:     cfg.Logger,
		table:   newTable(name),
		local:   newLocal(cfg.Meta, uint64(time.Now().UnixNano())),
		changed: make(chan struct{}, 1),
		updates: make(chan struct{}, 1),
	}
	ctx, cancel := context.WithCancel(context.Background())
	g.cancel = cancel
	if err := g.start(ctx, name); err != nil {
		cancel()
		return nil, err
	}
	g.work.Go(func() { g.publish(ctx) })
	g.work.Go(func() { g.update(ctx) })
	g.work.Go(func() { g.join(ctx) })
	return g, nil
}

func (g *Gossip) start(ctx context.Context, name string) error {
	conf := memberlist.DefaultLANConfig()
	logger := newLogBridge(g.log)
	var err error
	if g.transport, err = listen(ctx, g.cfg.Bind, logger); err != nil {
		return fmt.Errorf("gossip port: %w", err)
	}
	if err = advertise(ctx, conf, g.cfg.Advertise, g.transport); err != nil {
		g.transport.Shutdown()
		return err
	}
	gossipKeys := g.cfg.Ring.Gossip()
	if conf.Keyring, err = memberlist.NewKeyring(gossipKeys, gossipKeys[0]); err != nil {
		g.transport.Shutdown()
		return fmt.Errorf("gossip keys: %w", err)
	}
	conf.Name = name
	conf.Label = g.cfg.Ring.Cluster()
	conf.GossipVerifyIncoming, conf.GossipVerifyOutgoing = true, true
	conf.EnableCompression = false // records are small
	conf.Transport = g.transport
	conf.Logger = logger
	conf.ProbeInterval = g.cfg.Interval
	conf.ProbeTimeout = g.cfg.Interval / 2
	conf.GossipInterval = g.cfg.Interval / 5
	conf.PushPullInterval = 15 * g.cfg.Interval
	conf.TCPTimeout = 5 * time.Second
	// Names are fresh at each start, so this matters only when a process
	// changes its address while it runs.
	conf.DeadNodeReclaimTime = 5 * g.cfg.Interval
	d := &delegate{g: g}
	conf.Delegate, conf.Events, conf.Alive, conf.Merge, conf.Conflict = d, d, d, d, d
	if g.ml, err = memberlist.Create(conf); err != nil {
		g.transport.Shutdown()
		return fmt.Errorf("gossip: %w", err)
	}
	return nil
}

// nameMark stands between server id and start tag in a memberlist name.
const nameMark = "#"

func startTag() string {
	var tag [8]byte
	rand.Read(tag[:]) // never fails
	return hex.EncodeToString(tag[:])
}

// Addr returns the bound address.
func (g *Gossip) Addr() net.Addr { return g.transport.addr }

// Members returns the living, this node included, one for each server id,
// sorted by it.
func (g *Gossip) Members() []Member { return g.table.members() }

// Resolve returns the cluster address of a server. For one that is not alive
// it is the last that was known: gossip may fail where TCP works.
func (g *Gossip) Resolve(serverID string) (addr string, ok bool) { return g.table.find(serverID) }

// UpdateMeta replaces this node's record and spreads it in the background. The
// server id cannot change.
func (g *Gossip) UpdateMeta(m Meta) error {
	if err := m.validate(); err != nil {
		return err
	}
	if err := g.local.set(m); err != nil {
		return err
	}
	signal(g.updates)
	return nil
}

// update spreads our record when it has changed. One goroutine does, since
// memberlist's UpdateNode is not meant for two at once.
func (g *Gossip) update(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.updates:
		}
		// The error says that nobody took the broadcast in time; the next
		// exchange of full states carries the record anyway.
		_ = g.ml.UpdateNode(g.cfg.Interval)
	}
}

// Leave tells the others that this node goes, waits up to timeout for the
// message to leave, and closes.
func (g *Gossip) Leave(timeout time.Duration) error {
	g.leave.Lock()
	defer g.leave.Unlock()
	if g.closed {
		return nil
	}
	g.stop()
	err := g.ml.Leave(timeout)
	return errors.Join(err, g.ml.Shutdown())
}

// Close stops without a word, as a crash would. After Leave it does nothing.
func (g *Gossip) Close() error {
	g.leave.Lock()
	defer g.leave.Unlock()
	if g.closed {
		return nil
	}
	g.stop()
	return g.ml.Shutdown()
}

// stop ends the background work. The caller holds leave.
func (g *Gossip) stop() {
	g.closed = true
	g.cancel()
	g.work.Wait()
	g.watchers.close()
}

// signal leaves a token in a channel of capacity 1.
func signal(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
