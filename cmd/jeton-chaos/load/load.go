package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// Config says what load to make.
type Config struct {
	Nodes   []string // where the nodes are
	Root    string
	Seed    uint64
	Rate    int           // operations a second, all workers together; 0: 400
	Workers int           // for each node; 0: three
	Timeout time.Duration // of one request; 0: 3 s
}

// Load is the work under way.
type Load struct {
	History *check.History

	cfg  Config
	http *client.Client
	pool pool

	end     chan struct{}
	workers sync.WaitGroup
	unseen  atomic.Int64 // creations that may have made a token nobody knows
	names   atomic.Int64 // ids chosen so far
}

// Start begins the work. It goes on until Stop, or until ctx ends and cuts off
// what is under way.
func Start(ctx context.Context, cfg Config) (*Load, error) {
	if cfg.Rate == 0 {
		cfg.Rate = 400
	}
	if cfg.Workers == 0 {
		cfg.Workers = 3
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 3 * time.Second
	}
	l := &Load{History: check.NewHistory(), cfg: cfg, http: client.New(cfg.Timeout), end: make(chan struct{})}
	var workers []*worker
	for node := range cfg.Nodes {
		for i := range cfg.Workers {
			w, err := l.newWorker(ctx, node, rand.New(rand.NewPCG(cfg.Seed, uint64(node*cfg.Workers+i))))
			if err != nil {
				return nil, err
			}
			w.stays = i == 0
			workers = append(workers, w)
		}
	}
	pace := time.Second * time.Duration(len(workers)) / time.Duration(cfg.Rate)
	for _, w := range workers {
		l.workers.Go(func() { w.run(ctx, pace) })
	}
	return l, nil
}

// newWorker gives a worker the token it makes others with.
func (l *Load) newWorker(ctx context.Context, node int, random *rand.Rand) (*worker, error) {
	w := &worker{load: l, node: node, random: random}
	number := l.History.Add(check.Token{Parent: check.NoParent})
	start := l.History.Now()
	made, a := l.http.CreateToken(ctx, l.cfg.Nodes[node], l.cfg.Root, "", client.TokenRequest{})
	l.History.Record(check.Event{Token: number, Kind: check.Create, Outcome: a.Outcome, Node: node, Start: start})
	if a.Outcome != client.Done {
		return nil, fmt.Errorf("create a worker's token: %s", a)
	}
	w.own = &token{Token: check.Token{Parent: check.NoParent}, number: number, id: made.ID}
	l.pool.add(w.own)
	return w, nil
}

// Stop lets the workers finish what they are at, and returns when they have.
func (l *Load) Stop() {
	close(l.end)
	l.workers.Wait()
}

// worker is one client.
type worker struct {
	load   *Load
	node   int
	stays  bool // with its node: it is never held up by another one's trouble
	random *rand.Rand
	own    *token
}

func (w *worker) run(ctx context.Context, pace time.Duration) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.load.end:
			return
		case <-tick.C:
			w.step(ctx)
		}
	}
}

// somewhere is mostly the worker's own node.
func (w *worker) somewhere() int {
	if w.stays || w.random.IntN(10) < 6 {
		return w.node
	}
	return w.random.IntN(len(w.load.cfg.Nodes))
}
