package rpc

import (
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

const (
	pathEntrypoint = "/v1/entrypoint/config/"

	// noDeployment stands for a deployment that cannot be in a path. Tokens of
	// deployments may read nothing else, so it is asked for, too.
	noDeployment = "-"
)

// EntrypointConfig is where a deployment waits for its configuration. The REST
// interface says who may ask and whether there is such a deployment.
func (s *service) EntrypointConfig(req *api.EntrypointConfigRequest, stream api.Waypoint_EntrypointConfigServer) error {
	ctx, cancel := s.waiting(stream.Context())
	defer cancel(nil)
	arrived(ctx)
	name, ok := segment(req.DeploymentId)
	if !ok {
		name = noDeployment
	}
	judge := func() error {
		_, err := s.do(ctx, http.MethodGet, pathEntrypoint+name, nil)
		if !ok && (err == nil || status.Code(err) == codes.NotFound) {
			return refuse(codes.NotFound, "deployment_id", req.DeploymentId, "there is no such deployment")
		}
		return err
	}
	if err := judge(); err != nil {
		return err
	}
	if err := stream.Send(&api.EntrypointConfigResponse{Config: new(api.EntrypointConfig)}); err != nil {
		return err
	}
	return s.hold(ctx, judge)
}
