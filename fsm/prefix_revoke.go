package fsm

import (
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

// PrefixRevoke ends every token and lease made under a path, with the trees of
// the tokens, in one entry. What is made later under the same path is not touched.
// With force, leases that cannot be revoked outside are forgotten.
type PrefixRevoke struct {
	Endpoint PrefixEndpoint
	Prefix   string // path segments, no slash at either end
}

// PrefixEndpoint is the API path by which the request came.
type PrefixEndpoint uint8

// The endpoints, append-only. All of them are root-protected.
const (
	LeasesRevokePrefix PrefixEndpoint = 0 // sys/leases/revoke-prefix/
	SysRevokePrefix    PrefixEndpoint = 1 // sys/revoke-prefix/
	TokenRevokePrefix  PrefixEndpoint = 2 // auth/token/revoke-prefix/, 2015
	LeasesRevokeForce  PrefixEndpoint = 3 // sys/leases/revoke-force/
	SysRevokeForce     PrefixEndpoint = 4 // sys/revoke-force/
)

var prefixEndpoints = [...]string{
	"sys/leases/revoke-prefix/", "sys/revoke-prefix/", "auth/token/revoke-prefix/",
	"sys/leases/revoke-force/", "sys/revoke-force/",
}

func (*PrefixRevoke) kind() Kind { return kindPrefixRevoke }

func (r *PrefixRevoke) fields(c *coder) {
	c.u8((*uint8)(&r.Endpoint))
	c.string(&r.Prefix, MaxPathBytes)
}

func (r *PrefixRevoke) Validate() error {
	if int(r.Endpoint) >= len(prefixEndpoints) {
		return invalid(OutOfRange, "endpoint", r.Endpoint, "a known one")
	}
	if strings.Trim(r.Prefix, "/") == "" {
		return invalid(PrefixEmpty)
	}
	if strings.HasPrefix(r.Prefix, "/") || strings.HasSuffix(r.Prefix, "/") {
		return invalid(OutOfRange, "prefix", r.Prefix, "no slash at either end")
	}
	return checkPath("prefix", r.Prefix)
}

// force says whether leases are forgotten whose revocation fails.
func (r *PrefixRevoke) force() bool {
	return r.Endpoint == LeasesRevokeForce || r.Endpoint == SysRevokeForce
}

func (r *PrefixRevoke) access(*State, *Actor) Access {
	return Access{Path: prefixEndpoints[r.Endpoint] + r.Prefix, Capability: policy.Update}
}

func (r *PrefixRevoke) apply(tx *Tx, a *Actor) (Result, *Error) {
	return r.applyUpTo(tx, a, tx.serial())
}

// applyUpTo ends what was made up to a serial. It takes the prefix for one whole
// lease first, as Vault does.
func (r *PrefixRevoke) applyUpTo(tx *Tx, a *Actor, serial uint64) (Result, *Error) {
	if t, ok := tx.st.tokenByLease(r.Prefix); ok {
		if tx.st.cause(t, tx.clock()) == Alive {
			tx.kill(t, tx.death(Revoked, a))
		}
		return &Done{}, nil
	}
	if l, ok := tx.st.Lease(r.Prefix); ok {
		tx.endLease(l, tx.death(Revoked, a), r.force())
		return &Done{}, nil
	}
	if err := tx.markPrefixUpTo(r.Prefix, a.Token.Accessor(), serial, r.force()); err != nil {
		return nil, err
	}
	return &Done{}, nil
}

// markPrefix ends what was made under a path up to now, with a record and
// without.
func (tx *Tx) markPrefix(prefix, actor string, force bool) *Error {
	return tx.markPrefixUpTo(prefix, actor, tx.serial(), force)
}

// markPrefixUpTo is markPrefix for what was made up to a serial. A mark that stands
// already is never weakened.
func (tx *Tx) markPrefixUpTo(prefix, actor string, serial uint64, force bool) *Error {
	old, again := tx.st.marks.find(prefix)
	switch {
	case again && old.Serial >= serial && (old.Force || !force):
		return nil
	case again:
		serial, force = max(serial, old.Serial), force || old.Force
	case tx.st.marks.len() >= MaxMarks:
		return verdict(Limit, TooManyMarks)
	}
	m := &Mark{Prefix: prefix, Serial: serial, Actor: actor, At: tx.clock(), Force: force}
	// When every token there is older than the mark, the first path decides, or the
	// second when the first is the root token's. So does any lease. A mark in vain is
	// gone with the next sweep.
	at, looks := m.Prefix, 2
	if serial < tx.serial() || tx.st.nextMarked(m, &at, &looks) != nil || tx.st.leaseBelow(prefix) {
		putRecord(tx, &tx.st.marks, m.Prefix, m)
	}
	_, err := tx.fenceUpTo(fenceKey{FencePath, prefix}, serial, Never, actor)
	return err
}
