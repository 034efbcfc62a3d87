package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// pool is a bounded number of connections to one database.
type pool struct {
	version uint64           // of the configuration
	dial    []*pgconn.Config // to be tried in order: see Credentials
	places  chan struct{}    // one for each connection in use

	mu     sync.Mutex
	idle   []*pgconn.PgConn // the one used last stands last
	used   time.Time        // when a connection was given back
	reaper *time.Timer
	closed bool
}

// idleTime is how long a connection is kept that nobody uses.
const idleTime = time.Minute

func newPool(version uint64, size int, dial ...*pgconn.Config) *pool {
	p := &pool{version: version, dial: dial, places: make(chan struct{}, size), used: time.Now()}
	p.reaper = time.AfterFunc(idleTime, p.reap)
	return p
}

// with lends a connection that nobody else uses. One that f leaves in the middle of
// a transaction, or broken, is closed.
func (p *pool) with(ctx context.Context, f func(*pgconn.PgConn) error) error {
	if err := p.enter(ctx); err != nil {
		return err
	}
	defer func() { <-p.places }()
	conn, err := p.take(ctx)
	if err != nil {
		return err
	}
	defer p.give(conn)
	return f(conn)
}

// enter takes a place. It waits for one only as long as there is time left for what
// comes then: whoever gets one late would fail for want of time, and look as if the
// server had.
func (p *pool) enter(ctx context.Context) error {
	select {
	case p.places <- struct{}{}:
		return nil
	default:
	}
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-timeForTurn))
		defer cancel()
	}
	select {
	case p.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errCrowded
	}
}

// take finds an idle connection that still works, or makes one.
func (p *pool) take(ctx context.Context) (*pgconn.PgConn, error) {
	for {
		conn := p.pop()
		if conn == nil {
			return p.connect(ctx)
		}
		if conn.Exec(ctx, "SELECT 1").Close() == nil {
			return conn, nil
		}
		discard(conn) // the server went away meanwhile
	}
}

func (p *pool) pop() *pgconn.PgConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	conn := p.idle[last]
	p.idle = p.idle[:last]
	return conn
}

// connect tries the passwords that may be in force.
func (p *pool) connect(ctx context.Context) (conn *pgconn.PgConn, err error) {
	for _, d := range p.dial {
		if conn, err = pgconn.ConnectConfig(ctx, d); !isBadPassword(err) {
			break
		}
	}
	return conn, err
}

func (p *pool) give(conn *pgconn.PgConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used = time.Now()
	if p.closed || conn.IsClosed() || conn.TxStatus() != 'I' {
		discard(conn)
		return
	}
	p.idle = append(p.idle, conn)
	p.reaper.Reset(idleTime)
}

// reap closes what was idle for a while.
func (p *pool) reap() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drain()
}

func (p *pool) drain() {
	for _, conn := range p.idle {
		discard(conn)
	}
	p.idle = nil
}

// close ends the pool. Connections that are in use are closed when they are given
// back.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.reaper.Stop()
	p.drain()
}

// unusedSince says when a connection was last given back; now, if one is in use.
func (p *pool) unusedSince() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.places) > 0 {
		return time.Now()
	}
	return p.used
}

// discard hangs up without waiting for the server.
func discard(conn *pgconn.PgConn) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	conn.Close(ctx)
}
