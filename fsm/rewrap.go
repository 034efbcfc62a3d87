package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// Rewrap moves the content of a wrapping token into a fresh one, in one step:
// whoever holds the old token has nothing any more. Only the old token's text
// opens the content and only the new one's seals it again, so the node does both,
// on a view, before it proposes. That view need not be compared: the content of
// a wrapping token never changes, and a token that lives here lived there.
type Rewrap struct {
	Old      Digest
	Token    Digest
	Accessor string
	TTL      time.Duration // at most so long; 0: as long as the old one was given
	// Box is empty when the node found nothing to move, and then neither does the
	// machine; but the request is judged, charged and looked up in the window.
	Box []byte
}

func (*Rewrap) kind() Kind { return kindRewrap }

func (r *Rewrap) fields(c *coder) {
	c.digest(&r.Old)
	c.digest(&r.Token)
	c.string(&r.Accessor, AccessorBytes)
	c.duration(&r.TTL)
	c.bytes(&r.Box, MaxWrappedBytes)
}

// Validate checks shape and bounds.
func (r *Rewrap) Validate() error {
	switch {
	case r.Old.IsZero() || r.Token.IsZero():
		return invalid(MissingToken)
	case len(r.Accessor) != AccessorBytes:
		return invalid(OutOfRange, "accessor length", len(r.Accessor), AccessorBytes)
	}
	if err := checkBox(r.Box); err != nil {
		return err
	}
	if err := checkDuration("wrapping ttl", r.TTL); err != nil {
		return err
	}
	return nil
}

func (*Rewrap) access(*State, *Actor) Access {
	return Access{Path: "sys/wrapping/rewrap", Capability: policy.Update}
}

func (r *Rewrap) apply(tx *Tx, a *Actor) (Result, *Error) {
	old, w, err := tx.wrapping(r.Old, a)
	if err != nil {
		return nil, err
	}
	if len(r.Box) == 0 {
		return nil, invalid(WrappingUnknown)
	}
	tx.removeToken(old, tx.death(ContentMoved, a), "")
	ttl := lesser(old.TTL, wholeSeconds(r.TTL))
	return result(tx.addWrapping(old.Path, ttl, r.Accessor, &Wrapping{r.Token, r.Box, w.WrappedAccessor}))
}
