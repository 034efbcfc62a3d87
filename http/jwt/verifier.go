package jwt

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Limits bound what a node fetches and keeps. Zero fields mean the default.
type Limits struct {
	Fresh   time.Duration // keys are used without asking; 10 minutes
	Stale   time.Duration // keys are used while their server is away; 24 hours
	Pause   time.Duration // between two fetches of one endpoint; 10 s
	Timeout time.Duration // of one fetch; 5 s
	Waiting int           // logins that wait for keys; 256
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Fresh: cmp.Or(l.Fresh, 10*time.Minute), Stale: cmp.Or(l.Stale, 24*time.Hour), Pause: cmp.Or(l.Pause, 10*time.Second),
		Timeout: cmp.Or(l.Timeout, 5*time.Second), Waiting: cmp.Or(l.Waiting, 256),
	}
}

// Verifier verifies tokens for all jwt mounts of a node. Its methods may be called
// by any number of goroutines.
type Verifier struct {
	limits  Limits
	log     *slog.Logger
	now     func() time.Time // tells the age of keys, nothing else
	ctx     context.Context  // of the fetches
	stop    context.CancelFunc
	flights sync.WaitGroup

	mu      sync.Mutex
	sources map[sourceName]*source
	waiting int
}

// sourceName is the mount's serial and which of its endpoints.
type sourceName struct {
	mount    uint64
	endpoint int
}

// place is an endpoint of a configuration.
type place struct {
	config   *fsm.JWTConfig
	endpoint int
}

// maxSources is more than there can be mounts with one endpoint each.
const maxSources = 2 * fsm.MaxMounts

// NewVerifier makes a verifier without keys.
func NewVerifier(limits Limits, log *slog.Logger) *Verifier {
	v := &Verifier{limits: limits.withDefaults(), log: log, now: time.Now, sources: make(map[sourceName]*source)}
	v.ctx, v.stop = context.WithCancel(context.Background())
	return v
}

// Close ends the fetches under way; no other is started.
func (v *Verifier) Close() {
	v.mu.Lock()
	v.stop()
	v.mu.Unlock()
	v.flights.Wait()
}

// Verify says what a token says, under a mount's configuration and a role, at a
// time. Its errors are a *Refusal, an *Unavailable or ErrMoved.
func (v *Verifier) Verify(ctx context.Context, text string, config *fsm.JWTConfig, role *fsm.JWTRole, at fsm.Instant) (*Identity, error) {
	t, err := parse(text, config.Algs)
	if err != nil {
		return nil, err
	}
	payload, err := v.payload(ctx, t, config)
	if err != nil {
		return nil, err
	}
	claims, err := decodeObject(payload)
	if err != nil {
		return nil, refuse("error validating token: its claims are %v", err)
	}
	return identify(claims, config, role, at)
}

// payload is what one of the configuration's keys has signed.
func (v *Verifier) payload(ctx context.Context, t *token, config *fsm.JWTConfig) ([]byte, error) {
	if config.Source == fsm.JWTStatic {
		keys, err := staticKeys(config)
		if err != nil {
			return nil, err
		}
		if payload, _, ok := t.verify(keys); ok {
			return payload, nil
		}
		return nil, errUnsigned
	}
	read := make([]time.Time, len(config.Endpoints))
	forged := make([]bool, len(config.Endpoints))
	var no error = errUnsigned
	for range 2 { // with the keys at hand, then with newer ones
		for i := range config.Endpoints {
			if forged[i] {
				continue
			}
			keys, at, err := v.keys(ctx, place{config, i}, read[i])
			if err != nil {
				if err != errUnsigned {
					no = err
				}
				continue
			}
			payload, named, ok := t.verify(keys)
			if ok {
				return payload, nil
			}
			read[i], forged[i] = at, named // its key is there and has not signed it
		}
	}
	return nil, no
}

// staticKeys are the keys that stand in the configuration itself.
func staticKeys(config *fsm.JWTConfig) ([]key, error) {
	keys := make([]key, 0, len(config.Keys))
	for i, text := range config.Keys {
		k, err := parsePEM(text)
		if err != nil {
			return nil, refuse("field validation failed: field \"jwt_validation_pubkeys\": item %d %v", i, err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// Check says whether a configuration works: its keys parse, or can be fetched now.
func (v *Verifier) Check(ctx context.Context, config *fsm.JWTConfig, fetch bool) error {
	if config.Source == fsm.JWTStatic {
		_, err := staticKeys(config)
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, v.limits.Timeout)
	defer cancel()
	for _, e := range config.Endpoints {
		_, err := clientFor(e)
		if err == nil && fetch {
			_, err = fetchKeys(ctx, config.Source, e)
		}
		if err != nil {
			return refuse("field validation failed: field %q: error checking it: %v", fieldOf(config.Source), err)
		}
	}
	return nil
}

func fieldOf(s fsm.JWTSource) string {
	switch s {
	case fsm.JWTURL:
		return "jwks_url"
	case fsm.JWTPairs:
		return "jwks_pairs"
	}
	return "oidc_discovery_url"
}

// source finds the keys of an endpoint, begun anew when the configuration is newer
// than they are.
func (v *Verifier) source(p place) (*source, error) {
	name := sourceName{p.config.Mount, p.endpoint}
	s := v.sources[name]
	switch {
	case s != nil && s.version > p.config.Version:
		return nil, ErrMoved
	case s == nil || s.version < p.config.Version:
		if s == nil && len(v.sources) >= maxSources {
			v.forget()
		}
		s = &source{version: p.config.Version}
		v.sources[name] = s
	}
	s.used = v.now()
	return s, nil
}

// forget drops the source that was used longest ago: its mount is gone most likely.
func (v *Verifier) forget() {
	var oldest sourceName
	var used time.Time
	for name, s := range v.sources { // order: the oldest is the oldest in any
		if used.IsZero() || s.used.Before(used) {
			oldest, used = name, s.used
		}
	}
	delete(v.sources, oldest)
}
