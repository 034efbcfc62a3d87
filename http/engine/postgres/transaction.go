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

// begin opens a transaction when its turn has come. What it reads then is what the
// ones before it have left, which a snapshot of before the wait would not show; a
// server that follows another and may be behind refuses to write. The wait for the
// turn has a bound of its own, below that of statements: so it can be told from
// trouble with the server.
const begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; " + bounds + "; SET LOCAL lock_timeout = '5s'; " + turn + "; SET LOCAL lock_timeout = '10s'"

// timeForTurn is what has to be left when an order gets a place in a pool: the wait for
// its turn, as begin bounds it, and as long again for what it is about.
const timeForTurn = 10 * time.Second

// unturned is an error of begin: a lock that it did not get is its turn.
func unturned(err error) error {
	if stateOf(err) == lockTimeout {
		return errNoTurn
	}
	return err
}

// transact runs a list of statements as one transaction.
func transact(ctx context.Context, conn *pgconn.PgConn, list string, statements []string, m *marks) error {
	if err := conn.Exec(ctx, begin).Close(); err != nil {
		return unturned(err)
	}
	return finish(ctx, conn, list, statements, m)
}

// finish runs statements and commits. It commits nothing once the context has ended,
// by either of the clocks there are: one of them stands still while a machine is
// suspended, the other may be set.
func finish(ctx context.Context, conn *pgconn.PgConn, list string, statements []string, m *marks) error {
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

// beginWith opens a transaction and says whether there is a role of that name. It has
// waited for the one that makes the role, should that be about to commit. The name
// is one of ours.
func beginWith(ctx context.Context, conn *pgconn.PgConn, name string) (bool, error) {
	results, err := conn.Exec(ctx, begin+`; SELECT 1 FROM pg_roles WHERE rolname = '`+name+`'`).ReadAll()
	if err != nil {
		return false, unturned(err)
	}
	return len(results[len(results)-1].Rows) == 1, nil
}
