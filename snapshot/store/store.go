package store

import (
	"context"
	"errors"
	"io"
)

// Store is where the files of one schedule are. Its methods return soon after their
// context ends, if what they call lets them.
type Store interface {
	// Put keeps what write writes under a name, and returns its length. Nothing stands
	// under the name before all of it is there and was found to be whole, and after an
	// error nothing new does.
	Put(ctx context.Context, name string, write func(io.Writer) error) (int64, error)
	// List names the files of the schedule, and nothing else, in no order.
	List(ctx context.Context) ([]Name, error)
	// Delete removes one of them. What is not there is removed already.
	Delete(ctx context.Context, name string) error
}

// Problem is a kind of failure.
type Problem uint8

// The kinds.
const (
	Other     Problem = iota
	NoPlace           // the directory or bucket is not there
	Forbidden         // it may not be read or written
	NoRoom            // the disk or the account is full
	SpaceUsed         // so are the bytes that the schedule may take
	Unreached         // the other side does not answer, or fails
	Damaged           // what was kept is not what was written
)

// Error is a failure of a store. It holds no secret.
type Error struct {
	Problem Problem
	Err     error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// ProblemOf is the kind of an error of a store.
func ProblemOf(err error) Problem {
	var e *Error
	if errors.As(err, &e) {
		return e.Problem
	}
	return Other
}

// counter counts what is written, and ends with its context.
type counter struct {
	ctx context.Context
	w   io.Writer
	n   int64
}

func (c *counter) Write(b []byte) (int, error) {
	if err := context.Cause(c.ctx); err != nil {
		return 0, err
	}
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
