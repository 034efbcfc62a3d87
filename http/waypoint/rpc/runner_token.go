package rpc

import (
	"context"
	"encoding/json"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

// ticket is an answer to RunnerToken that decides nothing: the wait is to be gone on
// with, and the ticket says which it was.
type ticket struct {
	Ticket string `json:"ticket"`
}

// wait is the request that goes on with it.
type wait struct {
	Runner json.RawMessage `json:"runner"`
	Ticket string          `json:"ticket,omitempty"`
}

// RunnerToken waits until somebody has adopted or rejected a runner, which asks for
// its token. The REST interface cannot be waited on for as long as that may take: it
// answers with a ticket after some seconds, and is asked again with that at once. When
// the node stops it does so at once, too; to cut it short here would look as if the
// client had gone, and would take the runner along.
func (s *service) RunnerToken(ctx context.Context, req *api.RunnerTokenRequest) (*api.RunnerTokenResponse, error) {
	id := req.GetRunner().GetId()
	name, ok := segment(id)
	if !ok {
		// This call is open, so what judges is open, too: it knows a wrong cookie.
		return nil, s.judged(ctx, "/v1/version", errNoRunner(id))
	}
	runner, err := encode(req.Runner)
	if err != nil {
		return nil, err
	}
	defer s.offlineIfGone(ctx, name)
	for next := (wait{Runner: runner}); s.life.Err() == nil; {
		body, err := json.Marshal(next)
		if err != nil {
			return nil, errInternal
		}
		got, err := s.do(ctx, http.MethodPost, pathRunner+name+"/token", body)
		if err != nil {
			return nil, err
		}
		if got.status != http.StatusAccepted {
			token := new(api.RunnerTokenResponse)
			return token, s.read(got, pathRunner+"{id}/token", token)
		}
		var t ticket
		if err := json.Unmarshal(got.body, &t); err != nil {
			return nil, errInternal
		}
		next.Ticket = t.Ticket
	}
	return nil, errStopping
}

// errNoRunner is for an id that no runner can have.
func errNoRunner(id string) error {
	if id == "" {
		return status.Error(codes.Aborted, "the runner has no id")
	}
	return refuse(codes.InvalidArgument, "id", id, "that is no id of a runner")
}
