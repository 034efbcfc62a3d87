package rpc

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// unary is what happens around a call of one message. The message is here already.
func (s *Server) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (answer any, err error) {
	arrived(ctx)
	defer func() {
		if p := recover(); p != nil {
			answer, err = nil, s.panicked(ctx, info.FullMethod, p)
		}
	}()
	if name, ours := strings.CutPrefix(info.FullMethod, servicePrefix); ours {
		if err := checkProtocol(ctx, name); err != nil {
			return nil, err
		}
	}
	return handle(ctx, req)
}

// stream is what happens around a stream. Waypoint wants a token on each of its own,
// before it looks at anything but the version; the handler would take a cookie first.
func (s *Server) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = s.panicked(stream.Context(), info.FullMethod, p)
		}
	}()
	if name, ours := strings.CutPrefix(info.FullMethod, servicePrefix); ours {
		if err := checkProtocol(stream.Context(), name); err != nil {
			return err
		}
		if token, _ := credentialsOf(stream.Context()); token == "" {
			return status.Error(codes.Unauthenticated, "a token is needed; none was given")
		}
	}
	return handle(srv, stream)
}

// panicked is the error of a call that panicked. The stack holds no values of the
// request but addresses; what was thrown may quote anything, so the credentials are
// taken out.
func (s *Server) panicked(ctx context.Context, method string, p any) error {
	if p == http.ErrAbortHandler { // how the handler says that its answer has no end
		return status.Error(codes.Unavailable, "the answer was cut off")
	}
	text := fmt.Sprint(p)
	token, cookie := credentialsOf(ctx)
	for _, secret := range []string{token, cookie} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "<secret>")
		}
	}
	s.cfg.Logger.Error("internal error", "method", method, "panic", text, "stack", string(debug.Stack()))
	return errInternal
}
