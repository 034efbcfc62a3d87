package waypoint

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// AccessorBytes is the length of the accessor of a new token.
const AccessorBytes = 16

// DefaultUserID is the user of bootstrap and legacy tokens.
const DefaultUserID = "00000000000000000000000001"

// Token is what the body of a token says.
type Token struct {
	Accessor   []byte     // random; names the token where it must not be shown
	ValidUntil *Timestamp // nil: it does not expire
	Issued     *Timestamp // nil: not told
	Grant      Grant      // nil: a legacy token before Settle, or none at all
	Legacy     Legacy

	unknown []byte
}

// Legacy are the fields of tokens from before kinds had parts of their own. In a
// token that has a part they mean nothing. User is a name and never counts.
type Legacy struct {
	User          string
	Login, Invite bool
	Entrypoint    *Entrypoint
}

// New is a token that says what grant says, issued now. The accessor is random and
// the caller's to draw. A life that is not positive means no expiry, as it does
// for Waypoint: whoever wants one has to ask for it before. A bootstrap token is
// a Login of DefaultUserID that does not expire.
func New(grant Grant, accessor [AccessorBytes]byte, now time.Time, life time.Duration) *Token {
	t := &Token{Accessor: accessor[:], Issued: At(now), Grant: grant}
	if life > 0 {
		t.ValidUntil = At(now.Add(life))
	}
	return t
}

// DecodeBody reads a body. Whose it is, is not looked at: see Open.
func DecodeBody(body []byte) (*Token, error) {
	t := new(Token)
	if why := t.read(body); why != "" {
		return nil, refuse(BadBody, "%s", why)
	}
	return t, nil
}

// Body is the bytes that get signed. A received token is verified over the bytes
// that came, never over these.
func (t *Token) Body() []byte { return t.append(nil) }

// Settle refuses a token that is expired at a time or has no kind, and gives a
// legacy one the part that its flags stand for. A token is good for all of the
// nanosecond that it is valid until.
func (t *Token) Settle(at time.Time) error {
	if t.ValidUntil != nil && t.ValidUntil.before(at) {
		return refuse(Expired, "it is valid until %s", t.ValidUntil)
	}
	if t.Grant == nil {
		t.Grant = t.Legacy.grant()
	}
	if t.Grant == nil {
		return refuse(NoKind, "it says nothing that it is for")
	}
	return nil
}

func (l *Legacy) grant() Grant {
	login := &Login{UserID: DefaultUserID, Entrypoint: l.Entrypoint}
	switch {
	case l.Login:
		return login
	case l.Invite:
		return &Invite{Login: login}
	}
	return nil
}

func (t *Token) read(data []byte) string {
	r := reader{rest: data}
	for r.next() {
		switch {
		case r.is(1, protowire.BytesType):
			t.Legacy.User = r.text()
		case r.is(2, protowire.BytesType):
			t.Accessor = r.bytes
		case r.is(3, protowire.BytesType):
			r.merge(made(&t.ValidUntil))
		case r.is(4, protowire.VarintType):
			t.Legacy.Login = r.varint != 0
		case r.is(5, protowire.VarintType):
			t.Legacy.Invite = r.varint != 0
		case r.is(6, protowire.BytesType):
			r.merge(made(&t.Legacy.Entrypoint))
		case r.is(7, protowire.BytesType):
			r.merge(made(&t.Issued))
		case r.is(8, protowire.BytesType):
			r.merge(granted[Login](t))
		case r.is(9, protowire.BytesType):
			r.merge(granted[Invite](t))
		case r.is(10, protowire.BytesType):
			r.merge(granted[Trigger](t))
		case r.is(11, protowire.BytesType):
			r.merge(granted[Runner](t))
		default:
			t.unknown = r.keep(t.unknown)
		}
	}
	return r.why
}

// made is what p points to, made if it is not there: fields given again merge.
func made[M any](p **M) *M {
	if *p == nil {
		*p = new(M)
	}
	return *p
}

// granted is the token's part of that kind. One of another kind is forgotten: of
// several kinds the last counts.
func granted[M any, P interface {
	*M
	Grant
}](t *Token) P {
	if g, ok := t.Grant.(P); ok {
		return g
	}
	g := P(new(M))
	t.Grant = g
	return g
}

func (t *Token) append(data []byte) []byte {
	data = appendBytes(data, 1, t.Legacy.User)
	data = appendBytes(data, 2, t.Accessor)
	if t.ValidUntil != nil {
		data = appendMessage(data, 3, t.ValidUntil)
	}
	data = appendVarint(data, 4, protowire.EncodeBool(t.Legacy.Login))
	data = appendVarint(data, 5, protowire.EncodeBool(t.Legacy.Invite))
	if t.Legacy.Entrypoint != nil {
		data = appendMessage(data, 6, t.Legacy.Entrypoint)
	}
	if t.Issued != nil {
		data = appendMessage(data, 7, t.Issued)
	}
	if t.Grant != nil {
		data = appendMessage(data, t.Grant.number(), t.Grant)
	}
	return append(data, t.unknown...)
}
