package rpc

import (
	"context"
	"net/http"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

// GetVersionInfo is what clients call first of all. Waypoint announces inline
// keepalives in it: messages of their own kind between those of a stream, for proxies
// that let no ping through. They are not announced here, whatever the REST interface
// might say one day: nothing here would drop them from a client's stream.
func (s *service) GetVersionInfo(ctx context.Context, _ *emptypb.Empty) (*api.GetVersionInfoResponse, error) {
	info, err := ask(ctx, s, http.MethodGet, "/v1/version", nil, new(api.GetVersionInfoResponse))
	if err != nil {
		return nil, err
	}
	info.ServerFeatures = new(api.ServerFeatures)
	return info, nil
}

func (s *service) GetServerConfig(ctx context.Context, _ *emptypb.Empty) (*api.GetServerConfigResponse, error) {
	return ask(ctx, s, http.MethodGet, "/v1/server/config", nil, new(api.GetServerConfigResponse))
}

func (s *service) SetServerConfig(ctx context.Context, req *api.SetServerConfigRequest) (*emptypb.Empty, error) {
	return ask(ctx, s, http.MethodPost, "/v1/server/config", req, new(emptypb.Empty))
}

func (s *service) ListOIDCAuthMethods(ctx context.Context, _ *emptypb.Empty) (*api.ListOIDCAuthMethodsResponse, error) {
	return ask(ctx, s, http.MethodGet, "/v1/oidc/methods", nil, new(api.ListOIDCAuthMethodsResponse))
}

func (s *service) ListAuthMethods(ctx context.Context, _ *emptypb.Empty) (*api.ListAuthMethodsResponse, error) {
	return ask(ctx, s, http.MethodGet, "/v1/auth-methods", nil, new(api.ListAuthMethodsResponse))
}
