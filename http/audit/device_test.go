package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// open starts a device of a record until the test ends.
func open(t *testing.T, record *fsm.AuditDevice) *Device {
	t.Helper()
	s, err := SettingsOf(record)
	if err != nil {
		t.Fatal(err)
	}
	return keep(t, Open("d/", "n1", s, NewHasher([]byte("salt")), quiet))
}

func keep(t *testing.T, d *Device) *Device {
	t.Cleanup(func() {
		if !d.closing() {
			d.Close()
		}
	})
	return d
}

// with starts a device before a sink of the test's.
func with(t *testing.T, k sink, change func(*Settings)) *Device {
	s := Settings{Type: "file", Required: true, Queue: 8, Deadline: time.Minute}
	if change != nil {
		change(&s)
	}
	return keep(t, start("d/", "n1", s, nil, k, quiet))
}

// must writes an entry through a required device.
func must(t *testing.T, d *Device, entry string) {
	t.Helper()
	if err := try(d, entry); err != nil {
		t.Fatalf("%s: %v", entry, err)
	}
}

func try(d *Device, entry string) error {
	r, err := d.Put([]byte(entry))
	if err != nil || r == nil {
		return err
	}
	return r.Wait(context.Background())
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// entry is one that a file would be recognised by.
func entry(n int) string { return fmt.Sprintf(`{"time":"%d"}`, n) }

// gate is a sink that does what it is told: with each write it takes the next
// order, or waits for one.
type gate struct {
	orders chan error    // what a write ends with
	asked  chan struct{} // gets one for each write that begins
	mu     sync.Mutex
	got    bytes.Buffer
	opened int
}

func newGate() *gate { return &gate{orders: make(chan error, 100), asked: make(chan struct{}, 100)} }

func (g *gate) write(lines [][]byte, _ time.Time) (int, error) {
	g.asked <- struct{}{}
	if err := <-g.orders; err != nil {
		return 0, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range lines {
		g.got.Write(l)
	}
	return len(lines), nil
}

func (g *gate) reopen()      { g.mu.Lock(); g.opened++; g.mu.Unlock() }
func (g *gate) close() error { return nil }

func (g *gate) text() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.got.String()
}

var errDisk = errors.New("no space left on device")

// A required device says no for each entry that it could not write, and yes
// again as soon as it can.
func TestRequiredDeviceFailsAndRecovers(t *testing.T) {
	g := newGate()
	d := with(t, g, nil)
	for range 3 {
		g.orders <- errDisk
		if err := try(d, "lost"); !errors.Is(err, errDisk) || !d.Failing.Load() {
			t.Fatalf("%v, failing %v", err, d.Failing.Load())
		}
	}
	g.orders <- nil
	must(t, d, "kept")
	if d.Failing.Load() || d.Failures.Load() != 3 || d.Written.Load() != 1 || d.Dropped.Load() != 3 {
		t.Errorf("failing %v, %d failures, %d written, %d dropped", d.Failing.Load(), d.Failures.Load(), d.Written.Load(), d.Dropped.Load())
	}
	if got := g.text(); !strings.Contains(got, `"type":"dropped","jeton":{"node":"n1","dropped":3}`) || !strings.HasSuffix(got, "kept\n") || strings.Contains(got, "lost") {
		t.Errorf("log is %q", got)
	}
	if n, ms, _ := d.Latency.Snapshot(); n != 1 || ms < 0 {
		t.Errorf("latency of %d entries is %v", n, ms)
	}
}

// A device that hangs refuses within its deadline; what waited behind the entry
// that hangs is never written.
func TestRequiredDeviceHangs(t *testing.T) {
	g := newGate()
	d := with(t, g, func(s *Settings) { s.Deadline = 20 * time.Millisecond })
	hanging, err := d.Put([]byte("hangs"))
	if err != nil {
		t.Fatal(err)
	}
	<-g.asked
	if err := try(d, "behind"); !errors.Is(err, errLate) {
		t.Fatalf("%v, want %v", err, errLate)
	}
	if err := hanging.Wait(context.Background()); !errors.Is(err, errLate) {
		t.Fatalf("%v, want %v", err, errLate)
	}
	for range 50 {
		g.orders <- nil
	}
	for err := errLate; err != nil; { // on a slow machine it may take more than one
		if err = try(d, "next"); err != nil && !errors.Is(err, errLate) {
			t.Fatal(err)
		}
	}
	if got := g.text(); !strings.Contains(got, "hangs\n") || strings.Contains(got, "behind") || !strings.Contains(got, "next\n") {
		t.Errorf("log is %q", got)
	}
}

// A full queue is said at once, whatever the device.
func TestQueueIsBounded(t *testing.T) {
	for _, required := range []bool{true, false} {
		g := newGate()
		d := with(t, g, func(s *Settings) { s.Queue, s.Required = 3, required })
		full := 0
		for range 10 {
			if _, err := d.Put([]byte("x")); errors.Is(err, errFull) {
				full++
			}
		}
		// Up to three wait, and the goroutine may have taken as many before.
		if full < 4 || int(d.Dropped.Load()) != full {
			t.Errorf("required %v: %d of 10 refused, %d dropped", required, full, d.Dropped.Load())
		}
		for range 20 {
			g.orders <- nil
		}
	}
	q := newQueue(10)
	big := &Receipt{line: make([]byte, maxQueuedBytes+1)}
	if q.put(big) != nil || q.put(&Receipt{line: []byte("x")}) == nil {
		t.Error("the queue is not bounded by its bytes")
	}
}

// A best-effort device keeps what it could not write, drops what does not fit,
// and says so in the log.
func TestBestEffortKeepsItsQueue(t *testing.T) {
	g := newGate()
	d := with(t, g, func(s *Settings) { s.Queue, s.Required = 4, false })
	for i := range 20 {
		if r, _ := d.Put([]byte(fmt.Sprint("entry ", i))); r != nil {
			t.Fatal("a receipt of a best-effort device")
		}
		if i == 0 {
			<-g.asked // the queue is empty again, and the device busy
		}
	}
	dropped := d.Dropped.Load()
	g.orders <- errDisk
	<-g.asked // for the second time
	g.orders <- errDisk
	<-g.asked
	for range 40 {
		g.orders <- nil
	}
	d.Close()
	if got := d.Written.Load(); got != 20-dropped || dropped == 0 {
		t.Errorf("%d written, %d dropped", got, dropped)
	}
	text := g.text()
	if !strings.Contains(text, fmt.Sprintf(`"dropped":%d}`, dropped)) || strings.Count(text, "entry ") != int(20-dropped) || !strings.Contains(text, "entry 0\n") {
		t.Errorf("%d dropped, log is %q", dropped, text)
	}
}

// Closing does not wait for what hangs.
func TestCloseIsBounded(t *testing.T) {
	g := newGate()
	d := with(t, g, func(s *Settings) { s.Deadline, s.Required = 10*time.Millisecond, false })
	d.Put([]byte("hangs"))
	<-g.asked
	d.Close()
	if _, err := d.Put([]byte("late")); !errors.Is(err, errClosing) {
		t.Errorf("%v, want %v", err, errClosing)
	}
	g.orders <- errDisk // lets the goroutine go on
	g.orders <- errDisk // and fail once more
	<-d.ended
	if d.Dropped.Load() != 2 {
		t.Errorf("%d dropped, want 2", d.Dropped.Load())
	}
}

func TestReopenIsFollowed(t *testing.T) {
	g := newGate()
	d := with(t, g, nil)
	d.Reopen()
	g.orders <- nil
	must(t, d, "x")
	if g.opened != 1 {
		t.Errorf("reopened %d times", g.opened)
	}
}

func TestBrokenDevice(t *testing.T) {
	d := keep(t, Broken(device("file", "file_path", "/a"), "n1", errDisk, quiet))
	if _, err := d.Put([]byte("x")); err == nil || !d.Failing.Load() || d.Dropped.Load() != 1 {
		t.Errorf("%v, failing %v, %d dropped", err, d.Failing.Load(), d.Dropped.Load())
	}
}

// A write that is cut off leaves a fragment on a line of its own.
func TestTornLines(t *testing.T) {
	for cut := range 12 {
		w := &cutWriter{left: cut}
		s := stream{w: w}
		n, err := s.write([][]byte{[]byte("one\n"), []byte("two\n"), []byte("six\n")}, time.Time{})
		if err == nil || n != cut/4 {
			t.Fatalf("cut at %d: %d lines are out, %v", cut, n, err)
		}
		w.left = 100
		if n, err := s.write([][]byte{[]byte("end\n")}, time.Time{}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		want := "one\ntwo\nsix\n"[:cut]
		if cut%4 != 0 {
			want += "\n"
		}
		if got := w.String(); got != want+"end\n" {
			t.Errorf("cut at %d: %q", cut, got)
		}
	}
}

// cutWriter takes so many bytes and no more.
type cutWriter struct {
	bytes.Buffer
	left int
}

func (w *cutWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	w.Buffer.Write(p[:n])
	if n < len(p) {
		return n, errDisk
	}
	return n, nil
}

func TestFileRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	d := open(t, device("file", "file_path", path))
	must(t, d, entry(1))
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info, err)
	}
	rename := func(to string) {
		if err := os.Rename(path, path+to); err != nil {
			t.Fatal(err)
		}
	}
	rename(".1") // logrotate and a signal
	d.Reopen()
	must(t, d, entry(2))
	rename(".2") // and without one
	must(t, d, entry(3))
	if err := os.Remove(path); err != nil { // deleted under the server
		t.Fatal(err)
	}
	must(t, d, entry(4))
	if err := os.Truncate(path, 0); err != nil { // copytruncate
		t.Fatal(err)
	}
	must(t, d, entry(5))
	for suffix, n := range map[string]int{".1": 1, ".2": 2, "": 5} {
		if got := lines(t, path+suffix); len(got) != 1 || got[0] != entry(n) {
			t.Errorf("%s holds %q", path+suffix, got)
		}
	}
}

