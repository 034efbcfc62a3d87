package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/secrets"
)

// A cluster issues a thousand tokens in every way there is, takes and gives every
// other kind of secret; a node misses so much that the log it needs is gone, and
// catches up by a snapshot; and nowhere on any disk, in any log or metric is one of
// the secrets.
func TestDisks(t *testing.T) {
	ctx, c := start(t, procs.Config{Flags: []string{"--log-level", "debug"}})
	enableAudit(t, ctx, c)
	issued := issue(t, ctx, c)
	issued.issueSecretIDs(t, ctx, c)
	issued.issueLogins(t, ctx, c)
	issued.issueSealed(t, ctx, c)
	issued.issueByWebhook(t, ctx, c)
	issued.issueSigned(t, ctx, c)
	t.Run("accounts", func(t *testing.T) { issued.issueAccounts(t, ctx, c) })
	t.Run("a node far behind catches up by a snapshot", func(t *testing.T) { catchUp(t, ctx, c, issued) })
	t.Run("no secret is written down", func(t *testing.T) { noSecretIsWritten(t, ctx, c, issued) })
}

// auditFile is where all nodes of the test, which are on one machine, write what
// is asked of them.
func auditFile(c *procs.Cluster) string {
	return filepath.Join(filepath.Dir(c.Nodes[0].DataDir), "audit.log")
}

func enableAudit(t *testing.T, ctx context.Context, c *procs.Cluster) {
	t.Helper()
	a := client.New(patience).Do(ctx, client.Request{
		Node: c.Nodes[0].URL, Method: "PUT", Path: "sys/audit/file", Token: c.Root,
		Body: map[string]any{"type": "file", "options": map[string]string{"file_path": auditFile(c)}},
	})
	if a.Outcome != client.Done {
		t.Fatalf("enable an audit device: %s", a)
	}
}

// issuedTokens is what there must be, and must not be found.
type issuedTokens struct {
	mu         sync.Mutex
	live, dead []client.Token
	secrets    *secrets.Scanner
}

func (i *issuedTokens) secret(t *testing.T, name, text string) {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := i.secrets.Add(name, text); err != nil {
		t.Error(err)
	}
}

func (i *issuedTokens) keep(to *[]client.Token, token client.Token) {
	i.mu.Lock()
	defer i.mu.Unlock()
	*to = append(*to, token)
}

const issuedCount = 1000

func issue(t *testing.T, ctx context.Context, c *procs.Cluster) *issuedTokens {
	t.Helper()
	h, made := client.New(patience), &issuedTokens{secrets: secrets.New()}
	made.secret(t, "root token", c.Root)
	var next atomic.Int64
	var issuers sync.WaitGroup
	for range 4 {
		issuers.Go(func() {
			for i := int(next.Add(1)) - 1; i < issuedCount && !t.Failed(); i = int(next.Add(1)) - 1 {
				made.issue(t, ctx, h, c, i)
			}
		})
	}
	issuers.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return made
}

// issue makes the ith token: drawn by the server, chosen by root, under an
// idempotency key, or for one use. It fills some cubbyholes and revokes some.
func (made *issuedTokens) issue(t *testing.T, ctx context.Context, h *client.Client, c *procs.Cluster, i int) {
	node, key := c.Nodes[i%len(c.Nodes)].URL, ""
	r := client.TokenRequest{Meta: map[string]string{"n": fmt.Sprint(i)}}
	switch i % 4 {
	case 1:
		r.ID = "chosen-" + rand.Text()
	case 2:
		key = "key-" + rand.Text()
	case 3:
		r.NumUses = 1
	}
	token, a := h.CreateToken(ctx, node, c.Root, key, r)
	if a.Outcome != client.Done {
		t.Errorf("create: %s", a)
		return
	}
	made.secret(t, fmt.Sprintf("token %d", i), token.ID)
	switch {
	case i%4 == 3:
		h.LookupSelf(ctx, node, token.ID)
		made.keep(&made.dead, token)
	case i%8 == 0:
		h.Revoke(ctx, node, c.Root, token.ID)
		made.keep(&made.dead, token)
	default:
		made.keep(&made.live, token)
	}
	if i%8 == 1 {
		value := "value-" + rand.Text()
		made.secret(t, fmt.Sprintf("value %d", i), value)
		if a := h.Put(ctx, node, token.ID, "kept", map[string]string{"value": value}); a.Outcome != client.Done {
			t.Errorf("put: %s", a)
		}
	}
	if i%8 == 2 { // the same request again: its answer was kept, sealed
		if again, a := h.CreateToken(ctx, c.Nodes[(i+1)%len(c.Nodes)].URL, c.Root, key, r); again.ID != token.ID {
			t.Errorf("a repeated creation gave another token: %s", a)
		}
	}
	if i%50 == 1 {
		misuse(ctx, h, node, c.Root, token.ID)
	}
}

