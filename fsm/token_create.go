package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// TokenCreate makes a service token. The proposer drew its secret and accessor;
// only the secret's digest is here. What may be granted is decided against the
// caller's own token at the index where the command takes effect (Vault's token
// store rules, vault-api 1.7 and 1.9 in the project's notes: see each rule).
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
	Meta            []MetaPair
	Type            TokenType // TypeUnset, TypeService or TypeBatch
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
