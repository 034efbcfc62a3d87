package http

import (
	"net"

	"github.com/jeton-io/jeton/http/waypoint/rpc"
)

// newRPC makes the gRPC surface, which asks the HTTP surface. A call whose message is
// on its way is bounded along with requests of unknown callers whose body is: nobody
// looks at its token before that is here.
func (s *Server) newRPC() *rpc.Server {
	cfg := rpc.Config{
		Logger:         s.log,
		HeaderTimeout:  s.limits.HeaderTimeout,
		MessageTimeout: s.limits.UnknownBodyTimeout,
		IdleTimeout:    s.limits.IdleTimeout,
		Enter: func(remote string) (leave func(), ok bool) {
			addr := sourceAddr(remote)
			return func() { s.unknownBodies.leave(addr) }, s.unknownBodies.enter(addr)
		},
	}
	if s.cert != nil {
		cfg.TLS = s.cert.config()
	}
	return rpc.New(s.Handler(), cfg)
}

// ServeGRPC answers Waypoint's gRPC interface on l until Shutdown; then it returns nil.
// Certificate and bounds are those of Serve, and connections count together.
func (s *Server) ServeGRPC(l net.Listener) error {
	return s.rpc.Serve(doorkeeper{l, s.connections})
}
