package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/engine/postgres"
	"github.com/jeton-io/jeton/http/engine/postgres/pgtest"
)

// desk is a server with a configuration for it and the engine under test.
type desk struct {
	*pgtest.Server
	t      *testing.T
	engine *postgres.Engine
	config *engine.Item
}

func newDesk(t *testing.T, change func(*postgres.Config)) *desk {
	d := &desk{Server: pgtest.Start(t), t: t, engine: postgres.New()}
	t.Cleanup(d.engine.Close)
	d.SQL("postgres", "CREATE TABLE fruit (name text); CREATE SEQUENCE ids; CREATE SCHEMA shop; CREATE TABLE shop.sales (n int); INSERT INTO fruit VALUES ('apple')")
	cfg := &postgres.Config{
		ConnectionURL: d.URL("postgres"), Username: d.User, AllowedRoles: []string{"*"},
		MaxOpenConnections: 4, PasswordAuthentication: postgres.PasswordPlain,
	}
	if change != nil {
		change(cfg)
	}
	secret := &postgres.Credentials{Password: d.Password}
	if err := cfg.Check(secret); err != nil {
		t.Fatal(err)
	}
	d.config = &engine.Item{Path: "config/shop", Version: 1, Body: must(cfg.Marshal())(t), Secret: must(secret.Marshal())(t)}
	return d
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

var reader = postgres.Role{
	DBName: "shop",
	CreationStatements: []string{
		`CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
		`GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}"; GRANT USAGE ON SCHEMA shop TO "{{name}}"; GRANT SELECT (n) ON shop.sales TO "{{name}}";
		 GRANT USAGE ON SEQUENCE ids TO "{{name}}"; GRANT CREATE ON DATABASE postgres TO "{{name}}"`,
	},
}

func (d *desk) role(r postgres.Role) *engine.Item {
	d.t.Helper()
	if err := r.Check(); err != nil {
		d.t.Fatal(err)
	}
	return &engine.Item{Path: "roles/reader", Version: 2, Body: must(r.Marshal())(d.t)}
}

// order is for a new lease.
func (d *desk) order(r postgres.Role) *engine.Order {
	d.t.Helper()
	o := &engine.Order{Mount: "database/", MountSerial: 7, DisplayName: "token-ci", Config: d.config, Role: d.role(r)}
	o.Lease = engine.Lease{ID: "database/creds/reader/x", TTL: time.Hour, Deadline: time.Now().Add(time.Hour)}
	o.Lease.Data = must(d.engine.Plan(o))(d.t)
	return o
}

type account struct{ Username, Password string }

func (d *desk) issue(o *engine.Order) (account, error) {
	ctx, cancel := context.WithTimeout(d.t.Context(), engine.IssueTime)
	defer cancel()
	var a account
	text, err := d.engine.Issue(ctx, o)
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	return a, err
}

func (d *desk) revoke(o *engine.Order) error {
	ctx, cancel := context.WithTimeout(d.t.Context(), engine.RevokeTime)
	defer cancel()
	return d.engine.Revoke(ctx, o)
}

// accounts counts the roles of leases.
func (d *desk) accounts() string {
	return d.SQL("postgres", `SELECT count(*) FROM pg_roles WHERE rolname LIKE 'v-%'`)
}

func TestLifeOfAnAccount(t *testing.T) {
	for _, form := range []string{postgres.PasswordPlain, postgres.PasswordSCRAM} {
		t.Run(form, func(t *testing.T) {
			d := newDesk(t, func(c *postgres.Config) { c.PasswordAuthentication = form })
			o := d.order(reader)
			a := must(d.issue(o))(t)
			if !strings.HasPrefix(a.Username, "v-token-ci-reader-") || len(a.Username) > 63 {
				t.Errorf("the account is %q", a.Username)
			}
			if got := must(d.Login("postgres", a.Username, a.Password, "SELECT name FROM fruit"))(t); got != "apple" {
				t.Errorf("read %q", got)
			}
			if inLog := strings.Contains(d.Log(), a.Password); inLog != (form == postgres.PasswordPlain) {
				t.Errorf("the server's log has the password: %v", inLog)
			}

			o.Lease.Deadline = o.Lease.Deadline.Add(time.Hour)
			if err := d.engine.Renew(t.Context(), o); err != nil {
				t.Error(err)
			}
			until := d.SQL("postgres", "SELECT extract(epoch FROM rolvaliduntil)::bigint FROM pg_roles WHERE rolname = '"+a.Username+"'")
			if want := fmt.Sprint(o.Lease.Deadline.Unix() + 5); until != want {
				t.Errorf("valid until %s, want %s", until, want)
			}

			// somebody is in when it ends
			in := make(chan error)
			go func() {
				_, err := d.Login("postgres", a.Username, a.Password, "SELECT pg_sleep(60)")
				in <- err
			}()
			d.await("SELECT count(*) FROM pg_stat_activity WHERE usename = '"+a.Username+"' AND state = 'active'", "1")
			for range 2 { // the second time it is gone already
				if err := d.revoke(o); err != nil {
					t.Fatal(err)
				}
			}
			if err := <-in; err == nil {
				t.Error("a session went on after the account was gone")
			}
			if n := d.accounts(); n != "0" {
				t.Errorf("%s accounts are left", n)
			}
			if _, err := d.Login("postgres", a.Username, a.Password, "SELECT 1"); err == nil {
				t.Error("logged in after revocation")
			}
		})
	}
}

// await asks the server until it gives that answer, which is near.
func (d *desk) await(question, answer string) {
	d.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); d.SQL("postgres", question) != answer; {
		if time.Now().After(deadline) {
			d.t.Fatalf("%s: never %s", question, answer)
		}
	}
}

// A manager without superuser's rights can do all of it, too.
func TestAManagerWithoutMuchPower(t *testing.T) {
	d := newDesk(t, nil)
	d.SQL("postgres", `CREATE ROLE clerk LOGIN CREATEROLE PASSWORD 'clerk-4711'; GRANT SELECT ON fruit TO clerk WITH GRANT OPTION`)
	cfg := &postgres.Config{ConnectionURL: d.URL("postgres"), Username: "clerk", AllowedRoles: []string{"reader"}, MaxOpenConnections: 1, PasswordAuthentication: postgres.PasswordPlain}
	d.config = &engine.Item{Path: "config/shop", Version: 2, Body: must(cfg.Marshal())(t), Secret: must((&postgres.Credentials{Password: "clerk-4711"}).Marshal())(t)}
	o := d.order(postgres.Role{DBName: "shop", CreationStatements: []string{
		`CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}'; GRANT SELECT ON fruit TO "{{name}}"`}})
	a := must(d.issue(o))(t)
	go d.Login("postgres", a.Username, a.Password, "SELECT pg_sleep(60)")
	d.await("SELECT count(*) FROM pg_stat_activity WHERE usename = '"+a.Username+"' AND state = 'active'", "1")
	if err := d.revoke(o); err != nil {
		t.Fatal(err)
	}
	if n := d.accounts(); n != "0" {
		t.Errorf("%s accounts are left", n)
	}
}

