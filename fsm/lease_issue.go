package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// LeaseIssue logs the intent to make a secret, before anything happens outside.
// The node has read the role and the configuration and decided what is to be
// made; when one of them moved, it has to look again.
type LeaseIssue struct {
	Mount  string        // path of the mount
	Path   string        // of the request, below the mount
	Write  bool          // the request needs update instead of read
	Suffix string        // drawn by the proposer; ends the lease's id
	Role   string        // path of the item that makes it, below the mount
	Basis  []ItemVersion // the items that the node has seen
	Data   []byte        // what the engine will need to revoke it; no secret
	TTL    time.Duration // asked for; 0: the role's
	Fixed  bool          // it cannot be renewed
}

// ItemVersion is an item as a node has seen it.
type ItemVersion struct {
	Path    string // below the mount
	Version uint64
}

func (v *ItemVersion) fields(c *coder) {
	c.string(&v.Path, MaxItemPathBytes)
	c.u64(&v.Version)
}

// LeaseGranted is the result of LeaseIssue and LeaseRenew: what the engine is to
// bring about. The client hears of it when that is done.
type LeaseGranted struct {
	Lease    *Lease
	Warnings []Warning
}

func (r *LeaseGranted) fields(c *coder) {
	if c.decoding {
		r.Lease = new(Lease)
	}
	r.Lease.fields(c)
	warningFields(c, &r.Warnings)
}

func (*LeaseIssue) kind() Kind { return kindLeaseIssue }

func (i *LeaseIssue) fields(c *coder) {
	c.string(&i.Mount, MaxMountBytes)
	c.string(&i.Path, MaxPathBytes)
	c.bool(&i.Write)
	c.string(&i.Suffix, LeaseSuffixBytes)
	c.string(&i.Role, MaxItemPathBytes)
	list(c, &i.Basis, MaxLeaseBasis, func(c *coder, v *ItemVersion) { v.fields(c) })
	c.bytes(&i.Data, MaxLeaseDataBytes)
	c.duration(&i.TTL)
	c.bool(&i.Fixed)
}

// Validate checks shape and bounds.
func (i *LeaseIssue) Validate() error {
	if err := checkItem(i.Mount, i.Role); err != nil {
		return err
	}
	if err := checkPath("path", i.path()); err != nil {
		return err
	}
	if err := checkDuration("ttl", i.TTL); err != nil {
		return err
	}
	switch {
	case i.Path == "":
		return invalid(OutOfRange, "path", i.Path, "one below the mount")
	case len(i.Suffix) != LeaseSuffixBytes || !isAlphanumeric(i.Suffix):
		return invalid(OutOfRange, "end of the lease id", i.Suffix, "24 letters and digits")
	case len(i.Basis) > MaxLeaseBasis:
		return invalid(OutOfRange, "number of items", len(i.Basis), "at most 4")
	case len(i.Data) > MaxLeaseDataBytes:
		return verdict(Limit, TooLong, "lease data", len(i.Data), MaxLeaseDataBytes)
	}
	return nil
}

func (i *LeaseIssue) path() string { return i.Mount + "/" + i.Path }

func (i *LeaseIssue) access(*State, *Actor) Access {
	need := policy.Read
	if i.Write {
		need = policy.Update
	}
	return Access{Path: i.path(), Capability: need}
}

func (i *LeaseIssue) apply(tx *Tx, a *Actor) (Result, *Error) {
	m, err := tx.st.secretAt(i.Mount)
	if err != nil {
		return nil, err
	}
	for _, v := range i.Basis {
		if item, ok := tx.st.EngineItem(m.Serial, v.Path); !ok || item.Version != v.Version {
			return nil, verdict(Recheck, LeaseBasisMoved, v.Path)
		}
	}
	role, ok := tx.st.EngineItem(m.Serial, i.Role)
	if !ok {
		return nil, verdict(Recheck, LeaseBasisMoved, i.Role)
	}
	if tx.st.leases.len() >= MaxLeases {
		return nil, verdict(Limit, TooManyLeases, MaxLeases)
	}
	if a.Token.signed != nil {
		return nil, invalid(SignedHoldsNothing)
	}
	owner := tx.st.leaseOwner(a)
	if owner.spent {
		return nil, invalid(LastUseLease)
	}
	if err := tx.admitLease(i.path()); err != nil {
		return nil, err
	}
	now := tx.clock()
	l := &Lease{
		ID: i.path() + "/" + i.Suffix, Serial: tx.serial(), Mount: m.Serial, Role: i.Role,
		Owner: owner.token, OwnerAccessor: owner.accessor, Batch: owner.batch, Data: i.Data,
		IssuedAt: now, MaxDeadline: min(now.Add(role.most(m)), owner.end),
		Renewable: !i.Fixed, Phase: Issuing, Open: true,
	}
	if _, twice := tx.st.Lease(l.ID); twice {
		return nil, verdict(Exists, LeaseExists)
	}
	life := role.lifetime(l, m)
	if i.TTL > 0 {
		life.asked = wholeSeconds(i.TTL)
	}
	var warnings []Warning
	if l.Deadline, l.TTL, warnings, err = tx.st.grantLease(l, life); err != nil {
		return nil, err
	}
	tx.putLease(l)
	return &LeaseGranted{l, warnings}, nil
}

// leaseOwner is with whom a lease ends.
type leaseOwner struct {
	token    Digest // zero: nobody
	accessor string
	batch    *BatchToken
	end      Instant // of the batch token; Never: there is none
	spent    bool    // this was the token's last use
}

func (s *State) leaseOwner(a *Actor) leaseOwner {
	b := a.Token.batch
	if b == nil {
		return leaseOwner{token: a.Token.Digest, accessor: a.Token.Accessor(), end: Never, spent: a.Token.Death != nil}
	}
	o := leaseOwner{token: b.Parent, end: b.Deadline(), batch: &BatchToken{ // no more than LiveBatch asks for
		KeyID: b.KeyID, Serial: b.Serial, Accessor: b.Accessor, Parent: b.Parent, Path: b.Path, Role: b.Role,
		CreatedAt: b.CreatedAt, TTL: b.TTL,
	}}
	if p, ok := s.tokenByDigest(b.Parent); ok {
		o.accessor = p.Accessor()
	}
	return o
}

// lifetime is what bounds a lease that the item makes.
func (i *EngineItem) lifetime(l *Lease, m *Mount) lifetime {
	return lifetime{created: l.IssuedAt, asked: i.DefaultTTL, explicitMax: i.MaxTTL}.on(m)
}

// most is the greatest TTL of a lease that the item makes.
func (i *EngineItem) most(m *Mount) time.Duration {
	_, most := m.EffectiveTTLs()
	return lesser(i.MaxTTL, most)
}

// grantLease is what a lease gets from now on: what life says, and no more than
// its token has left.
func (s *State) grantLease(l *Lease, life lifetime) (Instant, time.Duration, []Warning, *Error) {
	ttl, warnings, err := life.grant(s.Clock)
	if err != nil {
		return 0, 0, nil, err
	}
	end := l.MaxDeadline
	if t, ok := s.tokenByDigest(l.Owner); ok {
		end = min(end, t.Deadline)
	}
	ttl = min(ttl, wholeSeconds(end.Sub(s.Clock)))
	if ttl <= 0 {
		return 0, 0, nil, invalid(PastMaxTTL)
	}
	return s.Clock.Add(ttl), ttl, warnings, nil
}
