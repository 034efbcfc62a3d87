package cluster

import (
	"context"
	"io"
	"log"
	"log/slog"

	"github.com/hashicorp/go-hclog"
)

// raftLogger lets raft speak through slog, one level more quietly. Raft calls each
// broken connection an error, also when the other node stopped in good order; what
// ends this node is said by the watchdog, and who leads by us.
type raftLogger struct {
	hclog.Logger
	out *slog.Logger
}

func newRaftLogger(out *slog.Logger) *raftLogger {
	return &raftLogger{hclog.NewNullLogger(), out.With("part", "raft")}
}

func (l *raftLogger) say(level slog.Level, msg string, args []any) {
	l.out.Log(context.Background(), level, msg, args...)
}

func (l *raftLogger) Trace(string, ...any)           {}
func (l *raftLogger) Debug(msg string, a ...any)     { l.say(slog.LevelDebug, msg, a) }
func (l *raftLogger) Info(msg string, a ...any)      { l.say(slog.LevelDebug, msg, a) }
func (l *raftLogger) Warn(msg string, a ...any)      { l.say(slog.LevelInfo, msg, a) }
func (l *raftLogger) Error(msg string, a ...any)     { l.say(slog.LevelWarn, msg, a) }
func (l *raftLogger) Named(string) hclog.Logger      { return l }
func (l *raftLogger) ResetNamed(string) hclog.Logger { return l }
func (l *raftLogger) With(a ...any) hclog.Logger     { return &raftLogger{l.Logger, l.out.With(a...)} }
func (l *raftLogger) IsError() bool                  { return true }
func (l *raftLogger) IsWarn() bool                   { return true }
func (l *raftLogger) IsInfo() bool                   { return true }
func (l *raftLogger) IsDebug() bool                  { return l.out.Enabled(context.Background(), slog.LevelDebug) }
func (l *raftLogger) Log(v hclog.Level, msg string, a ...any) {
	switch {
	case v >= hclog.Error:
		l.Error(msg, a...)
	case v == hclog.Warn:
		l.Warn(msg, a...)
	default:
		l.Debug(msg, a...)
	}
}

func (l *raftLogger) StandardLogger(*hclog.StandardLoggerOptions) *log.Logger {
	return slog.NewLogLogger(l.out.Handler(), slog.LevelDebug)
}

func (l *raftLogger) StandardWriter(o *hclog.StandardLoggerOptions) io.Writer {
	return l.StandardLogger(o).Writer()
}
