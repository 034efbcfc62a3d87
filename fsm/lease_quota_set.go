package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// LeaseQuota bounds how many leases there may be under a path.
type LeaseQuota struct {
	Name        string
	Version     uint64 // serial of the command that wrote it
	Path        string // without slashes at its ends
	Max         uint32
	Inheritable bool // shown, and without meaning: there are no namespaces
}

func (q *LeaseQuota) tag() recordTag { return tagLeaseQuota }

func (q *LeaseQuota) fields(c *coder) {
	c.string(&q.Name, MaxQuotaNameBytes)
	c.u64(&q.Version)
	c.string(&q.Path, MaxPathBytes)
	c.u32(&q.Max)
	c.bool(&q.Inheritable)
}

func (q *LeaseQuota) place() quotaItem { return quotaItem{LeaseCount, q.Path, q.Name} }

// LeaseQuota finds a lease quota by name.
func (s *State) LeaseQuota(name string) (*LeaseQuota, bool) { return s.leaseQuotas.find(name) }

// LeaseQuotaNames lists the names in order.
func (s *State) LeaseQuotaNames() (names []string) {
	s.leaseQuotas.each(func(q *LeaseQuota) bool {
		names = append(names, q.Name)
		return true
	})
	return names
}

// LeaseQuotaSet writes a lease quota, all of it. What is there already stays,
// even if it is more than the quota has room for.
type LeaseQuotaSet struct {
	Name        string
	Path        string
	Max         uint32
	Inheritable bool
}

func (*LeaseQuotaSet) kind() Kind { return kindLeaseQuotaSet }

func (l *LeaseQuotaSet) fields(c *coder) {
	c.string(&l.Name, MaxQuotaNameBytes)
	c.string(&l.Path, MaxPathBytes)
	c.u32(&l.Max)
	c.bool(&l.Inheritable)
}

// Validate checks shape and bounds.
func (l *LeaseQuotaSet) Validate() error {
	if err := checkQuota(l.Name, l.Path, l.Inheritable); err != nil {
		return err
	}
	if l.Max == 0 || l.Max > MaxQuotaLeases {
		return invalid(OutOfRange, "max_leases", l.Max, "1 to 2147483648")
	}
	return nil
}

func (l *LeaseQuotaSet) access(*State, *Actor) Access {
	return Access{Path: "sys/quotas/lease-count/" + l.Name, Capability: policy.Update}
}

func (l *LeaseQuotaSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	q := &LeaseQuota{l.Name, tx.serial(), l.Path, l.Max, l.Inheritable}
	var from *quotaItem
	if old, there := tx.st.leaseQuotas.find(l.Name); there {
		place := old.place()
		from = &place
	}
	if err := tx.placeQuota(q.place(), from, tx.st.leaseQuotas.len()); err != nil {
		return nil, err
	}
	putRecord(tx, &tx.st.leaseQuotas, q.Name, q)
	return &Done{}, nil
}
