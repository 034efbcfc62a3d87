package rpc

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

// RunnerJobStream is where a runner waits for its next job. There are none here, so it
// waits until it goes, or until it is no longer a runner that would be given one: that
// is how an agent learns that it was rejected or forgotten.
func (s *service) RunnerJobStream(stream api.Waypoint_RunnerJobStreamServer) error {
	first, err := opening(stream)
	if err != nil {
		return err
	}
	ctx := stream.Context()
	request := first.GetRequest()
	if request == nil {
		return status.Error(codes.FailedPrecondition, "the first message must ask for a job")
	}
	waiting, cancel := s.waiting(ctx)
	defer cancel(nil)
	judge := func() error {
		runner, err := s.GetRunner(waiting, &api.GetRunnerRequest{RunnerId: request.RunnerId})
		if err != nil {
			return err
		}
		switch runner.AdoptionState {
		case api.Runner_PENDING, api.Runner_REJECTED:
			return status.Error(codes.PermissionDenied, "the runner is not adopted")
		}
		return nil
	}
	if err := judge(); err != nil {
		return err
	}
	go drain(stream, cancel)
	return unlessLeft(s.hold(waiting, judge))
}
