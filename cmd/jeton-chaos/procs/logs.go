package procs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
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
var scars = []string{"panic: ", "fatal error: ", "DATA RACE", "fault, exiting"}

// fault tells what the node should not have done.
func (n *Node) fault() error {
	n.mu.Lock()
	errs := append([]error(nil), n.faults...)
	n.mu.Unlock()
	text, err := n.Log()
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for line := range bytes.Lines(text) {
		for _, scar := range scars {
			if bytes.Contains(line, []byte(scar)) {
				errs = append(errs, fmt.Errorf("%s logged: %s", n.ID, bytes.TrimSpace(line)))
			}
		}
	}
	return errors.Join(errs...)
}
