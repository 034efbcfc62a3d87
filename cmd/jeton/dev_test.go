package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serveAtOnce stands for a node: it is ready when told so, and ends with its context.
func serveAtOnce(ctx context.Context, o Options, ready func(string)) error {
	ready("http://" + o.HTTPAddr)
	<-ctx.Done()
	return nil
}

func TestDevLayout(t *testing.T) {
	d := devCluster{nodes: 3, httpPort: 9100, rootToken: "root", logLevel: "warn"}
	dir := t.TempDir()
	options, err := d.options(dir)
	if err != nil {
		t.Fatal(err)
	}
	second := options[1]
	if second.HTTPAddr != "127.0.0.1:9110" || second.ClusterAddr != "127.0.0.1:9111" || second.GossipAddr != "127.0.0.1:9112" || second.GRPCAddr != "127.0.0.1:9113" {
		t.Errorf("second node at %s, %s, %s, %s", second.HTTPAddr, second.ClusterAddr, second.GossipAddr, second.GRPCAddr)
	}
	if got := strings.Join(second.Join, " "); got != "127.0.0.1:9102 127.0.0.1:9122" {
		t.Errorf("second node joins %s", got)
	}
	if second.BootstrapExpect != 3 || second.NodeID != "node-2" {
		t.Errorf("second node %s expects %d", second.NodeID, second.BootstrapExpect)
	}
	token, err := readTokenFile(options[0].InitialRootTokenFile)
	if err != nil || token != "root" {
		t.Errorf("root token %q %v", token, err)
	}
	before, err := os.ReadFile(second.SecretFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.options(dir); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(second.SecretFile); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a second start changed the secret (%v)", err)
	}
}

func TestDevSaysReadyLast(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out := &stopAt{word: "ready\n", stop: cancel}
	d := devCluster{nodes: 3, httpPort: 9100, rootToken: "root", dataDir: t.TempDir(), logLevel: "warn", serve: serveAtOnce}
	if err := d.run(ctx, &console{out: out}); err != nil {
		t.Fatal(err)
	}
	want := "node-1 http://127.0.0.1:9100\nnode-2 http://127.0.0.1:9110\nnode-3 http://127.0.0.1:9120\nroot token: root\nready\n"
	if out.String() != want {
		t.Errorf("got:\n%swant:\n%s", out.String(), want)
	}
}

func TestDevEndsWithItsFirstFailure(t *testing.T) {
	broken := errors.New("disk on fire")
	d := devCluster{nodes: 3, httpPort: 9100, rootToken: "root", dataDir: t.TempDir(), logLevel: "warn"}
	d.serve = func(ctx context.Context, o Options, ready func(string)) error {
		if o.NodeID == "node-2" {
			return broken
		}
		return serveAtOnce(ctx, o, ready)
	}
	var out bytes.Buffer
	err := d.run(t.Context(), &console{out: &out})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "node-2") || out.Len() != 0 {
		t.Errorf("got %v and %q", err, out.String())
	}
}

func TestDevRemovesItsTemporaryData(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	d := devCluster{nodes: 1, httpPort: 9100, rootToken: "root", logLevel: "warn", serve: serveAtOnce}
	if err := d.run(ctx, &console{out: &stopAt{word: "ready\n", stop: cancel}}); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDevUsage(t *testing.T) {
	for _, d := range []devCluster{
		{nodes: 0, httpPort: 8200, rootToken: "root"},
		{nodes: maxDevNodes + 1, httpPort: 8200, rootToken: "root"},
		{nodes: 3, httpPort: 65530, rootToken: "root"},
		{nodes: 1, httpPort: 65533, rootToken: "root"},
		{nodes: 1, httpPort: 0, rootToken: "root"},
		{nodes: 1, httpPort: 8200},
		{nodes: 1, httpPort: 8200, rootToken: "jts_foo"},
		{nodes: 1, httpPort: 8200, rootToken: "ro ot"},
	} {
		if err := d.validate(); !errors.As(err, new(usageError)) {
			t.Errorf("%+v: %v, want a usage error", d, err)
		}
	}
}

// stopAt is an output that calls stop once it has seen a word.
type stopAt struct {
	bytes.Buffer
	word string
	stop func()
}

func (s *stopAt) Write(p []byte) (int, error) {
	n, err := s.Buffer.Write(p)
	if strings.HasSuffix(s.String(), s.word) {
		s.stop()
	}
	return n, err
}
