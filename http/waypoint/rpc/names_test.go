package rpc_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/jeton-io/jeton/http/waypoint/api"
	"github.com/jeton-io/jeton/http/waypoint/rpc"
)

var noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

func refID(id string) *api.Ref_User {
	return &api.Ref_User{Ref: &api.Ref_User_Id{Id: &api.Ref_UserId{Id: id}}}
}

func refName(name string) *api.Ref_User {
	return &api.Ref_User{Ref: &api.Ref_User_Username{Username: &api.Ref_UserUsername{Username: name}}}
}

// What a message can name and a path cannot is told only to a caller who has been
// judged: the others are told by the handler that they may not ask.
func TestNamesThatFitIntoNoPath(t *testing.T) {
	const caller, runners = "GET /v1/user", "GET /v1/runners"
	var (
		getUser    = method(api.WaypointClient.GetUser)
		updateUser = method(api.WaypointClient.UpdateUser)
		deleteUser = method(api.WaypointClient.DeleteUser)
		getRunner  = method(api.WaypointClient.GetRunner)
		adopt      = method(api.WaypointClient.AdoptRunner)
		forget     = method(api.WaypointClient.ForgetRunner)
	)
	tests := []struct {
		name   string
		call   func(context.Context, api.WaypointClient, proto.Message) (proto.Message, error)
		in     proto.Message
		judge  string
		want   codes.Code
		detail string
	}{
		{"an empty reference", getUser, &api.GetUserRequest{User: new(api.Ref_User)}, caller, codes.FailedPrecondition, ""},
		{"an empty id", getUser, &api.GetUserRequest{User: refID("")}, caller, codes.NotFound, "id "},
		{"a name with a slash", getUser, &api.GetUserRequest{User: refName("a/b")}, caller, codes.NotFound, "username a/b"},
		{"the name ..", getUser, &api.GetUserRequest{User: refName("..")}, caller, codes.NotFound, "username .."},
		{"a long name", getUser, &api.GetUserRequest{User: refName(strings.Repeat("a", 513))}, caller, codes.NotFound, "username " + strings.Repeat("a", 513)},
		{"update of nobody", updateUser, new(api.UpdateUserRequest), caller, codes.InvalidArgument, ""},
		{"update without an id", updateUser, &api.UpdateUserRequest{User: &api.User{Username: "x"}}, caller, codes.InvalidArgument, ""},
		{"update of a strange id", updateUser, &api.UpdateUserRequest{User: &api.User{Id: "."}}, caller, codes.NotFound, "id ."},
		{"delete of nobody", deleteUser, new(api.DeleteUserRequest), caller, codes.InvalidArgument, ""},
		{"delete of an empty reference", deleteUser, &api.DeleteUserRequest{User: new(api.Ref_User)}, caller, codes.FailedPrecondition, ""},
		{"delete of an empty id", deleteUser, &api.DeleteUserRequest{User: refID("")}, caller, codes.OK, ""},
		{"no runner", getRunner, new(api.GetRunnerRequest), runners, codes.NotFound, "id "},
		{"a runner with a line feed", getRunner, &api.GetRunnerRequest{RunnerId: "R\n1"}, runners, codes.NotFound, "id R\n1"},
		{"adopt no runner", adopt, new(api.AdoptRunnerRequest), runners, codes.InvalidArgument, "id "},
		{"adopt a\\b", adopt, &api.AdoptRunnerRequest{RunnerId: `a\b`}, runners, codes.InvalidArgument, `id a\b`},
		{"forget no runner", forget, new(api.ForgetRunnerRequest), runners, codes.InvalidArgument, "id "},
		{"a wait without a runner", method(api.WaypointClient.RunnerToken), new(api.RunnerTokenRequest), "GET /v1/version", codes.Aborted, ""},
		{"a wait for a/b", method(api.WaypointClient.RunnerToken), &api.RunnerTokenRequest{Runner: &api.Runner{Id: "a/b"}}, "GET /v1/version", codes.InvalidArgument, "id a/b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := says(200, `{}`)
			_, err := tt.call(client(t), serve(t, h, rpc.Config{}), tt.in)
			wantCode(t, err, tt.want)
			if got := detailOf(err); got != tt.detail {
				t.Errorf("the detail is %q, want %q", got, tt.detail)
			}
			h.expect(t, tt.judge, "")
			h.quiet(t)

			stranger := says(401, `{"code":16,"message":"who are you?"}`)
			_, err = tt.call(client(t), serve(t, stranger, rpc.Config{}), tt.in)
			wantCode(t, err, codes.Unauthenticated)
			stranger.expect(t, tt.judge, "")
			stranger.quiet(t)
		})
	}
}

// detailOf is the first detail of an error; "" for none.
func detailOf(err error) string {
	for _, d := range status.Convert(err).Details() {
		if d, ok := d.(*api.ErrorDetail); ok {
			return d.Key + " " + d.Value
		}
	}
	return ""
}

// A message can hold what JSON cannot.
func TestTimesOutOfRange(t *testing.T) {
	h := says(200, `{}`)
	c := serve(t, h, rpc.Config{})
	_, err := c.RunnerToken(client(t), &api.RunnerTokenRequest{Runner: &api.Runner{Id: "R", FirstSeen: &timestamppb.Timestamp{Seconds: 1 << 60}}})
	wantCode(t, err, codes.InvalidArgument)
	h.quiet(t)
}
