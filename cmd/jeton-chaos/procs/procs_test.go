package procs

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shell is a node whose process is a shell script.
func shell(t *testing.T, script string) *Node {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	n := &Node{ID: "n1", DataDir: filepath.Join(dir, "n1"), LogFile: filepath.Join(dir, "n1.log"), argv: []string{sh, "-c", script}}
	t.Cleanup(func() { n.Kill() })
	return n
}

func started(t *testing.T, script string) *Node {
	t.Helper()
	n := shell(t, script)
	if err := n.Start(); err != nil {
		t.Fatal(err)
	}
	return n
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestKillPauseContinueAndStartAgain(t *testing.T) {
	n := started(t, "while :; do sleep 1; done")
	if err := n.Start(); err == nil {
		t.Error("a running node was started again")
	}
	if err := n.Wipe(); err == nil {
		t.Error("a running node was wiped")
	}
	if err := n.Pause(); err != nil || n.Running() {
		t.Fatalf("pause: %v, running %t", err, n.Running())
	}
	if err := n.Continue(); err != nil || !n.Running() {
		t.Fatalf("continue: %v, running %t", err, n.Running())
	}
	for range 2 { // the second finds nothing to kill
		if err := n.Kill(); err != nil || n.Running() {
			t.Fatalf("kill: %v, running %t", err, n.Running())
		}
	}
	if err := n.Pause(); err == nil {
		t.Error("a dead node was paused")
	}
	if err := n.Start(); err != nil || !n.Running() {
		t.Fatalf("start: %v, running %t", err, n.Running())
	}
	if err := n.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := n.fault(); err != nil {
		t.Errorf("what we did is no fault: %v", err)
	}
}

func TestAPausedNodeCanBeKilled(t *testing.T) {
	n := started(t, "while :; do sleep 1; done")
	if err := n.Pause(); err != nil {
		t.Fatal(err)
	}
	if err := n.Kill(); err != nil {
		t.Fatal(err)
	}
}

func TestStopWaitsForTheEnd(t *testing.T) {
	n := started(t, "trap 'echo leaving; exit 0' TERM; echo ready; while :; do sleep 0.05; done")
	if err := until(soon(t), func() error { return logged(n, "ready") }); err != nil {
		t.Fatal(err)
	}
	if err := n.Stop(soon(t)); err != nil {
		t.Fatal(err)
	}
	if err := logged(n, "leaving"); err != nil {
		t.Error(err)
	}
	if err := n.fault(); err != nil {
		t.Error(err)
	}
}

func logged(n *Node, text string) error {
	b, err := n.Log()
	if err == nil && !strings.Contains(string(b), text) {
		err = errors.New(text + " was not logged")
	}
	return err
}

// None of these may pass unnoticed.
func TestFaults(t *testing.T) {
	for name, test := range map[string]struct{ script, want string }{
		"crash":          {"exit 2", "ended by itself"},
		"quiet end":      {"exit 0", "ended by itself"},
		"panic":          {"echo 'panic: at the disco' >&2; while :; do sleep 1; done", "panic: at the disco"},
		"fault":          {"echo 'msg=\"fault, exiting\"' >&2; while :; do sleep 1; done", "fault, exiting"},
		"failed to stop": {"trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done", "was told to stop and failed"},
	} {
		t.Run(name, func(t *testing.T) {
			n := started(t, test.script)
			if name == "failed to stop" {
				if err := until(soon(t), func() error { return logged(n, "ready") }); err != nil {
					t.Fatal(err)
				}
				if err := n.Stop(soon(t)); err != nil {
					t.Fatal(err)
				}
			}
			if err := until(soon(t), func() error {
				if err := n.fault(); err == nil || !strings.Contains(err.Error(), test.want) {
					return errors.New(test.want + " was not noticed")
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNodesGetPlacesOfTheirOwn(t *testing.T) {
	l := &loopback{taken: make(map[int]bool)}
	seen := make(map[string]bool)
	for i := range 5 {
		p, err := l.place(i)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range []string{p.http, p.cluster, p.gossip} {
			if seen[a] || !free(a) {
				t.Errorf("%s is not free", a)
			}
			seen[a] = true
		}
	}
	if err := (&Cluster{net: l}).Cut(&Node{}); !errors.Is(err, errNoPartition) {
		t.Errorf("cut on loopback: %v", err)
	}
}

func TestServersDoNotInheritOurConfiguration(t *testing.T) {
	t.Setenv("JETON_NODE_ID", "ours")
	t.Setenv("CHAOS_TEST", "kept")
	env := strings.Join(ownEnv(), "\n")
	if strings.Contains(env, "JETON_") || !strings.Contains(env, "CHAOS_TEST=kept") {
		t.Error("environment is not what it should be")
	}
}

func TestTails(t *testing.T) {
	n := shell(t, "")
	if err := os.WriteFile(n.LogFile, []byte("one\ntwo\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := (&Cluster{Nodes: []*Node{n}}).Tails(2)
	if strings.Contains(got, "one") || !strings.Contains(got, "two\nthree") {
		t.Errorf("tails: %s", got)
	}
}
