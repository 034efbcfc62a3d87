package procs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A node's disk is made slow, or made to fail, where it can be done to a process that runs:
// between it and the kernel, by strace, which changes the answers to its syncs. To be
// traced makes every system call of the process slower, too.

// syncCalls are those with which the log stores and raft's snapshots reach the disk.
const syncCalls = "fsync,fdatasync"

// CanTamper says why syncs cannot be tampered with here; nil if they can.
func CanTamper() error {
	out, err := exec.Command("strace", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "true").CombinedOutput()
	if err != nil {
		return fmt.Errorf("strace: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// SlowSyncs has every sync of the node take so much longer, until mend is called.
func (n *Node) SlowSyncs(by time.Duration) (mend func() error, err error) {
	return n.tamper("delay_exit=" + strconv.FormatInt(by.Microseconds(), 10))
}

// FailSyncs has every sync of the node fail, until mend is called or the node has ended.
func (n *Node) FailSyncs() (mend func() error, err error) {
	return n.tamper("error=EIO")
}

func (n *Node) tamper(how string) (mend func() error, err error) {
	n.mu.Lock()
	if !n.alive() {
		n.mu.Unlock()
		return nil, fmt.Errorf("%s: tamper with its syncs: it does not run", n.ID)
	}
	pid := n.proc.cmd.Process.Pid
	n.mu.Unlock()
	cmd := exec.Command("strace", "-f", "-p", strconv.Itoa(pid), "-o", "/dev/null",
		"-e", "trace="+syncCalls, "-e", "inject="+syncCalls+":"+how)
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	mend = func() error {
		err := cmd.Process.Signal(syscall.SIGINT) // it lets go of the process, and ends
		if errors.Is(err, os.ErrProcessDone) {
			err = nil
		}
		cmd.Wait() // an error either way: by that signal, or because what it traced has ended
		return err
	}
	// It says so when it has hold of the process, and of each thread that begins later.
	lines := bufio.NewReader(said)
	first, err := lines.ReadString('\n')
	if err != nil || !strings.Contains(first, "attached") {
		return nil, errors.Join(fmt.Errorf("%s: strace: %q, %w", n.ID, first, err), mend())
	}
	go io.Copy(io.Discard, lines)
	return mend, nil
}
