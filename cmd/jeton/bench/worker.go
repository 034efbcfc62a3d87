package bench

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// window is the time in which requests count: those that begin and end in it.
type window struct{ from, to time.Time }

// worker owns one connection and everything that it needs to keep it busy.
type worker struct {
	id     int
	all    int // workers of the run
	config Config
	load   workload
	conn   *conn
	parent string // the run's own token
	hot    *shared

	createRequest []byte
	lookupRequest []byte
	renewRequest  []byte
	useRequest    []byte
	scratch       []byte   // the last request that renderInto made
	pool          []string // tokens to revoke
	fresh         []byte   // the token that the last create made
	round         int      // position in mixedRound

	window window
	due    time.Time       // when the next request was to begin; zero: when it does
	ops    [opCount]*tally // nil until the first of its kind counts
	last   time.Time       // end of the last request that counted
	idle   bool            // ran out of work before the window closed
}

// tally is what one worker saw of one kind of request.
type tally struct {
	hist   Histogram
	errors map[string]uint64 // by status, or by kindOf
	sample map[string]string // the first answer of each kind of error
}

// shared is a value that the first worker to ask for it makes for all.
type shared struct {
	once  sync.Once
	value string
	err   error
}

func (s *shared) get(create func() (string, error)) (string, error) {
	s.once.Do(func() { s.value, s.err = create() })
	return s.value, s.err
}

func newWorker(id, all int, config Config, load workload, c *conn, parent string, hot *shared) *worker {
	w := &worker{id: id, all: all, config: config, load: load, conn: c, parent: parent, hot: hot}
	body := fmt.Sprintf(`{"policies":["default"],"ttl":"%ds"}`, ttlSeconds(config))
	w.createRequest = w.render("POST", pathCreate, parent, body)
	return w
}

// run keeps the connection busy until the window closes, the load has nothing
// left, or the run is called off.
func (w *worker) run(win window) {
	w.window = win
	for round := 0; time.Now().Before(win.to) && w.conn.ctx.Err() == nil; round++ {
		if w.config.Rate > 0 && !w.await(round) {
			return
		}
		if !w.load.step(w) {
			w.idle = true
			return
		}
	}
}

// await waits for a round's time, which is early enough to count from even if it has
// passed; false when the run has ended by then.
func (w *worker) await(round int) bool {
	every := float64(time.Second) / w.config.Rate
	begin := w.window.from.Add(-w.config.Warmup)
	w.due = begin.Add(time.Duration(every * float64(round*w.all+w.id)))
	if !w.due.Before(w.window.to) {
		return false
	}
	timer := time.NewTimer(time.Until(w.due))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-w.conn.ctx.Done():
		return false
	}
}

// measure makes one request and books it. The body is valid until the next one;
// ok says that the server did what was asked.
func (w *worker) measure(o op, request []byte) (body []byte, ok bool) {
	start := time.Now()
	resp, err := w.conn.exchange(request, start)
	end := time.Now()
	if !w.due.IsZero() {
		start, w.due = w.due, time.Time{}
	}
	switch {
	case err != nil:
		if w.conn.ctx.Err() == nil {
			w.fail(o, kindOf(err), err.Error(), start, end)
			w.pause()
		}
		return nil, false
	case resp.status < 200 || resp.status > 299:
		w.fail(o, strconv.Itoa(resp.status), string(resp.body), start, end)
		return nil, false
	}
	w.record(o, start, end)
	return resp.body, true
}

func (w *worker) tally(o op) *tally {
	if w.ops[o] == nil {
		w.ops[o] = &tally{errors: map[string]uint64{}, sample: map[string]string{}}
	}
	return w.ops[o]
}

func (w *worker) counts(start, end time.Time) bool {
	return !start.Before(w.window.from) && !end.After(w.window.to)
}

func (w *worker) record(o op, start, end time.Time) {
	if w.counts(start, end) {
		w.tally(o).hist.Record(end.Sub(start))
		w.last = end
	}
}

func (w *worker) fail(o op, kind, text string, start, end time.Time) {
	if !w.counts(start, end) {
		return
	}
	t := w.tally(o)
	if t.errors[kind]++; t.errors[kind] == 1 {
		t.sample[kind] = fmt.Sprintf("%.200s", text)
	}
}

// redialPause keeps a worker whose node is gone from spinning on a core that the
// others need.
const redialPause = 20 * time.Millisecond

func (w *worker) pause() {
	timer := time.NewTimer(redialPause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.conn.ctx.Done():
	}
}

// create makes a token outside the measurement.
func (w *worker) create(request []byte) (string, error) {
	resp, err := w.conn.exchange(request, time.Now())
	if err != nil {
		return "", fmt.Errorf("prepare a token on %s: %w", w.conn.target.addr, err)
	}
	if resp.status != 200 {
		return "", fmt.Errorf("prepare a token on %s: status %d: %.200s", w.conn.target.addr, resp.status, resp.body)
	}
	token := clientToken(resp.body)
	if len(token) == 0 {
		return "", fmt.Errorf("prepare a token on %s: the answer holds none", w.conn.target.addr)
	}
	return string(token), nil
}

func (w *worker) render(method, path, token, body string) []byte {
	return renderRequest(w.conn.target.host, method, path, token, body)
}

// renderInto renders over the request that it made before.
func (w *worker) renderInto(method, path string, token []byte, body string) []byte {
	w.scratch = appendRequest(w.scratch[:0], w.conn.target.host, method, path, token, body)
	return w.scratch
}

// clientToken finds the new token's text in the answer to a create, without
// decoding it: the text of a token needs no escaping in JSON.
func clientToken(body []byte) []byte {
	_, rest, ok := bytes.Cut(body, []byte(`"client_token"`))
	if !ok {
		return nil
	}
	rest = bytes.TrimLeft(rest, " \t\r\n:")
	if len(rest) == 0 || rest[0] != '"' {
		return nil
	}
	token, _, ok := bytes.Cut(rest[1:], []byte(`"`))
	if !ok {
		return nil
	}
	return token
}
