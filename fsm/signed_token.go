package fsm

import (
	"errors"
	"time"
)

// SignedToken is what a token of Waypoint's says. There is no record of it: the
// node that is shown its text verifies the signature with the key that the text
// names, and what is said goes with each command of the caller into the log. So
// nothing in here lets anyone make the text again without the key.
//
// The signature proves that the holder of the key has said so once. Whether it
// still counts is for the machine (State.LiveSigned).
type SignedToken struct {
	KeyID      string // of the key that signs it, in lower case
	Accessor   string // base 62 of the token's own, or of its body's digest
	Kind       SignedKind
	Issued     Instant // 0: not told
	ValidUntil Instant // the last instant at which it is good; Never: no end

	From       string // invite, trigger: who made it
	User       string // login, entrypoint: whose; invite: of the login it is for
	Deployment string // entrypoint, and an invite for one
	Entrypoint bool   // of an invite: it is for an entrypoint token
	Signup     bool   // of an invite: it makes a user
	Username   string // of that user

	Runner    string // runner: which; empty: any
	LabelHash uint64 // runner: of its labels; 0: any
}

// SignedKind says what a signed token is good for. Numbers are never reused.
type SignedKind uint8

// The kinds. An entrypoint token is on the wire a login with a deployment; here it
// is a kind of its own, since who takes it for a login gives it everything.
const (
	SignedLogin      SignedKind = 1
	SignedEntrypoint SignedKind = 2
	SignedInvite     SignedKind = 3
	SignedTrigger    SignedKind = 4
	SignedRunner     SignedKind = 5
	maxSigned                   = SignedRunner
)

// String is the kind in messages.
func (k SignedKind) String() string {
	return [...]string{"unknown", "login", "entrypoint", "invite", "trigger", "runner"}[min(k, maxSigned)]
}

// path is what its tokens have for a source path.
func (k SignedKind) path() string {
	return [...]string{"token/unknown", "token/login", "token/entrypoint", "token/invite", "token/trigger", "token/runner"}[min(k, maxSigned)]
}

// displayName is that of a token without a user.
func (k SignedKind) displayName() string {
	return [...]string{"waypoint-unknown", "waypoint-login", "waypoint-entrypoint", "waypoint-invite", "waypoint-trigger", "waypoint-runner"}[min(k, maxSigned)]
}

var errSignedShape = errors.New("signed token without a key, an accessor or a kind")

func (t *SignedToken) fields(c *coder) {
	c.string(&t.KeyID, maxKeyIDBytes)
	c.string(&t.Accessor, AccessorBytes)
	c.u8((*uint8)(&t.Kind))
	c.instant(&t.Issued)
	c.instant(&t.ValidUntil)
	for _, s := range [...]*string{&t.From, &t.User, &t.Deployment, &t.Username, &t.Runner} {
		c.string(s, MaxSignedBytes)
	}
	c.bool(&t.Entrypoint)
	c.bool(&t.Signup)
	c.u64(&t.LabelHash)
	if c.decoding && c.err == nil && t.check() != nil {
		c.fail(errSignedShape)
	}
}

// check is what has to hold of any signed token.
func (t *SignedToken) check() *Error {
	switch {
	case t.KeyID == "" || len(t.KeyID) > maxKeyIDBytes || foldName(t.KeyID) != t.KeyID:
		return invalid(OutOfRange, "id of a signing key", t.KeyID, "1 to 64 bytes in lower case")
	case len(t.Accessor) != AccessorBytes || !isAlphanumeric(t.Accessor):
		return invalid(OutOfRange, "accessor", t.Accessor, "24 letters and digits")
	case t.Kind == 0 || t.Kind > maxSigned:
		return invalid(OutOfRange, "kind", uint8(t.Kind), "a known one")
	}
	if n := len(t.From) + len(t.User) + len(t.Deployment) + len(t.Username) + len(t.Runner); n > MaxSignedBytes {
		return invalid(OutOfRange, "length of the signed fields", n, "at most 2048 bytes")
	}
	return nil
}

// Deadline is when it is expired: it is good for all of ValidUntil.
func (t *SignedToken) Deadline() Instant { return t.ValidUntil.Add(1) }

// term is for how long it was made; 0: for ever, or it does not say. A foreign token
// may name any times, so that their difference need not be one.
func (t *SignedToken) term() time.Duration {
	if t.ValidUntil == Never || t.Issued <= 0 || t.ValidUntil < t.Issued {
		return 0
	}
	return t.ValidUntil.Sub(t.Issued)
}

// token is the signed token as a caller: what rules are asked of a Token are asked
// of it. No table ever holds it.
func (t *SignedToken) token(d Digest, u *SignedUser) *Token {
	k := &Token{
		signed:    t,
		tokenBody: &tokenBody{Digest: d, accessor: accessorKey([]byte(t.Accessor)), CreatedAt: t.Issued, Deadline: t.Deadline()},
		Terms:     &Terms{Path: t.Kind.path(), DisplayName: t.Kind.displayName(), TTL: t.term()},
	}
	if u != nil {
		k.DisplayName = u.Username
		k.Meta = u.meta
	}
	switch t.Kind {
	case SignedLogin:
		k.Policies = u.granted
	case SignedEntrypoint:
		k.Meta = append([]MetaPair{{"deployment_id", t.Deployment}}, k.Meta...)
	case SignedRunner:
		k.Meta = []MetaPair{{"runner_id", t.Runner}}
	}
	return k
}

// SignedMade is the result of the commands that make a signed token: what the node
// has to sign.
type SignedMade struct{ Token SignedToken }

func (m *SignedMade) fields(c *coder) { m.Token.fields(c) }
