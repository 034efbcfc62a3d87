package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Result is what one workload did with one number of connections.
type Result struct {
	Workload    string   `json:"workload"`
	Nodes       []string `json:"nodes"`
	Role        string   `json:"role"` // of the nodes: leader, follower or mixed
	Connections int      `json:"connections"`
	Seconds     float64  `json:"seconds"` // the time that the rates are over
	Rows        []Row    `json:"rows"`
}

// Row is one kind of request of a workload. Latencies are those of the requests
// that succeeded.
type Row struct {
	Op       string            `json:"op"`
	Count    uint64            `json:"count"`
	Rate     float64           `json:"per_second"`
	P50      Millis            `json:"p50_ms"`
	P99      Millis            `json:"p99_ms"`
	P999     Millis            `json:"p999_ms"`
	Max      Millis            `json:"max_ms"`
	Errors   map[string]uint64 `json:"errors,omitempty"`
	Examples map[string]string `json:"examples,omitempty"` // an answer for each kind of error
	Floor    *Floor            `json:"floor,omitempty"`
}

// Millis is a latency in milliseconds.
type Millis float64

func millis(d time.Duration) Millis { return Millis(float64(d) / float64(time.Millisecond)) }

// Run measures everything that config asks for, and hands each result over as
// soon as it is there.
func Run(ctx context.Context, config Config, report func(Result)) error {
	if err := config.Validate(); err != nil {
		return err
	}
	targets, err := findTargets(ctx, config)
	if err != nil {
		return err
	}
	parent, err := createParent(ctx, config, targets[0])
	if err != nil {
		return err
	}
	for _, name := range config.Workloads {
		load, _ := workloadByName(name)
		for _, n := range config.Connections {
			result, err := measure(ctx, config, targets, load, n, parent)
			if err != nil {
				return errors.Join(fmt.Errorf("%s with %d connections: %w", name, n, err), dropParent(config, targets[0], parent))
			}
			report(result)
		}
	}
	return dropParent(config, targets[0], parent)
}

// findTargets learns every node's role and keeps those that the run is for.
func findTargets(ctx context.Context, config Config) ([]target, error) {
	var targets []target
	for _, addr := range config.Addrs {
		t, err := parseTarget(addr, config.TLS)
		if err != nil {
			return nil, err
		}
		if err := t.askRole(ctx, config.Timeout); err != nil {
			return nil, err
		}
		if config.To == "" || config.To == t.role {
			targets = append(targets, t)
		}
	}
	if len(targets) == 0 {
		return nil, fmt.Errorf("no %s among the %d addresses", config.To, len(config.Addrs))
	}
	return targets, nil
}

// createParent makes the token that everything else descends from, so that one
// revocation removes what the run leaves behind. It inherits the caller's
// policies.
func createParent(ctx context.Context, config Config, t target) (string, error) {
	c := newConn(ctx, t, config.Timeout)
	defer c.close()
	w := &worker{conn: c}
	body := fmt.Sprintf(`{"display_name":"bench","ttl":"%ds"}`, int64(parentTTL(config)/time.Second))
	return w.create(w.render("POST", pathCreate, config.Token, body))
}

// parentTTL outlives every token of the run: the last may be made at its very end.
func parentTTL(config Config) time.Duration {
	runs := time.Duration(len(config.Workloads) * len(config.Connections))
	return config.TTL + 2*runs*(config.Duration+config.Warmup+config.Timeout)
}

// dropParent runs also when the run was called off, hence its own context.
func dropParent(config Config, t target, parent string) error {
	if config.Keep {
		return nil
	}
	c := newConn(context.Background(), t, config.Timeout)
	defer c.close()
	resp, err := c.exchange(renderRequest(t.host, "POST", pathRevokeSelf, parent, ""), time.Now())
	if err != nil {
		return fmt.Errorf("revoke what the run made: %w", err)
	}
	if resp.status > 299 {
		return fmt.Errorf("revoke what the run made: status %d: %.200s", resp.status, resp.body)
	}
	return nil
}

// measure runs one workload with n connections.
func measure(ctx context.Context, config Config, targets []target, load workload, n int, parent string) (Result, error) {
	workers := make([]*worker, n)
	hot := new(shared)
	for i := range workers {
		c := newConn(ctx, targets[i%len(targets)], config.Timeout)
		defer c.close()
		workers[i] = newWorker(i, n, config, load, c, parent, hot)
	}
	if load.prepare != nil {
		if err := prepare(workers); err != nil {
			return Result{}, err
		}
	}
	from := time.Now().Add(config.Warmup)
	win := window{from: from, to: from.Add(config.Duration)}
	var wg sync.WaitGroup
	for _, w := range workers {
		wg.Go(func() { w.run(win) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	return summarize(config, targets, load, workers, win), nil
}

func prepare(workers []*worker) error {
	failed := make([]error, len(workers))
	var wg sync.WaitGroup
	for i, w := range workers {
		wg.Go(func() { failed[i] = w.load.prepare(w) })
	}
	wg.Wait()
	// a node that refuses one refuses all: the first is enough to read
	if i := slices.IndexFunc(failed, func(err error) bool { return err != nil }); i >= 0 {
		return failed[i]
	}
	return nil
}

func summarize(config Config, targets []target, load workload, workers []*worker, win window) Result {
	r := Result{
		Workload:    load.name,
		Role:        roleOf(targets),
		Connections: len(workers),
		Seconds:     elapsed(config, workers, win).Seconds(),
	}
	for _, t := range targets {
		r.Nodes = append(r.Nodes, t.addr)
	}
	for o := range opCount {
		if row, ok := rowOf(o, workers, r.Seconds); ok {
			row.Floor = config.floor(load.name, row.Op, r.Role, r.Connections)
			r.Rows = append(r.Rows, row)
		}
	}
	return r
}

// elapsed is the window, or the part of it until the last worker ran out of work.
func elapsed(config Config, workers []*worker, win window) time.Duration {
	last := win.from
	for _, w := range workers {
		if !w.idle {
			return config.Duration
		}
		if w.last.After(last) {
			last = w.last
		}
	}
	if last.Equal(win.from) { // nothing counted: the rate is zero over any time
		return config.Duration
	}
	return last.Sub(win.from)
}

// rowOf merges what the workers saw of one kind of request; false if none made any.
func rowOf(o op, workers []*worker, seconds float64) (Row, bool) {
	row := Row{Op: o.String(), Errors: map[string]uint64{}, Examples: map[string]string{}}
	var hist Histogram
	for _, w := range workers {
		t := w.ops[o]
		if t == nil {
			continue
		}
		hist.Merge(&t.hist)
		for kind, n := range t.errors {
			row.Errors[kind] += n
			row.Examples[kind] = t.sample[kind]
		}
	}
	row.Count = hist.Count()
	row.Rate = float64(row.Count) / seconds
	row.P50 = millis(hist.Quantile(0.5))
	row.P99 = millis(hist.Quantile(0.99))
	row.P999 = millis(hist.Quantile(0.999))
	row.Max = millis(hist.Max())
	return row, row.Count > 0 || len(row.Errors) > 0
}
