package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jeton-io/jeton/http/engine"
)

// Rotation of the manager's own password takes three steps, and after any of them
// the process may die:
//
//  1. Propose draws the next password, which is sealed and logged beside the old one
//  2. Rotate sets it on the server
//  3. Settled is the next one alone, which is sealed and logged
//
// In between, connections try both. Who rotates again finishes what was begun.

// Propose adds the password to come, unless there is one already.
func (s *Credentials) Propose() {
	if s.Next == "" {
		s.Next = drawPassword()
	}
}

// Settled is what remains when the password to come is in force.
func (s *Credentials) Settled() *Credentials { return &Credentials{Password: s.Next} }

// Rotate sets the password to come of a configuration. It may be called again.
func (e *Engine) Rotate(ctx context.Context, config *engine.Item) error {
	cfg, dial, err := connection(config)
	if err != nil {
		return err
	}
	if len(dial) < 2 {
		return engine.Refuse("there is no password to rotate to")
	}
	user, next := dial[1].User, dial[1].Password
	statements, list := cfg.RootRotationStatements, "root_rotation_statements"
	if len(statements) == 0 {
		statements, list = defaultRotation, ""
	}
	if strings.ContainsAny(user, `"'\`) {
		return badField("username", "has a quote or backslash, which a rotation cannot put into statements")
	}
	sent, err := cfg.sendable(next)
	if err != nil {
		return err
	}
	p := newPool(config.Version, 1, dial...)
	defer p.close()
	err = p.with(ctx, func(conn *pgconn.PgConn) error {
		return transact(ctx, conn, list, statements, &marks{name: user, password: sent})
	})
	return failure(err, next, sent, dial[0].Password)
}
