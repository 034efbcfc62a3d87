package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// doubtMark is in the data directory while its server is in doubt, so that a restart
// does not end that. It holds the index at which states were found to differ.
const doubtMark = "doubtful"

// readDoubt finds out whether the server was in doubt when it ended.
func (n *Node) readDoubt() error {
	b, err := os.ReadFile(filepath.Join(n.cfg.DataDir, doubtMark))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		n.doubtedAt, err = strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", doubtMark, err)
	}
	n.doubtful.Store(true)
	n.log.Error("states differed when this node ended: it answers nothing until most voters have its state", "index", n.doubtedAt)
	return nil
}

// doubt keeps this server from vouching for anything: at an index its state is not known
// to be that of most voters.
func (n *Node) doubt(index uint64) {
	if n.doubtful.Load() && index <= n.doubtedAt {
		return
	}
	n.doubtedAt = index
	if err := writeDurably(filepath.Join(n.cfg.DataDir, doubtMark), fmt.Appendln(nil, index)); err != nil {
		n.log.Warn("the doubt does not outlast a restart", "error", err)
	}
	if !n.doubtful.Swap(true) {
		n.log.Error("the servers' states differ: this node answers nothing until most voters have one state", "index", index)
	}
}

// trust ends the doubt when most voters have this server's state at an index. States that
// parted do not become the same again, so one before the doubt says nothing.
func (n *Node) trust(index uint64) {
	if !n.doubtful.Load() || index < n.doubtedAt {
		return
	}
	if err := os.Remove(filepath.Join(n.cfg.DataDir, doubtMark)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		n.log.Warn("the doubt outlasts its end until a restart is over", "error", err)
	}
	n.doubtful.Store(false)
	n.log.Warn("most voters have this node's state: it answers again", "index", index)
}

// neededInDoubt are the commands of the cluster itself that are logged by a leader in
// doubt: without them it would never find out, and none of them acts on what may be wrong.
func neededInDoubt(c fsm.Command) bool {
	switch c.(type) {
	case *fsm.StateCheck, *fsm.Tick, *fsm.LevelRaise:
		return true
	}
	return false
}
