package postgres

import (
	"context"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jeton-io/jeton/http/engine"
)

// maxRaces is how often one revocation begins again because another node, or an
// operator, was at the same role.
const maxRaces = 3

// Revoke drops the account. One that is not there is gone already.
func (e *Engine) Revoke(ctx context.Context, o *engine.Order) error {
	d, err := decodeData(o.Lease.Data)
	if err != nil {
		return err
	}
	if o.Config == nil {
		return engine.Refuse("there is no configuration %q any more", "config/"+d.Config)
	}
	statements, err := revocation(o.Role, d)
	if err != nil {
		return err
	}
	p, _, err := e.pools.of(o)
	if err != nil {
		return err
	}
	for race := 1; ; race++ {
		err = p.with(ctx, func(conn *pgconn.PgConn) error { return revoke(ctx, conn, statements, d.Name) })
		if stateOf(err) != undefinedObject || race == maxRaces {
			return failure(err)
		}
	}
}

// revocation is the role's statements as they are now, or as they were when the role
// is gone; empty is the default.
func revocation(role *engine.Item, d *data) ([]string, error) {
	if role == nil {
		return d.Revocation, nil
	}
	r, err := DecodeRole(role.Body)
	if err != nil {
		return nil, err
	}
	if r.DBName != d.Config { // the role is about another database by now
		return d.Revocation, nil
	}
	return r.RevocationStatements, nil
}

func revoke(ctx context.Context, conn *pgconn.PgConn, statements []string, name string) error {
	there, err := beginWith(ctx, conn, name)
	switch {
	case err != nil:
		return err
	case !there:
		return conn.Exec(ctx, "ROLLBACK").Close()
	}
	m := &marks{name: name}
	if len(statements) > 0 {
		return finish(ctx, conn, "revocation_statements", statements, m)
	}
	if err := finish(ctx, conn, "", disarm, m); err != nil {
		return err
	}
	if err := conn.Exec(ctx, m.fill(expel)).Close(); err != nil {
		return err
	}
	return transact(ctx, conn, "", drop, m)
}
