package main

import (
	"bytes"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/httptestcluster"
)

// terminalConsole is a console with a terminal and a clock of its own.
func terminalConsole(now *time.Time) (*console, *bytes.Buffer) {
	var errs bytes.Buffer
	return &console{err: &errs, terminal: true, now: func() time.Time { return *now }}, &errs
}

// slowReader gives a mebibyte a time, which takes its while.
type slowReader struct {
	left int
	now  *time.Time
	step time.Duration
}

func (s *slowReader) Read(b []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	s.left--
	*s.now = s.now.Add(s.step)
	return 1 << 20, nil
}

// discard takes mebibytes.
func discard(t *testing.T, r io.Reader) {
	t.Helper()
	b := make([]byte, 1<<20)
	for {
		if _, err := r.Read(b); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestProgress(t *testing.T) {
	for _, tt := range []struct {
		name  string
		total int64
		step  time.Duration
		want  []string
	}{
		{"known size", 40 << 20, 100 * time.Millisecond, []string{
			"reading a   25%  10.0 MiB of 40.0 MiB  10.0 MiB/s", "reading a   30%  12.0 MiB of 40.0 MiB  10.0 MiB/s", "reading a  100%  40.0 MiB of 40.0 MiB  10.0 MiB/s",
		}},
		{"unknown size", 0, time.Second, []string{"reading a  1.0 MiB  1.0 MiB/s", "reading a  2.0 MiB  1.0 MiB/s", "reading a  40.0 MiB  1.0 MiB/s"}},
	} {
		now := time.Unix(1000, 0)
		c, errs := terminalConsole(&now)
		p := c.progress("reading a", tt.total, &output{format: "table"})
		discard(t, p.reader(&slowReader{40, &now, tt.step}))
		p.done()
		p.done()
		lines := strings.Split(strings.TrimPrefix(errs.String(), "\r\x1b[K"), "\r\x1b[K")
		if got := []string{lines[0], lines[1], lines[len(lines)-2]}; !slices.Equal(got, tt.want) || lines[len(lines)-1] != "" {
			t.Errorf("%s: shown %q", tt.name, lines)
		}
	}
}

// What is quick, what goes to a file and what a script reads shows nothing.
func TestNoProgress(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, tt := range []struct {
		name, format string
		terminal     bool
		step         time.Duration
	}{
		{"quick", "table", true, time.Millisecond},
		{"no terminal", "table", false, time.Second},
		{"for a script", "json", true, time.Second},
	} {
		c, errs := terminalConsole(&now)
		c.terminal = tt.terminal
		p := c.progress("reading a", 0, &output{format: tt.format})
		discard(t, p.reader(&slowReader{40, &now, tt.step}))
		p.done()
		if errs.Len() > 0 {
			t.Errorf("%s: shown %q", tt.name, errs)
		}
	}
}

// What somebody still reads when all is over is not shown.
func TestProgressOver(t *testing.T) {
	now := time.Unix(1000, 0)
	c, errs := terminalConsole(&now)
	p := c.progress("sending a", 0, &output{})
	r := p.reader(&slowReader{40, &now, time.Second})
	p.done()
	discard(t, r)
	if errs.Len() > 0 {
		t.Errorf("shown %q", errs)
	}
}

// The commands that may take long show it, each under its own name.
func TestSnapshotProgress(t *testing.T) {
	server, file := snapshotServer(t), filepath.Join(t.TempDir(), "a.snap")
	for _, tt := range []struct{ args, shows string }{
		{"save " + file, "saving  "},
		{"verify " + file, "reading " + file + "  100%"},
		{"inspect " + file, "reading " + file + "  100%"},
		{"diff " + file + " " + file, "reading " + file + "  100%"},
		{"restore " + file, "sending " + file + "  100%"},
	} {
		now := time.Unix(1000, 0)
		c, errs := terminalConsole(&now)
		c.now = func() time.Time { now = now.Add(time.Second); return now } // which is long for a look at it
		c.out, c.in = io.Discard, strings.NewReader("")
		c.env = func(name string) string {
			return map[string]string{"JETON_ADDR": server.URL, "JETON_TOKEN": httptestcluster.Root}[name]
		}
		code := run(t.Context(), commands, c, append([]string{"snapshot"}, strings.Fields(tt.args)...))
		if shown := errs.String(); code != exitDone || !strings.Contains(shown, "\r\x1b[K"+tt.shows) || !strings.HasSuffix(shown, "\r\x1b[K") {
			t.Errorf("snapshot %s: exit code %d, shown %q", tt.args, code, shown)
		}
	}
}
