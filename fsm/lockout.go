package fsm

import (
	"cmp"
	"time"
)

// Lockout counts the wrong passwords that were tried for one user. It can not
// outgrow the table of users.
type Lockout struct {
	Mount    uint64
	Name     string
	Failures uint32
	Last     Instant // of the latest
	Lapse    Instant // when nothing of this matters any more
}

// LockoutConfig is a mount's. Zero values are Vault's defaults: five failures,
// each within fifteen minutes of the one before, lock a user out for fifteen.
type LockoutConfig struct {
	Threshold uint32
	Duration  time.Duration // of the lockout
	Reset     time.Duration // without a failure, after which counting begins anew
	Off       bool
}

// The defaults.
const (
	lockoutThreshold = 5
	lockoutDuration  = 15 * time.Minute
	lockoutReset     = 15 * time.Minute
)

func (l *LockoutConfig) fields(c *coder) {
	c.u32(&l.Threshold)
	c.duration(&l.Duration)
	c.duration(&l.Reset)
	c.bool(&l.Off)
}

func (l *LockoutConfig) check() *Error {
	if l.Threshold > MaxLockoutThreshold {
		return invalid(OutOfRange, "lockout_threshold", l.Threshold, "at most 1000")
	}
	if err := checkDuration("lockout_duration", l.Duration); err != nil {
		return err
	}
	return checkDuration("lockout_counter_reset", l.Reset)
}

func (l *LockoutConfig) threshold() uint32       { return cmp.Or(l.Threshold, lockoutThreshold) }
func (l *LockoutConfig) duration() time.Duration { return cmp.Or(l.Duration, lockoutDuration) }
func (l *LockoutConfig) reset() time.Duration    { return cmp.Or(l.Reset, lockoutReset) }

func (l *Lockout) tag() recordTag { return tagLockout }

func (l *Lockout) fields(c *coder) {
	c.u64(&l.Mount)
	c.string(&l.Name, MaxUserBytes)
	c.u32(&l.Failures)
	c.instant(&l.Last)
	c.instant(&l.Lapse)
}

func (l *Lockout) key() userKey { return userKey{l.Mount, l.Name} }

// LockedOut says whether a user may not log in at an instant, whatever the
// password.
func (s *State) LockedOut(m *AuthMount, u *User, at Instant) bool {
	l, ok := s.lockouts.find(u.key())
	return ok && m.Config.Lockout.locks(l, at)
}

// locks says whether so many failures lock a user out at an instant.
func (l *LockoutConfig) locks(of *Lockout, at Instant) bool {
	return !l.Off && of.Failures >= l.threshold() && of.Last.Add(l.duration()) > at
}

// blame counts one failure.
func (tx *Tx) blame(m *AuthMount, u *User) {
	cfg := &m.Config.Lockout
	next := &Lockout{Mount: u.Mount, Name: u.Name, Failures: 1, Last: tx.clock()}
	if old, ok := tx.st.lockouts.find(u.key()); ok && old.Failures < cfg.threshold() && old.Last.Add(cfg.reset()) > tx.clock() {
		next.Failures += old.Failures
	}
	next.Lapse = next.Last.Add(max(cfg.duration(), cfg.reset()))
	tx.forgive(u.key())
	putRecord(tx, &tx.st.lockouts, next.key(), next)
	put(tx, &tx.st.pardons, pardonItem{next.Lapse, next.key()})
}

// forgive forgets a user's failures.
func (tx *Tx) forgive(k userKey) {
	if l, ok := delRecord(tx, &tx.st.lockouts, k); ok {
		del(tx, &tx.st.pardons, pardonItem{l.Lapse, k})
	}
}
