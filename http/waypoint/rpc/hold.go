package rpc

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// judgeEvery is how long a caller whose stream is open may have lost the right to it.
const judgeEvery = 30 * time.Second

var (
	// errStopping ends what waits when the node stops. Clients try again, and reach
	// another node.
	errStopping = status.Error(codes.Unavailable, "the node is about to stop")

	// errLeft says that a client has closed its side of a stream.
	errLeft = errors.New("rpc: the client has closed its side")
)

// waiting is the context of a call that waits: it ends with the call, and when the
// node is about to stop.
func (s *service) waiting(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.life, func() { cancel(errStopping) })
	return ctx, func(cause error) {
		stop()
		cancel(cause)
	}
}

// ended is why a context has ended, as an error for the client.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != ctx.Err() {
		return cause // one of those above, or what came of reading the stream
	}
	return status.FromContextError(ctx.Err()).Err()
}

// hold waits until the context ends, and has the caller judged again meanwhile.
func (s *service) hold(ctx context.Context, judge func() error) error {
	for {
		select {
		case <-ctx.Done():
			return ended(ctx)
		case <-s.after(judgeEvery):
			if err := judge(); err != nil {
				return err
			}
		}
	}
}

// receiver is the part of a stream by which messages come.
type receiver[M any] interface {
	Recv() (*M, error)
	Context() context.Context
}

// opening is the first message of a stream.
func opening[M any](stream receiver[M]) (*M, error) {
	m, err := stream.Recv()
	if err == io.EOF {
		return nil, status.Error(codes.FailedPrecondition, "the stream has no first message")
	}
	arrived(stream.Context())
	return m, err
}

// drain reads what a client sends besides its first message, which means nothing here,
// and ends the waiting once the client has closed its side: it wants no more then.
func drain[M any](stream receiver[M], cancel context.CancelCauseFunc) {
	for {
		_, err := stream.Recv()
		if err == io.EOF {
			err = errLeft
		}
		if err != nil {
			cancel(err)
			return
		}
	}
}

// unlessLeft is the end of a stream: the client's own leaving is none with an error.
func unlessLeft(err error) error {
	if errors.Is(err, errLeft) {
		return nil
	}
	return err
}
