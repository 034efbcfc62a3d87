package cluster

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/cluster/keys"
	"github.com/jeton-io/jeton/fsm"
)

// rehearsalTimeout bounds what a rehearsal waits for.
const rehearsalTimeout = 10 * time.Minute

// Rehearsal is what a throw-away node made of a state.
type Rehearsal struct {
	Entries uint64 // applied on top
	Index   uint64 // of its own snapshot, which was read again
	Records int    // in that
}

// Rehearse runs a node of one server whose raft begins with a snapshot of a state at
// an index, on real disks in c.DataDir, which has to be empty. Once it leads, look
// may look at it; then entries are applied on top, raft takes a snapshot of its own,
// and that is read again. The node stops before Rehearse returns.
//
// Nothing of it reaches the outside. It listens on loopback, at ports that nobody
// was told, and its secret is its own, so that no node of the cluster that the state
// comes from would talk to it: of c's keys only the seal key is used. Nobody revokes
// leases. Its clock goes on from the state's, so that nothing expires that was alive.
func Rehearse(ctx context.Context, c Config, st *fsm.State, index uint64, look func(*Node) error) (r *Rehearsal, err error) {
	ctx, cancel := context.WithTimeout(ctx, rehearsalTimeout)
	defer cancel()
	keyed := c.SecretFile != "" || c.SealKeyFile != ""
	if c.sealer, err = sealerOf(c); err != nil {
		return nil, err
	}
	c.SecretFile, c.SealKeyFile = "", ""
	c.ClusterAddr, c.GossipAddr = "127.0.0.1:0", "127.0.0.1:0"
	c.AdvertiseCluster, c.AdvertiseGossip, c.AdvertiseHTTP = "", "", ""
	c.Join, c.BootstrapExpect, c.NonVoter = nil, 1, false
	c.InitialRootToken, c.Revoker = "", nil
	began, clock := time.Now(), st.Clock.Time()
	c.wall = func() time.Time { return clock.Add(time.Since(began)) }
	faults := make(chan error, 1)
	c.OnFault = func(err error) {
		select {
		case faults <- err:
		default: // the first one tells
		}
	}
	if err := seed(c, st, index); err != nil {
		return nil, err
	}
	n, err := Open(c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.Close(context.WithoutCancel(ctx))) }()
	l, err := n.awaitOffice(ctx, faults)
	if err != nil {
		return nil, err
	}
	if keyed && !n.ready.Load() {
		return nil, fmt.Errorf("%w: the state needs %s, given was %s", ErrSealKey, st.Salt.KeyID, strings.Join(n.sealer.IDs(), ", "))
	}
	if err := look(n); err != nil {
		return nil, err
	}
	if err := n.rehearseEntries(ctx, l); err != nil {
		return nil, err
	}
	return n.rehearseSnapshot(index)
}

// sealerOf is what a node with these files would seal with; nil: one of its own.
func sealerOf(c Config) (s *keys.Sealer, err error) {
	switch {
	case c.SealKeyFile != "":
		s, _, err = keys.LoadSealer(c.SealKeyFile)
	case c.SecretFile != "":
		var ring *keys.Ring
		if ring, err = keys.Load(c.SecretFile, c.ClusterName); err == nil {
			s = ring.Sealer()
		}
	}
	return s, err
}

// seed makes a data directory as a node has it that has formed a cluster alone, and
// whose raft holds a snapshot and nothing else.
func seed(c Config, st *fsm.State, index uint64) error {
	id, err := openIdentity(c.DataDir, c.NodeID)
	if err != nil {
		return err
	}
	formation, err := openFormation(c.DataDir)
	if err != nil {
		return err
	}
	s, err := openStores(c.DataDir, c.LogStore, newWatchdog(c.StallTimeout, c.OnFault), newRaftLogger(c.Logger))
	if err != nil {
		return err
	}
	const term = 1
	err = s.stable.SetUint64([]byte("CurrentTerm"), term) // as raft calls it
	if err == nil {
		err = seedSnapshot(s.snaps, id, st, index, term)
	}
	if err := errors.Join(err, s.close()); err != nil {
		return fmt.Errorf("seed %s: %w", c.DataDir, err)
	}
	return formation.settle(configurationID(c.ClusterName, []string{id}))
}

func seedSnapshot(snaps *raft.FileSnapshotStore, id string, st *fsm.State, index, term uint64) error {
	alone := raft.Configuration{Servers: []raft.Server{{Suffrage: raft.Voter, ID: raft.ServerID(id), Address: raft.ServerAddress(id)}}}
	_, trans := raft.NewInmemTransport(raft.ServerAddress(id)) // only names the address
	sink, err := snaps.Create(raft.SnapshotVersionMax, index, term, alone, index, trans)
	if err != nil {
		return err
	}
	m := fsm.NewMachine()
	m.Restore(st, index)
	return (&stateSnapshot{m.View(), func(error) {}, func() {}}).Persist(sink)
}

// awaitOffice waits until the node leads and may serve.
func (n *Node) awaitOffice(ctx context.Context, faults <-chan error) (*leading, error) {
	for {
		if l := n.leading.Load(); l != nil {
			return l, nil
		}
		select {
		case err := <-faults:
			return nil, err
		default:
		}
		if !sleep(ctx, 10*time.Millisecond) {
			return nil, fmt.Errorf("%w: %w", ErrNoLeader, ctx.Err())
		}
	}
}

// rehearseEntries has applied what the cluster itself proposes all the time.
func (n *Node) rehearseEntries(ctx context.Context, l *leading) error {
	for _, c := range []fsm.Command{&fsm.Tick{}, &fsm.Expire{Limit: n.cfg.SweepLimit}, &fsm.Sweep{Limit: n.cfg.SweepLimit}} {
		if _, err := l.internal(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", fsm.Name(c), err)
		}
	}
	return nil
}

// rehearseSnapshot has raft take a snapshot, and reads it from the disk.
func (n *Node) rehearseSnapshot(began uint64) (*Rehearsal, error) {
	if err := settled(n.raft.Snapshot(), n.down); err != nil {
		return nil, fmt.Errorf("take a snapshot: %w", err)
	}
	list, err := n.stores.snaps.List() // the newest first
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].Index <= began {
		return nil, fmt.Errorf("raft has no snapshot above index %d", began)
	}
	_, rc, err := n.stores.snaps.Open(list[0].ID)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	var head [16]byte
	if _, err := io.ReadFull(rc, head[:]); err != nil {
		return nil, err
	}
	st, err := fsm.ReadState(rc)
	if err != nil {
		return nil, fmt.Errorf("its own snapshot: %w", err)
	}
	index := binary.BigEndian.Uint64(head[8:])
	if now := n.machine.View(); now.Index() == index && now.Hash() != st.Hash() {
		return nil, fmt.Errorf("its own snapshot at index %d has the hash %s, the machine %s", index, st.Hash(), now.Hash())
	}
	r := &Rehearsal{Entries: index - began, Index: index}
	for _, k := range st.Census() {
		r.Records += k.Records
	}
	return r, nil
}
