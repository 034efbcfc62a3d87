package fsm

import "fmt"

// Code is the kind of a verdict. It crosses the log, the peer wire and the API;
// numbers are never reused.
type Code uint8

// The verdicts. All but three are the machine's word on a request;
// those, 7 to 9, say that the machine did not look at it.
const (
	Invalid  Code = 1 // the request can not be done as asked
	Denied   Code = 2 // the caller may not, or there is no such caller
	NotFound Code = 3 // the thing named is not there
	Exists   Code = 4 // the thing named is there already
	Conflict Code = 5 // the same idempotency key with another request
	Limit    Code = 6 // a bound would be passed

	NoSession     Code = 7 // the request id's session is unknown or the number may have been forgotten
	Recheck       Code = 8 // what the node verified has changed since: verify again and propose anew
	Uninitialized Code = 9 // no Bootstrap has been applied yet

	// Unauthenticated is the machine's word that a Waypoint token is good no longer,
	// where it may be said why.
	Unauthenticated Code = 10
)

// Error is a verdict: identical on all nodes, part of the replicated result.
// It holds a reason and its arguments instead of a text, because outcomes are
// part of the state and wording must stay free to change.
type Error struct {
	Code   Code
	Reason Reason
	Args   []string
}

func (e *Error) Error() string { return e.Reason.text(e.Args) }

func (e *Error) fields(c *coder) {
	c.u8((*uint8)(&e.Code))
	e.Reason.fields(c)
	c.strings(&e.Args, 8, MaxPathBytes)
	if c.decoding && (e.Code == 0 || e.Code > Unauthenticated) {
		c.fail(fmt.Errorf("unknown verdict code %d", e.Code))
	}
}

func verdict(code Code, r Reason, args ...any) *Error {
	e := &Error{Code: code, Reason: r}
	for _, a := range args {
		s := fmt.Sprint(a)
		if len(s) > MaxPathBytes {
			s = s[:MaxPathBytes]
		}
		e.Args = append(e.Args, s)
	}
	return e
}

func invalid(r Reason, args ...any) *Error { return verdict(Invalid, r, args...) }

// Warning tells the client that a request was done, but not quite as asked.
type Warning struct {
	Reason Reason
	Args   []string
}

func (w Warning) String() string { return w.Reason.text(w.Args) }

func (w *Warning) fields(c *coder) {
	w.Reason.fields(c)
	c.strings(&w.Args, 8, MaxPathBytes)
}

func warning(r Reason, args ...any) Warning {
	e := verdict(Invalid, r, args...)
	return Warning{Reason: r, Args: e.Args}
}
