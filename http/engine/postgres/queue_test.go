package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/engine/postgres"
)

// turnKey is the lock by which transactions of the cluster follow one another.
const turnKey = 457346350958

// wantBusy wants that an order only waited.
func wantBusy(t *testing.T, what string, err error, says string) {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != engine.Busy || !strings.Contains(e.Message, says) {
		t.Errorf("%s ends with %v, want it busy, with %q", what, err, says)
	}
}

// Others have the turn for longer than an order waits: it ends as one that only waited,
// and nothing came of it.
func TestTurnThatDoesNotCome(t *testing.T) {
	d := newDesk(t, nil)
	old := d.order(reader)
	must(d.issue(old))(t)
	release := d.holdLock(turnKey)
	orders := map[string]func() error{
		"an issue": func() error {
			_, err := d.issue(d.order(reader))
			return err
		},
		"a renewal":                   func() error { return d.engine.Renew(t.Context(), old) },
		"a revocation":                func() error { return d.revoke(old) },
		"a revocation of what is not": func() error { return d.revoke(d.order(reader)) },
	}
	type end struct {
		what string
		err  error
	}
	ends := make(chan end, len(orders))
	for what, order := range orders { // order: they run side by side
		go func() { ends <- end{what, order()} }()
	}
	for range orders {
		e := <-ends
		wantBusy(t, e.what, e.err, "other transactions of this cluster are under way there")
	}
	release()
	if n := d.accounts(); n != "1" {
		t.Errorf("there are %s accounts, want the one of before", n)
	}
	if err := d.revoke(old); err != nil {
		t.Errorf("when the turn is free: %v", err)
	}
	if n := d.accounts(); n != "0" {
		t.Errorf("%s accounts are left", n)
	}
}

// The one connection is in use, and an order with too little time for what comes then
// does not wait for it.
func TestPlaceThatIsNotFree(t *testing.T) {
	d := newDesk(t, func(c *postgres.Config) { c.MaxOpenConnections = 1 })
	slow := d.order(postgres.Role{DBName: "shop", CreationStatements: []string{reader.CreationStatements[0], "SELECT pg_sleep(8)"}})
	holding, cancel := context.WithCancel(t.Context())
	defer cancel()
	held := make(chan struct{})
	go func() {
		defer close(held)
		d.engine.Issue(holding, slow)
	}()
	d.await("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'jeton' AND query LIKE '%pg_sleep(8)%'", "1")
	const little = 9 * time.Second // an order with more waits until so much is left
	ctx, done := context.WithTimeout(t.Context(), little)
	defer done()
	other := d.order(reader)
	_, err := d.engine.Issue(ctx, other)
	wantBusy(t, "an issue", err, "all connections to the database are in use")
	wantBusy(t, "a revocation", d.engine.Revoke(ctx, other), "all connections to the database are in use")
	if ctx.Err() != nil {
		t.Error("it waited until there was no time at all")
	}
	select {
	case <-held:
		t.Error("the connection was free by then")
	default:
	}
	cancel()
	<-held
	if err := d.revoke(slow); err != nil {
		t.Error(err)
	}
	if n := d.accounts(); n != "0" {
		t.Errorf("%s accounts are left", n)
	}
}
