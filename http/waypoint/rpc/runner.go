package rpc

import (
	"context"
	"fmt"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

const (
	pathRunners = "/v1/runners" // who may not read that learns nothing of any runner
	pathRunner  = "/v1/runner/"
)

func (s *service) ListRunners(ctx context.Context, _ *api.ListRunnersRequest) (*api.ListRunnersResponse, error) {
	return ask(ctx, s, http.MethodGet, pathRunners, nil, new(api.ListRunnersResponse))
}

// GetRunner is also what judges whoever waits for jobs (runner_jobs.go).
func (s *service) GetRunner(ctx context.Context, req *api.GetRunnerRequest) (*api.Runner, error) {
	id, ok := segment(req.RunnerId)
	if !ok {
		return nil, s.judged(ctx, pathRunners, refuse(codes.NotFound, "id", req.RunnerId, "there is no such runner"))
	}
	return ask(ctx, s, http.MethodGet, pathRunner+id, nil, new(api.Runner))
}

func (s *service) AdoptRunner(ctx context.Context, req *api.AdoptRunnerRequest) (*emptypb.Empty, error) {
	// Written by hand: the JSON of a message leaves out what is false.
	return s.changeRunner(ctx, req.RunnerId, "adopt", fmt.Appendf(nil, `{"adopt":%t}`, req.Adopt))
}

func (s *service) ForgetRunner(ctx context.Context, req *api.ForgetRunnerRequest) (*emptypb.Empty, error) {
	return s.changeRunner(ctx, req.RunnerId, "forget", []byte("{}"))
}

func (s *service) changeRunner(ctx context.Context, runner, verb string, body []byte) (*emptypb.Empty, error) {
	id, ok := segment(runner)
	if !ok {
		return nil, s.judged(ctx, pathRunners, refuse(codes.InvalidArgument, "id", runner, "that is no id of a runner"))
	}
	if _, err := s.do(ctx, http.MethodPost, pathRunner+id+"/"+verb, body); err != nil {
		return nil, err
	}
	return new(emptypb.Empty), nil
}
