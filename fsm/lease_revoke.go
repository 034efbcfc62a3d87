package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// LeaseRevoke ends what a lease stands for, with everything that hangs on it: a
// token and its tree, or a secret of an engine. A lease that is not there has
// ended already; for one that waits for another try this is the time for it.
type LeaseRevoke struct {
	Endpoint LeaseEndpoint
	Lease    string
}

// LeaseEndpoint is the API path by which the request came.
type LeaseEndpoint uint8

// The endpoints, append-only. The lease stands in the body or in the path.
const (
	LeasesRevoke     LeaseEndpoint = 0 // sys/leases/revoke
	LeasesRevokePath LeaseEndpoint = 1 // sys/leases/revoke/<lease>
	SysRevoke        LeaseEndpoint = 2 // sys/revoke
	SysRevokePath    LeaseEndpoint = 3 // sys/revoke/<lease>
)

var leaseEndpoints = [...]string{"sys/leases/revoke", "sys/leases/revoke/", "sys/revoke", "sys/revoke/"}

func (*LeaseRevoke) kind() Kind { return kindLeaseRevoke }

func (r *LeaseRevoke) fields(c *coder) {
	c.u8((*uint8)(&r.Endpoint))
	c.string(&r.Lease, MaxLeaseBytes)
}

// Validate wants a known endpoint and a lease.
func (r *LeaseRevoke) Validate() error {
	if int(r.Endpoint) >= len(leaseEndpoints) {
		return invalid(OutOfRange, "endpoint", r.Endpoint, "a known one")
	}
	if err := checkLease(r.Lease); err != nil {
		return err
	}
	return nil
}

func (r *LeaseRevoke) access(*State, *Actor) Access {
	path := leaseEndpoints[r.Endpoint]
	if r.Endpoint == LeasesRevokePath || r.Endpoint == SysRevokePath {
		path += r.Lease
	}
	return Access{Path: path, Capability: policy.Update}
}

func (r *LeaseRevoke) apply(tx *Tx, a *Actor) (Result, *Error) {
	if l, ok := tx.st.Lease(r.Lease); ok {
		tx.endLease(l, tx.death(Revoked, a), false)
		return &TokenRevoked{Found: true}, nil
	}
	t, ok := tx.st.tokenByLease(r.Lease)
	if !ok || tx.st.cause(t, tx.clock()) != Alive {
		return &TokenRevoked{}, nil
	}
	tx.kill(t, tx.death(Revoked, a))
	return &TokenRevoked{Found: true, Accessor: t.Accessor()}, nil
}
