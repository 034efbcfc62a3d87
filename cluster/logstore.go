package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"
	"github.com/hashicorp/raft-wal/migrate"
)

// The kinds of store that raft's log can be kept in (docs/adr/0009).
const (
	logInBolt = "boltdb" // one file, log.db
	logInWAL  = "wal"    // segments in a directory, wal
)

// logPlaces says where in a data directory each kind has its log.
var logPlaces = map[string]string{logInBolt: "log.db", logInWAL: "wal"}

// logStore is raft's log on the disk.
type logStore interface {
	raft.LogStore
	io.Closer
}

// walSegment is the size of a file of the log, which is taken from the disk when the
// file is made. What a snapshot has made superfluous leaves the disk by whole files.
const walSegment = 16 << 20 // bytes

// What stands behind the name of a log that is being copied, and of one that is being
// removed.
const (
	copySuffix = ".copy"
	goneSuffix = ".gone"
)

// logKind is the kind of log that a data directory holds, "" for none.
func logKind(dir string) (string, error) {
	for _, kind := range []string{logInWAL, logInBolt} {
		switch _, err := os.Stat(filepath.Join(dir, logPlaces[kind])); {
		case err == nil:
			return kind, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
	}
	return "", nil
}

// hasState says whether raft ever ran on a data directory.
func hasState(dir string) (bool, error) {
	kind, err := logKind(dir)
	return kind != "", err
}

// openLog opens the log of a data directory, or makes one. One of another kind is copied
// first. Nobody else may use the directory: whoever opens the log holds vars.db.
func openLog(dir, kind string, logger *raftLogger) (logStore, error) {
	if err := convertLog(dir, kind, logger); err != nil {
		return nil, fmt.Errorf("bring the log of %s to %s: %w", dir, kind, err)
	}
	return openLogAt(filepath.Join(dir, logPlaces[kind]), kind, logger)
}

func openLogAt(path, kind string, logger *raftLogger) (logStore, error) {
	if kind == logInBolt {
		return openBolt(path)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	w, err := wal.Open(path, wal.WithLogger(logger), wal.WithSegmentSize(walSegment))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return w, nil
}

// convertLog makes a log of one kind out of one of another. The copy gets its name when
// all of it is on the disk, and the old log loses its own at once after that: what is
// called a log is whole. Raft runs on neither while both are there, so they are equal,
// and a start that was interrupted in between may go on with either.
func convertLog(dir, kind string, logger *raftLogger) error {
	want := filepath.Join(dir, logPlaces[kind])
	for _, place := range logPlaces { // order: both are to go
		if err := os.RemoveAll(filepath.Join(dir, place+goneSuffix)); err != nil {
			return err
		}
	}
	for other, place := range logPlaces { // order: there are two
		old := filepath.Join(dir, place)
		_, err := os.Stat(old)
		if other == kind || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := os.Stat(want); errors.Is(err, fs.ErrNotExist) {
			logger.Info("copying the log", "from", other, "to", kind)
			if err := copyLog(want, kind, old, other, logger); err != nil {
				return err
			}
		} else if err != nil {
			return err
		}
		if err := os.Rename(old, old+goneSuffix); err != nil {
			return err
		}
		if err := syncDir(dir); err != nil {
			return err
		}
		return os.RemoveAll(old + goneSuffix)
	}
	return nil
}

// copyBatch is how many bytes of log one write of a copy holds.
const copyBatch = 1 << 20

func copyLog(to, kind, from, fromKind string, logger *raftLogger) (err error) {
	unfinished := to + copySuffix
	if err := os.RemoveAll(unfinished); err != nil { // of a copy that was interrupted
		return err
	}
	src, err := openLogAt(from, fromKind, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	dst, err := openLogAt(unfinished, kind, logger)
	if err != nil {
		return err
	}
	first, err := firstNeeded(filepath.Dir(from), src)
	if err == nil && first > 0 {
		err = migrate.CopyLogs(context.Background(), dst, logFrom{src, first}, copyBatch, nil)
	}
	if err := errors.Join(err, dst.Close()); err != nil {
		return err
	}
	if err := os.Rename(unfinished, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

// firstNeeded is where the entries begin that raft still needs; 0: it needs none. A log
// in boltdb keeps what stood before a gap that a snapshot from the leader has left, and
// one in segments can have none.
func firstNeeded(dir string, log raft.LogStore) (uint64, error) {
	covered, err := lastSnapshot(dir)
	if err != nil {
		return 0, err
	}
	first, err := log.FirstIndex()
	if err != nil {
		return 0, err
	}
	last, err := log.LastIndex()
	if err != nil || last == 0 || last < covered {
		return 0, err
	}
	for i := last; i > first; i-- {
		var before raft.Log
		switch err := log.GetLog(i-1, &before); {
		case errors.Is(err, raft.ErrLogNotFound):
			return i, nil
		case err != nil:
			return 0, err
		}
	}
	return first, nil
}

// lastSnapshot is the index of the last snapshot in a data directory, 0 for none.
func lastSnapshot(dir string) (uint64, error) {
	snaps, err := raft.NewFileSnapshotStore(dir, 1, io.Discard)
	if err != nil {
		return 0, err
	}
	list, err := snaps.List()
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].Index, nil
}

// logFrom is a log without what stands before an index.
type logFrom struct {
	raft.LogStore
	first uint64
}

func (l logFrom) FirstIndex() (uint64, error) { return l.first, nil }
