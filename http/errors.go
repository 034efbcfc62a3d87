package http

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/engine"
)

// refusal is a "no" of this package itself.
type refusal struct {
	status   int
	messages []string // may be empty: {"errors":[]}

	// judgedFirst says that the caller is judged before the refusal is shown: it
	// is about what was asked, and who may not ask learns only that.
	judgedFirst bool

	// What the message was made of, for audit entries, which show less of it.
	format string
	args   []any
	cause  error
}

func (r *refusal) Error() string {
	if len(r.messages) == 0 {
		return http.StatusText(r.status)
	}
	return r.messages[0]
}

// refuse is a refusal that is shown once the caller has been judged.
func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, messages: []string{fmt.Sprintf(format, args...)}, judgedFirst: true, format: format, args: args}
}

// invalid is a 400.
func invalid(format string, args ...any) error {
	return refuse(http.StatusBadRequest, format, args...)
}

// rebuff is a refusal that is shown to anyone.
func rebuff(status int, format string, args ...any) error {
	return &refusal{status: status, messages: []string{fmt.Sprintf(format, args...)}, format: format, args: args}
}

var (
	// errNothing: what was to be read or listed is not there.
	errNothing  error = &refusal{status: http.StatusNotFound, judgedFirst: true}
	errDenied         = rebuff(http.StatusForbidden, "permission denied")
	errStranger       = rebuff(http.StatusTooManyRequests, "too many requests with unknown tokens from this address")
	errBusy           = rebuff(http.StatusServiceUnavailable, "too many requests under way; the request was not processed")
)

// codeStatus is the one table from verdicts to HTTP. The last three mean that
// the machine did not look at the request.
var codeStatus = map[fsm.Code]int{
	fsm.Invalid:       http.StatusBadRequest,
	fsm.Denied:        http.StatusForbidden,
	fsm.NotFound:      http.StatusNotFound,
	fsm.Exists:        http.StatusBadRequest, // as Vault says
	fsm.Conflict:      http.StatusConflict,
	fsm.Limit:         http.StatusTooManyRequests,
	fsm.NoSession:     http.StatusServiceUnavailable,
	fsm.Recheck:       http.StatusServiceUnavailable,
	fsm.Uninitialized: http.StatusServiceUnavailable,

	fsm.Unauthenticated: http.StatusUnauthorized,
}

// reasonStatus are the verdicts that want another status than their code.
var reasonStatus = map[fsm.Reason]int{
	fsm.TooLong:       http.StatusRequestEntityTooLarge,
	fsm.CubbyholeFull: http.StatusBadRequest,
	fsm.StagingBusy:   http.StatusServiceUnavailable,
}

// engineStatus are the kinds of "no" of secrets engines. It is not this cluster that
// is unavailable then, so it is not a 503, unless it is its own queue that is full.
var engineStatus = map[engine.Kind]int{
	engine.Refused:     http.StatusBadRequest,
	engine.Unavailable: http.StatusBadGateway,
	engine.Busy:        http.StatusServiceUnavailable,
}

// effect is what an availability error lets the client conclude.
var effects = []struct {
	err    error
	effect string
}{
	{cluster.ErrUnknownOutcome, "the request may have been applied"},
	{cluster.ErrNoLeader, notApplied},
	{cluster.ErrNotReady, notApplied},
	{cluster.ErrOverloaded, notApplied},
	{cluster.ErrNoSpace, notApplied},
	{cluster.ErrDoubtful, notApplied},
	{cluster.ErrTimeout, notApplied},
	{cluster.ErrClosed, notApplied},
}

// laterStep is the error of a step behind one that has been applied: whatever is
// known of this step, nobody may say that the request was not applied.
func laterStep(err error) error {
	for _, e := range effects {
		if errors.Is(err, e.err) {
			return errors.Join(cluster.ErrUnknownOutcome, err)
		}
	}
	return err
}

const notApplied = "the request was not applied"

// show turns an error into a status and messages. What it does not know is an
// internal error, whose text stays in the log.
func (c *call) show(err error) (status int, messages []string) {
	var no *refusal
	if errors.As(err, &no) {
		return no.status, no.messages
	}
	var verdict *fsm.Error
	if errors.As(err, &verdict) {
		status, ok := codeStatus[verdict.Code]
		if !ok {
			status = http.StatusInternalServerError
		}
		if verdict.Code == fsm.Limit {
			if special, ok := reasonStatus[verdict.Reason]; ok {
				status = special
			}
		}
		return status, []string{verdict.Error()}
	}
	var outside *engine.Error
	if errors.As(err, &outside) {
		return engineStatus[outside.Kind], []string{outside.Message}
	}
	for _, e := range effects {
		if errors.Is(err, e.err) {
			return http.StatusServiceUnavailable, []string{e.err.Error() + "; " + e.effect}
		}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable, []string{"time ran out; the request may have been applied"}
	}
	c.s.log.Error("internal error", "request_id", c.id.String(), "route", c.route.path, "error", err)
	return http.StatusInternalServerError, []string{"internal error"}
}

// panicked is the error of a fault of this package. The stack holds no values of the
// request but addresses; what was thrown may quote anything, so tokens are taken out.
func (c *call) panicked(p any) error {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	text := fmt.Sprint(p)
	if c.secret != "" {
		text = strings.ReplaceAll(text, c.secret, "<token>")
	}
	text = replaceTokens(text, func(string) string { return "<token>" })
	return fmt.Errorf("panic: %s\n%s", text, debug.Stack())
}

// quote shows a client's own text in a message, bounded.
func quote(s string) string {
	if len(s) > maxQuotedBytes {
		return fmt.Sprintf("%q...", s[:maxQuotedBytes])
	}
	return fmt.Sprintf("%q", s)
}
