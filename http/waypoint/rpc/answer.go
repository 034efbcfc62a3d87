package rpc

import (
	"errors"
	"net/http"
)

var errFull = errors.New("rpc: the answer is too long")

// answer is a response that stays in memory.
type answer struct {
	header http.Header
	status int
	body   []byte
	full   bool // more was written than is kept
}

// Header is where the handler puts headers, of which none is looked at.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sets the status, the first time that it is not one on the way.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.full || len(a.body)+len(p) > maxAnswerBytes {
		a.full, a.body = true, nil
		return 0, errFull
	}
	a.body = append(a.body, p...)
	return len(p), nil
}
