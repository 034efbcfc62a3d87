package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress shows on a terminal how far the reading of something long has come, in
// one line that is gone at the end. It shows nothing of what takes no time.
type progress struct {
	w     io.Writer // nil: nobody looks
	now   func() time.Time
	what  string
	total int64 // bytes; 0: not known

	mu           sync.Mutex // a body is read until after the answer has come
	began, shown time.Time
	bytes        int64
	over         bool
}

// What takes less than the patience of who waits shows nothing, and a line stands
// long enough to be read.
const (
	progressPatience = time.Second
	progressEvery    = 200 * time.Millisecond
)

// progress is shown when errors go to a terminal and results are for people.
func (c *console) progress(what string, total int64, out *output) *progress {
	p := &progress{what: what, total: total}
	if c.terminal && out.format != "json" {
		p.w, p.now, p.began = c.err, c.now, c.now()
	}
	return p
}

// reader counts what is read through it, from the beginning on.
func (p *progress) reader(r io.Reader) io.Reader {
	if p.w == nil {
		return r
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes = 0
	return &countedReader{r, p}
}

type countedReader struct {
	r io.Reader
	p *progress
}

func (c *countedReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.p.add(n)
	return n, err
}

func (p *progress) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes += int64(n)
	now := p.now()
	if p.over || now.Sub(p.began) < progressPatience || now.Sub(p.shown) < progressEvery {
		return
	}
	p.shown = now
	fmt.Fprintf(p.w, "\r\x1b[K%s", p.line(now))
}

func (p *progress) line(now time.Time) string {
	of := mebibytes(p.bytes)
	if p.total > 0 {
		of = fmt.Sprintf("%3d%%  %s of %s", min(100, p.bytes*100/p.total), of, mebibytes(p.total))
	}
	rate := float64(p.bytes) / max(now.Sub(p.began).Seconds(), 1e-3)
	return fmt.Sprintf("%s  %s  %s/s", oneLine(p.what), of, mebibytes(int64(rate)))
}

// done takes the line away.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w != nil && !p.over && !p.shown.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.over = true
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
