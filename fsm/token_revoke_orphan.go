package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// TokenRevokeOrphan ends a live token but lets its children live on as orphans:
// the token becomes a cut, at which their walk to the root ends, until sweeps
// have cleared it as the parent of every child.
type TokenRevokeOrphan struct{ Token Digest }

func (*TokenRevokeOrphan) kind() Kind        { return kindTokenRevokeOrphan }
func (r *TokenRevokeOrphan) fields(c *coder) { c.digest(&r.Token) }
func (r *TokenRevokeOrphan) Validate() error { return nil }
func (r *TokenRevokeOrphan) access(*State, *Actor) Access {
	return Access{Path: "auth/token/revoke-orphan", Capability: policy.Update}
}

func (r *TokenRevokeOrphan) apply(tx *Tx, a *Actor) (Result, *Error) {
	if err := r.admits(a); err != nil {
		return nil, err
	}
	t, ok := tx.st.Live(r.Token, tx.clock())
	if !ok {
		// Also a token that is dead by an ancestor, a mark or its deadline: a cut
		// there would bring its children back to life.
		return nil, invalid(TokenUnknown)
	}
	if _, any := tx.st.firstChild(t.Digest); any {
		tx.st.LastCut = tx.serial()
	}
	tx.kill(t, tx.death(Cut, a))
	return &TokenRevoked{Found: true, Accessor: t.Accessor()}, nil
}

// admits refuses who may not, and who names nothing.
func (r *TokenRevokeOrphan) admits(a *Actor) *Error {
	// Vault answers 400, not 403, to a caller who has the path but not sudo.
	if !a.sudo("auth/token/revoke-orphan") {
		return invalid(SudoRequired, "revoke and orphan")
	}
	if r.Token.IsZero() {
		return invalid(MissingToken)
	}
	return nil
}
