package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// buildDir is where the server is built that all tests run.
var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "jeton-chaos-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(buildDir)
	os.Exit(code)
}

// binary builds it once, when the first test wants it.
var binary = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return procs.Binary(ctx, buildDir)
})

// patience is how long a test waits for what must happen. It says when to give
// up, not how fast a cluster has to be.
const patience = 60 * time.Second

// start runs three real processes until the end of the test. A process that
// crashes fails the test, whatever the test itself looks at.
func start(t *testing.T, cfg procs.Config) (context.Context, *procs.Cluster) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs real processes: skipped with -short")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	t.Cleanup(cancel)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Binary = path
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	begin := time.Now()
	c, err := procs.Start(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("three nodes serve after %s", time.Since(begin).Round(time.Millisecond))
	t.Cleanup(func() {
		if err := c.Faults(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(c.Tails(25))
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return ctx, c
}

// startApart is start with a network for each node, for tests that cut links.
func startApart(t *testing.T) (context.Context, *procs.Cluster) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs real processes: skipped with -short")
	}
	if err := procs.CanPartition(); err != nil {
		t.Skipf("NO PARTITION IS TESTED HERE: %v", err)
	}
	return start(t, procs.Config{Namespaces: true})
}

// wait bounds one wait of a test.
func wait(t *testing.T, ctx context.Context) context.Context {
	ctx, cancel := context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	return ctx
}

func leader(t *testing.T, ctx context.Context, c *procs.Cluster, except ...*procs.Node) *procs.Node {
	t.Helper()
	n, err := c.AwaitLeader(wait(t, ctx), except...)
	if err != nil {
		t.Fatalf("no leader: %v", err)
	}
	return n
}

func serving(t *testing.T, ctx context.Context, c *procs.Cluster, nodes ...*procs.Node) {
	t.Helper()
	if err := c.AwaitServing(wait(t, ctx), nodes...); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// create makes a token that must come to be.
func create(t *testing.T, ctx context.Context, h *client.Client, node, caller string, r client.TokenRequest) client.Token {
	t.Helper()
	token, a := h.CreateToken(ctx, node, caller, "", r)
	if a.Outcome != client.Done {
		t.Fatalf("create: %s", a)
	}
	return token
}
