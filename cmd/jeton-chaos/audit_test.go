package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/load"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// TestAuditTrouble: what clients see of an audit device that stands still, and that
// no more stands still with it than it has to. The node in trouble is the leader,
// which everybody's requests pass.
func TestAuditTrouble(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	for _, required := range []string{"true", "false"} {
		t.Run("a socket that nobody reads, required "+required, func(t *testing.T) {
			d := newTrouble(t, ctx, c)
			peer := newAuditPeer(t, d.lead.ID)
			d.enable(t, map[string]string{"type": "socket", "address": peer.Addr().String(), "required": required, "write_timeout": "500ms", "queue": "64"})
			if required == "true" {
				d.fillUntilRefused(t)
				d.othersGoOn(t, c.Others(d.lead))
			} else {
				d.fillUntilDropped(t)
				d.othersGoOn(t, c.Nodes)
			}
			peer.goOn()
			d.recovers(t)
			if required == "false" {
				must(t, poll(wait(t, ctx), func() bool {
					d.h.LookupSelf(ctx, d.lead.URL, c.Root)
					return peer.heardOfDrops()
				}))
			}
		})
		t.Run("a disk that is full, required "+required, func(t *testing.T) {
			d := newTrouble(t, ctx, c)
			file := filepath.Join(smallDisk(t), "audit.log")
			d.enable(t, map[string]string{"type": "file", "file_path": file, "required": required})
			if required == "true" {
				d.fillUntilRefused(t)
				d.allRefuse(t)
			} else {
				d.fillUntilDropped(t)
				d.othersGoOn(t, c.Nodes)
			}
			must(t, os.Truncate(file, 0))
			d.recovers(t)
		})
	}
}

// trouble is an audit device that gets into it.
type trouble struct {
	ctx   context.Context
	c     *procs.Cluster
	h     *client.Client
	lead  *procs.Node
	wrote int // the last value that was written for certain
}

func newTrouble(t *testing.T, ctx context.Context, c *procs.Cluster) *trouble {
	t.Helper()
	return &trouble{ctx: ctx, c: c, h: client.New(patience), lead: leader(t, ctx, c)}
}

func (d *trouble) enable(t *testing.T, options map[string]string) {
	t.Helper()
	r := client.Request{Node: d.c.Others(d.lead)[0].URL, Method: "PUT", Path: "sys/audit/trouble", Token: d.c.Root,
		Body: map[string]any{"type": options["type"], "options": options}}
	delete(options, "type")
	ask(t, d.ctx, d.h, r)
	t.Cleanup(func() {
		r.Method, r.Body = "DELETE", nil
		ask(t, d.ctx, d.h, r)
		serving(t, d.ctx, d.c, d.c.Nodes...)
	})
}

// Long entries, and how many of them there may be at most in the buffers between.
var (
	long     = make([]int, 15_000)
	maxTries = 5000
)

func (d *trouble) put(n int) client.Answer {
	return d.h.Put(d.ctx, d.lead.URL, d.c.Root, "trouble", map[string]any{"n": n, "long": long})
}

// What a client is told of a required device.
const (
	notDone  = "an audit device could not record the request; the request was not applied"
	withheld = "an audit device could not record the answer, which is withheld; the request was processed"
)

// fillUntilRefused writes by the leader until three requests were refused. Each is
// told what became of it.
func (d *trouble) fillUntilRefused(t *testing.T) {
	t.Helper()
	for n, refused := 1, 0; refused < 3; n++ {
		a := d.put(n)
		switch {
		case a.Outcome == client.Done:
			d.wrote = n
		case a.Status == http.StatusServiceUnavailable && strings.Contains(a.String(), notDone) && a.Header.Get("Retry-After") != "":
			refused++
		case a.Status == http.StatusInternalServerError && strings.Contains(a.String(), withheld):
			d.wrote = n
		case a.Outcome != client.Void: // or the machine was too busy for the cluster
			t.Fatalf("%s", a)
		}
		if n == maxTries {
			t.Fatal("the device takes everything")
		}
	}
	a := d.c.Health(d.ctx, d.lead, false)
	if a.Status != http.StatusOK || !bytes.Contains(a.Body, []byte(`"failing_audit_devices":1`)) {
		t.Errorf("health of the leader: %s %s", a, a.Body)
	}
	d.metric(t, d.lead, "jeton_audit_failing") // is answered
}

