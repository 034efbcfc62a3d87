package rpc

import (
	"context"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

// pathCaller has the user who asks: who may not read that may read nothing.
const pathCaller = "/v1/user"

// errNoRef is for a reference that is there and says nothing.
var errNoRef = status.Error(codes.FailedPrecondition, "the reference to a user holds neither an id nor a name")

// pathOfUser is where the REST interface has the user of a reference. Without one, the
// error is what there is to say to a caller who has been judged: no such user has what
// it names, or it names nothing.
func pathOfUser(ref *api.Ref_User) (string, error) {
	var by, name, key string
	switch r := ref.GetRef().(type) {
	case *api.Ref_User_Id:
		by, name, key = "by-id", r.Id.GetId(), "id"
	case *api.Ref_User_Username:
		by, name, key = "by-username", r.Username.GetUsername(), "username"
	default:
		return "", errNoRef
	}
	last, ok := segment(name)
	if !ok {
		return "", refuse(codes.NotFound, key, name, "there is no such user")
	}
	return pathCaller + "/" + by + "/" + last, nil
}

func (s *service) GetUser(ctx context.Context, req *api.GetUserRequest) (*api.GetUserResponse, error) {
	path := pathCaller
	if req.User != nil {
		var no error
		if path, no = pathOfUser(req.User); no != nil {
			return nil, s.judged(ctx, pathCaller, no)
		}
	}
	return ask(ctx, s, http.MethodGet, path, nil, new(api.GetUserResponse))
}

func (s *service) ListUsers(ctx context.Context, _ *emptypb.Empty) (*api.ListUsersResponse, error) {
	return ask(ctx, s, http.MethodGet, "/v1/users", nil, new(api.ListUsersResponse))
}

func (s *service) UpdateUser(ctx context.Context, req *api.UpdateUserRequest) (*api.UpdateUserResponse, error) {
	id := req.GetUser().GetId()
	if id == "" {
		return nil, s.judged(ctx, pathCaller, status.Error(codes.InvalidArgument, "the user is missing, or has no id"))
	}
	last, ok := segment(id)
	if !ok {
		return nil, s.judged(ctx, pathCaller, refuse(codes.NotFound, "id", id, "there is no such user"))
	}
	return ask(ctx, s, http.MethodPut, pathCaller+"/"+last, req, new(api.UpdateUserResponse))
}

func (s *service) DeleteUser(ctx context.Context, req *api.DeleteUserRequest) (*emptypb.Empty, error) {
	if req.User == nil {
		return nil, s.judged(ctx, pathCaller, status.Error(codes.InvalidArgument, "the reference to a user is missing"))
	}
	path, no := pathOfUser(req.User)
	switch status.Code(no) {
	case codes.OK:
	case codes.NotFound: // to delete nobody is no error
		return new(emptypb.Empty), s.judged(ctx, pathCaller, nil)
	default:
		return nil, s.judged(ctx, pathCaller, no)
	}
	return ask(ctx, s, http.MethodDelete, path, nil, new(emptypb.Empty))
}
