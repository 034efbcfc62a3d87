package fsm

// Target says which token a request is about: the caller itself, a token whose
// text the client showed, or one known by its accessor. The three are different
// API paths with different rights.
type Target struct {
	By       TargetBy
	Token    Digest
	Accessor string
}

// TargetBy is the way a token is named.
type TargetBy uint8

// The ways, append-only.
const (
	BySelf     TargetBy = 0
	ByToken    TargetBy = 1
	ByAccessor TargetBy = 2
)

func (t *Target) fields(c *coder) {
	c.u8((*uint8)(&t.By))
	switch t.By {
	case BySelf:
	case ByToken:
		c.digest(&t.Token)
	case ByAccessor:
		c.string(&t.Accessor, MaxTokenIDBytes)
	default:
		c.fail(errNotCanonical)
	}
}

// path is the API path of an operation on the target: renew, renew-self,
// renew-accessor.
func (t Target) path(operation string) string {
	switch t.By {
	case BySelf:
		return "auth/token/" + operation + "-self"
	case ByAccessor:
		return "auth/token/" + operation + "-accessor"
	}
	return "auth/token/" + operation
}

// find is the token's record, dead or alive.
func (t Target) find(s *State, a *Actor) (*Token, bool) {
	switch t.By {
	case BySelf:
		return a.Token, true
	case ByAccessor:
		return s.tokenByAccessor(t.Accessor)
	}
	return s.tokenByDigest(t.Token)
}

// check bounds what names the token.
func (t Target) check() *Error {
	switch {
	case t.By > ByAccessor:
		return invalid(OutOfRange, "target", t.By, "a known one")
	case len(t.Accessor) > MaxTokenIDBytes:
		return invalid(OutOfRange, "accessor length", len(t.Accessor), "at most 256 bytes")
	}
	return nil
}

// live is the token's record if it is alive, or what the client is told. A
// caller that just spent its last use is not alive any more.
func (t Target) live(tx *Tx, a *Actor) (*Token, *Error) {
	if k, ok := t.find(&tx.st, a); ok && tx.st.cause(k, tx.clock()) == Alive {
		return k, nil
	}
	if err := t.missing(); err != nil {
		return nil, err
	}
	if t.By == ByAccessor {
		return nil, invalid(AccessorUnknown)
	}
	return nil, invalid(TokenUnknown)
}

// missing refuses a target that names nothing.
func (t Target) missing() *Error {
	switch {
	case t.By == ByToken && t.Token.IsZero():
		return invalid(MissingToken)
	case t.By == ByAccessor && t.Accessor == "":
		return invalid(MissingAccessor)
	}
	return nil
}
