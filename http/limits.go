package http

import (
	"fmt"
	"runtime"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/jwt"
)

// Limits bound what a client can make this node do. Zero fields mean the
// default.
type Limits struct {
	HeaderBytes    int           // request line and headers; 64 KiB
	BodyBytes      int64         // one request body; 32 MiB, what Vault's clients expect
	BufferedBytes  int64         // bodies of all requests under way; 256 MiB
	Requests       int           // requests that are worked on; 4096
	KnownBodies    int           // requests of known callers whose body is on its way; 16,384
	UnknownBodies  int           // the same of others, from one source address half as many; 4096
	Connections    int           // open at once, from one source address half as many; 16,384
	HeaderTimeout  time.Duration // from the first byte to the end of the headers; 10 s
	BodyTimeout    time.Duration // for a known caller's body, out of RequestTimeout; 60 s
	RequestTimeout time.Duration // from the end of the headers to the answer; 90 s
	IdleTimeout    time.Duration // a connection without a request; 120 s

	UnknownBodyTimeout time.Duration // for anybody else's; 5 s

	// Requests with tokens that nobody has ever seen, and as many failed logins, by
	// source address: so many at once, and so many a second after that.
	StrangerBurst int     // 200
	StrangerRate  float64 // 20

	// Passwords that are hashed at once, which takes a processor each for a
	// twentieth of a second or longer, and those that wait for that.
	Hashes    int // one processor less than there are, and at least one
	HashQueue int // 64

	JWT jwt.Limits // how keys are fetched that JWTs are verified with
}

// Bounds of single values, each with its error.
const (
	maxTokenBytes    = 4 << 10          // token text, as wide as a stateless token may get
	maxPathBytes     = fsm.MaxPathBytes // path below /v1/
	maxSecretIDBytes = 4 << 10          // secret-id of one's own choice
	maxQueryBytes    = 8 << 10          // query string
	maxJSONDepth     = 32               // objects and lists within one another
	maxJSONFields    = 1024             // fields of one object
	maxQuotedBytes   = 80               // of a client's text, in an error message
	maxDuration      = fsm.MaxTTL       // any duration a client gives
)

func (l Limits) withDefaults() (Limits, error) {
	def(&l.HeaderBytes, 64<<10)
	def(&l.BodyBytes, 32<<20)
	def(&l.BufferedBytes, 256<<20)
	def(&l.Requests, 4096)
	def(&l.KnownBodies, 16<<10)
	def(&l.UnknownBodies, 4096)
	def(&l.Connections, 16<<10)
	def(&l.HeaderTimeout, 10*time.Second)
	def(&l.BodyTimeout, 60*time.Second)
	def(&l.UnknownBodyTimeout, 5*time.Second)
	def(&l.RequestTimeout, 90*time.Second)
	def(&l.IdleTimeout, 120*time.Second)
	def(&l.StrangerBurst, 200)
	def(&l.StrangerRate, 20)
	def(&l.Hashes, max(1, runtime.GOMAXPROCS(0)-1))
	def(&l.HashQueue, 64)
	if l.HeaderBytes < 0 || l.BodyBytes < 0 || l.BufferedBytes <= l.BodyBytes || l.Requests < 0 ||
		l.KnownBodies < 0 || l.UnknownBodies < 0 || l.Connections < 0 || l.UnknownBodyTimeout < 0 ||
		l.HeaderTimeout < 0 || l.BodyTimeout < 0 || l.RequestTimeout < 0 || l.IdleTimeout < 0 ||
		l.StrangerBurst < 0 || l.StrangerRate < 0 || l.Hashes < 0 || l.HashQueue < 0 {
		return l, fmt.Errorf("http: limits must be positive, and all bodies together more than one: %+v", l)
	}
	return l, nil
}

func def[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
