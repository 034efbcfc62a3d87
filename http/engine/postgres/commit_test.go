package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/engine/postgres"
)

// Whoever asked for an account goes away while the server commits it. A revocation
// waits for the server to be through, and finds what it has made. The commit heeds no
// cancellation, of which the driver may send two.
func TestRevokeWhileACommitIsInFlight(t *testing.T) {
	d := newDesk(t, nil)
	d.SQL("postgres", `CREATE TABLE slow (n int); CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		LOOP BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$;
		CREATE CONSTRAINT TRIGGER late AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()`)
	release := d.holdLock(1)
	const waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

	o := d.order(postgres.Role{DBName: "shop", CreationStatements: []string{reader.CreationStatements[0], "INSERT INTO slow VALUES (1)"}})
	ctx, cancel := context.WithCancel(t.Context())
	issued := make(chan error, 1)
	go func() {
		_, err := d.engine.Issue(ctx, o)
		issued <- err
	}()
	d.await(waiting, "1") // in its COMMIT
	cancel()
	var e *engine.Error
	if err := <-issued; !errors.As(err, &e) || e.Kind != engine.Unavailable {
		t.Fatalf("issuing ends with %v", err)
	}

	revoked := make(chan error, 1)
	go func() { revoked <- d.revoke(o) }()
	for d.SQL("postgres", waiting) != "2" {
		select {
		case err := <-revoked:
			t.Fatalf("the revocation ended with %v before the commit did", err)
		default:
		}
	}
	release()
	if err := <-revoked; err != nil {
		t.Error(err)
	}
	if n := d.accounts(); n != "0" {
		t.Errorf("%s accounts are left", n)
	}
}

// holdLock has a session of its own hold an advisory lock, for a minute at most.
func (d *desk) holdLock(key int) (release func()) {
	held := make(chan struct{})
	go func() {
		defer close(held)
		d.Login("postgres", d.User, d.Password, fmt.Sprintf("SELECT pg_advisory_lock(%d); SELECT pg_sleep(60)", key))
	}()
	release = func() {
		d.SQL("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()")
		<-held
	}
	d.await("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted", "1")
	return release
}
