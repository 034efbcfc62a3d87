package procs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// tailLines is what is shown of a log when something went wrong.
const tailLines = 25

// Log is all that the node has written.
func (n *Node) Log() ([]byte, error) { return os.ReadFile(n.LogFile) }

// Tails are the last lines of every node's log.
func (c *Cluster) Tails(lines int) string {
	var b strings.Builder
	for _, n := range c.Nodes {
		text, err := n.Log()
		if err != nil {
			fmt.Fprintf(&b, "--- %s: %v\n", n.ID, err)
			continue
		}
		all := bytes.Split(bytes.TrimRight(text, "\n"), []byte("\n"))
		if len(all) > lines {
			all = all[len(all)-lines:]
		}
		fmt.Fprintf(&b, "--- %s, %s\n%s\n", n.ID, n.LogFile, bytes.Join(all, []byte("\n")))
	}
	return b.String()
}

// scars are what a server writes when it met something that must not happen.
var scars = []string{"panic: ", "fatal error: ", "DATA RACE", givenUp}

// givenUp is what a server logs that may not go on.
const givenUp = "fault, exiting"

// fault tells what the node should not have done.
func (n *Node) fault() error {
	n.mu.Lock()
	errs, excused := append([]error(nil), n.faults...), slices.Clone(n.excused)
	n.mu.Unlock()
	text, err := n.Log()
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for line := range bytes.Lines(text) {
		for _, scar := range scars {
			if bytes.Contains(line, []byte(scar)) && !slices.Contains(excused, string(line)) {
				errs = append(errs, fmt.Errorf("%s logged: %s", n.ID, bytes.TrimSpace(line)))
			}
		}
	}
	return errors.Join(errs...)
}

// AwaitGivingUp waits until the process has ended because it may not go on, and returns
// the line in which it says why. It is no fault then: the test has seen to it.
func (n *Node) AwaitGivingUp(ctx context.Context) (string, error) {
	n.mu.Lock()
	p := n.proc
	n.mu.Unlock()
	select {
	case <-p.ended:
	case <-ctx.Done():
		return "", fmt.Errorf("%s goes on: %w", n.ID, ctx.Err())
	}
	text, err := n.Log()
	if err != nil {
		return "", err
	}
	last := ""
	for line := range bytes.Lines(text) {
		if bytes.Contains(line, []byte(givenUp)) {
			last = string(line)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if last == "" || slices.Contains(n.excused, last) || len(n.faults) == 0 {
		return "", fmt.Errorf("%s ended, and says nothing of it: %v", n.ID, p.cmd.ProcessState)
	}
	n.excused, n.faults = append(n.excused, last), n.faults[:len(n.faults)-1]
	return last, nil
}
