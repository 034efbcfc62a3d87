package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// wrapPath is where a client has a value of its own wrapped.
const wrapPath = "sys/wrapping/wrap"

// Wrap makes a wrapping token that holds a sealed answer. With a caller it is
// the request sys/wrapping/wrap. Without one it follows a request that has been
// judged, charged and done already, its wrapping ttl against the policies
// included: what is left is to keep its answer, for which nobody is charged or
// judged a second time.
type Wrap struct {
	Token           Digest
	Accessor        string
	Path            string // of the request that was answered: the token's source path
	TTL             time.Duration
	Box             []byte
	WrappedAccessor string
}

func (*Wrap) kind() Kind { return kindWrap }

func (w *Wrap) fields(c *coder) {
	c.digest(&w.Token)
	c.string(&w.Accessor, AccessorBytes)
	c.string(&w.Path, MaxPathBytes)
	c.duration(&w.TTL)
	c.bytes(&w.Box, MaxWrappedBytes)
	c.string(&w.WrappedAccessor, AccessorBytes)
}

// Validate checks shape and bounds.
func (w *Wrap) Validate() error {
	switch {
	case w.Token.IsZero():
		return invalid(MissingToken)
	case len(w.Accessor) != AccessorBytes:
		return invalid(OutOfRange, "accessor length", len(w.Accessor), AccessorBytes)
	case w.WrappedAccessor != "" && len(w.WrappedAccessor) != AccessorBytes:
		return invalid(OutOfRange, "wrapped accessor length", len(w.WrappedAccessor), AccessorBytes)
	case w.Path == "":
		return invalid(OutOfRange, "path", "empty", "the path of a request")
	case w.TTL < time.Second || w.TTL > MaxTTL || w.TTL != wholeSeconds(w.TTL):
		return invalid(OutOfRange, "wrapping ttl", w.TTL, "whole seconds from 1s to 10 years")
	}
	if len(w.Box) == 0 {
		return invalid(OutOfRange, "sealed answer", "empty", "at least a byte")
	}
	if err := checkBox(w.Box); err != nil {
		return err
	}
	return checkPath("path", w.Path)
}

// checkBox bounds a sealed answer.
func checkBox(box []byte) *Error {
	if len(box) > MaxWrappedBytes {
		return verdict(Limit, TooLong, "sealed answer", len(box), MaxWrappedBytes)
	}
	return nil
}

func (*Wrap) access(*State, *Actor) Access {
	return Access{Path: wrapPath, Capability: policy.Update}
}

func (w *Wrap) apply(tx *Tx, _ *Actor) (Result, *Error) {
	return result(tx.addWrapping(w.Path, w.TTL, w.Accessor, &Wrapping{w.Token, w.Box, w.WrappedAccessor}))
}

// result keeps a nil *Wrapped from becoming a Result that is not nil.
func result(w *Wrapped, err *Error) (Result, *Error) {
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Unjudged says that no caller is resolved for a command: it is one of the
// cluster itself, or keeps the answer of a request that has been judged.
func Unjudged(c Command, caller Caller) bool {
	if _, wrap := c.(*Wrap); wrap {
		return caller.Token.IsZero()
	}
	_, internal := c.(clusterCommand)
	return internal
}