// Issued and revoked many at a time, by two engines as on two nodes, each account
// comes and goes once.
func TestManyAtOnce(t *testing.T) {
	d := newDesk(t, nil)
	other := postgres.New()
	t.Cleanup(other.Close)
	const workers, each = 8, 10
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				o := d.order(reader)
				if _, err := d.issue(o); err != nil {
					t.Error(err)
				}
				var both sync.WaitGroup
				for _, e := range []*postgres.Engine{d.engine, other} {
					both.Go(func() {
						if err := e.Revoke(t.Context(), o); err != nil {
							t.Error(err)
						}
					})
				}
				both.Wait()
			}
		})
	}
	wg.Wait()
	if n := d.accounts(); n != "0" {
		t.Errorf("%s accounts are left", n)
	}
	if n := d.SQL("postgres", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'jeton'"); n > "8" || len(n) > 1 {
		t.Errorf("%s connections, at most 4 an engine are allowed", n)
	}
}

// What fails leaves nothing, says why, and shows no secret.
func TestFailures(t *testing.T) {
	d := newDesk(t, nil)
	create := `CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}'`
	tests := []struct {
		name       string
		statements []string
		kind       engine.Kind
		want       string
	}{
		{"the second statement", []string{create, `GRANT SELECT ON nothing TO "{{name}}"`}, engine.Refused, `item 2 of creation_statements: SQLSTATE 42P01: relation "nothing" does not exist`},
		{"a statement that quotes the password", []string{create + `; {{password}}`}, engine.Refused, "item 1 of creation_statements: SQLSTATE 42601"},
		{"the password in a message", []string{create + `; DO $$ BEGIN RAISE 'it is %', '{{password}}'; END $$`}, engine.Refused, "item 1 of creation_statements: SQLSTATE P0001"},
		{"an end of the transaction", []string{create + `; COMMIT`, "SELECT 1"}, engine.Refused, "item 1 of creation_statements ends the transaction that it stands in"},
		{"a lock that is not given", []string{create, `SET LOCAL lock_timeout = '10ms'; LOCK TABLE fruit`}, engine.Unavailable, "item 2 of creation_statements: SQLSTATE 55P03"},
		{"too slow", []string{create, `SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(60)`}, engine.Unavailable, "item 2 of creation_statements: SQLSTATE 57014"},
		{"the session ended", []string{create, `SELECT pg_terminate_backend(pg_backend_pid())`}, engine.Unavailable, "item 2 of creation_statements: SQLSTATE 57P01"},
	}
	holding := make(chan struct{})
	go func() {
		d.Login("postgres", d.User, d.Password, "BEGIN; LOCK TABLE fruit; SELECT pg_sleep(20)")
		close(holding)
	}()
	t.Cleanup(func() { <-holding })
	t.Cleanup(func() {
		d.SQL("postgres", "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()")
	})
	d.await("SELECT count(*) FROM pg_locks WHERE relation = 'fruit'::regclass AND mode = 'AccessExclusiveLock' AND granted", "1")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := d.accounts()
			o := d.order(postgres.Role{DBName: "shop", CreationStatements: tt.statements})
			_, err := d.issue(o)
			var e *engine.Error
			if !errors.As(err, &e) || e.Kind != tt.kind || !strings.HasPrefix(e.Message, tt.want) {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if tt.name == "an end of the transaction" {
				if err := d.revoke(o); err != nil { // as the caller does
					t.Error(err)
				}
			}
			if after := d.accounts(); after != before {
				t.Errorf("%s accounts, before it were %s", after, before)
			}
		})
	}
}