// misuse shows a token where it does not belong, as clients do.
func misuse(ctx context.Context, h *client.Client, node, root, token string) {
	for _, r := range []client.Request{
		{Method: "GET", Path: "auth/token/lookup/" + token, Token: root}, // the form of 2015
		{Method: "POST", Path: "auth/token/renew/" + token, Token: root},
		{Method: "GET", Path: "no/such/path/" + token, Token: root},
		{Method: "GET", Path: "auth/token/lookup-self?token=" + token, Token: token + "x"},
		{Method: "POST", Path: "auth/token/create", Token: token, Body: "not an object but " + token},
		{Method: "POST", Path: "auth/token/create", Token: token, Body: map[string]any{"num_uses": token, token: token}},
		{Method: "POST", Path: "auth/token/lookup", Token: root, Body: map[string]any{"token": []string{token}}},
		{Method: "POST", Path: "sys/capabilities", Token: root, Body: map[string]any{"token": token, "path": "sys/" + token}},
	} {
		r.Node = node
		h.Do(ctx, r)
	}
}

func catchUp(t *testing.T, ctx context.Context, c *procs.Cluster, issued *issuedTokens) {
	lead := leader(t, ctx, c)
	late := c.Others(lead)[0]
	must(t, late.Kill())
	snapshotAfterMuch(t, ctx, c, lead)
	missed := create(t, ctx, client.New(patience), lead.URL, c.Root, client.TokenRequest{})
	must(t, late.Start())
	serving(t, ctx, c, late)
	must(t, c.AwaitCaughtUp(wait(t, ctx), late, lead))
	if text, err := late.Log(); err != nil || !bytes.Contains(text, []byte("installing snapshot")) && !bytes.Contains(text, []byte("Installed remote snapshot")) {
		t.Errorf("%s caught up without a snapshot: %v", late.ID, err)
	}
	// Without the leader, the node that was late is needed for everything.
	must(t, lead.Kill())
	leader(t, ctx, c, lead)
	h := client.New(patience)
	for i, token := range append(issued.live, missed) {
		if a := h.Lookup(ctx, late.URL, c.Root, token.ID); a.Outcome != client.Done {
			t.Fatalf("live token %d: %s", i, a)
		}
	}
	for i, token := range issued.dead {
		if a := h.LookupSelf(ctx, late.URL, token.ID); a.Status != http.StatusForbidden {
			t.Fatalf("dead token %d: %s, want 403", i, a)
		}
	}
	must(t, lead.Start())
	serving(t, ctx, c, c.Nodes...)
}

// What a leader keeps of its log behind a snapshot, in entries, and how many bytes
// make it take one: cluster.DefaultConfig, with some to spare.
const (
	trailingEntries = 2048 + 200
	snapshotBytes   = 66 << 20
)

// snapshotAfterMuch writes until the leader has taken a snapshot that leaves
// nothing in the log of what it held before.
func snapshotAfterMuch(t *testing.T, ctx context.Context, c *procs.Cluster, lead *procs.Node) {
	t.Helper()
	h := client.New(patience)
	before, err := c.Position(ctx, lead)
	must(t, err)
	at := before
	for at.Committed < before.Committed+trailingEntries {
		writeMuch(t, ctx, h, lead, c.Root, 400, 8)
		at, err = c.Position(ctx, lead)
		must(t, err)
	}
	const large = 40 << 10 // in base64 below the bound of one value
	writeMuch(t, ctx, h, lead, c.Root, snapshotBytes/large, large)
	if err := poll(wait(t, ctx), func() bool { return hasSnapshot(lead) }); err != nil {
		t.Fatal("the leader takes no snapshot")
	}
}

