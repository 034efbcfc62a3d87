package http

import (
	"errors"
	"net/http"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// A wrapping token that arrives used is how its receiver learns that somebody
// else was there first. So more is said than that the token is not valid, to
// whoever shows its text: what ended it, and when.

// notUnwrapped words the refusal of an unwrap or rewrap of the token with that
// text. A caller that is its own wrapping token and dead is told of the token,
// not of permissions: it has the right as long as it lives.
func (c *call) notUnwrapped(err error, text string) error {
	var verdict *fsm.Error
	isVerdict := errors.As(err, &verdict)
	refused := isVerdict && verdict.Reason == fsm.WrappingUnknown
	if self := text == c.secret; self && (err == errDenied || isVerdict && verdict.Code == fsm.Denied) {
		kind, _ := parseToken(text)
		refused = kind == kindWrapping
	}
	if !refused {
		return err
	}
	digest, failed := c.wrappingToken(text)
	if failed != nil {
		return failed
	}
	view, failed := c.s.cluster.View(c.ctx)
	if failed != nil {
		return errNotWrapping // what is known holds without the details
	}
	return gone(view.State, digest)
}

// gone is the refusal of a wrapping token with all that a state knows of its
// end.
func gone(st *fsm.State, digest fsm.Digest) error {
	end, known := st.EndOf(digest, st.Clock)
	if !known {
		return errNotWrapping
	}
	text := goneHow(end.Cause)
	if end.At != 0 {
		text += " at " + end.At.Time().UTC().Format(time.RFC3339)
	}
	return &refusal{
		status: http.StatusBadRequest, messages: []string{notWrapping, text}, judgedFirst: true, format: notWrapping + "; " + text,
	}
}

func goneHow(c fsm.Cause) string {
	switch c {
	case fsm.ContentTaken:
		return "the wrapping token has been unwrapped already"
	case fsm.ContentMoved:
		return "the content has been moved into another wrapping token"
	case fsm.Exhausted:
		return "the only use of the wrapping token has been spent"
	case fsm.Expired:
		return "the wrapping token expired"
	}
	return "the wrapping token was revoked"
}
