package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// TokenCreate makes a token. The proposer drew its secret and accessor;
// only the secret's digest is here. What may be granted is decided against the
// caller's own token at the index where the command takes effect, by the rules
// of Vault's token store; each stands in a function of its own (policiesOf,
// lifetime.grant, parentage, kindOfToken, displayName).
type TokenCreate struct {
	Endpoint CreateEndpoint
	Role     string // with CreateByRole

	Token    Digest
	Accessor string
	ChosenID bool // the client named the id: root only

	Policies        []string // as asked, not yet normalised; nil: not given
	NoParent        bool
	NoDefaultPolicy bool
	NotRenewable    bool // renewable=false was asked for
	TTL             time.Duration
	ExplicitMaxTTL  time.Duration
	Period          time.Duration
	DisplayName     string // as asked
	NumUses         uint32
	Meta            []MetaPair // sorted by key
	Type            TokenType  // TypeUnset, TypeService or TypeBatch
	EntityAlias     string
}

// CreateEndpoint is the API path by which the request came.
type CreateEndpoint uint8

// The endpoints, append-only.
const (
	CreateChild  CreateEndpoint = 0 // auth/token/create
	CreateOrphan CreateEndpoint = 1 // auth/token/create-orphan
	CreateByRole CreateEndpoint = 2 // auth/token/create/<role>
)

// TokenCreated is its result: what the auth block of the answer shows.
type TokenCreated struct {
	Accessor  string
	Policies  []string
	Meta      []MetaPair
	TTL       time.Duration
	Period    time.Duration
	Renewable bool
	Orphan    bool
	NumUses   uint32
	Warnings  []Warning

	// Batch is what the token says when it is a batch token: the receiving node
	// seals it into a text. The drawn secret then belongs to nobody.
	Batch *BatchToken
}

func (r *TokenCreated) fields(c *coder) {
	c.string(&r.Accessor, AccessorBytes)
	c.strings(&r.Policies, MaxPolicies+1, MaxNameBytes)
	metaFields(c, &r.Meta)
	c.duration(&r.TTL)
	c.duration(&r.Period)
	c.bool(&r.Renewable)
	c.bool(&r.Orphan)
	c.u32(&r.NumUses)
	warningFields(c, &r.Warnings)
	batch := r.Batch != nil
	c.bool(&batch)
	if batch {
		if c.decoding {
			r.Batch = new(BatchToken)
		}
		r.Batch.fields(c)
	}
}

func (*TokenCreate) kind() Kind { return kindTokenCreate }

func (t *TokenCreate) fields(c *coder) {
	c.u8((*uint8)(&t.Endpoint))
	c.string(&t.Role, MaxNameBytes)
	c.digest(&t.Token)
	c.string(&t.Accessor, AccessorBytes)
	c.bool(&t.ChosenID)
	c.strings(&t.Policies, MaxPolicies, MaxNameBytes)
	c.bool(&t.NoParent)
	c.bool(&t.NoDefaultPolicy)
	c.bool(&t.NotRenewable)
	c.duration(&t.TTL)
	c.duration(&t.ExplicitMaxTTL)
	c.duration(&t.Period)
	c.string(&t.DisplayName, MaxNameBytes)
	c.u32(&t.NumUses)
	metaFields(c, &t.Meta)
	t.Type.fields(c)
	c.string(&t.EntityAlias, MaxNameBytes)
}

// Validate checks shape and bounds.
func (t *TokenCreate) Validate() error {
	switch {
	case t.Endpoint > CreateByRole:
		return invalid(OutOfRange, "endpoint", t.Endpoint, "a known one")
	case (t.Endpoint == CreateByRole) != (t.Role != ""):
		return invalid(OutOfRange, "role", t.Role, "a name with the role's endpoint and only there")
	case t.Token.IsZero():
		return invalid(MissingToken)
	case len(t.Accessor) != AccessorBytes:
		return invalid(OutOfRange, "accessor length", len(t.Accessor), AccessorBytes)
	case len(t.Policies) > MaxPolicies:
		return invalid(OutOfRange, "number of policies", len(t.Policies), "at most 64")
	case len(t.DisplayName) > MaxDisplayNameBytes:
		return invalid(OutOfRange, "display_name length", len(t.DisplayName), "at most 250 bytes")
	case t.NumUses > MaxUses:
		return invalid(OutOfRange, "num_uses", t.NumUses, "at most 2147483648")
	case t.Type > TypeBatch:
		return invalid(BadTokenType)
	}
	for _, n := range [...]string{t.Role, t.EntityAlias} {
		if err := checkName("name", n); err != nil {
			return err
		}
	}
	for _, n := range t.Policies {
		if err := checkName("policy name", n); err != nil {
			return err
		}
	}
	for _, d := range [...]struct {
		field string
		value time.Duration
	}{{"ttl", t.TTL}, {"explicit_max_ttl", t.ExplicitMaxTTL}, {"period", t.Period}} {
		if err := checkDuration(d.field, d.value); err != nil {
			return err
		}
	}
	if err := checkMeta(t.Meta); err != nil {
		return err
	}
	return nil
}

func (t *TokenCreate) access(*State, *Actor) Access {
	return Access{Path: t.path(), Capability: policy.Update}
}

func (t *TokenCreate) path() string {
	switch t.Endpoint {
	case CreateOrphan:
		return "auth/token/create-orphan"
	case CreateByRole:
		return "auth/token/create/" + t.Role
	}
	return "auth/token/create"
}

func (t *TokenCreate) apply(tx *Tx, a *Actor) (Result, *Error) {
	p, err := t.plan(&tx.st, a)
	if err != nil {
		return nil, err
	}
	child := p.token
	capped, err := child.begin(p.life)
	if err != nil {
		return nil, err
	}
	if child.TTL == 0 && a.Token.TTL != 0 {
		return nil, invalid(ExpiringRoot)
	}
	made := &TokenCreated{
		Accessor: child.Accessor(), Policies: child.Policies, Meta: child.Meta,
		TTL: child.TTL, Period: p.life.period, Renewable: child.Renewable,
		Orphan: child.Parent.IsZero(), NumUses: child.NumUses,
		Warnings: tx.st.missingPolicies(child.Policies, append(p.warnings, capped...)),
	}
	if err := tx.issue(child, p.kind, made, t.ChosenID); err != nil {
		return nil, err
	}
	return made, nil
}

// begin sets the times of a new token. Only a root token may live for ever; it
// can then not be renewed and is bound to no address, as in Vault.
func (t *Token) begin(life lifetime) (warnings []Warning, err *Error) {
	if t.IsRoot() && life.asked == 0 && life.period == 0 {
		t.TTL = life.explicitMax
	} else if t.TTL, warnings, err = life.grant(life.created); err != nil {
		return nil, err
	}
	t.CreatedAt, t.Increment, t.Deadline = life.created, t.TTL, life.created.Add(t.TTL)
	if t.TTL == 0 {
		t.Deadline, t.Renewable, t.CIDRs = Never, false, nil
	}
	return warnings, nil
}
