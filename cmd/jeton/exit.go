package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

// Exit codes. Scripts depend on them.
const (
	exitDone   = 0
	exitFailed = 1 // refused by the server, or failed
	exitUsage  = 2 // wrong usage, or the server could not be reached
)

// usageError is a mistake in what was typed, as opposed to one in what happened.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// notServingError is how status says that a server answers but does not serve.
// It has no text: the table has said it.
type notServingError struct{}

func (notServingError) Error() string { return "" }

// exitCode maps an error to the code that the process ends with.
func exitCode(err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, new(usageError)), errors.As(err, new(notServingError)):
		return exitUsage
	case unreachable(err):
		return exitUsage
	default:
		return exitFailed
	}
}

// unreachable says that no answer came: the HTTP client wraps every failure below
// HTTP, and only those, in a url.Error. Being told to stop is not one of them.
func unreachable(err error) bool {
	return errors.As(err, new(*url.Error)) && !errors.Is(err, context.Canceled)
}

// apiError words an error of the client library: what was tried, and what the
// server said, in one block that ends without a line feed.
func apiError(doing string, err error) error {
	var answer *api.ResponseError
	if !errors.As(err, &answer) {
		return fmt.Errorf("error %s: %w", doing, err)
	}
	return &refusedError{doing: doing, answer: answer}
}

// refusedError is an answer of 400 or above.
type refusedError struct {
	doing  string
	answer *api.ResponseError
}

func (e *refusedError) Unwrap() error { return e.answer }

func (e *refusedError) Error() string {
	var b strings.Builder
	url, _, _ := strings.Cut(e.answer.URL, "?") // what was asked for may be secret
	fmt.Fprintf(&b, "error %s: %s %s answered %d", e.doing, e.answer.HTTPMethod, url, e.answer.StatusCode)
	for _, line := range e.answer.Errors {
		fmt.Fprintf(&b, "\n* %s", oneLine(line))
	}
	return b.String()
}
