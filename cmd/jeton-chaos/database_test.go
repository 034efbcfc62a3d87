package main

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
	"github.com/jeton-io/jeton/http/engine/postgres/pgtest"
)

// TestATreesAccountsGoWithIt: the accounts that a tree of tokens was given on a real
// PostgreSQL are gone when the tree is, though the leader is killed as soon as the
// revocation is answered, and though the server is away when it is to drop them.
//
// Revocations are delivered at least once: an attempt whose outcome a dead leader
// took with it is made again, and finds nothing left to do. What the server commits
// is what counts, and it commits one revocation for each account, no more: the
// role's statements drop the account and note that in one transaction.
func TestATreesAccountsGoWithIt(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	ctx, c := start(t, procs.Config{})
	d := newAccounts(t, ctx, c, server)
	t.Run("the leader is killed", func(t *testing.T) {
		root, names := d.grow(t, 100, 1000)
		begin := d.fell(t, root, func(lead *procs.Node) { must(t, lead.Kill()) })
		d.gone(t, begin, names)
	})
	t.Run("the database is away meanwhile", func(t *testing.T) {
		root, names := d.grow(t, 20, 200)
		begin := d.fell(t, root, func(lead *procs.Node) {
			if err := poll(wait(t, ctx), func() bool { return d.there() < len(names) }); err != nil {
				t.Fatal("the leader revokes nothing")
			}
			server.Stop() // in the middle of it
			must(t, lead.Kill())
		})
		d.awaitFailure(t)
		server.Run()
		d.gone(t, begin, names)
	})
}

// accounts are what leases of a cluster stand for on a server.
type accounts struct {
	*pgtest.Server
	ctx context.Context
	c   *procs.Cluster
	h   *client.Client
}

