package waypoint

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Kind says what a token is good for.
type Kind uint8

// The kinds. An entrypoint token is on the wire a login with a deployment; it is a
// kind of its own here since who takes it for a login gives it everything.
const (
	KindLogin      Kind = 1
	KindEntrypoint Kind = 2
	KindInvite     Kind = 3
	KindTrigger    Kind = 4
	KindRunner     Kind = 5
)

// String is the kind as it is shown.
func (k Kind) String() string {
	switch k {
	case KindLogin:
		return "login"
	case KindEntrypoint:
		return "entrypoint"
	case KindInvite:
		return "invite"
	case KindTrigger:
		return "trigger"
	case KindRunner:
		return "runner"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Grant is the part of a token that tells its kind: a *Login, *Invite, *Trigger or
// *Runner.
type Grant interface {
	Kind() Kind
	number() protowire.Number // of its field in a Token
	message
}

// Login lets its holder act as a user; with an Entrypoint, as a deployment of that
// user's only.
type Login struct {
	UserID     string // letter case does not count
	Entrypoint *Entrypoint

	unknown []byte
}

// Entrypoint is the deployment that a token is for. An empty one restricts, too.
type Entrypoint struct {
	DeploymentID string

	unknown []byte
}

// Invite is to be exchanged for a login, of the user that it names or of a new one.
type Invite struct {
	FromUserID string
	Login      *Login
	Signup     *Signup // nil: no user is to be made

	unknown []byte
}

// Signup is the user that an invite makes.
type Signup struct {
	Username string

	unknown []byte
}

// Trigger starts what a trigger URL names.
type Trigger struct {
	FromUserID string

	unknown []byte
}

// Runner is for a runner. An empty ID is any, a LabelHash of 0 any labels.
type Runner struct {
	ID        string // letter case counts
	LabelHash uint64

	unknown []byte
}

// Kind is KindLogin, or KindEntrypoint if there is one.
func (l *Login) Kind() Kind {
	if l.Entrypoint != nil {
		return KindEntrypoint
	}
	return KindLogin
}

// Kind is KindInvite.
func (*Invite) Kind() Kind { return KindInvite }

// Kind is KindTrigger.
func (*Trigger) Kind() Kind { return KindTrigger }

// Kind is KindRunner.
func (*Runner) Kind() Kind { return KindRunner }

func (*Login) number() protowire.Number   { return 8 }
func (*Invite) number() protowire.Number  { return 9 }
func (*Trigger) number() protowire.Number { return 10 }
func (*Runner) number() protowire.Number  { return 11 }

func (l *Login) read(data []byte) string {
	r := reader{rest: data}
	for r.next() {
		switch {
		case r.is(1, protowire.BytesType):
			l.UserID = r.text()
		case r.is(2, protowire.BytesType):
			r.merge(made(&l.Entrypoint))
		default:
			l.unknown = r.keep(l.unknown)
		}
	}
	return r.why
}

func (l *Login) append(data []byte) []byte {
	data = appendBytes(data, 1, l.UserID)
	if l.Entrypoint != nil {
		data = appendMessage(data, 2, l.Entrypoint)
	}
	return append(data, l.unknown...)
}

func (i *Invite) read(data []byte) string {
	r := reader{rest: data}
	for r.next() {
		switch {
		case r.is(1, protowire.BytesType):
			i.FromUserID = r.text()
		case r.is(2, protowire.BytesType):
			r.merge(made(&i.Login))
		case r.is(3, protowire.BytesType):
			r.merge(made(&i.Signup))
		default:
			i.unknown = r.keep(i.unknown)
		}
	}
	return r.why
}

func (i *Invite) append(data []byte) []byte {
	data = appendBytes(data, 1, i.FromUserID)
	if i.Login != nil {
		data = appendMessage(data, 2, i.Login)
	}
	if i.Signup != nil {
		data = appendMessage(data, 3, i.Signup)
	}
	return append(data, i.unknown...)
}

func (u *Runner) read(data []byte) string {
	r := reader{rest: data}
	for r.next() {
		switch {
		case r.is(1, protowire.BytesType):
			u.ID = r.text()
		case r.is(2, protowire.VarintType):
			u.LabelHash = r.varint
		default:
			u.unknown = r.keep(u.unknown)
		}
	}
	return r.why
}

func (u *Runner) append(data []byte) []byte {
	data = appendVarint(appendBytes(data, 1, u.ID), 2, u.LabelHash)
	return append(data, u.unknown...)
}

func (e *Entrypoint) read(data []byte) string {
	return readText(data, &e.DeploymentID, &e.unknown)
}

func (e *Entrypoint) append(data []byte) []byte {
	return append(appendBytes(data, 1, e.DeploymentID), e.unknown...)
}

func (s *Signup) read(data []byte) string { return readText(data, &s.Username, &s.unknown) }

func (s *Signup) append(data []byte) []byte {
	return append(appendBytes(data, 1, s.Username), s.unknown...)
}

func (g *Trigger) read(data []byte) string { return readText(data, &g.FromUserID, &g.unknown) }

func (g *Trigger) append(data []byte) []byte {
	return append(appendBytes(data, 1, g.FromUserID), g.unknown...)
}

// readText reads a message with one string.
func readText(data []byte, to *string, unknown *[]byte) string {
	r := reader{rest: data}
	for r.next() {
		if r.is(1, protowire.BytesType) {
			*to = r.text()
		} else {
			*unknown = r.keep(*unknown)
		}
	}
	return r.why
}
