package engine

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Kind is a kind of "no".
type Kind uint8

// The kinds.
const (
	// Refused: the order cannot be carried out as things are configured. Asking
	// again gives the same. Of Issue it also says that nothing comes of the order
	// any more: what there is of it by now is all there will be.
	Refused Kind = 1 + iota
	// Unavailable: the other side could not be reached, did not answer in time or
	// failed. Asking again may help.
	Unavailable
	// Busy: the order had to wait for others of this cluster until there was no time
	// left for it. It says nothing of the other side.
	Busy
)

// Error is a "no" of an engine or of the system behind it. The message holds no
// secret and is bounded.
type Error struct {
	Kind    Kind
	Message string
}

func (e *Error) Error() string { return e.Message }

// IsRefused says whether an error is an *Error of kind Refused. After any other one
// of Issue the secret may still be made.
func IsRefused(err error) bool { return isOf(Refused, err) }

func isOf(k Kind, err error) bool {
	var no *Error
	return errors.As(err, &no) && no.Kind == k
}

// Refuse is an *Error of kind Refused.
func Refuse(format string, args ...any) error { return newError(Refused, format, args) }

// Unreachable is an *Error of kind Unavailable.
func Unreachable(format string, args ...any) error { return newError(Unavailable, format, args) }

// Crowded is an *Error of kind Busy.
func Crowded(format string, args ...any) error { return newError(Busy, format, args) }

// maxMessageBytes is what a lease keeps of its last error, and more would not
// help a client.
const maxMessageBytes = 240

func newError(k Kind, format string, args []any) error {
	m := plain(fmt.Sprintf(format, args...))
	if len(m) > maxMessageBytes {
		m = strings.ToValidUTF8(m[:maxMessageBytes-3], "") + "..."
	}
	return &Error{k, m}
}

// plain makes one line of a text that another system may have written.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