func newAccounts(t *testing.T, ctx context.Context, c *procs.Cluster, server *pgtest.Server) *accounts {
	t.Helper()
	d := &accounts{server, ctx, c, client.New(patience)}
	server.SQL("postgres", "CREATE TABLE revoked (name text)")
	d.do(t, "POST", "sys/mounts/database", map[string]any{"type": "database"})
	d.do(t, "POST", "database/config/shop", map[string]any{
		"plugin_name": "postgresql-database-plugin", "connection_url": server.URL("postgres"),
		"username": server.User, "password": server.Password, "allowed_roles": "*",
	})
	d.do(t, "POST", "database/roles/reader", map[string]any{
		"db_name":             "shop",
		"creation_statements": `CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
		// Not IF EXISTS: dropping an account a second time would fail, note and all.
		"revocation_statements": []string{`INSERT INTO revoked VALUES ('{{name}}')`, `DROP ROLE "{{name}}"`},
	})
	d.do(t, "POST", "sys/policies/acl/reader", map[string]any{"policy": `
		path "database/creds/reader" { capabilities = ["read"] }
		path "auth/token/create" { capabilities = ["update"] }`})
	return d
}

func (d *accounts) do(t *testing.T, method, path string, body any) client.Answer {
	t.Helper()
	r := client.Request{Node: d.c.Nodes[0].URL, Method: method, Path: path, Token: d.c.Root}
	if body != nil {
		r.Body = body
	}
	a := d.h.Do(d.ctx, r)
	if a.Outcome != client.Done {
		t.Fatalf("%s %s: %s", method, path, a)
	}
	return a
}

// grow makes a tree of tokens, three deep, that have accounts by all nodes. It returns
// the tree's root and the accounts' names.
func (d *accounts) grow(t *testing.T, tokens, accounts int) (root string, names map[string]bool) {
	t.Helper()
	const gardeners = 10
	begin, names := time.Now(), make(map[string]bool)
	top := create(t, d.ctx, d.h, d.c.Nodes[0].URL, d.c.Root, client.TokenRequest{Policies: []string{"reader"}})
	var mu sync.Mutex
	var growing sync.WaitGroup
	for i := range gardeners {
		growing.Go(func() {
			node := d.c.Nodes[i%len(d.c.Nodes)].URL
			branch, a := d.h.CreateToken(d.ctx, node, top.ID, "", client.TokenRequest{})
			for range tokens / gardeners {
				var leaf client.Token
				if a.Outcome == client.Done {
					leaf, a = d.h.CreateToken(d.ctx, node, branch.ID, "", client.TokenRequest{})
				}
				for range accounts / tokens {
					if a.Outcome != client.Done {
						break
					}
					var name string
					name, a = d.account(node, leaf.ID)
					mu.Lock()
					names[name] = true
					mu.Unlock()
				}
			}
			if a.Outcome != client.Done {
				t.Errorf("grow: %s", a)
			}
		})
	}
	growing.Wait()
	if t.Failed() {
		t.FailNow()
	}
	if there := d.there(); there != accounts || len(names) != accounts {
		t.Fatalf("%d accounts were given out and %d are there, want %d", len(names), there, accounts)
	}
	t.Logf("%d accounts of %d tokens in %s", accounts, tokens, ms(time.Since(begin)))
	return top.ID, names
}

func (d *accounts) account(node, token string) (string, client.Answer) {
	a := d.h.Do(d.ctx, client.Request{Node: node, Method: "GET", Path: "database/creds/reader", Token: token})
	var body struct{ Data struct{ Username string } }
	if a.Outcome == client.Done {
		a.Err = a.Decode(&body)
	}
	return body.Data.Username, a
}

// there is how many accounts of leases the server has.
func (d *accounts) there() int {
	n, err := strconv.Atoi(d.SQL("postgres", `SELECT count(*) FROM pg_roles WHERE rolname LIKE 'v-%'`))
	if err != nil {
		panic(err)
	}
	return n
}

// fell revokes the tree by a node that does not lead, and strikes as soon as that is
// answered. The blow is over, and another node leads, when it returns.
func (d *accounts) fell(t *testing.T, root string, strike func(lead *procs.Node)) (begin time.Time) {
	t.Helper()
	lead := leader(t, d.ctx, d.c)
	by := d.c.Others(lead)
	if a := d.h.Revoke(d.ctx, by[0].URL, d.c.Root, root); a.Outcome != client.Done {
		t.Fatalf("revoke: %s", a)
	}
	begin = time.Now()
	strike(lead)
	for _, n := range by {
		if a, _ := d.h.Persist(wait(t, d.ctx), []string{n.URL}, client.Request{Method: "GET", Path: "auth/token/lookup-self", Token: root}); a.Status != http.StatusForbidden {
			t.Errorf("%s takes the tree's root: %s", n.ID, a)
		}
	}
	next := leader(t, d.ctx, d.c, lead)
	t.Logf("%s leads after %s", next.ID, ms(time.Since(begin)))
	must(t, lead.Start())
	serving(t, d.ctx, d.c, lead)
	return begin
}

// awaitFailure waits until a lease says that it could not be revoked.
func (d *accounts) awaitFailure(t *testing.T) {
	t.Helper()
	var body struct {
		Data struct {
			Keys   []string
			Failed int    `json:"failed_attempts"`
			Error  string `json:"last_error"`
		}
	}
	list := d.do(t, "LIST", "sys/leases/lookup/database/creds/reader", nil)
	must(t, list.Decode(&body))
	left := body.Data.Keys
	if err := poll(wait(t, d.ctx), func() bool {
		for _, key := range left {
			a := d.h.Do(d.ctx, client.Request{Node: d.c.Nodes[0].URL, Method: "POST", Path: "sys/leases/lookup", Token: d.c.Root,
				Body: map[string]string{"lease_id": "database/creds/reader/" + key}})
			if a.Outcome == client.Done && a.Decode(&body) == nil && body.Data.Failed > 0 {
				return true
			}
		}
		return false
	}); err != nil {
		t.Fatal("no lease says that it could not be revoked")
	}
	if body.Data.Error == "" || strings.Contains(body.Data.Error, d.Password) {
		t.Errorf("the error is %q", body.Data.Error)
	}
	t.Logf("%d accounts are left while the database is away: %s", len(left), body.Data.Error)
}

// gone waits until no account and no lease is left, and counts revocations.
func (d *accounts) gone(t *testing.T, begin time.Time, names map[string]bool) {
	t.Helper()
	if err := poll(wait(t, d.ctx), func() bool { return d.there() == 0 }); err != nil {
		t.Fatalf("%d accounts are left", d.there())
	}
	t.Logf("all %d accounts are gone %s after the revocation", len(names), ms(time.Since(begin)))
	for _, n := range d.c.Nodes {
		if err := poll(wait(t, d.ctx), func() bool {
			a := d.h.Do(d.ctx, client.Request{Node: n.URL, Method: "LIST", Path: "sys/leases/lookup/database/creds/reader", Token: d.c.Root})
			return a.Status == http.StatusNotFound
		}); err != nil {
			t.Errorf("%s still has leases", n.ID)
		}
	}
	revoked := make(map[string]int)
	for name := range strings.FieldsSeq(d.SQL("postgres", "SELECT name FROM revoked")) {
		revoked[name]++
	}
	for name := range names { // order: none matters
		if revoked[name] != 1 {
			t.Errorf("%s was revoked %d times", name, revoked[name])
		}
	}
	// Repeated is what was under way when a leader or the server went: 64 at most.
	attempts := d.attempts(names)
	t.Logf("%d of %d attempts were repetitions", attempts-len(names), attempts)
	if attempts > len(names)*3/2 {
		t.Errorf("%d attempts at %d accounts", attempts, len(names))
	}
}

// attempts is how often the server was asked for one of the accounts in order to drop
// it: a revocation begins so.
func (d *accounts) attempts(names map[string]bool) int {
	n := 0
	for line := range strings.Lines(d.Log()) {
		_, asked, ok := strings.Cut(line, "SELECT 1 FROM pg_roles WHERE rolname = '")
		if name, _, _ := strings.Cut(asked, "'"); ok && names[name] {
			n++
		}
	}
	return n
}
