package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"
	"go.etcd.io/bbolt"
)

// logCacheEntries bounds raft's cache of recent entries. It counts entries of up
// to 128 KiB, so it is small.
const logCacheEntries = 256

// stores is what raft keeps on disk: the log, its own few variables, snapshots.
type stores struct {
	log    *commandLog
	cached raft.LogStore
	stable *watchedStable
	disk   logStore
	vars   *raftboltdb.BoltStore
	snaps  *raft.FileSnapshotStore
}

// openStores opens or makes the stores of a data directory. Nothing is ever
// written without fsync: a commit that is forgotten after a power loss is a lie
// (hashicorp/raft-boltdb#8). vars.db comes first: it is never copied, so who holds it
// holds the directory.
func openStores(dir, kind string, w *watchdog, logger *raftLogger) (*stores, error) {
	vars, err := openBolt(filepath.Join(dir, "vars.db"))
	if err != nil {
		return nil, err
	}
	disk, err := openLog(dir, kind, logger)
	if err != nil {
		return nil, errors.Join(err, vars.Close())
	}
	s := &stores{disk: disk, vars: vars, stable: &watchedStable{vars, w}}
	s.log = &commandLog{LogStore: disk, watchdog: w}
	s.cached, err = raft.NewLogCache(logCacheEntries, s.log)
	if err == nil {
		s.snaps, err = raft.NewFileSnapshotStoreWithLogger(dir, 2, logger)
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("open raft stores: %w", err)
	}
	return s, nil
}

// openBolt opens or makes a store. Who waits for another process to let go of the file may
// find that it was a compaction, which has put a new one in its place: then it is opened
// again, for what is written to the old one is lost.
func openBolt(path string) (*raftboltdb.BoltStore, error) {
	for {
		before, _ := os.Stat(path)
		st, err := openBoltOnce(path)
		if err != nil || before == nil {
			return st, err
		}
		after, err := os.Stat(path)
		if err == nil && os.SameFile(before, after) {
			return st, nil
		}
		if err := st.Close(); err != nil {
			return nil, err
		}
	}
}

func openBoltOnce(path string) (*raftboltdb.BoltStore, error) {
	st, err := raftboltdb.New(raftboltdb.Options{
		Path: path,
		BoltOptions: &bbolt.Options{
			Timeout:        2 * time.Second, // another process holds the file
			NoFreelistSync: true,            // hashicorp/vault#11895
			FreelistType:   bbolt.FreelistMapType,
		},
		MsgpackUseNewTimeFormat: true,
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return st, nil
}

func (s *stores) close() error { return errors.Join(s.disk.Close(), s.vars.Close()) }

// commandLog wraps the log store. It sees the type of every entry, so it knows
// the greatest command index not above the commit index: the read index. (No-op,
// barrier and configuration entries never reach the machine; waiting for them to
// be applied could wait for ever.) It also times each write for the watchdog.
type commandLog struct {
	raft.LogStore
	watchdog *watchdog

	mu    sync.Mutex
	floor uint64   // greatest command index known to be committed
	tail  []uint64 // command indexes above it, ascending
}

// IsMonotonic implements raft.MonotonicLogStore: a log that has no gaps is emptied by
// raft when a snapshot from the leader leaves one.
func (c *commandLog) IsMonotonic() bool {
	m, ok := c.LogStore.(raft.MonotonicLogStore)
	return ok && m.IsMonotonic()
}

// StoreLog implements raft.LogStore.
func (c *commandLog) StoreLog(l *raft.Log) error { return c.StoreLogs([]*raft.Log{l}) }

// StoreLogs implements raft.LogStore. A failed write ends the process: what the
// disk holds after a failed fsync is unknown (cockroachdb/cockroach#37102).
func (c *commandLog) StoreLogs(logs []*raft.Log) error {
	done := c.watchdog.begin("log write")
	err := c.LogStore.StoreLogs(logs)
	done()
	if err != nil {
		c.watchdog.fault(fmt.Errorf("write raft log: %w", err))
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range logs {
		if l.Type == raft.LogCommand {
			c.tail = append(c.tail, l.Index)
		}
	}
	return nil
}

// DeleteRange implements raft.LogStore. Raft removes a conflicting suffix, or a
// prefix that a snapshot covers.
func (c *commandLog) DeleteRange(from, to uint64) error {
	if err := c.deletePieces(from, to); err != nil {
		c.watchdog.fault(fmt.Errorf("truncate raft log: %w", err))
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := c.tail[:0]
	for _, i := range c.tail {
		if i < from || i > to {
			kept = append(kept, i)
		}
	}
	c.tail = kept
	return nil
}

// deleteAtOnce is how many entries of a prefix one transaction removes. Entries that are
// to be stored wait for it, and with them raft's heartbeats.
const deleteAtOnce = 1024

// deletePieces removes a prefix bit by bit, from its beginning, so that a crash leaves no
// gap. A suffix goes at once: there the bits would have to go from the end.
func (c *commandLog) deletePieces(from, to uint64) error {
	first, err := c.FirstIndex()
	if err != nil {
		return err
	}
	for end := to; ; from = end + 1 {
		if end = to; from == first && to-from >= deleteAtOnce {
			end = from + deleteAtOnce - 1
			first = end + 1
		}
		done := c.watchdog.begin("log truncation")
		err := c.LogStore.DeleteRange(from, end)
		done()
		if err != nil || end == to {
			return err
		}
	}
}

// upTo is the greatest command index not above a committed index, as far as this
// store knows: of what was stored before the process began, or removed by a
// compaction, it knows nothing. Both are applied by this node's machine before
// it can lead, so that the greater of upTo and the machine's index is right.
func (c *commandLog) upTo(commit uint64) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for n < len(c.tail) && c.tail[n] <= commit {
		n++
	}
	if n > 0 {
		c.floor = c.tail[n-1]
		c.tail = append(c.tail[:0], c.tail[n:]...)
	}
	return c.floor
}

// watchedStable is raft's store of term and vote, with the same care.
type watchedStable struct {
	*raftboltdb.BoltStore
	watchdog *watchdog
}

// Set implements raft.StableStore.
func (s *watchedStable) Set(key, val []byte) error {
	return s.watch(func() error { return s.BoltStore.Set(key, val) })
}

// SetUint64 implements raft.StableStore.
func (s *watchedStable) SetUint64(key []byte, val uint64) error {
	return s.watch(func() error { return s.BoltStore.SetUint64(key, val) })
}

func (s *watchedStable) watch(write func() error) error {
	done := s.watchdog.begin("vote write")
	err := write()
	done()
	if err != nil {
		s.watchdog.fault(fmt.Errorf("write raft term or vote: %w", err))
	}
	return err
}
