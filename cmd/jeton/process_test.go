package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster/keys"
)

// mainEnv makes the test binary be the command: so the processes below are built
// the way the tests are, with the race detector if they have it.
const mainEnv = "JETON_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(mainEnv) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process is one node of a real cluster: a process with a disk.
type process struct {
	t    *testing.T
	id   string
	args []string
	addr string // URL for clients
	cmd  *exec.Cmd
	log  *logBuffer
}

// processCluster is three of them.
type processCluster struct {
	t     *testing.T
	dir   string
	token string
	nodes [3]*process
}

// startProcesses starts three nodes and returns when all of them serve. They are
// killed when the test ends; their logs are shown if it failed.
func startProcesses(t *testing.T) *processCluster {
	t.Helper()
	c := &processCluster{t: t, dir: t.TempDir(), token: "root-for-tests"}
	secret, token := filepath.Join(c.dir, "cluster.secret"), filepath.Join(c.dir, "root-token")
	if err := createSecretFile(secret, keys.Generate()); err != nil {
		t.Fatal(err)
	}
	if err := createSecretFile(token, c.token); err != nil {
		t.Fatal(err)
	}
	ports := freePorts(t, 9)
	join := fmt.Sprintf("%s,%s,%s", ports[2], ports[5], ports[8])
	for i := range c.nodes {
		id := fmt.Sprintf("node-%d", i+1)
		c.nodes[i] = &process{
			t: t, id: id, addr: "http://" + ports[3*i], log: new(logBuffer),
			args: []string{"server", "--node-id", id, "--data-dir", filepath.Join(c.dir, id),
				"--http-addr", ports[3*i], "--cluster-addr", ports[3*i+1], "--gossip-addr", ports[3*i+2],
				"--join", join, "--bootstrap-expect", "3", "--secret-file", secret, "--initial-root-token-file", token},
		}
		c.nodes[i].start()
	}
	for _, p := range c.nodes {
		p.awaitService()
	}
	return c
}

// freePorts finds addresses that are free for TCP and UDP.
func freePorts(t *testing.T, n int) []string {
	t.Helper()
	var addrs []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // only at the end, so that no port is found twice
		addrs = append(addrs, l.Addr().String())
	}
	return addrs
}

func (p *process) start() {
	p.t.Helper()
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command(self, p.args...)
	p.cmd.Env = append(os.Environ(), mainEnv+"=1")
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	cmd := p.cmd
	p.t.Cleanup(func() {
		if cmd.ProcessState == nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
		if p.t.Failed() {
			p.t.Logf("log of %s:\n%s", p.id, p.log)
		}
	})
}

// end sends the signal and returns how the process ended.
func (p *process) end(signal os.Signal) error {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	return p.cmd.Wait()
}

func (p *process) awaitService() {
	p.t.Helper()
	if code, out, errs := newShell(p.t, p.addr).run(p.t.Context(), "status", "-wait=60s"); code != exitDone {
		p.t.Fatalf("%s does not serve: exit %d\n%s%s", p.id, code, out, errs)
	}
}

// jeton runs a client command against a node and expects it to succeed.
func (c *processCluster) jeton(p *process, args ...string) string {
	c.t.Helper()
	return c.jetonAs(c.token, exitDone, p, args...)
}

// jetonAs runs a client command with a token and expects it to end in a way.
func (c *processCluster) jetonAs(token string, want int, p *process, args ...string) string {
	c.t.Helper()
	sh := newShell(c.t, p.addr)
	sh.env["JETON_TOKEN"] = token
	code, out, errs := sh.run(c.t.Context(), args...)
	if code != want {
		c.t.Fatalf("%s: jeton %s: exit %d, want %d\n%s%s", p.id, strings.Join(args, " "), code, want, out, errs)
	}
	return strings.TrimSpace(out)
}

// leader is the node that says so of itself.
func (c *processCluster) leader(among []*process) *process {
	c.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		for _, p := range among {
			sh := newShell(c.t, p.addr)
			if code, out, _ := sh.run(c.t.Context(), "status", "-field=HA Mode"); code == exitDone && out == "active\n" {
				return p
			}
		}
	}
	c.t.Fatal("no node leads")
	return nil
}

// others are the nodes but for one.
func (c *processCluster) others(than *process) []*process {
	var rest []*process
	for _, p := range c.nodes {
		if p != than {
			rest = append(rest, p)
		}
	}
	return rest
}

// TestProcesses is the life of a cluster of processes, from its first start to a
// restart of everything.
func TestProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	c := startProcesses(t)

	var tokens []string
	for _, p := range c.nodes { // made on one node, known to the next
		tokens = append(tokens, c.jeton(p, "token", "create", "-ttl=1h", "-field=token"))
	}
	for i, token := range tokens {
		if got := c.jeton(c.nodes[(i+1)%3], "token", "lookup", "-field=id", token); got != token {
			t.Fatalf("looked up %q, want %q", got, token)
		}
	}
	secrets := slices.Concat(c.loginEverywhere(), c.jwtEverywhere(), c.waypointEverywhere())
	members := c.jeton(c.nodes[0], "operator", "members")
	if strings.Count(members, "leader") != 1 || strings.Count(members, "follower") != 2 {
		t.Errorf("members:\n%s", members)
	}

	// a leader that is told to stop hands over and leaves without an error
	leader := c.leader(c.nodes[:])
	if err := leader.end(syscall.SIGTERM); err != nil {
		t.Errorf("stopped leader: %v", err)
	}
	tokens = append(tokens, c.jeton(c.others(leader)[0], "token", "create", "-ttl=1h", "-field=token"))
	leader.start()
	leader.awaitService()
	c.jeton(leader, "token", "lookup", tokens[3])

	// a leader that is killed is replaced, and comes back with what it missed
	leader = c.leader(c.nodes[:])
	leader.end(os.Kill)
	survivors := c.others(leader)
	tokens = append(tokens, c.jeton(survivors[1], "token", "create", "-ttl=1h", "-field=token"))
	leader.start()
	leader.awaitService()
	c.jeton(leader, "token", "lookup", tokens[4])

	// one node alone vouches for nothing
	for _, p := range survivors {
		p.end(os.Kill)
	}
	alone := newShell(t, leader.addr)
	alone.env["JETON_TOKEN"] = c.token
	if code, out, _ := alone.run(t.Context(), "token", "lookup", tokens[0]); code == exitDone {
		t.Errorf("a node without a quorum answered:\n%s", out)
	}
	for _, p := range survivors {
		p.start()
	}
	for _, p := range c.nodes {
		p.awaitService()
		for _, token := range tokens {
			c.jeton(p, "token", "lookup", token)
		}
	}
	c.secretsStayOffDisk(slices.Concat(tokens, secrets, []string{c.token}))
}

// secretsStayOffDisk looks for the tokens in everything that the nodes have written.
func (c *processCluster) secretsStayOffDisk(tokens []string) {
	c.t.Helper()
	files := 0
	for _, p := range c.nodes {
		err := filepath.WalkDir(filepath.Join(c.dir, p.id), func(path string, entry os.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			for i, token := range tokens {
				if bytes.Contains(text, []byte(token)) {
					c.t.Errorf("%s holds token %d", path, i)
				}
			}
			return nil
		})
		if err != nil {
			c.t.Fatal(err)
		}
		for i, token := range tokens {
			if strings.Contains(p.log.String(), token) {
				c.t.Errorf("the log of %s holds token %d", p.id, i)
			}
		}
	}
	if files == 0 {
		c.t.Error("the nodes have no files")
	}
}

// logBuffer is a process's output; exec writes to it from a goroutine.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
