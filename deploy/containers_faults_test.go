//go:build containers

package deploy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/load"
)

// TestContainersUnderFaults: containers are restarted in turn; while a client writes, a container is cut off from its
// network and comes back with another address, a volume is lost, the leader is killed,
// and a snapshot is restored. Everything that was acknowledged is there in the end, on
// every node, and what was revoked is not.
func TestContainersUnderFaults(t *testing.T) {
	c := newCompose(t)
	restartInTurn(t, c)
	w := newPersistentClient(c)
	w.more()

	one := c.do("ps", "-q", "node-1")
	network := project + "_default"
	c.exec("docker", "network", "disconnect", network, one)
	w.more()
	c.exec("docker", "network", "connect", "--alias", "node-1", network, one)
	c.up()
	w.more()

	before := c.address(one)
	c.exec("docker", "stop", one)
	c.squat(network, before)
	c.up()
	if after := c.address(one); after == before {
		t.Fatalf("node-1 has its address %s again", after)
	}
	w.more()

	lost := c.servers()
	c.do("rm", "-s", "-f", "node-2")
	c.exec("docker", "volume", "rm", project+"_data-2")
	w.more()
	c.up()
	c.awaitVoters(lost["node-2"])
	w.more()

	c.do("kill", c.leaderName())
	w.more()
	c.up()

	archive := filepath.Join(t.TempDir(), "a.snap")
	revoked := c.jeton(1, "token", "create", "-ttl=1h", "-field=token")
	tokens := w.stop()
	c.jeton(2, "snapshot", "save", archive)
	c.jeton(3, "token", "revoke", revoked)
	c.jeton(3, "snapshot", "restore", archive)
	for i, token := range tokens {
		if status := c.lookup(1+i%3, token); status != http.StatusOK {
			t.Errorf("token %d of %d on node %d: %d", i, len(tokens), 1+i%3, status)
		}
	}
	for node := 1; node <= 3; node++ {
		if status := c.lookup(node, revoked); status != http.StatusForbidden {
			t.Errorf("the revoked token on node %d: %d", node, status)
		}
	}
	t.Logf("%d tokens were made meanwhile", len(tokens))
}

// restartInTurn restarts one container after the other, as an upgrade does. Clients that
// go on to another node on a 503 see no request fail.
func restartInTurn(t *testing.T, c *compose) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var urls []string
	for _, port := range c.ports {
		urls = append(urls, "http://127.0.0.1:"+port)
	}
	work := load.StartPatients(ctx, urls, c.token)
	const between = 200 // answers
	for node := 1; node <= 3; node++ {
		if err := work.Await(ctx, between); err != nil {
			t.Fatal(err)
		}
		c.do("restart", "node-"+strconv.Itoa(node))
		c.up()
	}
	if err := work.Await(ctx, between); err != nil {
		t.Fatal(err)
	}
	p := work.Stop()
	t.Log(p)
	for _, f := range p.Failed {
		t.Errorf("FAILED %s", f)
	}
}

// squat has other containers take what addresses are free, until one has this.
func (c *compose) squat(network, address string) {
	c.t.Helper()
	for range 8 {
		id := c.exec("docker", "run", "-d", "--rm", "--network", network, "jeton:dev", "server")
		c.t.Cleanup(func() { c.exec("docker", "rm", "-f", id) })
		if c.address(id) == address {
			return
		}
	}
	c.t.Fatalf("nobody got the address %s", address)
}

// address is a container's in the project's network.
func (c *compose) address(id string) string {
	c.t.Helper()
	return c.exec("docker", "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", id)
}

type serverRow struct {
	Node     string `json:"node"`
	ServerID string `json:"server_id"`
	Role     string `json:"role"`
}

func (c *compose) members() (rows []serverRow) {
	c.t.Helper()
	if err := json.Unmarshal([]byte(c.jeton(3, "operator", "members", "-format=json")), &rows); err != nil {
		c.t.Fatal(err)
	}
	return rows
}

// servers are the server ids by node.
func (c *compose) servers() map[string]string {
	of := make(map[string]string)
	for _, r := range c.members() {
		of[r.Node] = r.ServerID
	}
	return of
}

func (c *compose) leaderName() string {
	for _, r := range c.members() {
		if r.Role == "leader" {
			return r.Node
		}
	}
	c.t.Fatal("nobody leads")
	return ""
}

// awaitVoters waits until three vote, and a server that lost its disk is none of them.
func (c *compose) awaitVoters(lost string) {
	c.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		voters, there := 0, false
		rows := c.members()
		for _, r := range rows {
			there = there || r.ServerID == lost
			if r.Role != "non-voter" {
				voters++
			}
		}
		if voters == 3 && !there {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%v", rows)
		}
	}
}

func (c *compose) request(node int, method, path, token, body string) (*http.Response, error) {
	req, err := http.NewRequest(method, "http://127.0.0.1:"+c.ports[node-1]+"/v1/"+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Vault-Token", token)
	client := http.Client{Timeout: 5 * time.Second}
	return client.Do(req)
}

func (c *compose) lookup(node int, token string) int {
	c.t.Helper()
	res, err := c.request(node, http.MethodGet, "auth/token/lookup-self", token, "")
	if err != nil {
		c.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// persistentClient makes tokens through one node after the other, whatever becomes of a
// request, and keeps those that were acknowledged.
type persistentClient struct {
	c         *compose
	end, done chan struct{}
	mu        sync.Mutex
	tokens    []string
}

func newPersistentClient(c *compose) *persistentClient {
	w := &persistentClient{c: c, end: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for node := 0; ; node++ {
			select {
			case <-w.end:
				return
			default:
				w.create(1 + node%3)
			}
		}
	}()
	return w
}

func (w *persistentClient) create(node int) {
	res, err := w.c.request(node, http.MethodPost, "auth/token/create", w.c.token, `{"ttl":"1h"}`)
	if err != nil {
		return
	}
	defer res.Body.Close()
	var made struct {
		Auth struct {
			Token string `json:"client_token"`
		}
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(res.Body); err != nil || res.StatusCode != http.StatusOK || json.Unmarshal(text.Bytes(), &made) != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tokens = append(w.tokens, made.Auth.Token)
}

func (w *persistentClient) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.tokens)
}

// more waits until more was acknowledged.
func (w *persistentClient) more() {
	w.c.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(time.Minute)
	for before := w.count(); w.count() < before+20; {
		select {
		case <-tick.C:
		case <-limit:
			w.c.t.Fatal("nothing is written any more")
		}
	}
}

func (w *persistentClient) stop() []string {
	close(w.end)
	<-w.done
	return w.tokens
}
