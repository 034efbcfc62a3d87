package procs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// Node is one server and its disk, whether it runs or not.
type Node struct {
	ID      string
	URL     string // where clients reach it
	GRPC    string // where Waypoint's clients do
	DataDir string
	LogFile string

	index int // in Cluster.Nodes
	argv  []string

	mu      sync.Mutex
	proc    *process // nil: never started
	faults  []error
	excused []string // lines of the log that a test has asked for
}

// Index is the node's place in Cluster.Nodes.
func (n *Node) Index() int { return n.index }

// process is one life of a node.
type process struct {
	cmd    *exec.Cmd
	told   bool // to end
	dumped bool // it was told to write down where it stands, and ends with an error
	paused bool
	ended  chan struct{} // closed when it has
}

// Start runs the server on its data.
func (n *Node) Start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.alive() {
		return fmt.Errorf("%s runs already", n.ID)
	}
	log, err := os.OpenFile(n.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(n.argv[0], n.argv[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = ownEnv()
	tie(cmd)
	if err := spawn(cmd); err != nil {
		return fmt.Errorf("start %s: %w", n.ID, err)
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	n.proc = p
	go n.reap(p)
	return nil
}

// ownEnv is our environment without what would configure a server.
func ownEnv() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "JETON_") {
			env = append(env, e)
		}
	}
	return env
}

// reap waits for the end of a life, and notes one that nobody asked for.
func (n *Node) reap(p *process) {
	err := p.cmd.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	if !p.told {
		n.faults = append(n.faults, fmt.Errorf("%s ended by itself: %v", n.ID, p.cmd.ProcessState))
	} else if err != nil && !killed(p.cmd.ProcessState) && !p.dumped {
		n.faults = append(n.faults, fmt.Errorf("%s was told to stop and failed: %v", n.ID, p.cmd.ProcessState))
	}
	close(p.ended)
}

func killed(s *os.ProcessState) bool {
	w, ok := s.Sys().(syscall.WaitStatus)
	return ok && w.Signaled() && w.Signal() == syscall.SIGKILL
}

// alive is called with the lock held.
func (n *Node) alive() bool {
	if n.proc == nil {
		return false
	}
	select {
	case <-n.proc.ended:
		return false
	default:
		return true
	}
}

// Running says whether the process exists and is not paused.
func (n *Node) Running() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.alive() && !n.proc.paused
}

// Kill ends the process where it stands (SIGKILL), and returns when it has. It
// does nothing to one that does not run.
func (n *Node) Kill() error {
	p, err := n.end(syscall.SIGKILL)
	if p != nil {
		<-p.ended
	}
	return err
}

// Stop asks the process to end (SIGTERM) and waits until it has.
func (n *Node) Stop(ctx context.Context) error {
	return n.endWithin(ctx, syscall.SIGTERM)
}

// Dump has the process write down where each of its goroutines stands and end
// (SIGQUIT): what it would write if it crashed, to its log.
func (n *Node) Dump(ctx context.Context) error {
	n.mu.Lock()
	if n.proc != nil {
		n.proc.dumped = true
	}
	n.mu.Unlock()
	return n.endWithin(ctx, syscall.SIGQUIT)
}

// endWithin asks the process to end and waits until it has.
func (n *Node) endWithin(ctx context.Context, s syscall.Signal) error {
	p, err := n.end(s)
	if p == nil {
		return err
	}
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s does not end on %s: %w", n.ID, s, ctx.Err())
	}
}

// Wipe removes the node's data. It must not run.
func (n *Node) Wipe() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.alive() {
		return fmt.Errorf("%s runs on its data", n.ID)
	}
	return os.RemoveAll(n.DataDir)
}

// serverID is what raft calls the node: its id and the incarnation of its disk.
func (n *Node) serverID() (string, error) {
	b, err := os.ReadFile(filepath.Join(n.DataDir, "server-id"))
	return strings.TrimSpace(string(b)), err
}

// end tells the process to; nil if there is none.
func (n *Node) end(s syscall.Signal) (*process, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.alive() {
		return nil, nil
	}
	n.proc.told = true
	if err := n.proc.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return nil, fmt.Errorf("%s: %s: %w", n.ID, s, err)
	}
	return n.proc, nil
}

// Pause stops the process from running at all (SIGSTOP) until Continue. It returns
// when the last thread stands still, which a busy machine may take a while for.
func (n *Node) Pause() error {
	if err := n.hold(syscall.SIGSTOP, true); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	return until(ctx, func() error { return stands(n.proc.cmd.Process.Pid) })
}

// Continue undoes Pause.
func (n *Node) Continue() error { return n.hold(syscall.SIGCONT, false) }

func (n *Node) hold(s syscall.Signal, paused bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.signal(s); err != nil {
		return err
	}
	n.proc.paused = paused
	return nil
}

// signal is called with the lock held.
func (n *Node) signal(s syscall.Signal) error {
	if !n.alive() {
		return fmt.Errorf("%s: %s: it does not run", n.ID, s)
	}
	if err := n.proc.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("%s: %s: %w", n.ID, s, err)
	}
	return nil
}
