package peer

import (
	"context"
	"errors"
	"fmt"
)

// status is a sentinel error with a number on the wire. Numbers are
// append-only and never reused.
type status struct {
	code    byte
	certain bool // the call was certainly not handled
	text    string
}

func (s *status) Error() string { return s.text }

// What a call can end with besides an answer. Handlers return them too, wrapped
// or bare, and they arrive at the caller as the same values.
var (
	// ErrFailed: the handler failed with an error that is none of these.
	// The command may have been applied.
	ErrFailed = &status{1, false, "peer failed"}
	// ErrUnknownKind: the peer has no handler for the kind. The command was
	// not applied.
	ErrUnknownKind = &status{2, true, "peer does not know this kind of call"}
	// ErrNotMember: the peer does not count the caller as a member. The
	// command was not applied.
	ErrNotMember = &status{3, true, "not a member of the peer's cluster"}
	// ErrOverloaded: too much is in flight, here or there. The command was
	// not applied.
	ErrOverloaded = &status{4, true, "overloaded"}
	// ErrNotReady: the peer does not serve yet. The command was not applied.
	ErrNotReady = &status{5, true, "not ready"}
	// ErrNotLeader: the peer does not lead. The command was not applied.
	ErrNotLeader = &status{6, true, "not the leader"}
	// ErrNoLeader: the peer knows no leader. The command was not applied.
	ErrNoLeader = &status{7, true, "no leader"}
	// ErrTimeout: the time ran out before anything was done. The command was
	// not applied.
	ErrTimeout = &status{8, true, "timed out"}
	// ErrUnknownOutcome: the connection broke, or the caller's time ran out,
	// after the call was handed to the network. The command may have been
	// applied.
	ErrUnknownOutcome = &status{9, false, "outcome unknown"}
	// ErrClosed: this node, or the peer, is shutting down. The command was
	// not applied.
	ErrClosed = &status{10, true, "shutting down"}
	// ErrVersion: the peer speaks another version of this protocol. The
	// command was not applied.
	ErrVersion = &status{11, true, "peer speaks another protocol version"}
	// ErrTooLarge: the call's payload is above MaxPayload. The command was
	// not applied.
	ErrTooLarge = &status{12, true, "payload too large"}
	// ErrUnreachable: no connection to the peer. It is never sent over the
	// wire. The command was not applied.
	ErrUnreachable = &status{0, true, "peer unreachable"}
)

// statuses finds a sentinel by its number.
var statuses = func() (table [256]*status) {
	for _, s := range []*status{
		ErrFailed, ErrUnknownKind, ErrNotMember, ErrOverloaded, ErrNotReady, ErrNotLeader,
		ErrNoLeader, ErrTimeout, ErrUnknownOutcome, ErrClosed, ErrVersion, ErrTooLarge,
	} {
		table[s.code] = s
	}
	return table
}()

// CallError is what a handler on another node answered instead of a payload.
type CallError struct {
	ServerID string // who answered
	Kind     Kind
	Status   error  // one of the sentinels of this package
	Text     string // the handler's words: for logs, never to be matched
}

func (e *CallError) Error() string {
	return fmt.Sprintf("call %d to %s: %v: %s", e.Kind, e.ServerID, e.Status, e.Text)
}

// Unwrap returns the sentinel.
func (e *CallError) Unwrap() error { return e.Status }

// NotHandled reports whether a failed call certainly had no effect, so that
// it may be tried elsewhere under any identity. It is false for every error
// that it does not know.
func NotHandled(err error) bool {
	if errors.Is(err, ErrUnknownOutcome) {
		return false
	}
	var s *status
	return errors.As(err, &s) && s.certain
}

// statusOf picks the sentinel that tells err to another node.
func statusOf(err error) *status {
	var s *status
	switch {
	case errors.Is(err, ErrUnknownOutcome): // whatever else it wraps
		return ErrUnknownOutcome
	case errors.As(err, &s) && s.code != 0:
		return s
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ErrUnknownOutcome
	}
	return ErrFailed
}

// statusByCode never returns nil: a newer peer may know more numbers.
func statusByCode(code byte) *status {
	if s := statuses[code]; s != nil {
		return s
	}
	return ErrFailed
}
