package cluster

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Remains are what raft has left in a data directory.
type Remains struct {
	Dir       string `json:"dir"`
	ServerID  string `json:"server_id"`
	ClusterID string `json:"cluster_id"`

	Term      uint64   `json:"term"`       // the latest that the server has heard of
	LastIndex uint64   `json:"last_index"` // of the log or of the snapshot behind it
	LastTerm  uint64   `json:"last_term"`  // in which that entry was written
	Servers   []Server `json:"servers"`
}

// Server is a member of the configuration that was last written.
type Server struct {
	ServerID string `json:"server_id"`
	Voter    bool   `json:"voter"`
}

// Newer says whether r holds everything that was committed if o does: the rule by
// which raft elects (Raft thesis 3.6.1).
func (r *Remains) Newer(o *Remains) bool {
	return r.LastTerm > o.LastTerm || r.LastTerm == o.LastTerm && r.LastIndex > o.LastIndex
}

// ErrInUse: a node runs on a data directory.
var ErrInUse = errors.New("a node runs on this data directory")

// Examine reads what raft has left in a data directory, and changes nothing. No node
// may run on it: the error wraps ErrInUse then.
func Examine(dir string) (*Remains, error) {
	id, err := os.ReadFile(filepath.Join(dir, "server-id"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is no data directory: it holds no server-id", dir)
	}
	if err != nil {
		return nil, err
	}
	switch wrong, err := isDiverged(dir); {
	case err != nil:
		return nil, err
	case wrong:
		return nil, fmt.Errorf("%s: the state of this server was found to differ from that of most voters; remove %s to use it all the same", dir, divergedMark)
	}
	f, err := openFormation(dir)
	if err != nil {
		return nil, err
	}
	r := &Remains{Dir: dir, ServerID: strings.TrimSpace(string(id)), ClusterID: f.id()}
	if err := r.readVars(); err != nil {
		return nil, err
	}
	return r, r.readLog()
}

func (r *Remains) readVars() error {
	vars, err := openToRead(filepath.Join(r.Dir, "vars.db"))
	if err != nil {
		return err
	}
	defer vars.Close()
	r.Term, err = vars.GetUint64([]byte("CurrentTerm")) // raft's name for it
	if errors.Is(err, raftboltdb.ErrKeyNotFound) {
		err = nil
	}
	return err
}

// readLog finds the last entry and the last configuration, in the snapshot or in the
// log behind it.
func (r *Remains) readLog() error {
	snaps, err := raft.NewFileSnapshotStore(r.Dir, 1, nil)
	if err != nil {
		return err
	}
	list, err := snaps.List()
	if err != nil {
		return err
	}
	var servers raft.Configuration
	if len(list) > 0 {
		r.LastIndex, r.LastTerm, servers = list[0].Index, list[0].Term, list[0].Configuration
	}
	log, err := r.openLog()
	if err != nil {
		return err
	}
	defer log.Close()
	last, err := log.LastIndex()
	if err != nil {
		return err
	}
	for i := r.LastIndex + 1; i <= last; i++ {
		var entry raft.Log
		if err := log.GetLog(i, &entry); err != nil {
			return fmt.Errorf("%s: entry %d of the log: %w", r.Dir, i, err)
		}
		if entry.Type == raft.LogConfiguration {
			servers = raft.DecodeConfiguration(entry.Data)
		}
		r.LastIndex, r.LastTerm = entry.Index, entry.Term
	}
	for _, s := range servers.Servers {
		r.Servers = append(r.Servers, Server{string(s.ID), s.Suffrage == raft.Voter})
	}
	return nil
}

// openLog opens the log. One of segments cannot be opened only to read: a tail that a
// crash has left half written is cut off, as the next start would do.
func (r *Remains) openLog() (logStore, error) {
	kind, err := logKind(r.Dir)
	if err != nil {
		return nil, err
	}
	if kind != logInWAL {
		return openToRead(filepath.Join(r.Dir, logPlaces[logInBolt]))
	}
	vars, err := openToRead(filepath.Join(r.Dir, "vars.db")) // nobody else has it while this is open
	if err != nil {
		return nil, err
	}
	log, err := openLogAt(filepath.Join(r.Dir, logPlaces[kind]), kind, newRaftLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, errors.Join(err, vars.Close())
	}
	return heldLog{log, vars}, nil
}

// heldLog is a log, and what keeps others from it.
type heldLog struct {
	logStore
	lock io.Closer
}

func (h heldLog) Close() error { return errors.Join(h.logStore.Close(), h.lock.Close()) }

func openToRead(path string) (*raftboltdb.BoltStore, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	st, err := raftboltdb.New(raftboltdb.Options{
		Path: path, MsgpackUseNewTimeFormat: true,
		BoltOptions: &bbolt.Options{Timeout: time.Second, ReadOnly: true},
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("%s: %w", path, ErrInUse)
	}
	return st, err
}
