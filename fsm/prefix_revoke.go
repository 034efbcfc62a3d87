package fsm

import (
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

// PrefixRevoke ends every token made under a source path, with their trees, in
// one entry. Later tokens of the same path are not touched.
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

func (r *PrefixRevoke) access(*State, *Actor) Access {
	return Access{Path: prefixEndpoints[r.Endpoint] + r.Prefix, Capability: policy.Update}
}

// apply takes the prefix for one whole lease first, as Vault does.
func (r *PrefixRevoke) apply(tx *Tx, a *Actor) (Result, *Error) {
	if t, ok := tx.st.tokenByLease(r.Prefix); ok {
		if tx.st.cause(t, tx.clock()) == Alive {
			tx.kill(t, tx.death(Revoked, a))
		}
		return &Done{}, nil
	}
	if err := tx.markPrefix(r.Prefix, a.Token.Accessor); err != nil {
		return nil, err
	}
	return &Done{}, nil
}

// markPrefix ends what was made under a source path up to now, with a record and
// without.
func (tx *Tx) markPrefix(prefix, actor string) *Error {
	if _, again := tx.st.marks.find(prefix); !again && tx.st.marks.len() >= MaxMarks {
		return verdict(Limit, TooManyMarks)
	}
	m := &Mark{Prefix: prefix, Serial: tx.serial(), Actor: actor, At: tx.clock()}
	// Every token there is older than the mark: the first path decides, or the
	// second when the first is the root token's.
	at, looks := m.Prefix, 2
	if tx.st.nextMarked(m, &at, &looks) != nil {
		putRecord(tx, &tx.st.marks, m.Prefix, m)
	}
	_, err := tx.fence(fenceKey{FencePath, prefix}, Never, actor)
	return err
}
