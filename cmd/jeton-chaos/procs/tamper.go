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
// between it and the kernel, by strace, which changes the answers to its system calls. To
// be traced makes every one of them slower, too.

// The calls with which the log stores (and, to sync, raft's snapshots) reach the disk.
const (
	syncCalls  = "fsync,fdatasync"
	writeCalls = "pwrite64,ftruncate,fallocate"
)

// CanTamper says why a disk cannot be tampered with here; nil if it can.
func CanTamper() error {
	probe := exec.Command("sleep", "60")
	if err := probe.Start(); err != nil {
		return err
	}
	defer probe.Wait() // killed
	defer probe.Process.Kill()
	mend, err := tamper(probe.Process.Pid, syncCalls, "error=EIO")
	if err != nil {
		return err
	}
	return mend()
}

// SlowSyncs has every sync of the node take so much longer, until mend is called.
func (n *Node) SlowSyncs(by time.Duration) (mend func() error, err error) {
	return n.tamper(syncCalls, "delay_exit="+strconv.FormatInt(by.Microseconds(), 10))
}

// FailSyncs has every sync of the node fail, until mend is called or the node has ended.
func (n *Node) FailSyncs() (mend func() error, err error) {
	return n.tamper(syncCalls, "error=EIO")
}

// RefuseWrites has whatever the node writes to its log fail as if there were no room, until
// mend is called or the node has ended. A disk that is full refuses less: what stands there
// already can be written anew.
func (n *Node) RefuseWrites() (mend func() error, err error) {
	return n.tamper(writeCalls, "error=ENOSPC")
}

func (n *Node) tamper(calls, how string) (mend func() error, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.alive() {
		return nil, fmt.Errorf("%s: tamper with its disk: it does not run", n.ID)
	}
	if mend, err = tamper(n.proc.cmd.Process.Pid, calls, how); err != nil {
		return nil, fmt.Errorf("%s: %w", n.ID, err)
	}
	return mend, nil
}

// attachTime bounds how long strace takes to get hold of a process, and to let go of it.
const attachTime = 10 * time.Second

func tamper(pid int, calls, how string) (mend func() error, err error) {
	cmd := exec.Command("strace", "-f", "-p", strconv.Itoa(pid), "-o", "/dev/null",
		"-e", "trace="+calls, "-e", "inject="+calls+":"+how)
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	// The first thing it says is that it has hold of the process; then, of each thread that
	// begins later.
	first := make(chan string, 1)
	go func() {
		lines := bufio.NewReader(said)
		line, _ := lines.ReadString('\n')
		first <- strings.TrimSpace(line)
		io.Copy(io.Discard, lines)
	}()
	var line string
	select {
	case line = <-first:
	case <-time.After(attachTime):
	}
	if !strings.Contains(line, "attached") {
		cmd.Process.Kill()
		cmd.Wait()
		return nil, fmt.Errorf("strace says %q", line)
	}
	return func() error { return letGo(cmd) }, nil
}

// letGo has strace end, and what it traced go on, if that has not ended.
func letGo(cmd *exec.Cmd) error {
	err := cmd.Process.Signal(syscall.SIGINT)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	late := time.AfterFunc(attachTime, func() { cmd.Process.Kill() })
	defer late.Stop()
	cmd.Wait() // an error either way: by that signal, or because what it traced has ended
	return err
}