// After its deadline an issue leaves nothing, whatever the server still does.
func TestIssueAfterItsDeadline(t *testing.T) {
	d := newDesk(t, nil)
	o := d.order(postgres.Role{DBName: "shop", CreationStatements: []string{`CREATE ROLE "{{name}}"`, "SELECT pg_sleep(1)"}})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var e *engine.Error
	if _, err := d.engine.Issue(ctx, o); !errors.As(err, &e) || e.Kind != engine.Unavailable {
		t.Fatalf("got %v", err)
	}
	d.await("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'jeton'", "0")
	if n := d.accounts(); n != "0" {
		t.Errorf("%s accounts are left", n)
	}
}

// A server that is away is an error that passes; the connections that it left
// behind are no trouble when it is back.
func TestOutage(t *testing.T) {
	d := newDesk(t, nil)
	o := d.order(reader)
	must(d.issue(o))(t)
	d.Stop()
	var e *engine.Error
	if err := d.revoke(o); !errors.As(err, &e) || e.Kind != engine.Unavailable || !strings.Contains(e.Message, "connection refused") {
		t.Errorf("got %v", err)
	}
	if _, err := d.issue(d.order(reader)); !errors.As(err, &e) || e.Kind != engine.Unavailable {
		t.Errorf("got %v", err)
	}
	d.Run()
	if err := d.revoke(o); err != nil {
		t.Error(err)
	}
	if n := d.accounts(); n != "0" {
		t.Errorf("%s accounts are left", n)
	}
}

// Statements of the role's own are used to revoke: those that it has now, or those
// of the time when it is gone.
func TestOwnRevocation(t *testing.T) {
	d := newDesk(t, nil)
	own := reader
	own.RevocationStatements = []string{`DROP OWNED BY "{{name}}"`, `DROP ROLE "{{name}}"`}
	for _, now := range []string{"as it was", "gone", "changed", "about another database"} {
		t.Run(now, func(t *testing.T) {
			o := d.order(own)
			a := must(d.issue(o))(t)
			must(d.Login("postgres", a.Username, a.Password, `CREATE SCHEMA "`+now+`"`))(t) // it owns something
			switch now {
			case "gone":
				o.Role = nil
			case "changed":
				o.Role = d.role(reader) // the default, which does not drop what is owned
				if err := d.revoke(o); err == nil || !strings.Contains(err.Error(), "SQLSTATE 2BP01") {
					t.Errorf("got %v", err)
				}
				if _, err := d.Login("postgres", a.Username, a.Password, "SELECT 1"); err == nil {
					t.Error("an account that could not be dropped can still log in")
				}
				o.Role = d.role(own)
			case "about another database":
				other := reader
				other.DBName = "elsewhere"
				o.Role = d.role(other)
			}
			if err := d.revoke(o); err != nil {
				t.Error(err)
			}
			if n := d.accounts(); n != "0" {
				t.Errorf("%s accounts are left", n)
			}
		})
	}
}

// A rotation may stop after any of its steps; connections are made all the same.
func TestRotation(t *testing.T) {
	d := newDesk(t, nil)
	secret := &postgres.Credentials{Password: d.Password}
	secret.Propose()
	if secret.Next == "" || secret.Next == secret.Password {
		t.Fatal("no password to come")
	}
	pending := *d.config
	pending.Version, pending.Secret = 2, must(secret.Marshal())(t)
	if err := d.engine.Verify(t.Context(), &pending); err != nil {
		t.Errorf("before: %v", err)
	}
	for range 2 { // done again, as after a crash
		if err := d.engine.Rotate(t.Context(), &pending); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.engine.Verify(t.Context(), &pending); err != nil {
		t.Errorf("in between: %v", err)
	}
	var e *engine.Error
	if err := d.engine.Verify(t.Context(), d.config); !errors.As(err, &e) || !strings.Contains(e.Message, "SQLSTATE 28P01") {
		t.Errorf("the old password is good for something: %v", err)
	}
	next := secret.Next
	secret.Propose() // who rotates again finishes what was begun
	if secret.Next != next {
		t.Error("a second password to come")
	}
	settled := *d.config
	settled.Version, settled.Secret = 3, must(secret.Settled().Marshal())(t)
	if err := d.engine.Verify(t.Context(), &settled); err != nil {
		t.Errorf("after: %v", err)
	}
	d.Password = next // for what follows, and for the end of the test
}
