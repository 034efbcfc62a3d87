package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// compactTx is how many bytes one transaction of a compaction writes.
const compactTx = 8 << 20

// Compact rewrites the stores of raft in a data directory without the pages that are
// free in them, which bbolt never gives back by itself, and says how many bytes each
// store had and has. No node may run on the directory: the error wraps ErrInUse then.
// A store is whole at any moment: the new file takes the place of the old one when it
// is on the disk.
func Compact(dir string) (before, after int64, err error) {
	kind, err := logKind(dir)
	if err != nil {
		return 0, 0, err
	}
	names := []string{"vars.db"}
	if kind != logInWAL { // whose files go as they become superfluous
		names = append(names, logPlaces[logInBolt])
	}
	for _, name := range names {
		old, now, err := compactStore(filepath.Join(dir, name))
		if err != nil {
			return before, after, err
		}
		before, after = before+old, after+now
	}
	return before, after, nil
}

func compactStore(path string) (before, after int64, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	// Opened to write, so that nobody else has it, not even to read.
	from, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, NoFreelistSync: true})
	if errors.Is(err, bolterrors.ErrTimeout) {
		err = ErrInUse
	}
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", path, err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	next := path + ".compact"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) { // of one that was interrupted
		return 0, 0, err
	}
	if err := rewrite(from, next); err != nil {
		return 0, 0, errors.Join(fmt.Errorf("compact %s: %w", path, err), os.Remove(next))
	}
	if err := os.Rename(next, path); err != nil {
		return 0, 0, err
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return 0, 0, err
	}
	now, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	return info.Size(), now.Size(), nil
}

// rewrite copies a store into a new file, which is on the disk when it returns.
func rewrite(from *bbolt.DB, path string) error {
	to, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return err
	}
	err = bbolt.Compact(to, from, compactTx)
	if err == nil {
		err = to.Sync()
	}
	return errors.Join(err, to.Close())
}
