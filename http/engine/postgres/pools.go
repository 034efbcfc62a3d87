package postgres

import (
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jeton-io/jeton/http/engine"
)

// pools keeps one pool for each configuration, of its newest version.
type pools struct {
	mu     sync.Mutex
	open   map[poolKey]*pool
	closed bool
}

type poolKey struct {
	mount uint64
	path  string
}

// unusedTime is when a pool is forgotten that nobody asked for: its configuration
// may be gone.
const unusedTime = 10 * time.Minute

// of is the pool of an order's configuration. One of an older version than the
// pool's takes the newer pool: what has changed is how the database is reached.
func (ps *pools) of(o *engine.Order) (*pool, *Config, error) {
	cfg, dial, err := connection(o.Config)
	if err != nil {
		return nil, nil, err
	}
	key := poolKey{o.MountSerial, o.Config.Path}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.closed {
		return nil, nil, engine.Unreachable("the node is stopping")
	}
	p := ps.open[key]
	if p == nil || p.version < o.Config.Version {
		if p != nil {
			p.close()
		}
		ps.forgetUnused()
		p = newPool(o.Config.Version, cfg.MaxOpenConnections, dial...)
		ps.open[key] = p
	}
	return p, cfg, nil
}

// connection is what a configuration says about connecting: a way for each password
// that may be in force.
func connection(item *engine.Item) (*Config, []*pgconn.Config, error) {
	cfg, err := DecodeConfig(item.Body)
	if err != nil {
		return nil, nil, err
	}
	secret, err := DecodeCredentials(item.Secret)
	if err != nil {
		return nil, nil, err
	}
	first, err := cfg.connect(secret.Password)
	if err != nil || secret.Next == "" {
		return cfg, []*pgconn.Config{first}, err
	}
	second := first.Copy()
	second.Password = secret.Next
	return cfg, []*pgconn.Config{first, second}, nil
}

// forget closes the pool of a configuration.
func (ps *pools) forget(mount uint64, path string) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	key := poolKey{mount, path}
	if p := ps.open[key]; p != nil {
		p.close()
		delete(ps.open, key)
	}
}

func (ps *pools) forgetUnused() {
	for key, p := range ps.open { // order: any
		if time.Since(p.unusedSince()) > unusedTime {
			p.close()
			delete(ps.open, key)
		}
	}
}

func (ps *pools) close() {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.closed = true
	for _, p := range ps.open { // order: any
		p.close()
	}
}
