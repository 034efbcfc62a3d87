package procs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Reload has the server read again what it reads on SIGHUP, and open its audit files
// anew. It does so after Reload has returned.
func (n *Node) Reload() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.signal(syscall.SIGHUP)
}

// Holds says whether the process has a file open, as far as the system tells (Linux
// does).
func (n *Node) Holds(path string) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.alive() {
		return false, nil
	}
	dir := fmt.Sprintf("/proc/%d/fd", n.proc.cmd.Process.Pid)
	open, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, f := range open {
		// one that cannot be read was closed meanwhile
		if to, err := os.Readlink(filepath.Join(dir, f.Name())); err == nil && strings.TrimSuffix(to, " (deleted)") == path {
			return true, nil
		}
	}
	return false, nil
}
