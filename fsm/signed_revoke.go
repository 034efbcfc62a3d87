package fsm

import "github.com/jeton-io/jeton/fsm/policy"

const signedRevokePath = "jeton/signed/revoke"

// SignedRevoke ends one signed token, which Waypoint can not. It is named by its
// accessor; there is no table of them, so nobody can say whether there is such a
// token, only that it will not be accepted.
type SignedRevoke struct {
	Accessor string
	// Until is the token's deadline when the node was shown its text, 0 when only
	// the accessor is known: the mark then stands as long as any token can live.
	Until Instant
}

func (*SignedRevoke) kind() Kind { return kindSignedRevoke }

func (r *SignedRevoke) fields(c *coder) {
	c.string(&r.Accessor, AccessorBytes)
	c.instant(&r.Until)
}

// Validate wants an accessor.
func (r *SignedRevoke) Validate() error {
	if err := checkSigned(r.Accessor, 0); err != nil {
		return err
	}
	if r.Until < 0 {
		return invalid(OutOfRange, "deadline", r.Until, "not negative")
	}
	return nil
}

func (*SignedRevoke) access(*State, *Actor) Access {
	return Access{Path: signedRevokePath, Capability: policy.Update}
}

func (r *SignedRevoke) apply(tx *Tx, a *Actor) (Result, *Error) {
	until := r.Until
	if until == 0 {
		until = Never
	}
	return tx.fenceSignedResult(fenceKey{FenceSignedToken, r.Accessor}, tx.clock(), until, a)
}

// fenceSignedResult writes a fence for a caller and says what became of it.
func (tx *Tx) fenceSignedResult(k fenceKey, at, until Instant, a *Actor) (Result, *Error) {
	marked, err := tx.fenceSigned(k, at, until, a.Token.Accessor())
	if err != nil {
		return nil, err
	}
	return tx.fencedAs(k, marked), nil
}

// revokeSelf ends the caller's own signed token.
func (tx *Tx) revokeSelf(a *Actor) (Result, *Error) {
	t := a.Token.signed
	if _, err := tx.fenceSigned(fenceKey{FenceSignedToken, t.Accessor}, tx.clock(), t.Deadline(), t.Accessor); err != nil {
		return nil, err
	}
	return &TokenRevoked{Found: true, Accessor: t.Accessor}, nil
}
