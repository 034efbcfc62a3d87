package http

import (
	"strconv"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// authBlock is what a client is told of a token that it was given or has
// renewed.
type authBlock struct {
	token     string // empty when the client knows only the accessor
	accessor  string
	policies  []string
	meta      []fsm.MetaPair
	ttl       time.Duration
	renewable bool
	orphan    bool
	numUses   uint32
	batch     bool
}

// handOver is the answer that gives a new token to the client: the secret that
// was drawn for it, or the sealed text of a batch token.
func (c *call) handOver(made *fsm.TokenCreated) (answer, error) {
	c.warnAll(made.Warnings)
	auth := &authBlock{
		token: c.created, accessor: made.Accessor, policies: made.Policies, meta: made.Meta,
		ttl: made.TTL, renewable: made.Renewable, orphan: made.Orphan, numUses: made.NumUses,
	}
	if made.Batch != nil {
		text, err := c.sealBatch(made.Batch)
		if err != nil {
			return answer{}, err
		}
		auth.token, auth.batch = text, true
	}
	return answer{auth: auth}, nil
}

func (a *authBlock) appendJSON(b []byte) []byte {
	b = append(b, `{"client_token":`...)
	b = appendString(b, a.token)
	b = appendAccessor(b, a.accessor, a.batch)
	b = append(b, `,"policies":`...)
	start := len(b)
	b = appendStrings(b, a.policies)
	policies := b[start:]
	b = append(b, `,"token_policies":`...)
	b = append(b, policies...)
	b = append(b, `,"metadata":`...)
	b = appendMeta(b, a.meta)
	b = append(b, `,"lease_duration":`...)
	b = appendSeconds(b, a.ttl)
	b = append(b, `,"renewable":`...)
	b = strconv.AppendBool(b, a.renewable)
	b = append(b, `,"entity_id":"","token_type":`...)
	b = appendString(b, vaultType(a.batch))
	b = append(b, `,"orphan":`...)
	b = strconv.AppendBool(b, a.orphan)
	b = append(b, `,"mfa_requirement":null,"num_uses":`...)
	b = strconv.AppendUint(b, uint64(a.numUses), 10)
	return append(b, '}')
}

// appendAccessor writes what names a token without giving it away. Vault's batch
// tokens have no accessor and its clients take one for something to be looked up
// or revoked by, so what names ours stands beside it.
func appendAccessor(b []byte, accessor string, batch bool) []byte {
	if batch {
		b = append(b, `,"accessor":"","batch_accessor":`...)
	} else {
		b = append(b, `,"accessor":`...)
	}
	return appendString(b, accessor)
}

// typeOf is the type of a token that is looked at.
func typeOf(t *fsm.Token) string {
	if t.Signed() != nil {
		return "waypoint"
	}
	return vaultType(t.IsBatch())
}

// vaultType is the type of a token in Vault's words.
func vaultType(batch bool) string {
	if batch {
		return "batch"
	}
	return "service"
}
