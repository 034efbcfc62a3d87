package cluster

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"

	"github.com/hashicorp/raft"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/jeton-io/jeton/fsm"
)

// Recover makes the server of a data directory the only voter of a cluster that has
// lost its quorum for ever, and returns its new server id. What its log holds counts
// as committed; what only the lost servers had is gone.
//
// The server gets a new incarnation and the cluster a new id. So servers that come
// back after all reach this one neither with their entries nor with their votes, and
// are refused when they ask to join: only without their data can they.
//
// The directory is as it was until raft has taken the new configuration, and Recover may
// be called again when it was interrupted after that. No node may run on the directory:
// the error wraps ErrInUse then.
func Recover(dir string, log *slog.Logger) (serverID string, err error) {
	r, err := Examine(dir)
	if err != nil {
		return "", err
	}
	if r.LastIndex == 0 {
		return "", fmt.Errorf("%s holds no entries: there is nothing to recover", dir)
	}
	serverID = drawIdentity(nodeOf(r.ServerID))
	if err := soleVoter(dir, serverID, log); err != nil {
		return "", err
	}
	if err := writeIdentity(dir, serverID); err != nil {
		return "", err
	}
	f, err := openFormation(dir)
	if err != nil {
		return "", err
	}
	var id [16]byte
	rand.Read(id[:])
	return serverID, f.settle(hex.EncodeToString(id[:]))
}

// soleVoter has raft write a snapshot of all that the log comes to, under a
// configuration of one server, and drop the log.
func soleVoter(dir, serverID string, log *slog.Logger) (err error) {
	logger := newRaftLogger(log)
	faults := newWatchdog(DefaultConfig().StallTimeout, func(error) {}) // which is not run
	kind, err := logKind(dir)
	if err != nil {
		return err
	}
	s, err := openStores(dir, kind, faults, logger)
	if errors.Is(err, bolterrors.ErrTimeout) {
		return fmt.Errorf("%s: %w", dir, ErrInUse)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	conf := raft.DefaultConfig()
	conf.LocalID, conf.Logger = raft.ServerID(serverID), logger
	addr, trans := raft.NewInmemTransport(raft.ServerAddress(serverID)) // nothing is sent
	machine := &raftFSM{machine: fsm.NewMachine(), applied: new(applied), watchdog: faults, changed: func(*fsm.State) {},
		damaged: func(error) {}, replaced: func() {}, room: func() error { return nil }}
	only := raft.Configuration{Servers: []raft.Server{{Suffrage: raft.Voter, ID: conf.LocalID, Address: addr}}}
	if err := raft.RecoverCluster(conf, machine, s.disk, s.vars, s.snaps, trans, only); err != nil {
		return fmt.Errorf("recover %s: %w", dir, err)
	}
	return nil
}
