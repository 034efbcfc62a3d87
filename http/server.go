package http

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/http/cert"
	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/jwt"
	"github.com/jeton-io/jeton/http/waypoint/rpc"
)

// Config is what a Server needs.
type Config struct {
	Cluster Cluster      // must not be nil
	Logger  *slog.Logger // nil: slog.Default()
	Metrics *Metrics     // nil: sys/metrics answers 404
	Version string       // shown by sys/health and sys/seal-status

	// TLSCertFile and TLSKeyFile turn TLS on; both or none.
	TLSCertFile string
	TLSKeyFile  string

	// Engines are the secrets engines by type of mount. Close is for who made them.
	Engines engine.Engines

	// Recipients says whether snapshots can be encrypted to public keys; nil: to none.
	Recipients func([]string) bool

	// LegacyPaths answers the forms of 2015 that carry a token in the path.
	LegacyPaths bool

	// NoWaypoint answers none of Waypoint's paths. Its bootstrap is open to whoever
	// comes first.
	NoWaypoint bool

	Limits Limits
}

// Server answers Vault's API from one node of a cluster.
type Server struct {
	cluster   Cluster
	log       *slog.Logger
	metrics   *Metrics
	requests  *serverMetrics
	version   string
	legacy    bool
	waypoint  bool
	limits    Limits
	router    *mux.Router
	table     []*route                // what router has
	methods   map[string][]mountRoute // routes below the mounts of each method
	elsewhere route                   // of the paths that the router does not know
	secrets   map[string][]mountRoute // the same of each secrets engine
	engines   engine.Engines
	issuing   issuing

	recipients func([]string) bool
	abandoned  abandoned
	server     *http.Server
	rpc        *rpc.Server
	life       context.Context // until Shutdown begins
	stop       context.CancelFunc
	cert       *certificate // nil without TLS
	strangers  *buckets
	guesses    *buckets // failed logins
	hashing    hashing
	jwts       *jwt.Verifier
	certs      *cert.Verifier
	verified   verified

	pins       pins // states that listings stand in
	scans      gate // listings that are worked on
	snapshots  gate // archives that are being sent
	restores   gate // and restored
	rateLimits rateLimits

	gate          gate   // requests that are worked on
	knownBodies   gate   // requests of known callers whose body is on its way
	unknownBodies *crowd // the same of others
	connections   *crowd // open ones
	bodies        bodyBudget

	audit auditor
}

// New makes a server that is not yet listening.
func New(cfg Config) (*Server, error) {
	if cfg.Cluster == nil {
		return nil, errors.New("http: no cluster given")
	}
	limits, err := cfg.Limits.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{
		cluster:    cfg.Cluster,
		log:        cfg.Logger,
		metrics:    cfg.Metrics,
		requests:   newServerMetrics(cfg.Cluster),
		version:    cmp.Or(cfg.Version, "dev"),
		legacy:     cfg.LegacyPaths,
		waypoint:   !cfg.NoWaypoint,
		engines:    cfg.Engines,
		issuing:    issuing{most: maxIssuing, of: make(map[string]int)},
		limits:     limits,
		recipients: cfg.Recipients,

		abandoned: abandoned{closing: make(chan struct{})},

		scans:         gate{max: maxScans},
		snapshots:     gate{max: maxSnapshots},
		restores:      gate{max: 1},
		gate:          gate{max: int64(limits.Requests)},
		knownBodies:   gate{max: int64(limits.KnownBodies)},
		unknownBodies: newCrowd(limits.UnknownBodies),
		connections:   newCrowd(limits.Connections),
		bodies:        bodyBudget{max: limits.BufferedBytes},
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.recipients == nil {
		s.recipients = func(keys []string) bool { return len(keys) == 0 }
	}
	s.strangers, s.guesses = newStrangers(limits), newStrangers(limits)
	s.hashing.init(limits)
	s.audit.init(cfg.Cluster, s.log)
	if leads, ok := cfg.Cluster.(interface{ OnDeaths(cluster.DeathReport) }); ok {
		leads.OnDeaths(s.audit.recordDeaths)
	}
	if leads, ok := cfg.Cluster.(interface{ OnLeases(cluster.LeaseReport) }); ok {
		leads.OnLeases(s.audit.recordLeases)
	}
	s.requests.registry.MustRegister(auditCollector{&s.audit})
	s.jwts = jwt.NewVerifier(limits.JWT, s.log)
	s.certs = cert.NewVerifier()
	if cfg.TLSCertFile != "" || cfg.TLSKeyFile != "" {
		if s.cert, err = loadCertificate(cfg.TLSCertFile, cfg.TLSKeyFile); err != nil {
			return nil, err
		}
	}
	s.routes()
	s.server = &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: limits.HeaderTimeout,
		WriteTimeout:      limits.RequestTimeout + sendTimeout,
		IdleTimeout:       limits.IdleTimeout,
		MaxHeaderBytes:    limits.HeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.rpc = s.newRPC()
	s.life, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Handler answers requests without a listener, for tests and embedding.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serveHTTP) }

// Serve answers on l until Shutdown; then it returns nil.
func (s *Server) Serve(l net.Listener) error {
	l = doorkeeper{l, s.connections}
	if s.cert != nil {
		l = tls.NewListener(l, s.cert.config())
	}
	if err := s.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown stops listening and waits for the requests and calls under way, as long as
// ctx allows; then it cuts them off.
func (s *Server) Shutdown(ctx context.Context) error {
	calls := make(chan error, 1)
	go func() { calls <- s.rpc.Shutdown(ctx) }()
	s.stop()
	err := errors.Join(s.server.Shutdown(ctx), <-calls)
	s.abandoned.close(ctx)
	s.pins.release()
	if err != nil {
		s.server.Close()
	}
	s.audit.close()
	s.jwts.Close()
	return err
}

// whileServing is a context that ends after a time, and when the server begins to stop.
func (s *Server) whileServing(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, most)
	stop := context.AfterFunc(s.life, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// Reload reads the certificate files again, and has audit devices open theirs
// anew. On an error the old certificate stays in use.
func (s *Server) Reload() error {
	s.audit.reopen()
	if s.cert == nil {
		return nil
	}
	return s.cert.reload()
}

// sendTimeout is what a client gets to take its answer.
const sendTimeout = 10 * time.Second

// retryAfter is what a client is told to wait before it tries again.
const retryAfter = time.Second
