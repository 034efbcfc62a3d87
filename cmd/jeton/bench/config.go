package bench

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"
)

// Config says what to run against what. The zero value of a field that has a
// default in DefaultConfig is refused, not replaced.
type Config struct {
	// Addrs are the nodes: URLs or host:port. Connections are spread over them
	// in turn.
	Addrs []string
	// To narrows Addrs to RoleLeader or RoleFollower; empty takes all.
	To string
	// Token may create tokens (and its descendants lookup, renew and revoke
	// themselves, as the default policy allows).
	Token string
	// TLS is for https addresses; nil means the system's roots.
	TLS *tls.Config

	// Workloads are names out of Workloads, run one after the other, each with
	// every number of Connections.
	Workloads   []string
	Connections []int
	// Duration is the measured window; what happens in the Warmup before it is
	// not counted.
	Duration, Warmup time.Duration
	// Rate is how many rounds of a workload begin in a second, over all connections and
	// evenly, whether or not the ones before have ended. Latencies count from when a round
	// was to begin, so that waiting for a busy connection is not left out. 0: each
	// connection begins the next round when the last one has ended.
	Rate float64
	// Timeout bounds one request.
	Timeout time.Duration
	// TTL is what the tokens get that the run makes.
	TTL time.Duration
	// Floors are what jeton-floor did on the same machine, in the place of the built-in
	// floors of another one.
	Floors []Result
	// Keep leaves the run's tokens to expire instead of revoking them at the
	// end: the clean-up would weigh on whatever is measured next.
	Keep bool
}

// DefaultConfig is what `jeton bench` does when it is told nothing but where.
func DefaultConfig() Config {
	return Config{
		Workloads:   Names(),
		Connections: []int{64},
		Duration:    10 * time.Second,
		Warmup:      500 * time.Millisecond,
		Timeout:     10 * time.Second,
		TTL:         time.Hour,
	}
}

// maxConnections keeps a typing error from exhausting the file descriptors.
const maxConnections = 16384

// Validate reports the first thing about c that cannot be run.
func (c Config) Validate() error {
	switch {
	case len(c.Addrs) == 0:
		return errors.New("no address given")
	case c.To != "" && c.To != RoleLeader && c.To != RoleFollower:
		return fmt.Errorf("target %q is neither %s nor %s", c.To, RoleLeader, RoleFollower)
	case c.Token == "":
		return errors.New("no token given")
	case len(c.Workloads) == 0:
		return errors.New("no workload given")
	case len(c.Connections) == 0:
		return errors.New("no number of connections given")
	case c.Duration <= 0:
		return fmt.Errorf("duration %s is not positive", c.Duration)
	case c.Warmup < 0:
		return fmt.Errorf("warm-up %s is negative", c.Warmup)
	case c.Rate < 0:
		return fmt.Errorf("rate %g is negative", c.Rate)
	case c.Timeout <= 0:
		return fmt.Errorf("time-out %s is not positive", c.Timeout)
	case c.TTL < c.Duration+c.Warmup || c.TTL < time.Second:
		return fmt.Errorf("ttl %s is shorter than the run", c.TTL)
	}
	for _, name := range c.Workloads {
		if _, ok := workloadByName(name); !ok {
			return fmt.Errorf("unknown workload %q", name)
		}
	}
	for _, n := range c.Connections {
		if n < 1 || n > maxConnections {
			return fmt.Errorf("connections %d outside 1..%d", n, maxConnections)
		}
	}
	for _, b := range []byte(c.Token) {
		if b <= ' ' || b >= 0x7f {
			return errors.New("the token holds a character that no header can carry")
		}
	}
	return nil
}
