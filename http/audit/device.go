package audit

import (
	"encoding/json"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"
)

// Device is one audit device on one node. Its methods are safe for concurrent
// use.
type Device struct {
	Path string // with a slash at the end, as the API shows it
	Settings
	Hasher *Hasher // nil for a broken device
	Broken bool    // cannot be had on this node
	log    *slog.Logger
	node   string
	queue  *queue
	sink   sink
	hup    chan struct{} // holds something when the sink is to be opened anew
	quit   chan struct{} // closed by Close
	ended  chan struct{} // closed by run

	lost atomic.Uint64 // dropped, and not yet said in the log
	Stats
}

// Stats count what a device did since it was opened on this node.
type Stats struct {
	Written  atomic.Uint64 // entries
	Failures atomic.Uint64 // of writing, or of opening
	Dropped  atomic.Uint64 // entries that will never be written
	Failing  atomic.Bool   // the last attempt failed
	Latency  Histogram     // from being handed over to being written
}

// sink is where the lines of a device go. It is used by one goroutine. A sink
// opens itself when it is first written to, and again after a failure.
type sink interface {
	// write writes lines, in order, and says how many of them are out whole. It
	// returns by the deadline if the operating system can be told one.
	write(lines [][]byte, deadline time.Time) (int, error)
	// reopen has the next write open what the path or address means by then.
	reopen()
	close() error
}

// errTooLong says that a line can never be written to a sink.
var errTooLong = errors.New("entry is too long for this kind of socket")

// Open starts a device. What stands behind it is opened with the first entry, so
// that nothing here can hang or fail.
func Open(path, node string, s Settings, h *Hasher, log *slog.Logger) *Device {
	return start(path, node, s, h, s.sink(), log)
}

func start(path, node string, s Settings, h *Hasher, k sink, log *slog.Logger) *Device {
	d := &Device{
		Path: path, Settings: s, Hasher: h, log: log.With("audit_device", path), node: node,
		queue: newQueue(s.Queue), sink: k,
		hup: make(chan struct{}, 1), quit: make(chan struct{}), ended: make(chan struct{}),
	}
	go d.run()
	return d
}

// Probe writes one test entry, to see whether a device with these settings works
// on this node.
func Probe(node string, s Settings) error {
	k := s.sink()
	_, err := k.write([][]byte{s.Line(notice(node, "test", nil))}, time.Now().Add(s.Deadline))
	return errors.Join(err, k.close())
}

// Line is an entry as it goes out.
func (s *Settings) Line(entry []byte) []byte {
	line := make([]byte, 0, len(s.prefix)+len(entry)+1)
	line = append(line, s.prefix...)
	line = append(line, entry...)
	return append(line, '\n')
}

// Put hands an entry over. A required device returns a receipt, any other nil.
// The error says that the entry was not even taken.
func (d *Device) Put(entry []byte) (*Receipt, error) {
	if d.Broken {
		d.Dropped.Add(1)
		return nil, errBroken
	}
	r := &Receipt{line: d.Line(entry), since: time.Now()}
	if d.Required {
		r.due, r.done = r.since.Add(d.Deadline), make(chan error, 1)
	}
	if err := d.queue.put(r); err != nil {
		d.drop(1)
		return nil, err
	}
	if !d.Required {
		return nil, nil
	}
	return r, nil
}

// Queued is the number of entries that wait.
func (d *Device) Queued() int { return d.queue.len() }

// Reopen has the device open its file or connection again.
func (d *Device) Reopen() {
	select {
	case d.hup <- struct{}{}:
	default:
	}
	d.queue.signal()
}

// Close lets the device write what waits, once and for no longer than its
// deadline, and ends it.
func (d *Device) Close() {
	close(d.quit)
	d.queue.close()
	timer := time.NewTimer(d.Deadline)
	defer timer.Stop()
	select {
	case <-d.ended:
	case <-timer.C: // it hangs in the operating system; its goroutine ends when that lets it go
	}
}

