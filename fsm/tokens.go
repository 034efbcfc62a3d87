package fsm

// tokens is the table of token records. There may be millions of them, so a record stands
// in it in parts: its terms in the row itself, which are those of many others, and a body
// that the collector only has to note, wherever in memory it is. The deaths of those that
// wait for the sweep, or for the outcome of their last use, stand apart: few have one.
type tokens struct {
	rows   table[tokenRow]
	deaths table[deathItem]
}

type (
	tokenRow struct {
		key   tokenKey
		terms *Terms
		body  *tokenBody
	}
	deathItem struct {
		token tokenKey
		death *Death
	}
)

func newTokens() tokens {
	return tokens{
		rows:   newTable(func(a, b tokenRow) bool { return a.key.less(b.key) }),
		deaths: newTable(func(a, b deathItem) bool { return a.token.less(b.token) }),
	}
}

func newToken() *Token { return &Token{tokenBody: new(tokenBody)} }

func (t *Token) row() tokenRow { return tokenRow{t.Digest.key(), t.Terms, t.tokenBody} }

// token puts the parts together.
func (t *tokens) token(r tokenRow) *Token {
	return &Token{Terms: r.terms, tokenBody: r.body, Death: t.death(r.key)}
}

// death is nil for nearly every token, and mostly there is no other.
func (t *tokens) death(k tokenKey) *Death {
	if t.deaths.len() == 0 {
		return nil
	}
	d, _ := t.deaths.get(deathItem{token: k})
	return d.death
}

func (t *tokens) len() int { return t.rows.len() }

func (t *tokens) find(k tokenKey) (*Token, bool) {
	r, ok := t.rows.get(tokenRow{key: k})
	if !ok {
		return nil, false
	}
	return t.token(r), true
}

// each visits all tokens in order until f says no.
func (t *tokens) each(f func(*Token) bool) {
	t.rows.scan(func(r tokenRow) bool { return f(t.token(r)) })
}

// putToken and delToken are putRecord and delRecord of a token.
func (tx *Tx) putToken(t *Token) {
	tokens := &tx.st.tokens
	k := t.Digest.key()
	was := tokens.death(k)
	if old, had := put(tx, &tokens.rows, t.row()); had {
		tx.st.sum.remove(tx.hash(&Token{Terms: old.terms, tokenBody: old.body, Death: was}))
	}
	switch {
	case t.Death != nil:
		put(tx, &tokens.deaths, deathItem{k, t.Death})
	case was != nil:
		del(tx, &tokens.deaths, deathItem{token: k})
	}
	tx.st.sum.add(tx.hash(t))
}

func (tx *Tx) delToken(k tokenKey) {
	tokens := &tx.st.tokens
	was := tokens.death(k)
	if old, had := del(tx, &tokens.rows, tokenRow{key: k}); had {
		tx.st.sum.remove(tx.hash(&Token{Terms: old.terms, tokenBody: old.body, Death: was}))
	}
	if was != nil {
		del(tx, &tokens.deaths, deathItem{token: k})
	}
}
