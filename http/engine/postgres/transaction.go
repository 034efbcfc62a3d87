package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// What the server itself does about a transaction that stands still. All of it
// strikes within engine.IssueGrace.
const bounds = `SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = '5s'`

// turn makes transactions of this engine in one database follow one another. The
// number is of no meaning but that others do not use it ("jeton" in ASCII).
const turn = `SELECT pg_advisory_xact_lock(457346350958)`

// errEnded says that a statement of an operator has ended the transaction that it
// stands in.
var errEnded = errors.New("it ends the transaction that it stands in")

// statementError says which of an operator's statements failed.
type statementError struct {
	list   string // creation_statements and so on; empty: our own
	number int    // from 1
	err    error
}

func (e *statementError) Error() string { return e.err.Error() }
func (e *statementError) Unwrap() error { return e.err }

// transact runs a list of statements as one transaction. It commits nothing once
// the context has ended, by either of the clocks there are: one of them stands still
// while a machine is suspended, the other may be set.
func transact(ctx context.Context, conn *pgconn.PgConn, list string, statements []string, m *marks) error {
	begun := "BEGIN; " + bounds + "; " + turn
	if err := conn.Exec(ctx, begun).Close(); err != nil {
		return err
	}
	for i, s := range statements {
		err := conn.Exec(ctx, m.fill(s)).Close()
		if err == nil && conn.TxStatus() != 'T' {
			err = errEnded
		}
		if err != nil {
			return &statementError{list, i + 1, err} // the connection is closed, and that rolls back
		}
	}
	if err := stillTime(ctx); err != nil {
		return err
	}
	return conn.Exec(ctx, "COMMIT").Close()
}

func stillTime(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && time.Now().Round(0).After(deadline.Round(0)) {
		return context.DeadlineExceeded
	}
	return nil
}

// exists says whether there is a role of that name. The name is one of ours.
func exists(ctx context.Context, conn *pgconn.PgConn, name string) (bool, error) {
	results, err := conn.Exec(ctx, `SELECT 1 FROM pg_roles WHERE rolname = '`+name+`'`).ReadAll()
	if err != nil {
		return false, err
	}
	return len(results) == 1 && len(results[0].Rows) == 1, nil
}
