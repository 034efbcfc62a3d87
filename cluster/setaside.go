package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// errDiverged: what this server holds is not what most voters hold.
var errDiverged = errors.New("this server's state is not that of most voters")

const (
	divergedMark = "diverged.json" // in the data directory of a server that has to be wiped
	divergedDir  = "diverged"      // what the last such server has left
)

// markDiverged has the next start set the data of a server aside.
func markDiverged(dir string, index uint64) error {
	b, err := json.Marshal(map[string]uint64{"index": index})
	if err != nil {
		return err
	}
	return writeDurably(filepath.Join(dir, divergedMark), append(b, '\n'))
}

// isDiverged says whether the data of a directory was found to be wrong.
func isDiverged(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, divergedMark))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// setAside makes room for a new incarnation where the data of the former one was found
// to be wrong. It is kept for those who want to know why, until the next time. Which
// cluster the node is part of stays: it is to join that one and no other. A start that
// was interrupted on the way is gone on with: the mark leaves last.
func setAside(dir string, log *slog.Logger) error {
	marked, err := isDiverged(dir)
	if err != nil || !marked {
		return err
	}
	aside := filepath.Join(dir, divergedDir)
	used, err := hasState(dir)
	if err == nil && used { // and so nothing has been set aside for this mark yet
		err = os.RemoveAll(aside)
	}
	if err == nil {
		err = os.MkdirAll(aside, 0o700)
	}
	for _, name := range []string{logPlaces[logInWAL], logPlaces[logInBolt], "vars.db", "snapshots", "server-id", divergedMark} {
		if err != nil {
			break
		}
		err = os.Rename(filepath.Join(dir, name), filepath.Join(aside, name))
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		if err == nil {
			err = errors.Join(syncDir(aside), syncDir(dir))
		}
	}
	if err != nil {
		return fmt.Errorf("set diverged data aside: %w", err)
	}
	log.Warn("the data of this node's former incarnation was found to be wrong: it is set aside, and the node joins anew", "dir", aside)
	return nil
}
