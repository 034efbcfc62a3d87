package main

import (
	"io"
	"log/slog"
)

// levelTrace is below slog's own levels: raft's and gossip's most talkative.
const levelTrace = slog.LevelDebug - 4

// newLogger writes to w in the form and above the level that the options name.
// Every line carries the node, since several may share one output.
func newLogger(w io.Writer, o Options) *slog.Logger {
	levels := map[string]slog.Level{
		"trace": levelTrace, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	options := &slog.HandlerOptions{Level: levels[o.LogLevel], ReplaceAttr: nameTrace}
	var handler slog.Handler = slog.NewTextHandler(w, options)
	if o.LogFormat == "json" {
		handler = slog.NewJSONHandler(w, options)
	}
	return slog.New(handler).With("node", o.NodeID)
}

// nameTrace shows the level that slog would call DEBUG-4.
func nameTrace(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.LevelKey && len(groups) == 0 && a.Value.Any() == levelTrace {
		a.Value = slog.StringValue("TRACE")
	}
	return a
}
