package fsm

import (
	"fmt"
	"strings"
	"time"
)

// Lease is the record of a secret that an engine made outside: a database
// account, a key of some service. It is an immutable value, like a token.
//
// A lease lives no longer than its token: it ends in the same entry, without
// being written to, because whether it lives is derived (leaseCause). Sweeps
// then turn it to revoking, and the leader has it revoked outside until that
// succeeds. Only then is the record deleted.
type Lease struct {
	ID     string // path of the request that made it, a slash, LeaseSuffixBytes random characters
	Serial uint64 // order of creation
	Mount  uint64 // serial of the mount
	Role   string // path of the item that it was made by, below the mount

	// Whose it is. A lease of a batch token belongs to that token's parent, and
	// ends with the batch token too.
	Owner         Digest // zero: nobody's
	OwnerAccessor string
	Batch         *BatchToken // what tells whether it lives; nil: none

	Data []byte // what the engine needs to revoke it; no secret

	IssuedAt    Instant
	TTL         time.Duration // granted with Deadline
	Deadline    Instant
	MaxDeadline Instant // no renewal goes past it
	Renewable   bool
	RenewedAt   Instant       // 0: not yet
	Granted     Instant       // what a renewal under way moves Deadline to; 0: there is none
	GrantedTTL  time.Duration // and TTL

	Phase LeasePhase
	// Open says that the node which issues it may not be through, or that the other
	// side may not be. What is to be revoked then is revoked when that node has said
	// for certain what there is, or IssueWindow is over: before, there may be nothing
	// yet to revoke.
	Open bool
	End  *Death // nil while nothing has ended it

	// Of the attempts to revoke it outside.
	Force     bool // it is forgotten when the next one fails
	Tries     uint32
	NextTry   Instant
	LastError string
}

// LeasePhase is how far a lease is.
type LeasePhase uint8

// The phases, append-only.
const (
	Issuing     LeasePhase = 1 // the intent is logged, the secret is being made
	Live        LeasePhase = 2
	Revoking    LeasePhase = 3 // ended; may still be there outside
	Irrevocable LeasePhase = 4 // likewise, and MaxLeaseTries attempts have failed
)

// String is the phase as people read it.
func (p LeasePhase) String() string {
	if p < Issuing || p > Irrevocable {
		return fmt.Sprint("phase ", uint8(p))
	}
	return [...]string{"issuing", "live", "revoking", "irrevocable"}[p-1]
}

func (l *Lease) tag() recordTag { return tagLease }

func (l *Lease) fields(c *coder) {
	c.string(&l.ID, MaxLeaseBytes)
	c.u64(&l.Serial)
	c.u64(&l.Mount)
	c.string(&l.Role, MaxItemPathBytes)
	c.optionalDigest(&l.Owner)
	c.string(&l.OwnerAccessor, AccessorBytes)
	batch := l.Batch != nil
	c.bool(&batch)
	if batch {
		if c.decoding {
			l.Batch = new(BatchToken)
		}
		l.Batch.fields(c)
	}
	c.bytes(&l.Data, MaxLeaseDataBytes)
	c.instant(&l.IssuedAt)
	c.duration(&l.TTL)
	c.instant(&l.Deadline)
	c.instant(&l.MaxDeadline)
	c.bool(&l.Renewable)
	c.instant(&l.RenewedAt)
	c.instant(&l.Granted)
	c.duration(&l.GrantedTTL)
	c.u8((*uint8)(&l.Phase))
	if l.Phase < Issuing || l.Phase > Irrevocable {
		c.fail(errNotCanonical)
	}
	c.bool(&l.Open)
	c.optionalDeath(&l.End)
	c.bool(&l.Force)
	c.u32(&l.Tries)
	c.instant(&l.NextTry)
	c.string(&l.LastError, MaxLeaseErrorBytes)
}

// Path is the API path of the request that made the lease.
func (l *Lease) Path() string { return l.ID[:max(strings.LastIndexByte(l.ID, '/'), 0)] }

// held says that nothing has ended the lease itself.
func (l *Lease) held() bool { return l.Phase == Issuing || l.Phase == Live }

// endsAt is when the lease ends by itself: at its deadline, or when an intent has
// gone unconfirmed for too long.
func (l *Lease) endsAt() Instant {
	if l.Phase == Issuing {
		return min(l.Deadline, l.windowEnd())
	}
	return l.Deadline
}

// windowEnd is when the node that issues the lease has certainly stopped.
func (l *Lease) windowEnd() Instant { return l.IssuedAt.Add(IssueWindow) }

// TTLAt is the time left at an instant.
func (l *Lease) TTLAt(at Instant) time.Duration { return max(l.Deadline.Sub(at), 0) }

// Lease finds the lease of an engine, in whatever phase. Leases of tokens are
// found by LiveLease.
func (s *State) Lease(id string) (*Lease, bool) { return s.leases.find(id) }

// leaseCause says why a lease has ended at an instant, or Alive.
func (s *State) leaseCause(l *Lease, at Instant) Cause {
	if l.End != nil {
		return l.End.Cause
	}
	if l.endsAt() <= at {
		return Expired
	}
	if _, marked := s.markOn(l.Path(), l.Serial); marked {
		return PrefixMark
	}
	if l.Batch != nil {
		if _, lives := s.LiveBatch(l.Batch, Digest{}, at); !lives {
			return ParentDead
		}
	} else if !l.Owner.IsZero() {
		if t, ok := s.tokenByDigest(l.Owner); !ok || t.Serial > l.Serial || s.cause(t, at) != Alive { // a chosen id may be chosen again
			return ParentDead
		}
	}
	return Alive
}

// LeaseCause says why a lease has ended at an instant, or Alive.
func (s *State) LeaseCause(l *Lease, at Instant) Cause { return s.leaseCause(l, at) }

// LeasePhase is how far a lease is at an instant: one that has ended is revoking
// from that entry on, whenever the sweep comes.
func (s *State) LeasePhase(l *Lease, at Instant) LeasePhase {
	if l.held() && s.leaseCause(l, at) != Alive {
		return Revoking
	}
	return l.Phase
}
