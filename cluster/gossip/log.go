package gossip

import (
	"context"
	"log"
	"log/slog"
	"strings"
	"time"
)

// logBridge turns memberlist's lines into slog records. Its lines hold names,
// addresses and labels, never keys.
type logBridge struct {
	log   *slog.Logger
	began time.Time // of the present period
	lines int       // warnings in it
}

func newLogBridge(l *slog.Logger) *log.Logger { return log.New(&logBridge{log: l}, "", 0) }

// levels are memberlist's, mapped. What it calls an error is mostly somebody
// else's packet or a peer that went away: a warning to us.
var levels = []struct {
	mark  string
	level slog.Level
}{
	{"[DEBUG] ", slog.LevelDebug},
	{"[INFO] ", slog.LevelInfo},
	{"[WARN] ", slog.LevelWarn},
	{"[ERR] ", slog.LevelWarn},
	{"[ERROR] ", slog.LevelWarn},
}

// noise are the beginnings of lines that come in normal life, on every
// connection and after every restart. They are logged for debugging only.
var noise = []string{
	"Stream connection",
	"Initiating push/pull sync",
	"Got ping for unexpected node",
	"Refuting a",
	"ignoring alive message",
}

// A burst of warnings is logged, and then the rest of the period only counted:
// packets that do not decrypt cost a line each, and anybody can send them.
const (
	burst  = 20
	period = 10 * time.Second
)

// Write implements io.Writer. The logger calls it once for each line, and
// never twice at once.
func (b *logBridge) Write(line []byte) (int, error) {
	level, text := parseLine(string(line))
	if level < slog.LevelWarn {
		b.log.Log(context.Background(), level, text)
		return len(line), nil
	}
	if now := time.Now(); now.Sub(b.began) >= period {
		if b.lines > burst {
			b.log.Warn("gossip: warnings left out", "count", b.lines-burst)
		}
		b.began, b.lines = now, 0
	}
	if b.lines++; b.lines <= burst {
		b.log.Log(context.Background(), level, text)
	}
	return len(line), nil
}

func parseLine(line string) (level slog.Level, text string) {
	text, level = strings.TrimSuffix(line, "\n"), slog.LevelInfo
	for _, l := range levels {
		if rest, ok := strings.CutPrefix(text, l.mark); ok {
			text, level = rest, l.level
			break
		}
	}
	text = strings.TrimPrefix(text, "memberlist: ")
	for _, n := range noise {
		if strings.HasPrefix(text, n) {
			level = slog.LevelDebug
		}
	}
	return level, "gossip: " + text
}
