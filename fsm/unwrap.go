package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// Unwrap spends a wrapping token and hands its content out, once. The caller is
// the wrapping token itself or someone who shows it in the body. The result
// holds the content, so it stays within reach of the request's id, and of the
// client's key, and of nobody else.
type Unwrap struct {
	Token Digest // zero: the caller itself
}

// Unwrapped is its result.
type Unwrapped struct {
	Path            string // of the request whose answer this is
	Box             []byte
	WrappedAccessor string
}

func (u *Unwrapped) fields(c *coder) {
	c.string(&u.Path, MaxPathBytes)
	c.bytes(&u.Box, MaxWrappedBytes)
	c.string(&u.WrappedAccessor, AccessorBytes)
}

func (*Unwrap) kind() Kind { return kindUnwrap }

func (u *Unwrap) fields(c *coder) { c.optionalDigest(&u.Token) }

// Validate has nothing to check: any token can be named.
func (*Unwrap) Validate() error { return nil }

func (*Unwrap) access(*State, *Actor) Access {
	return Access{Path: "sys/wrapping/unwrap", Capability: policy.Update}
}

func (u *Unwrap) apply(tx *Tx, a *Actor) (Result, *Error) {
	d := u.Token
	if d.IsZero() {
		d = a.Token.Digest
	}
	t, w, err := tx.wrapping(d, a)
	if err != nil {
		return nil, err
	}
	tx.removeToken(t, tx.death(ContentTaken, a), "")
	return &Unwrapped{Path: t.Path, Box: w.Box, WrappedAccessor: w.WrappedAccessor}, nil
}
