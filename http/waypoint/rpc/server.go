package rpc

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

// Config is what a Server needs besides the handler. Zero fields mean the default.
type Config struct {
	Logger *slog.Logger // slog.Default()
	TLS    *tls.Config  // plaintext

	HeaderTimeout  time.Duration // from the connection to the end of its handshake; 10 s
	MessageTimeout time.Duration // from a call's headers to its first message; 5 s
	IdleTimeout    time.Duration // a connection without a call; 120 s

	// Enter takes a place among the calls whose message is on its way, for a client's
	// address as net/http writes it. It says whether there was one, and leave gives it
	// back. It is called by all connections at once and must not block. nil: there is
	// always one.
	Enter func(addr string) (leave func(), ok bool)
}

// Bounds of what a client can make a server hold.
const (
	maxMessageBytes = 64 << 10 // of a request; tokens, users and runners have a few hundred
	maxHeaderBytes  = 64 << 10 // metadata of a call
	maxAnswerBytes  = 8 << 20  // JSON of an answer; a client takes 4 MiB of messages, unless told otherwise
	maxStreams      = 100      // of a connection; HTTP/2 advises against fewer
	windowBytes     = 64 << 10 // that a client may send unread, on a stream; on a connection sixteen times that
	bufferBytes     = 4 << 10  // of a connection, each way
)

// Clients ping every 30 s, also without a stream; more often than pingMin is too much.
// A client that answers no ping is gone, and what it held open ends.
const (
	pingMin   = 20 * time.Second
	pingEvery = 30 * time.Second
	pingWait  = 20 * time.Second
)

// Server answers Waypoint's gRPC interface on any number of listeners.
type Server struct {
	cfg     Config
	service *service
	stop    context.CancelCauseFunc // ends what waits
	server  func() *grpc.Server     // made when it is first wanted: it registers itself with the library
}

// New makes a server that asks handler and is not yet listening.
func New(handler http.Handler, cfg Config) *Server {
	cfg.Logger = cmp.Or(cfg.Logger, slog.Default())
	cfg.HeaderTimeout = cmp.Or(cfg.HeaderTimeout, 10*time.Second)
	cfg.MessageTimeout = cmp.Or(cfg.MessageTimeout, 5*time.Second)
	cfg.IdleTimeout = cmp.Or(cfg.IdleTimeout, 2*time.Minute)
	if cfg.Enter == nil {
		cfg.Enter = func(string) (func(), bool) { return func() {}, true }
	}
	life, stop := context.WithCancelCause(context.Background())
	s := &Server{
		cfg:     cfg,
		service: &service{handler: handler, log: cfg.Logger, life: life, after: time.After},
		stop:    stop,
	}
	s.server = sync.OnceValue(s.build)
	return s
}

func (s *Server) build() *grpc.Server {
	options := []grpc.ServerOption{
		grpc.StatsHandler(connections{}),
		grpc.InTapHandle(s.admit),
		grpc.UnaryInterceptor(s.unary),
		grpc.StreamInterceptor(s.stream),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingMin, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: s.cfg.IdleTimeout, Time: pingEvery, Timeout: pingWait}),
		grpc.ConnectionTimeout(s.cfg.HeaderTimeout),
		grpc.MaxRecvMsgSize(maxMessageBytes),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.MaxConcurrentStreams(maxStreams),
		// Static: windows that grow with a connection's speed would let it send as much unread.
		grpc.StaticStreamWindowSize(windowBytes),
		grpc.StaticConnWindowSize(16 * windowBytes),
		grpc.ReadBufferSize(bufferBytes),
		grpc.WriteBufferSize(bufferBytes),
	}
	if s.cfg.TLS != nil {
		config := s.cfg.TLS.Clone()
		config.NextProtos = []string{"h2"}
		options = append(options, grpc.Creds(credentials.NewTLS(config)))
	}
	server := grpc.NewServer(options...)
	api.RegisterWaypointServer(server, s.service)
	reflection.Register(server) // v1, and v1alpha, which is what Waypoint has
	return server
}

// Serve answers on l until Shutdown; then it returns nil.
func (s *Server) Serve(l net.Listener) error {
	if err := s.server().Serve(l); !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

// Shutdown stops listening, ends the streams that would stay open for ever, and waits
// for the calls under way, as long as ctx allows; then it cuts them off.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop(errStopping)
	server := s.server()
	done := make(chan struct{})
	go func() {
		server.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		server.Stop()
		return ctx.Err()
	}
}
