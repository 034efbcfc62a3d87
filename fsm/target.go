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