// fillUntilDropped writes by the leader until entries were dropped. No request is
// refused.
func (d *trouble) fillUntilDropped(t *testing.T) {
	t.Helper()
	before := d.metric(t, d.lead, "jeton_audit_dropped")
	for n := 1; ; n++ {
		switch a := d.put(n); {
		case a.Outcome == client.Done:
			d.wrote = n
		case a.Outcome != client.Void || strings.Contains(a.String(), "audit"):
			t.Fatalf("%s", a)
		}
		if n%10 == 0 && d.metric(t, d.lead, "jeton_audit_dropped") != before {
			return
		}
		if n == maxTries {
			t.Fatal("nothing is dropped")
		}
	}
}

// metric is the line of one about the device; empty if there is none yet.
func (d *trouble) metric(t *testing.T, n *procs.Node, name string) string {
	t.Helper()
	a := d.h.Do(d.ctx, client.Request{Node: n.URL, Method: "GET", Path: "sys/metrics?format=prometheus", Token: d.c.Root})
	if a.Outcome != client.Done {
		t.Fatalf("metrics: %s", a)
	}
	for line := range bytes.Lines(a.Body) {
		if bytes.HasPrefix(line, []byte(name)) && bytes.Contains(line, []byte("trouble")) {
			return string(line)
		}
	}
	return ""
}

// othersGoOn has clients of these nodes work: their requests pass the leader.
func (d *trouble) othersGoOn(t *testing.T, nodes []*procs.Node) {
	t.Helper()
	var urls []string
	for _, n := range nodes {
		urls = append(urls, n.URL)
	}
	work := load.StartPatients(d.ctx, urls, d.c.Root)
	must(t, work.Await(wait(t, d.ctx), breath))
	token := create(t, d.ctx, d.h, nodes[0].URL, d.c.Root, client.TokenRequest{})
	if a := d.h.Revoke(d.ctx, nodes[1].URL, d.c.Root, token.ID); a.Outcome != client.Done {
		t.Errorf("revoke: %s", a)
	}
	if a := d.h.LookupSelf(d.ctx, nodes[0].URL, token.ID); a.Status != http.StatusForbidden {
		t.Errorf("a revoked token: %s", a)
	}
	noneFailed(t, work.Stop())
}

// allRefuse wants every node to refuse by itself, since all write to one disk, and
// the cluster to be as well as before in everything else.
func (d *trouble) allRefuse(t *testing.T) {
	t.Helper()
	for _, n := range d.c.Nodes {
		must(t, poll(wait(t, d.ctx), func() bool {
			a := d.h.LookupSelf(d.ctx, n.URL, d.c.Root)
			return a.Status == http.StatusServiceUnavailable && strings.Contains(a.String(), notDone)
		}))
		if a := d.c.Health(d.ctx, n, true); a.Status != http.StatusOK {
			t.Errorf("health of %s: %s", n.ID, a)
		}
		d.metric(t, n, "jeton_audit_failing")
	}
}

// recovers waits until all nodes answer, and wants what was refused not to have been
// done, and the rest to have been.
func (d *trouble) recovers(t *testing.T) {
	t.Helper()
	serving(t, d.ctx, d.c, d.c.Nodes...)
	var body struct{ Data struct{ N int } }
	must(t, d.h.Get(d.ctx, d.lead.URL, d.c.Root, "trouble").Decode(&body))
	if body.Data.N != d.wrote {
		t.Errorf("value %d is there, %d was the last that was written", body.Data.N, d.wrote)
	}
}

// smallDisk is a folder on a file system of its own that holds next to nothing.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	mountDisk(t, dir, 512<<10)
	return dir
}
