package jwt

import (
	"context"
	"errors"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// source is the keys that stand at one endpoint, as this node last saw them.
//
// Keys are used without asking until they are fresh no longer; then the next
// login waits for a fetch. When that fails the keys at hand go on being used, and
// fetching goes on beside the logins, until they are stale. A token that none of
// the keys signed is worth another fetch too, since keys rotate. But whatever the
// reason: only one fetch is under way at a time, and the next one starts no sooner
// than the pause after its end. So no number of logins makes many fetches.
//
// All fields are guarded by the Verifier's lock.
type source struct {
	version uint64 // of the configuration
	used    time.Time

	keys   []key
	read   time.Time     // when the keys were fetched; zero: never
	tried  time.Time     // when the last fetch ended; zero: never
	failed error         // what the last fetch failed with
	flight chan struct{} // closed when the fetch under way ends; nil: none is
}

// standing says what the keys at hand are good for.
func (s *source) standing(now time.Time, l *Limits) (usable, fresh bool) {
	if s.read.IsZero() {
		return false, false
	}
	age := now.Sub(s.read)
	return age < l.Stale, age < l.Fresh
}

// due says whether a fetch may start.
func (s *source) due(now time.Time, l *Limits) bool {
	return s.flight == nil && (s.tried.IsZero() || now.Sub(s.tried) >= l.Pause)
}

// keys are those of an endpoint, and when they were fetched. If seen is not zero
// the caller has tried the keys that were fetched then, and wants later ones: an
// errUnsigned says that there are none and that none are to be had now.
func (v *Verifier) keys(ctx context.Context, p place, seen time.Time) ([]key, time.Time, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.source(p)
	if err != nil {
		return nil, time.Time{}, err
	}
	for waited := false; ; {
		now := v.now()
		usable, fresh := s.standing(now, &v.limits)
		newer := seen.IsZero() || s.read.After(seen)
		if usable && newer && (fresh || waited || s.failed != nil) {
			if !fresh && s.due(now, &v.limits) {
				v.launch(p, s) // beside the logins
			}
			return s.keys, s.read, nil
		}
		if s.due(now, &v.limits) && !waited {
			v.launch(p, s)
		}
		switch {
		case s.flight != nil:
		case s.failed != nil:
			return nil, time.Time{}, &Unavailable{"waiting for keys to verify tokens with: " + s.failed.Error()}
		default:
			return nil, time.Time{}, errUnsigned
		}
		if err := v.await(ctx, s); err != nil {
			return nil, time.Time{}, err
		}
		waited = true
	}
}

// await waits for the fetch under way, the lock given back meanwhile.
func (v *Verifier) await(ctx context.Context, s *source) error {
	if v.waiting >= v.limits.Waiting {
		return &Unavailable{"too many logins wait for keys to verify tokens with"}
	}
	v.waiting++
	flight := s.flight
	v.mu.Unlock()
	var err error
	select {
	case <-flight:
	case <-ctx.Done():
		err = &Unavailable{"waiting for keys to verify tokens with: time ran out"}
	}
	v.mu.Lock()
	v.waiting--
	return err
}

// launch starts a fetch. It belongs to nobody: who waited for it first may hang up
// while others still wait.
func (v *Verifier) launch(p place, s *source) {
	if v.ctx.Err() != nil { // closed: what waits is told so
		s.tried, s.failed = v.now(), v.ctx.Err()
		return
	}
	done := make(chan struct{})
	s.flight = done
	v.flights.Go(func() {
		ctx, cancel := context.WithTimeout(v.ctx, v.limits.Timeout)
		defer cancel()
		keys, err := fetchSafely(ctx, p.config.Source, p.config.Endpoints[p.endpoint])
		v.mu.Lock()
		defer v.mu.Unlock()
		now := v.now()
		s.tried, s.failed, s.flight = now, err, nil
		if err == nil {
			s.keys, s.read = keys, now
		} else {
			v.log.Warn("fetch of keys for a jwt mount failed", "error", err)
		}
		close(done)
	})
}

var errPanicked = errors.New("the keys cannot be read")

// fetchSafely is fetchKeys, and a panic on what an issuer sends is its failure: no
// answer from outside ends the process.
func fetchSafely(ctx context.Context, source fsm.JWTSource, e fsm.JWTEndpoint) (keys []key, err error) {
	defer func() {
		if recover() != nil {
			keys, err = nil, errPanicked
		}
	}()
	return fetchKeys(ctx, source, e)
}
