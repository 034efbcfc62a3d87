package http

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/audit"
	"github.com/jeton-io/jeton/http/engine"
)

// auditedError is an error's message as an entry shows it: our words as they
// are, the client's, which may be a secret in the wrong field, as hashes.
func auditedError(err error, h *audit.Hasher) string {
	var no *refusal
	if errors.As(err, &no) {
		switch {
		case no.cause != nil:
			return auditedError(no.cause, h)
		case no.format != "":
			return fmt.Sprintf(no.format, hashedArgs(no.args, h)...)
		}
		return no.Error()
	}
	var verdict *fsm.Error
	if errors.As(err, &verdict) {
		hashed := *verdict
		hashed.Args = nil
		for _, a := range verdict.Args {
			hashed.Args = append(hashed.Args, hashedText(a, h))
		}
		return hashed.Error()
	}
	var outside *engine.Error
	if errors.As(err, &outside) {
		return hashTokens(outside.Message, h)
	}
	for _, e := range effects {
		if errors.Is(err, e.err) {
			return e.err.Error() + "; " + e.effect
		}
	}
	return "internal error"
}

// ourWord is an argument of a message that no client has made up.
type ourWord string

func hashedArgs(args []any, h *audit.Hasher) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case ourWord, jsonKind, bool, int, int64, uint64, float64, byte, time.Duration:
			out[i] = a
		default:
			out[i] = hashedText(fmt.Sprint(a), h)
		}
	}
	return out
}

// hashedText hashes a text unless it is a number or a duration.
func hashedText(text string, h *audit.Hasher) string {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return text
	}
	if _, err := time.ParseDuration(text); err == nil {
		return text
	}
	return h.Hash(text)
}

// hashTokens hashes what looks like a token of ours in a text of which another
// system may have written a part.
func hashTokens(text string, h *audit.Hasher) string { return replaceTokens(text, h.Hash) }

// replaceTokens puts something else for each word that looks like a token of ours.
func replaceTokens(text string, with func(string) string) string {
	inToken := func(r rune) bool { return r == '_' || isBase62(string(r)) }
	var out strings.Builder
	for text != "" {
		n := strings.IndexFunc(text, func(r rune) bool { return !inToken(r) })
		switch {
		case n < 0:
			n = len(text)
		case n == 0: // what stands between words
			if n = strings.IndexFunc(text, inToken); n < 0 {
				n = len(text)
			}
		}
		word := text[:n]
		if tokenLike([]byte(word)) {
			word = with(word)
		}
		out.WriteString(word)
		text = text[n:]
	}
	return out.String()
}
