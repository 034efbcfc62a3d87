package fsm

// issue gives a new token to its receiver: a service token gets its record, a
// batch token is only told, and the receiving node seals what was decided here.
func (tx *Tx) issue(t *Token, kind TokenType, made *TokenCreated, chosen bool) *Error {
	t.Serial = tx.serial()
	if kind == TypeBatch {
		return tx.issueBatch(t, made)
	}
	if err := tx.st.mayAdd(t, chosen); err != nil {
		return err
	}
	if err := tx.admitLease(t.Path); err != nil {
		return err
	}
	tx.addToken(t)
	return nil
}

// issueBatch writes nothing but until when a batch token may be about, which is
// how long a fence has to stand.
func (tx *Tx) issueBatch(t *Token, made *TokenCreated) *Error {
	key, ok := tx.st.CurrentKey(KeyBatch)
	if !ok {
		return invalid(NoBatchKey)
	}
	b := &BatchToken{
		KeyID: key.ID, Serial: t.Serial, Accessor: t.Accessor(), Parent: t.Parent, Path: t.Path, Role: t.Role,
		DisplayName: t.DisplayName, Policies: t.Policies, Meta: t.Meta, CIDRs: t.CIDRs,
		CreatedAt: t.CreatedAt, TTL: t.TTL,
	}
	if n := len(b.Contents()); n > MaxBatchBytes {
		return invalid(BatchTooLarge, n, MaxBatchBytes)
	}
	tx.st.BatchUntil = max(tx.st.BatchUntil, b.Deadline())
	made.Renewable, made.Period, made.Batch = false, 0, b
	return nil
}

// checkBatch refuses what a batch token can not have, in Vault's words.
func (t *TokenCreate) checkBatch() *Error {
	switch {
	case t.ExplicitMaxTTL != 0:
		return invalid(BatchCannotHave, "explicit_max_ttl")
	case t.NumUses != 0:
		return invalid(BatchCannotHave, "num_uses")
	case t.Period != 0:
		return invalid(BatchCannotHave, "period")
	case t.ChosenID:
		return invalid(BatchCannotHave, "id")
	}
	return nil
}

// mayBeBatch refuses a token that is not to be carried about without a record. A
// count that a role or a user brings in is refused too: Vault drops it without a
// word, and a token meant for one use is good for any number.
func (t *Token) mayBeBatch() *Error {
	switch {
	case t.Counted():
		return invalid(BatchCannotHave, "num_uses")
	case hasName(t.Policies, rootPolicy):
		return invalid(BatchRoot)
	}
	return nil
}

// kindOfToken is the type of the tokens that a mount gives out with these
// parameters: a mount that says service or batch decides, one with a default only
// where the parameters leave it open, as in Vault.
func (p *TokenParams) kindOfToken(m *AuthMount) TokenType {
	switch m.Config.TokenType {
	case TypeService, TypeBatch:
		return m.Config.TokenType
	case TypeDefaultBatch:
		if p.Type == TypeUnset || p.Type == TypeBatch || p.Type == TypeDefaultBatch {
			return TypeBatch
		}
		return TypeService
	}
	if p.Type == TypeBatch || p.Type == TypeDefaultBatch {
		return TypeBatch
	}
	return TypeService
}
