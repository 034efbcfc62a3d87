package cluster

import (
	"bytes"
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

// errDivergedAgain: what a wiped server was sent has made it go wrong at the same place.
var errDivergedAgain = errors.New("this node has diverged again at the same index: what it is sent may be damaged, " +
	"so look at the log and the disk of the leader; remove the directory diverged to have it join once more")

// setAside makes room for a new incarnation where the data of the former one was found
// to be wrong. It is kept for those who want to know why, until the next time. A start
// that was interrupted on the way is gone on with: the mark leaves last.
func setAside(dir string, log *slog.Logger) error {
	marked, err := isDiverged(dir)
	if err != nil || !marked {
		return err
	}
	aside := filepath.Join(dir, divergedDir)
	again, err := sameMark(filepath.Join(dir, divergedMark), filepath.Join(aside, divergedMark))
	if err == nil && again {
		err = errDivergedAgain
	}
	var used bool
	if err == nil {
		used, err = hasState(dir)
	}
	if err == nil && used { // and so nothing has been set aside for this mark yet
		err = os.RemoveAll(aside)
	}
	if err == nil {
		err = os.MkdirAll(aside, 0o700)
	}
	for _, name := range []string{logPlaces[logInWAL], logPlaces[logInBolt], "vars.db", "snapshots", "server-id", doubtMark, divergedMark} {
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

// sameMark says whether two marks name the same index. One that is not there names none.
func sameMark(a, b string) (bool, error) {
	var text [2][]byte
	for i, path := range []string{a, b} {
		b, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		text[i] = b
	}
	return text[0] != nil && bytes.Equal(text[0], text[1]), nil
}
