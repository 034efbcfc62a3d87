package rpc

import (
	"context"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"
)

// How methods begin: ours, and those of reflection. Any other is unknown.
const (
	servicePrefix    = "/hashicorp.waypoint.Waypoint/"
	reflectionPrefix = "/grpc.reflection."
)

// reflectionTimeout ends a stream of reflection, which is open to anyone.
const reflectionTimeout = time.Minute

// watch ends a call whose client lets us wait for its message. From then on it is our
// time that passes.
type watch struct {
	timer *time.Timer // cancels the call
	leave func()      // gives back the place among calls whose message is on its way; once
}

type watchKey struct{}

// admit is asked before a call gets a goroutine, by the goroutine that reads its
// connection.
func (s *Server) admit(ctx context.Context, info *tap.Info) (context.Context, error) {
	if strings.HasPrefix(info.FullMethodName, reflectionPrefix) && !mayReflect(ctx) {
		return nil, status.Error(codes.ResourceExhausted, "too many streams of reflection on this connection")
	}
	leave, ok := s.cfg.Enter(remoteAddr(ctx))
	if !ok {
		return nil, status.Error(codes.Unavailable, "too many requests under way; the request was not processed")
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &watch{leave: sync.OnceFunc(leave)}
	if strings.HasPrefix(info.FullMethodName, servicePrefix) {
		w.timer = time.AfterFunc(s.cfg.MessageTimeout, cancel)
		context.AfterFunc(ctx, w.arrived) // the call is over, or its time is
	} else { // nothing will arrive that changes anything
		w.timer = time.AfterFunc(reflectionTimeout, cancel)
		stopping := context.AfterFunc(s.service.life, cancel)
		context.AfterFunc(ctx, func() {
			stopping()
			w.arrived()
		})
	}
	return context.WithValue(ctx, watchKey{}, w), nil
}

func (w *watch) arrived() {
	w.timer.Stop()
	w.leave()
}

// arrived is called when the first message of a call is here.
func arrived(ctx context.Context) {
	if w, ok := ctx.Value(watchKey{}).(*watch); ok {
		w.arrived()
	}
}

// remoteAddr is the address of the connection's other end.
func remoteAddr(ctx context.Context) string {
	if p, ok := peer.FromContext(ctx); ok && p.Addr != nil {
		return p.Addr.String()
	}
	return ""
}
