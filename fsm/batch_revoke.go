package fsm

import "github.com/jeton-io/jeton/fsm/policy"

const batchRevokePath = "jeton/batch-tokens/revoke"

// BatchRevoke ends one batch token, which Vault can not. The token is named by its
// accessor, which stands in its contents; there is no table of them, so nobody can
// say whether there is such a token, only that it will not be accepted.
type BatchRevoke struct {
	Accessor string
	// Until is the token's deadline when the node was shown its text, 0 when only
	// the accessor is known: the mark then stands as long as any token can live.
	Until Instant
}

// Fenced is the result of BatchRevoke and NotBefore.
type Fenced struct {
	Marked bool    // false: no batch token is about that could be hit
	Serial uint64  // tokens made later are not touched
	Until  Instant // when the mark goes
}

func (f *Fenced) fields(c *coder) {
	c.bool(&f.Marked)
	c.u64(&f.Serial)
	c.instant(&f.Until)
}

func (*BatchRevoke) kind() Kind { return kindBatchRevoke }

func (r *BatchRevoke) fields(c *coder) {
	c.string(&r.Accessor, AccessorBytes)
	c.instant(&r.Until)
}

// Validate wants an accessor.
func (r *BatchRevoke) Validate() error {
	switch {
	case r.Accessor == "":
		return invalid(MissingAccessor)
	case len(r.Accessor) != AccessorBytes || !isWord(r.Accessor):
		return invalid(OutOfRange, "accessor", r.Accessor, "24 letters and digits")
	case r.Until < 0:
		return invalid(OutOfRange, "deadline", r.Until, "not negative")
	}
	return nil
}

func (*BatchRevoke) access(*State, *Actor) Access {
	return Access{Path: batchRevokePath, Capability: policy.Update}
}

func (r *BatchRevoke) apply(tx *Tx, a *Actor) (Result, *Error) {
	until := r.Until
	if until == 0 {
		until = Never
	}
	return tx.fenceResult(fenceKey{FenceToken, r.Accessor}, until, a)
}

// fenceResult writes a fence for a caller and says what became of it.
func (tx *Tx) fenceResult(k fenceKey, until Instant, a *Actor) (Result, *Error) {
	marked, err := tx.fence(k, until, a.Token.Accessor())
	if err != nil {
		return nil, err
	}
	return tx.fencedAs(k, marked), nil
}

// fencedAs says what became of a fence.
func (tx *Tx) fencedAs(k fenceKey, marked bool) *Fenced {
	done := &Fenced{Marked: marked}
	if f, ok := tx.st.fences.find(k); ok {
		done.Serial, done.Until = f.Serial, f.Until
	}
	return done
}
