package rpc

import (
	"context"
	"net/http"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

func (s *service) BootstrapToken(ctx context.Context, req *emptypb.Empty) (*api.NewTokenResponse, error) {
	return ask(ctx, s, http.MethodPost, "/v1/token/bootstrap", req, new(api.NewTokenResponse))
}

func (s *service) DecodeToken(ctx context.Context, req *api.DecodeTokenRequest) (*api.DecodeTokenResponse, error) {
	return ask(ctx, s, http.MethodPost, "/v1/token/decode", req, new(api.DecodeTokenResponse))
}

func (s *service) GenerateInviteToken(ctx context.Context, req *api.InviteTokenRequest) (*api.NewTokenResponse, error) {
	return ask(ctx, s, http.MethodPost, "/v1/token/invite", req, new(api.NewTokenResponse))
}

func (s *service) ConvertInviteToken(ctx context.Context, req *api.ConvertInviteTokenRequest) (*api.NewTokenResponse, error) {
	return ask(ctx, s, http.MethodPost, "/v1/token/exchange", req, new(api.NewTokenResponse))
}

func (s *service) GenerateLoginToken(ctx context.Context, req *api.LoginTokenRequest) (*api.NewTokenResponse, error) {
	return ask(ctx, s, http.MethodPost, "/v1/token/login", req, new(api.NewTokenResponse))
}

func (s *service) GenerateRunnerToken(ctx context.Context, req *api.GenerateRunnerTokenRequest) (*api.NewTokenResponse, error) {
	return ask(ctx, s, http.MethodPost, "/v1/token/runner", req, new(api.NewTokenResponse))
}
