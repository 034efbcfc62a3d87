package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// LeaseRenew decides how much longer a lease of an engine may live. The lease has
// its later deadline, and the TTL of it, only when the node has told the other side
// and says so (LeaseExtend). A node that dies between the two leaves something outside
// that may live longer than the log says: the revocation at the old deadline ends it.
type LeaseRenew struct {
	Endpoint  RenewEndpoint
	Lease     string
	Increment time.Duration // 0: what its role gives
}

// RenewEndpoint is the API path by which the request came.
type RenewEndpoint uint8

// The endpoints, append-only. The lease stands in the body or in the path.
const (
	LeasesRenew     RenewEndpoint = 0 // sys/leases/renew
	LeasesRenewPath RenewEndpoint = 1 // sys/leases/renew/<lease>
	SysRenew        RenewEndpoint = 2 // sys/renew
	SysRenewPath    RenewEndpoint = 3 // sys/renew/<lease>
)

var renewEndpoints = [...]string{"sys/leases/renew", "sys/leases/renew/", "sys/renew", "sys/renew/"}

func (*LeaseRenew) kind() Kind { return kindLeaseRenew }

func (r *LeaseRenew) fields(c *coder) {
	c.u8((*uint8)(&r.Endpoint))
	c.string(&r.Lease, MaxLeaseBytes)
	c.duration(&r.Increment)
}

// Validate wants a known endpoint and a lease.
func (r *LeaseRenew) Validate() error {
	if int(r.Endpoint) >= len(renewEndpoints) {
		return invalid(OutOfRange, "endpoint", r.Endpoint, "a known one")
	}
	if err := checkLease(r.Lease); err != nil {
		return err
	}
	if err := checkDuration("increment", r.Increment); err != nil {
		return err
	}
	return nil
}

func (r *LeaseRenew) access(*State, *Actor) Access {
	path := renewEndpoints[r.Endpoint]
	if r.Endpoint == LeasesRenewPath || r.Endpoint == SysRenewPath {
		path += r.Lease
	}
	return Access{Path: path, Capability: policy.Update}
}

func (r *LeaseRenew) apply(tx *Tx, _ *Actor) (Result, *Error) {
	l, ok := tx.st.Lease(r.Lease)
	if !ok {
		if _, token := tx.st.LiveLease(r.Lease, tx.clock()); token {
			return nil, invalid(TokenLease)
		}
		return nil, invalid(LeaseNotFound)
	}
	if l.Phase != Live || tx.st.leaseCause(l, tx.clock()) != Alive {
		return nil, invalid(LeaseNotFound)
	}
	if !l.Renewable {
		return nil, invalid(NotRenewable)
	}
	m, _ := tx.st.mounts.find(l.Mount)
	role, ok := tx.st.EngineItem(l.Mount, l.Role)
	if !ok {
		return nil, invalid(LeaseRoleGone, l.Role)
	}
	life := role.lifetime(l, m)
	if increment := wholeSeconds(r.Increment); increment > 0 {
		life.asked = increment
	}
	end, ttl, warnings, err := tx.st.grantLease(l, life)
	if err != nil {
		return nil, err
	}
	l = tx.changeLease(l, func(l *Lease) { l.Granted, l.GrantedTTL = end, ttl })
	return &LeaseGranted{l, warnings}, nil
}