func (d *Device) closing() bool {
	select {
	case <-d.quit:
		return true
	default:
		return false
	}
}

// run is the device's goroutine.
func (d *Device) run() {
	defer close(d.ended)
	defer d.sink.close()
	var batch []*Receipt
	for {
		var more bool
		if batch, more = d.queue.take(batch[:0]); !more {
			return
		}
		d.turn()
		d.deliver(batch)
		clear(batch)
	}
}

// deliver brings a batch to its end. A required device tries once, for somebody
// waits; any other tries until it has succeeded or is closed.
func (d *Device) deliver(batch []*Receipt) {
	for tries := 0; len(batch) > 0; tries++ {
		once := d.Required || d.closing()
		n, err := d.attempt(batch)
		d.Written.Add(uint64(n)) // before anybody hears of it, who may look
		d.note(err)
		for _, r := range batch[:n] {
			d.Latency.observe(time.Since(r.since))
			r.answer(nil)
		}
		switch batch = batch[n:]; {
		case errors.Is(err, errTooLong):
			d.giveUp(batch[:1], err)
			batch = batch[1:]
		case err != nil && once:
			d.giveUp(batch, err)
			return
		case err != nil:
			d.pause(tries)
		}
	}
}

func (d *Device) giveUp(batch []*Receipt, err error) {
	d.drop(len(batch))
	for _, r := range batch {
		r.answer(err)
	}
}

// attempt writes a batch and, if entries were lost before it, first says so.
func (d *Device) attempt(batch []*Receipt) (int, error) {
	lines := make([][]byte, 0, len(batch)+1)
	lost := d.lost.Load()
	if lost > 0 {
		lines = append(lines, d.Line(notice(d.node, "dropped", &lost)))
	}
	for _, r := range batch {
		lines = append(lines, r.line)
	}
	deadline := time.Now().Add(d.Deadline)
	if d.Required {
		deadline = batch[len(batch)-1].due // the latest: they stand in order
	}
	n, err := d.sink.write(lines, deadline)
	if lost > 0 && n > 0 {
		d.lost.Add(-lost)
		n--
	}
	return n, err
}

// turn follows a wish to open the sink anew.
func (d *Device) turn() {
	select {
	case <-d.hup:
		d.sink.reopen()
	default:
	}
}

func (d *Device) drop(n int) {
	d.Dropped.Add(uint64(n))
	d.lost.Add(uint64(n))
}

// note counts a failure, and logs the first of a row and its end.
func (d *Device) note(err error) {
	if err != nil {
		d.Failures.Add(1)
	}
	switch failed := err != nil; {
	case failed && d.Failing.CompareAndSwap(false, true):
		d.log.Error("audit device fails", "required", d.Required, "error", err)
	case !failed && d.Failing.CompareAndSwap(true, false):
		d.log.Info("audit device writes again", "dropped", d.Dropped.Load())
	}
}

// Between the attempts of a best-effort device there is a pause, so that one that
// fails at once does not keep a processor busy. The pace of a required device is
// that of the requests that need it.
const (
	leastPause = 20 * time.Millisecond
	mostPause  = time.Second
)

func (d *Device) pause(tries int) {
	timer := time.NewTimer(min(leastPause<<min(tries, 10), mostPause))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.hup:
		d.sink.reopen()
	case <-d.quit:
	}
}

// notice is an entry about the device itself.
func notice(node, kind string, dropped *uint64) []byte {
	type about struct {
		Node    string  `json:"node"`
		Dropped *uint64 `json:"dropped,omitempty"`
	}
	b, err := json.Marshal(struct {
		Time  time.Time `json:"time"`
		Type  string    `json:"type"`
		Jeton about     `json:"jeton"`
	}{time.Now().UTC(), kind, about{node, dropped}})
	if err != nil {
		panic("audit: notice does not encode: " + err.Error())
	}
	return b
}
