package gossip

import (
	"context"
	"log"
	"log/slog"
	"strings"
)

// logBridge turns memberlist's lines into slog records. Its lines hold names,
// addresses and labels, never keys.
type logBridge struct{ log *slog.Logger }

func newLogBridge(l *slog.Logger) *log.Logger { return log.New(&logBridge{l}, "", 0) }

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

// Write implements io.Writer. The logger calls it once for each line.
func (b *logBridge) Write(line []byte) (int, error) {
	text := strings.TrimSuffix(string(line), "\n")
	level := slog.LevelInfo
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
	b.log.Log(context.Background(), level, "gossip: "+text)
	return len(line), nil
}
