package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// Wrapping is what a wrapping token holds: an answer that the receiving node
// sealed with a key derived from the token's text, so that nothing the machine
// holds opens it. The token itself is an ordinary record beside it: an orphan
// with the policy response-wrapping and one use, whose source path is that of
// the request that was answered. The content never changes, so naming the token
// names the content; it goes when the token goes.
type Wrapping struct {
	Token Digest
	Box   []byte
	// WrappedAccessor is the accessor of the token inside, empty when there is
	// none: whoever ordered it may keep an eye on it without seeing it.
	WrappedAccessor string
}

func (w *Wrapping) tag() recordTag { return tagWrapping }

func (w *Wrapping) fields(c *coder) {
	c.digest(&w.Token)
	c.bytes(&w.Box, MaxWrappedBytes)
	c.string(&w.WrappedAccessor, AccessorBytes)
}

// Wrapped is the result of Wrap and Rewrap: what wrap_info shows.
type Wrapped struct {
	Accessor        string
	Path            string // of the request that was answered
	CreatedAt       Instant
	TTL             time.Duration
	WrappedAccessor string
}

func (w *Wrapped) fields(c *coder) {
	c.string(&w.Accessor, AccessorBytes)
	c.string(&w.Path, MaxPathBytes)
	c.instant(&w.CreatedAt)
	c.duration(&w.TTL)
	c.string(&w.WrappedAccessor, AccessorBytes)
}

// wrappingRules is the policy of every wrapping token. It is not stored, so it
// can be neither written nor deleted.
var wrappingRules = policy.Compile(policy.ResponseWrapping())

// addWrapping makes a wrapping token with its content.
func (tx *Tx) addWrapping(path string, ttl time.Duration, accessor string, w *Wrapping) (*Wrapped, *Error) {
	now := tx.clock()
	t := &Token{
		tokenBody: &tokenBody{
			Digest: w.Token, accessor: accessorKey([]byte(accessor)), Serial: tx.serial(),
			CreatedAt: now, Increment: ttl, Deadline: now.Add(ttl), UsesLeft: 1,
		},
		Terms: &Terms{Path: path, Policies: []string{wrappingPolicy}, TTL: ttl, ExplicitMaxTTL: ttl, NumUses: 1},
	}
	if err := tx.st.mayAdd(t, false); err != nil {
		return nil, err
	}
	tx.addToken(t)
	putRecord(tx, &tx.st.wrappings, w.Token, w)
	return &Wrapped{Accessor: accessor, Path: path, CreatedAt: now, TTL: ttl, WrappedAccessor: w.WrappedAccessor}, nil
}

// dropWrapping deletes a token's wrapped content and counts it.
func (tx *Tx) dropWrapping(token Digest) int {
	if _, had := delRecord(tx, &tx.st.wrappings, token); had {
		return 1
	}
	return 0
}

// wrapping finds a wrapping token that can still be used, and its content. The
// token of the very caller has just been charged its only use: this request is
// what it was spent on.
func (tx *Tx) wrapping(d Digest, a *Actor) (*Token, *Wrapping, *Error) {
	w, ok := tx.st.wrappings.find(d)
	if !ok {
		return nil, nil, invalid(WrappingUnknown)
	}
	if d == a.Token.Digest {
		return a.Token, w, nil
	}
	t, ok := tx.st.Live(d, tx.clock())
	if !ok {
		return nil, nil, invalid(WrappingUnknown)
	}
	return t, w, nil
}

// WrappedBy is what a wrapping token holds. The token may be dead by its last
// use, which then was the request that asks.
func (s *State) WrappedBy(d Digest) (*Wrapping, bool) { return s.wrappings.find(d) }

// LiveWrapping finds a wrapping token that can still be used, and its content.
func (s *State) LiveWrapping(d Digest, at Instant) (*Token, *Wrapping, bool) {
	w, ok := s.wrappings.find(d)
	if !ok {
		return nil, nil, false
	}
	t, ok := s.Live(d, at)
	return t, w, ok
}
