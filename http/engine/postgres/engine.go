package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jeton-io/jeton/http/engine"
)

// Engine is an engine.Engine.
type Engine struct {
	pools pools
}

var _ engine.Engine = (*Engine)(nil)

// New returns an engine that is connected to nothing yet.
func New() *Engine { return &Engine{pools: pools{open: make(map[poolKey]*pool)}} }

// data is what a lease holds.
type data struct {
	Config     string   `json:"config"`
	Name       string   `json:"name"`
	Revocation []string `json:"revocation,omitempty"` // of the role at the time
}

// ConfigPath is where the configuration of a database stands.
func (e *Engine) ConfigPath(role *engine.Item, lease []byte) (string, error) {
	if lease != nil {
		d, err := decodeData(lease)
		if err != nil {
			return "", err
		}
		return "config/" + d.Config, nil
	}
	r, err := DecodeRole(role.Body)
	if err != nil {
		return "", err
	}
	return "config/" + r.DBName, nil
}

// Plan draws the name of the account.
func (e *Engine) Plan(o *engine.Order) ([]byte, error) {
	cfg, err := DecodeConfig(o.Config.Body)
	if err != nil {
		return nil, err
	}
	role, err := DecodeRole(o.Role.Body)
	if err != nil {
		return nil, err
	}
	if !cfg.Allows(o.Role.Name()) {
		return nil, engine.Refuse("%q is not an allowed role", o.Role.Name())
	}
	return marshal(&data{
		Config: role.DBName, Revocation: role.RevocationStatements,
		Name: accountName(o.DisplayName, o.Role.Name(), time.Now()),
	})
}

// Issue makes the account.
func (e *Engine) Issue(ctx context.Context, o *engine.Order) ([]byte, error) {
	d, err := decodeData(o.Lease.Data)
	if err != nil {
		return nil, err
	}
	role, err := DecodeRole(o.Role.Body)
	if err != nil {
		return nil, err
	}
	p, cfg, err := e.pools.of(o)
	if err != nil {
		return nil, err
	}
	password := drawPassword()
	sent, err := cfg.sendable(password)
	if err != nil {
		return nil, err
	}
	err = p.with(ctx, func(conn *pgconn.PgConn) error {
		return transact(ctx, conn, "creation_statements", role.CreationStatements, &marks{d.Name, sent, o.Lease.Deadline})
	})
	if err != nil {
		return nil, failure(err, password, sent)
	}
	return marshal(&struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}{d.Name, password})
}

// Renew moves the end of the account.
func (e *Engine) Renew(ctx context.Context, o *engine.Order) error {
	statements := defaultRenewal
	list := ""
	if o.Role != nil {
		role, err := DecodeRole(o.Role.Body)
		if err != nil {
			return err
		}
		if len(role.RenewStatements) > 0 {
			statements, list = role.RenewStatements, "renew_statements"
		}
	}
	d, err := decodeData(o.Lease.Data)
	if err != nil {
		return err
	}
	p, _, err := e.pools.of(o)
	if err != nil {
		return err
	}
	return failure(p.with(ctx, func(conn *pgconn.PgConn) error {
		return transact(ctx, conn, list, statements, &marks{name: d.Name, deadline: o.Lease.Deadline})
	}))
}

// Verify connects to the database of a configuration, in a way of its own.
func (e *Engine) Verify(ctx context.Context, config *engine.Item) error {
	cfg, dial, err := connection(config)
	if err != nil {
		return err
	}
	p := newPool(config.Version, cfg.MaxOpenConnections, dial...)
	defer p.close()
	return failure(p.with(ctx, func(conn *pgconn.PgConn) error { return conn.Exec(ctx, "SELECT 1").Close() }))
}

// Reset hangs up all connections of a configuration that this node has.
func (e *Engine) Reset(mount uint64, path string) { e.pools.forget(mount, path) }

// Close hangs up everything.
func (e *Engine) Close() { e.pools.close() }

// decodeData reads what Plan wrote. The name goes into statements, so it is looked
// at once more.
func decodeData(text []byte) (*data, error) {
	d := new(data)
	if err := json.Unmarshal(text, d); err != nil || !isAccountName(d.Name) {
		return nil, engine.Refuse("the lease holds no name of an account")
	}
	return d, nil
}