func writeMuch(t *testing.T, ctx context.Context, h *client.Client, n *procs.Node, token string, times, size int) {
	t.Helper()
	var left atomic.Int64
	left.Store(int64(times))
	var writers sync.WaitGroup
	for i := range 3 {
		writers.Go(func() {
			b := make([]byte, size)
			for left.Add(-1) >= 0 {
				rand.Read(b)
				value := map[string]string{"value": base64.StdEncoding.EncodeToString(b)}
				if a := h.Put(ctx, n.URL, token, fmt.Sprint("much", i), value); a.Outcome != client.Done {
					t.Errorf("put: %s", a)
					return
				}
			}
		})
	}
	writers.Wait()
}

func hasSnapshot(n *procs.Node) bool {
	found := false
	filepath.WalkDir(n.DataDir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "meta.json" && !strings.Contains(path, ".tmp") {
			found = true
		}
		return nil
	})
	return found
}

func noSecretIsWritten(t *testing.T, ctx context.Context, c *procs.Cluster, issued *issuedTokens) {
	h := client.New(patience)
	control := create(t, ctx, h, c.Nodes[0].URL, c.Root, client.TokenRequest{})
	for _, n := range c.Nodes {
		for _, format := range []string{"", "?format=prometheus"} {
			a := h.Do(ctx, client.Request{Node: n.URL, Method: "GET", Path: "sys/metrics" + format, Token: c.Root})
			if a.Outcome != client.Done {
				t.Fatalf("metrics: %s", a)
			}
			report(t, issued.secrets.Scan(n.ID+" metrics"+format, a.Body))
		}
		must(t, c.AwaitCaughtUp(wait(t, ctx), n, leader(t, ctx, c)))
	}
	for _, n := range c.Nodes {
		must(t, n.Stop(wait(t, ctx)))
		accessor := secrets.New()
		must(t, accessor.Add("accessor", control.Accessor))
		if found, _, err := accessor.ScanTree(n.DataDir); err != nil || len(found) == 0 {
			t.Errorf("%s: not even an accessor was found: the search is blind (%v)", n.ID, err)
		}
		found, size, err := issued.secrets.ScanTree(n.DataDir)
		must(t, err)
		report(t, found)
		text, err := n.Log()
		must(t, err)
		report(t, issued.secrets.Scan(n.LogFile, text))
		t.Logf("%s: looked for %d secrets in %d MiB of data and %d KiB of log", n.ID, issued.secrets.Len(), size>>20, len(text)>>10)
	}
	trail, err := os.ReadFile(auditFile(c))
	must(t, err)
	if n := bytes.Count(trail, []byte(`"type":"response"`)); n < issuedCount {
		t.Errorf("the audit log has only %d answers", n)
	}
	report(t, issued.secrets.Scan(auditFile(c), trail))
	secret, err := os.ReadFile(filepath.Join(filepath.Dir(c.Nodes[0].DataDir), "cluster.secret"))
	must(t, err)
	keys := secrets.New()
	must(t, keys.Add("cluster secret", strings.TrimSpace(string(secret))))
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(secret)))
	must(t, err)
	must(t, keys.Add("cluster secret, raw", string(raw)))
	for _, n := range c.Nodes {
		found, _, err := keys.ScanTree(n.DataDir)
		must(t, err)
		report(t, found)
		text, err := n.Log()
		must(t, err)
		report(t, keys.Scan(n.LogFile, text))
	}
}

// report fails the test for each of the first findings.
func report(t *testing.T, found []secrets.Finding) {
	t.Helper()
	for i, f := range found {
		if i == 5 {
			t.Errorf("and %d more", len(found)-i)
			return
		}
		t.Errorf("SECRET ON DISK: %s", f)
	}
}
