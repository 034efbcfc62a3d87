package fsm

import (
	"net/netip"
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// SecretIDCreate makes a secret-id of a role. The proposer drew it, or the
// request chose it; only its digest is here.
type SecretIDCreate struct {
	Custom     bool // chosen by the request
	Mount      string
	Role       string // in lower case
	Digest     Digest
	Accessor   string
	Meta       []MetaPair // sorted by key
	CIDRs      []netip.Prefix
	TokenCIDRs []netip.Prefix
	HasUses    bool // Uses is the request's and not the role's
	Uses       uint32
	HasTTL     bool // likewise
	TTL        time.Duration
}

// SecretIDCreated is its result.
type SecretIDCreated struct {
	Accessor string
	TTL      time.Duration
	Uses     uint32
}

func (r *SecretIDCreated) fields(c *coder) {
	c.string(&r.Accessor, AccessorBytes)
	c.duration(&r.TTL)
	c.u32(&r.Uses)
}

func (*SecretIDCreate) kind() Kind { return kindSecretIDCreate }

func (s *SecretIDCreate) fields(c *coder) {
	c.bool(&s.Custom)
	c.string(&s.Mount, MaxMountBytes)
	c.string(&s.Role, MaxUserBytes)
	c.digest(&s.Digest)
	c.string(&s.Accessor, AccessorBytes)
	metaFields(c, &s.Meta)
	cidrFields(c, &s.CIDRs)
	cidrFields(c, &s.TokenCIDRs)
	c.bool(&s.HasUses)
	c.u32(&s.Uses)
	c.bool(&s.HasTTL)
	c.duration(&s.TTL)
}

// Validate checks shape and bounds. The metadata has to fit a token, to which
// the role's name comes.
func (s *SecretIDCreate) Validate() error {
	switch {
	case s.Digest.IsZero():
		return invalid(SecretIDMissing)
	case len(s.Accessor) != AccessorBytes:
		return invalid(OutOfRange, "accessor length", len(s.Accessor), AccessorBytes)
	case s.Uses > MaxUses:
		return invalid(OutOfRange, "num_uses", s.Uses, "at most 2147483648")
	}
	if err := checkApprole(s.Mount, s.Role); err != nil {
		return err
	}
	if err := checkMeta(s.Meta); err != nil { // in order, so that the name finds its place
		return err
	}
	if err := checkMeta(approleMeta(s.Meta, s.Role)); err != nil {
		return err
	}
	if err := checkCIDRs(s.CIDRs); err != nil {
		return err
	}
	if err := checkCIDRs(s.TokenCIDRs); err != nil {
		return err
	}
	if err := checkDuration("ttl", s.TTL); err != nil {
		return err
	}
	return nil
}

func (s *SecretIDCreate) access(*State, *Actor) Access {
	path := approlePath(s.Mount, s.Role) + "/secret-id"
	if s.Custom {
		path = approlePath(s.Mount, s.Role) + "/custom-secret-id"
	}
	return Access{Path: path, Capability: policy.Update}
}

func (s *SecretIDCreate) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, role, err := tx.st.approleOf(s.Mount, s.Role)
	if err != nil {
		return nil, err
	}
	uses, ttl, err := s.granted(role)
	if err != nil {
		return nil, err
	}
	if _, most := m.EffectiveTTLs(); ttl > most {
		ttl = most // as Vault has it, without a word
	}
	id := &SecretID{
		Role: role.Serial, Digest: s.Digest, Accessor: s.Accessor, CreatedAt: tx.clock(), UpdatedAt: tx.clock(),
		TTL: ttl, Uses: uses, Meta: s.Meta, CIDRs: s.CIDRs, TokenCIDRs: s.TokenCIDRs,
	}
	if err := tx.roomForSecretID(id); err != nil {
		return nil, err
	}
	tx.putSecretID(id)
	return &SecretIDCreated{Accessor: id.Accessor, TTL: ttl, Uses: uses}, nil
}

// granted is how often and how long it may be used: what the role says, or less.
// It has to lie within the role's other bounds, too.
func (s *SecretIDCreate) granted(role *Approle) (uses uint32, ttl time.Duration, err *Error) {
	rules := &role.Rules
	uses, ttl = rules.NumUses, rules.TTL
	if s.HasUses {
		uses = s.Uses
	}
	if s.HasTTL {
		ttl = wholeSeconds(s.TTL)
	}
	switch {
	case !rules.Bind:
		return 0, 0, invalid(SecretIDUnneeded)
	case rules.NumUses > 0 && (uses == 0 || uses > rules.NumUses):
		return 0, 0, invalid(SecretIDUsesAbove)
	case rules.TTL > 0 && (ttl == 0 || ttl > rules.TTL):
		return 0, 0, invalid(SecretIDTTLAbove)
	}
	if err := within("cidr_list", s.CIDRs, rules.CIDRs); err != nil {
		return 0, 0, err
	}
	if err := within("token_bound_cidrs", s.TokenCIDRs, role.Params.BoundCIDRs); err != nil {
		return 0, 0, err
	}
	return uses, ttl, nil
}

// within wants each range to lie in one of the role's, if that has any.
func within(field string, ranges, of []netip.Prefix) *Error {
	if len(of) == 0 {
		return nil
	}
	for _, p := range ranges {
		inside := false
		for _, o := range of {
			inside = inside || o.Bits() <= p.Bits() && o.Contains(p.Addr())
		}
		if !inside {
			return invalid(CIDRsOutsideRole, field, p)
		}
	}
	return nil
}

// roomForSecretID wants digest and accessor to be new, and no bound to be passed.
// What has expired and waits to be cleared away makes room.
func (tx *Tx) roomForSecretID(id *SecretID) *Error {
	if old, ok := tx.st.secretIDs.find(id.key()); ok {
		if old.Deadline() > tx.clock() {
			return verdict(Exists, SecretIDExists)
		}
		tx.dropSecretID(old)
	}
	if _, twice := tx.st.secretIDItems.get(id.item()); twice {
		return verdict(Exists, SecretIDExists)
	}
	switch {
	case tx.st.countSecretIDs(id.Role) >= MaxSecretIDsRole:
		return verdict(Limit, TooManySecretIDsRole, MaxSecretIDsRole)
	case tx.st.secretIDs.len() >= MaxSecretIDs:
		return verdict(Limit, TooManySecretIDs, MaxSecretIDs)
	}
	return nil
}
