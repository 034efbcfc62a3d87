package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// killPoints is at how many places on the way of an archive the leader is killed.
const killPoints = 10

// A leader that dies while an archive is restored leaves all of the old state or all
// of the new one on every node, and the answer says which, unless it says that it does
// not know.
func TestRestoreOutlivesTheLeader(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := start(t, procs.Config{})
	h := client.New(patience)
	write := func(path string, body map[string]any) {
		t.Helper()
		ask(t, ctx, h, client.Request{Node: c.Nodes[0].URL, Method: http.MethodPut, Path: path, Token: c.Root, Body: body})
	}
	for i := range 100 { // an archive that fits no buffer on its way
		filler := "# " + rand.Text()
		for len(filler) < 40<<10 {
			filler += rand.Text()
		}
		write(fmt.Sprint("sys/policies/acl/old-", i), map[string]any{"policy": filler})
	}
	saved := archive(t, ctx, c.Nodes[0], c.Root, nil)
	restoreCutOff(t, ctx, c, saved)
	outcomes := map[bool]int{}
	for point := range killPoints {
		marker := fmt.Sprint("new-", point)
		write("sys/policies/acl/"+marker, map[string]any{"policy": "# made since"})
		led := leader(t, ctx, c)
		body := &fatalReader{r: bytes.NewReader(saved), at: len(saved) * point / (killPoints - 1), kill: led.Kill}
		status, text, err := restoreSlowly(ctx, c.Others(led)[point%2], c.Root, body)
		must(t, err)
		must(t, body.err)
		leader(t, ctx, c, led)
		must(t, led.Start())
		serving(t, ctx, c, c.Nodes...)
		restored := holds(t, ctx, h, c.Nodes[0], c.Root, marker, false)
		for _, n := range c.Nodes[1:] {
			if holds(t, ctx, h, n, c.Root, marker, false) != restored {
				t.Fatalf("point %d: the nodes do not agree", point)
			}
		}
		outcomes[restored]++
		t.Logf("killed after %d of %d bytes: %d, restored: %v", body.at, len(saved), status, restored)
		switch {
		case status == http.StatusOK && !restored, status/100 == 4 && restored:
			t.Errorf("point %d: answered %d %s, restored: %v", point, status, text, restored)
		case !holds(t, ctx, h, c.Nodes[point%3], c.Root, "old-99", true):
			t.Fatalf("point %d: neither the old state nor the new one", point)
		}
	}
	if outcomes[true] == 0 {
		t.Error("no restore survived its leader")
	}
}

// restoreCutOff kills the node that takes an archive: nothing has changed then.
func restoreCutOff(t *testing.T, ctx context.Context, c *procs.Cluster, saved []byte) {
	t.Helper()
	h := client.New(patience)
	ask(t, ctx, h, client.Request{Node: c.Nodes[0].URL, Method: http.MethodPut, Path: "sys/policies/acl/kept", Token: c.Root, Body: map[string]any{"policy": "# made since"}})
	takes := c.Others(leader(t, ctx, c))[0]
	body := &fatalReader{r: bytes.NewReader(saved), at: len(saved) / 2, kill: takes.Kill}
	if status, text, err := restoreSlowly(ctx, takes, c.Root, body); err == nil {
		t.Errorf("a node that was killed has answered %d %s", status, text)
	}
	must(t, body.err)
	must(t, takes.Start())
	serving(t, ctx, c, c.Nodes...)
	for _, n := range c.Nodes {
		if !holds(t, ctx, h, n, c.Root, "kept", true) {
			t.Errorf("%s has lost what half an archive lacks", n.ID)
		}
	}
}

// holds says whether a node has a policy, or the lack of it, that is asked for.
func holds(t *testing.T, ctx context.Context, h *client.Client, n *procs.Node, token, policy string, want bool) bool {
	t.Helper()
	a := h.Do(ctx, client.Request{Node: n.URL, Method: http.MethodGet, Path: "sys/policies/acl/" + policy, Token: token})
	if a.Status != http.StatusOK && a.Status != http.StatusNotFound {
		t.Fatalf("%s: %s", n.ID, a)
	}
	return (a.Status == http.StatusOK) == want
}

// restoreSlowly sends an archive through small buffers, so that what was read of it
// has nearly arrived.
func restoreSlowly(ctx context.Context, n *procs.Node, token string, body io.Reader) (int, []byte, error) {
	dialer := new(net.Dialer)
	slow := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, addr)
		if tcp, ok := conn.(*net.TCPConn); ok {
			err = tcp.SetWriteBuffer(16 << 10)
		}
		return conn, err
	}}}
	defer slow.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.URL+"/v1/sys/storage/raft/snapshot", body)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("X-Vault-Token", token)
	res, err := slow.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

// fatalReader kills somebody when so many bytes have been read of it.
type fatalReader struct {
	r    *bytes.Reader
	at   int
	kill func() error
	err  error
}

func (f *fatalReader) Read(p []byte) (int, error) {
	if read := int(f.r.Size()) - f.r.Len(); f.kill != nil && read >= f.at {
		f.err = f.kill()
		f.kill = nil
	} else if f.kill != nil {
		p = p[:min(len(p), f.at-read)]
	}
	return f.r.Read(p)
}
