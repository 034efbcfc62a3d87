package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// TokenRevoke ends a token and its whole tree in one entry, whatever its size.
type TokenRevoke struct{ Target Target }

// TokenRevoked is its result.
type TokenRevoked struct {
	Found    bool   // false: there was no such live token; not an error by token, a warning by accessor
	Accessor string // of the token that died
}

func (r *TokenRevoked) fields(c *coder) {
	c.bool(&r.Found)
	c.string(&r.Accessor, AccessorBytes)
}

func (*TokenRevoke) kind() Kind        { return kindTokenRevoke }
func (r *TokenRevoke) fields(c *coder) { r.Target.fields(c) }

// Validate bounds what names the token.
func (r *TokenRevoke) Validate() error {
	if err := r.Target.check(); err != nil {
		return err
	}
	return nil
}

func (r *TokenRevoke) access(*State, *Actor) Access {
	return Access{Path: r.Target.path("revoke"), Capability: policy.Update}
}

func (r *TokenRevoke) apply(tx *Tx, a *Actor) (Result, *Error) {
	if err := r.Target.missing(); err != nil {
		return nil, err
	}
	t, ok := r.Target.find(&tx.st, a)
	switch {
	case !ok:
		return &TokenRevoked{}, nil
	case t.IsBatch():
		return nil, invalid(BatchNotRevocable)
	case t.signed != nil: // the caller: no table has any other
		return tx.revokeSelf(a)
	}
	if tx.st.cause(t, tx.clock()) != Alive && t.Digest != a.Token.Digest {
		if r.Target.By == ByAccessor {
			// Vault's answer while a revoked token waits for its sweep.
			return nil, invalid(AccessorTainted)
		}
		return &TokenRevoked{}, nil
	}
	if t.Death == nil {
		tx.kill(t, tx.death(Revoked, a))
	}
	return &TokenRevoked{Found: true, Accessor: t.Accessor()}, nil
}

// death is the end a command brings, signed by its caller.
func (tx *Tx) death(c Cause, a *Actor) Death {
	d := Death{Cause: c, Serial: tx.serial(), At: tx.clock()}
	if a != nil {
		d.Actor = a.Token.Accessor()
	}
	return d
}
