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
}

// handOver is the answer that gives a new token to the client: the secret that
// was drawn for it.
func (c *call) handOver(made *fsm.TokenCreated) (answer, error) {
	if made.Batch != nil {
		return answer{}, invalid("batch tokens are not supported by this release")
	}
	c.warnAll(made.Warnings)
	return answer{auth: &authBlock{
		token: c.created, accessor: made.Accessor, policies: made.Policies, meta: made.Meta,
		ttl: made.TTL, renewable: made.Renewable, orphan: made.Orphan, numUses: made.NumUses,
	}}, nil
}

func (a *authBlock) appendJSON(b []byte) []byte {
	b = append(b, `{"client_token":`...)
	b = appendString(b, a.token)
	b = append(b, `,"accessor":`...)
	b = appendString(b, a.accessor)
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
	b = append(b, `,"entity_id":"","token_type":"service","orphan":`...)
	b = strconv.AppendBool(b, a.orphan)
	b = append(b, `,"mfa_requirement":null,"num_uses":`...)
	b = strconv.AppendUint(b, uint64(a.numUses), 10)
	return append(b, '}')
}
