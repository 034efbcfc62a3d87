package fsm

import (
	"net/netip"
	"time"
)

// Token is the record of one service token. It is an immutable value: a change
// makes a new Token. Only the use count, the deadline, the last renewal, the
// parent (cleared when it is orphaned) and the death ever change.
//
// What it points to is shared, and so never written once the token is in a State. Without
// a body it is good for nothing, and only this package makes one with. Whoever asks twice
// for one record gets two pointers: digests say whether two are the same.
type Token struct {
	_          noCopy
	*Terms            // never nil
	*tokenBody        // never nil
	Death      *Death // nil while nothing has ended this very token

	batch  *BatchToken  // of a caller that has no record; in no record itself
	signed *SignedToken // likewise
}

// tokenBody is what is a token's own. Nothing in it is a pointer, so that the collector
// need not look into it.
type tokenBody struct {
	Digest   Digest
	accessor accessorKey
	Serial   uint64 // order of creation
	Parent   Digest // zero: an orphan

	CreatedAt Instant
	Deadline  Instant       // Never: does not expire
	RenewedAt Instant       // 0: not yet
	Increment time.Duration // granted last; what a renewal without increment asks for

	Depth    uint32 // generations above it when it was made
	UsesLeft uint32 // counts down to 0 when NumUses > 0
}

// clone is a copy whose body may be written.
func (t *Token) clone() *Token {
	body := *t.tokenBody
	return &Token{Terms: t.Terms, tokenBody: &body, Death: t.Death, batch: t.batch, signed: t.signed}
}

// noCopy has go vet find copies of a Token, which would share the body: clone makes one
// that does not.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// Terms are what a token was made with, as far as others may have been made with the
// same. They never change.
type Terms struct {
	Path        string // source path, such as auth/token/create/ci
	Role        string
	DisplayName string
	Policies    []string // sorted
	Meta        []MetaPair
	CIDRs       []netip.Prefix

	TTL            time.Duration // granted at creation; 0: none
	ExplicitMaxTTL time.Duration
	Period         time.Duration
	NumUses        uint32 // as created; 0: unlimited
	Renewable      bool
}

// MetaPair is one item of a token's metadata. Pairs are sorted by key.
type MetaPair struct{ Key, Value string }

func (p *MetaPair) fields(c *coder) {
	c.string(&p.Key, MaxMetaBytes)
	c.string(&p.Value, MaxMetaBytes)
}

func metaFields(c *coder, m *[]MetaPair) {
	list(c, m, MaxMetaPairs, func(c *coder, p *MetaPair) { p.fields(c) })
	if !c.decoding {
		return
	}
	for i := 1; i < len(*m); i++ {
		if (*m)[i-1].Key >= (*m)[i].Key {
			c.fail(errNotCanonical)
			return
		}
	}
}

// checkMeta wants metadata in canonical order and within its bounds.
func checkMeta(m []MetaPair) *Error {
	if len(m) > MaxMetaPairs {
		return invalid(OutOfRange, "number of meta pairs", len(m), "at most 64")
	}
	size := 0
	for i, p := range m {
		if i > 0 && m[i-1].Key >= p.Key {
			return invalid(OutOfRange, "meta key", p.Key, "above the one before it")
		}
		size += len(p.Key) + len(p.Value)
	}
	if size > MaxMetaBytes {
		return invalid(OutOfRange, "size of meta", size, "at most 4096 bytes")
	}
	return nil
}

func (t *Token) tag() recordTag { return tagToken }

func (t *Token) fields(c *coder) {
	c.digest(&t.Digest)
	c.accessor(&t.accessor)
	c.u64(&t.Serial)
	c.optionalDigest(&t.Parent)
	c.u32(&t.Depth)
	if c.decoding {
		t.Terms = c.sharing.decodeNames(c)
		c.instant(&t.CreatedAt)
		t.Terms = c.sharing.decodeLimits(c, t.Terms)
	} else {
		t.Terms.names(c)
		c.instant(&t.CreatedAt)
		t.Terms.limits(c)
	}
	c.u32(&t.UsesLeft)
	c.instant(&t.Deadline)
	c.instant(&t.RenewedAt)
	c.duration(&t.Increment)
	c.optionalDeath(&t.Death)
}

func (t *Terms) names(c *coder) {
	c.string(&t.Path, MaxPathBytes)
	c.string(&t.Role, MaxNameBytes)
	c.string(&t.DisplayName, MaxNameBytes)
	c.strings(&t.Policies, MaxPolicies+1, MaxNameBytes)
	metaFields(c, &t.Meta)
	list(c, &t.CIDRs, MaxBoundCIDRs, func(c *coder, p *netip.Prefix) { c.prefix(p) })
}

func (t *Terms) limits(c *coder) {
	c.duration(&t.TTL)
	c.duration(&t.ExplicitMaxTTL)
	c.duration(&t.Period)
	c.bool(&t.Renewable)
	c.u32(&t.NumUses)
}

// Accessor names the token where it must not be shown. It stands in the record itself,
// since millions of small texts keep the collector busy.
func (t *Token) Accessor() string { return string(t.accessor[:]) }

// IsRoot says whether the token holds the root policy.
func (t *Token) IsRoot() bool { return len(t.Policies) == 1 && t.Policies[0] == "root" }

// IsBatch says whether the token is a batch token, of which there is no record.
func (t *Token) IsBatch() bool { return t.batch != nil }

// Signed is what a Waypoint token says, of which there is no record; nil for others.
func (t *Token) Signed() *SignedToken { return t.signed }

// HasRecord says whether the machine holds the token, so that something can hang on
// it or be kept with it.
func (t *Token) HasRecord() bool { return t.batch == nil && t.signed == nil }

// Counted says whether every request of the token costs a use.
func (t *Token) Counted() bool { return t.NumUses > 0 }

// TTLAt is the time left at an instant, 0 for a token that does not expire.
func (t *Token) TTLAt(at Instant) time.Duration {
	if t.Deadline == Never || t.Deadline <= at {
		return 0
	}
	return t.Deadline.Sub(at)
}

// admits says whether a request from addr may use the token.
func (t *Terms) admits(addr netip.Addr) bool {
	if len(t.CIDRs) == 0 {
		return true
	}
	for _, p := range t.CIDRs {
		if p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
