package http

import (
	"context"
	"log/slog"
	"time"
)

// logAccess writes a line for each request, at debug level. It names the route
// and never the path, which may hold a token; of the headers it takes the id
// that a proxy gave the request.
func (c *call) logAccess(status int, took time.Duration) {
	if !c.s.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	c.s.log.Debug("request",
		"request_id", c.id.String(),
		"x_request_id", bounded(c.req.Header.Get("X-Request-Id")),
		"operation", c.op.name,
		"route", c.route.path,
		"status", status,
		"took", took,
		"addr", c.caller.Addr,
		"caller", c.caller.Token.String(),
		"user_agent", bounded(c.req.Header.Get("User-Agent")),
		"tls", c.req.TLS != nil,
	)
}

func bounded(s string) string {
	if len(s) > maxQuotedBytes {
		return s[:maxQuotedBytes]
	}
	return s
}