// A server that is started again goes on behind what it has written, also behind
// a line that a crash cut off.
func TestFileIsContinued(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	first := open(t, device("file", "file_path", path))
	must(t, first, entry(1))
	first.Close()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`{"time":"cut o`)
	f.Close()
	must(t, open(t, device("file", "file_path", path, "mode", "0640")), entry(2))
	if got := lines(t, path); len(got) != 3 || got[0] != entry(1) || got[2] != entry(2) {
		t.Errorf("log is %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
}

// No file is appended to that is not an audit log, and nothing is opened that
// could hang.
func TestFilesThatAreRefused(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fifo := filepath.Join(dir, "fifo")
	mkfifo(t, fifo)
	for _, path := range []string{
		put("authorized_keys", "ssh-ed25519 AAAA root\n"), put("formation.json", `{"promised":[]}`), put("short", "x"),
		dir, filepath.Join(dir, "missing", "audit.log"),
	} {
		before, _ := os.ReadFile(path)
		s, err := SettingsOf(device("file", "file_path", path))
		if err != nil {
			t.Fatal(err)
		}
		if err := Probe("n1", s); err == nil {
			t.Errorf("%s was taken", path)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Errorf("%s has changed", path)
		}
	}
	s, err := SettingsOf(device("file", "file_path", fifo))
	if err != nil {
		t.Fatal(err)
	}
	if err := Probe("n1", s); err == nil {
		t.Error("a named pipe was taken")
	}
	s, err = SettingsOf(device("file", "file_path", put("prefixed", `@cee: {"time":"1"}`+"\n"), "prefix", "@cee: "))
	if err != nil {
		t.Fatal(err)
	}
	if err := Probe("n1", s); err != nil {
		t.Error(err)
	}
}

// A full disk refuses each entry at once.
func TestFullDisk(t *testing.T) {
	d := open(t, device("file", "file_path", "/dev/full"))
	for range 3 {
		if err := try(d, entry(1)); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Fatalf("%v", err)
		}
	}
}

func TestHasher(t *testing.T) {
	h := NewHasher([]byte("salt"))
	// printf %s text | openssl dgst -sha256 -hmac salt
	const want = "hmac-sha256:fb31e17dd12cf07273c5fcb5da95c5e7d0680dd33cb88956dd652633beaa0219"
	if a, b := h.Hash("text"), h.Hash("text"); a != b || a != want || h.Hash("text2") == a || NewHasher([]byte("other")).Hash("text") == a {
		t.Errorf("hashes are %s, %s", a, b)
	}
}
