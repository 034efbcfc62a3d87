package gossip

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

func TestLogBridge(t *testing.T) {
	for _, tt := range []struct {
		line, text string
		level      slog.Level
	}{
		{"[ERR] memberlist: Conflicting address for x", "gossip: Conflicting address for x", slog.LevelWarn},
		{"[INFO] memberlist: Marking x as failed", "gossip: Marking x as failed", slog.LevelInfo},
		{"[DEBUG] memberlist: Stream connection from=x", "gossip: Stream connection from=x", slog.LevelDebug},
		{"[WARN] memberlist: Got ping for unexpected node x", "gossip: Got ping for unexpected node x", slog.LevelDebug},
		{"no mark", "gossip: no mark", slog.LevelInfo},
	} {
		var got slog.Record
		newLogBridge(slog.New(recorder{&got})).Print(tt.line)
		if got.Message != tt.text || got.Level != tt.level {
			t.Errorf("%q became %v %q", tt.line, got.Level, got.Message)
		}
	}
}

func TestLogFloodIsCutOff(t *testing.T) {
	var buf lockedBuffer
	bridge := newLogBridge(slog.New(slog.NewTextHandler(&buf, nil)))
	for range 1000 {
		bridge.Print("[ERR] memberlist: Decrypt packet failed")
	}
	// A second burst if the period ended meanwhile, on a very slow machine.
	if n := strings.Count(buf.String(), "Decrypt"); n < burst || n > 2*burst {
		t.Fatalf("%d of 1000 lines were logged, want %d", n, burst)
	}
}

// recorder keeps the last record.
type recorder struct{ last *slog.Record }

func (recorder) Enabled(context.Context, slog.Level) bool { return true }
func (r recorder) Handle(_ context.Context, rec slog.Record) error {
	*r.last = rec
	return nil
}
func (r recorder) WithAttrs([]slog.Attr) slog.Handler { return r }
func (r recorder) WithGroup(string) slog.Handler      { return r }

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
