//go:build containers

// Package deploy_test starts the compose file on a real Docker engine. It is built
// and run only by make test, and only when an engine answers.
package deploy_test

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// project keeps these containers apart from those of make up.
const project = "jeton-test"

// compose runs docker compose, or the older docker-compose, on the project's file.
type compose struct {
	t       *testing.T
	top     string // of the project
	command []string
	env     []string
	ports   [3]string
	token   string

	grpcPorts [3]string
}

func newCompose(t *testing.T) *compose {
	c := &compose{t: t, command: []string{"docker-compose"}}
	if exec.Command("docker", "compose", "version").Run() == nil {
		c.command = []string{"docker", "compose"}
	}
	var err error
	if c.top, err = filepath.Abs(".."); err != nil {
		t.Fatal(err)
	}
	secrets := t.TempDir()
	c.env = append(os.Environ(), "JETON_SECRETS="+secrets, "PROJECT="+project, "COMPOSE="+strings.Join(c.command, " "))
	for i := range c.ports {
		c.ports[i] = freePort(t)
		c.grpcPorts[i] = freePort(t)
		c.env = append(c.env, "JETON_PORT_"+strconv.Itoa(i+1)+"="+c.ports[i], "JETON_GRPC_PORT_"+strconv.Itoa(i+1)+"="+c.grpcPorts[i])
	}
	t.Cleanup(func() { c.do("down", "-v", "--remove-orphans") })
	c.up()
	token, err := os.ReadFile(filepath.Join(secrets, "root-token"))
	if err != nil {
		t.Fatal(err)
	}
	c.token = strings.TrimSpace(string(token))
	return c
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// up is what make up does; it returns when every node serves.
func (c *compose) up() {
	c.t.Helper()
	c.exec("deploy/up.sh")
}

// do runs a subcommand of compose.
func (c *compose) do(args ...string) string {
	c.t.Helper()
	return c.exec(c.command[0], slices.Concat(c.command[1:], []string{"-p", project}, args)...)
}

// jeton runs a client command against one node, counted from 1.
func (c *compose) jeton(node int, args ...string) string {
	c.t.Helper()
	return c.exec("bin/jeton", append(args, "-address", "http://127.0.0.1:"+c.ports[node-1])...)
}

// exec runs a program from the top of the project and returns what it printed.
func (c *compose) exec(name string, args ...string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if strings.Contains(name, "/") {
		name = filepath.Join(c.top, name)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = c.top
	cmd.Env = append(c.env, "JETON_TOKEN="+c.token)
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestContainers forms a cluster of containers, takes a node away and gives it
// back under another address, and starts everything again on the same disks.
func TestContainers(t *testing.T) {
	c := newCompose(t)

	token := c.jeton(1, "token", "create", "-ttl=1h", "-field=token")
	for node := 1; node <= 3; node++ {
		if got := c.jeton(node, "token", "lookup", "-field=id", token); got != token {
			t.Errorf("node %d does not know a token that node 1 made", node)
		}
	}

	for _, port := range c.grpcPorts {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			t.Fatal(err)
		}
		// an HTTP/2 server speaks first: the header of its settings, frame type 4
		frame := make([]byte, 9)
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.ReadFull(conn, frame); err != nil || frame[3] != 4 {
			t.Errorf("port %s speaks no gRPC: % x, %v", port, frame, err)
		}
		conn.Close()
	}

	// the binary is its own health check
	for _, id := range strings.Fields(c.do("ps", "-q")) {
		c.awaitHealthy(id)
	}

	// killed, the others go on; back, it catches up
	c.do("kill", "node-1")
	second := c.jeton(2, "token", "create", "-ttl=1h", "-field=token")
	c.up()
	if got := c.jeton(1, "token", "lookup", "-field=id", second); got != second {
		t.Error("node 1 came back without what happened meanwhile")
	}

	// all of them gone, with their addresses, but not their disks
	c.do("down")
	c.up()
	if got := c.jeton(3, "token", "lookup", "-field=id", token); got != token {
		t.Error("a token is gone after a restart of all nodes")
	}
}

// awaitHealthy waits for the engine's own verdict on a container.
func (c *compose) awaitHealthy(id string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	again := time.NewTicker(500 * time.Millisecond)
	defer again.Stop()
	for {
		state := c.exec("docker", "inspect", "-f", "{{.State.Health.Status}}", id)
		if state == "healthy" {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			c.t.Fatalf("container %s is %s", id, state)
		}
	}
}
