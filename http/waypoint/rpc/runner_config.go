package rpc

import (
	"context"
	"errors"
	"net/http"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

// offlineTimeout is what taking a runner offline may take.
const offlineTimeout = 10 * time.Second

// RunnerConfig is the stream by which a runner is online. It gets one configuration,
// an empty one, and then nothing as long as it stays.
func (s *service) RunnerConfig(stream api.Waypoint_RunnerConfigServer) error {
	first, err := opening(stream)
	if err != nil {
		return err
	}
	ctx := stream.Context()
	open := first.GetOpen()
	if open == nil {
		return status.Error(codes.FailedPrecondition, "the first message must open the stream")
	}
	id := open.GetRunner().GetId()
	name, ok := segment(id)
	if !ok {
		return s.judged(ctx, pathRunners, errNoRunner(id))
	}
	body, err := encode(open)
	if err != nil {
		return err
	}
	waiting, cancel := s.waiting(ctx)
	defer cancel(nil)
	err = s.online(waiting, cancel, stream, name, body)
	if errors.Is(err, errLeft) || s.gone(ctx) {
		s.offline(ctx, name)
	}
	return unlessLeft(err)
}

// online registers a runner, and again as long as its stream is open: a record that
// somebody removed meanwhile comes back, and a runner that somebody rejected ends.
func (s *service) online(ctx context.Context, cancel context.CancelCauseFunc, stream api.Waypoint_RunnerConfigServer, name string, body []byte) error {
	register := func() error {
		_, err := s.do(ctx, http.MethodPost, pathRunner+name+"/online", body)
		return err
	}
	if err := register(); err != nil {
		return err
	}
	if err := stream.Send(&api.RunnerConfigResponse{Config: new(api.RunnerConfig)}); err != nil {
		return err
	}
	go drain(stream, cancel)
	return s.hold(ctx, register)
}

// gone says whether a call ended because its client went away. When the node stops
// that ends calls, too, but their clients are still there: they go to another node,
// where to be taken offline by this one could undo what they have just done.
func (s *service) gone(ctx context.Context) bool {
	return ctx.Err() != nil && s.life.Err() == nil
}

func (s *service) offlineIfGone(ctx context.Context, name string) {
	if s.gone(ctx) {
		s.offline(ctx, name)
	}
}

// offline tells that a runner has gone, on behalf of the call that it made: with its
// credentials, though the call is over. If that fails the runner is taken for gone
// when nobody has heard of it for long.
func (s *service) offline(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), offlineTimeout)
	defer cancel()
	if _, err := s.do(ctx, http.MethodPost, pathRunner+name+"/offline", []byte("{}")); err != nil {
		s.log.Info("a runner that went away was not taken offline", "error", err)
	}
}
