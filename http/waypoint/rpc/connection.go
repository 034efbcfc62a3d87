package rpc

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc/stats"
)

// connection is what is remembered of a connection as long as it is open.
type connection struct {
	reflections atomic.Int32 // streams of reflection that it has had
}

// maxReflections bounds them. Reflection is open to anyone and its answers are long:
// one who does not take them would have us keep them. Tools open one stream.
const maxReflections = 16

type connectionKey struct{}

// mayReflect counts a stream of reflection; false if it is one too many.
func mayReflect(ctx context.Context) bool {
	c, ok := ctx.Value(connectionKey{}).(*connection)
	return ok && c.reflections.Add(1) <= maxReflections
}

// connections has every call carry its connection. The library tells of connections
// in one place alone, which is meant for statistics; there are none of those here.
type connections struct{}

// TagConn is asked once for each connection.
func (connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, connectionKey{}, new(connection))
}

// HandleConn has nothing to do.
func (connections) HandleConn(context.Context, stats.ConnStats) {}

// TagRPC has nothing to add.
func (connections) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleRPC has nothing to do.
func (connections) HandleRPC(context.Context, stats.RPCStats) {}
