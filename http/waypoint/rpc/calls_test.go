package rpc_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/jeton-io/jeton/http/waypoint/api"
	"github.com/jeton-io/jeton/http/waypoint/rpc"
)

// method makes any of the client's methods of one message be of the same kind.
func method[I, O proto.Message](f func(api.WaypointClient, context.Context, I, ...grpc.CallOption) (O, error)) func(context.Context, api.WaypointClient, proto.Message) (proto.Message, error) {
	return func(ctx context.Context, c api.WaypointClient, in proto.Message) (proto.Message, error) {
		return f(c, ctx, in.(I))
	}
}

var (
	empty   = new(emptypb.Empty)
	token   = &api.NewTokenResponse{Token: "new"}
	someone = &api.User{Id: "U", Username: "carol", Display: "Carol"}
	byID    = &api.Ref_User{Ref: &api.Ref_User_Id{Id: &api.Ref_UserId{Id: "U"}}}
	byName  = &api.Ref_User{Ref: &api.Ref_User_Username{Username: &api.Ref_UserUsername{Username: "ca;rol?"}}}
)

// Every call is the request of the REST interface that means the same, and its answer
// is the message that the JSON stands for; more fields do not matter.
func TestCalls(t *testing.T) {
	const newToken = `{"token":"new","policies":["x"]}`
	tests := []struct {
		name       string
		call       func(context.Context, api.WaypointClient, proto.Message) (proto.Message, error)
		in         proto.Message
		line, body string
		answer     string
		want       proto.Message
	}{
		{"BootstrapToken", method(api.WaypointClient.BootstrapToken), empty, "POST /v1/token/bootstrap", `{}`, newToken, token},
		{"DecodeToken", method(api.WaypointClient.DecodeToken), &api.DecodeTokenRequest{Token: "text"},
			"POST /v1/token/decode", `{"token":"text"}`,
			`{"token":{"accessorId":"AAE=","validUntil":null,"issuedTime":"2024-05-01T12:00:00Z","runner":{"id":"R-1","labelHash":"14947080001020000762"}},"transport":{"keyId":"k1","metadata":{}}}`,
			&api.DecodeTokenResponse{
				Token: &api.Token{AccessorId: []byte{0, 1}, IssuedTime: timestamppb.New(noon), Kind: &api.Token_Runner_{Runner: &api.Token_Runner{Id: "R-1", LabelHash: 14947080001020000762}}}, Transport: &api.TokenTransport{KeyId: "k1"},
			}},
		{"GenerateInviteToken", method(api.WaypointClient.GenerateInviteToken), &api.InviteTokenRequest{Duration: "5m", Signup: &api.Token_Invite_Signup{InitialUsername: "dave"}},
			"POST /v1/token/invite", `{"duration":"5m","signup":{"initialUsername":"dave"}}`, newToken, token},
		{"ConvertInviteToken", method(api.WaypointClient.ConvertInviteToken), &api.ConvertInviteTokenRequest{Token: "I"}, "POST /v1/token/exchange", `{"token":"I"}`, newToken, token},
		{"GenerateLoginToken", method(api.WaypointClient.GenerateLoginToken), &api.LoginTokenRequest{Duration: "1h", User: byID, Trigger: true},
			"POST /v1/token/login", `{"duration":"1h","user":{"id":{"id":"U"}},"trigger":true}`, newToken, token},
		{"GenerateLoginToken, an empty reference", method(api.WaypointClient.GenerateLoginToken), &api.LoginTokenRequest{User: new(api.Ref_User)}, "POST /v1/token/login", `{"user":{}}`, newToken, token},
		{"GenerateRunnerToken", method(api.WaypointClient.GenerateRunnerToken), &api.GenerateRunnerTokenRequest{Id: "R-1", Labels: map[string]string{"a": "b"}},
			"POST /v1/token/runner", `{"id":"R-1","labels":{"a":"b"}}`, newToken, token},

		{"GetUser, the caller", method(api.WaypointClient.GetUser), new(api.GetUserRequest), "GET /v1/user", "", `{"user":null}`, new(api.GetUserResponse)},
		{"GetUser by id", method(api.WaypointClient.GetUser), &api.GetUserRequest{User: byID}, "GET /v1/user/by-id/U", "",
			`{"user":{"id":"U","username":"carol","display":"Carol","email":"","links":[]}}`, &api.GetUserResponse{User: someone}},
		{"GetUser by name", method(api.WaypointClient.GetUser), &api.GetUserRequest{User: byName}, "GET /v1/user/by-username/ca%3Brol%3F", "", `{}`, new(api.GetUserResponse)},
		{"ListUsers", method(api.WaypointClient.ListUsers), empty, "GET /v1/users", "", `{"users":[{"id":"U","username":"carol","display":"Carol"}]}`, &api.ListUsersResponse{Users: []*api.User{someone}}},
		{"UpdateUser", method(api.WaypointClient.UpdateUser), &api.UpdateUserRequest{User: someone}, "PUT /v1/user/U", `{"user":{"id":"U","username":"carol","display":"Carol"}}`, `{}`, new(api.UpdateUserResponse)},
		{"DeleteUser by id", method(api.WaypointClient.DeleteUser), &api.DeleteUserRequest{User: byID}, "DELETE /v1/user/by-id/U", "", ``, empty},
		{"DeleteUser by name", method(api.WaypointClient.DeleteUser), &api.DeleteUserRequest{User: byName}, "DELETE /v1/user/by-username/ca%3Brol%3F", "", `{}`, empty},

		{"ListRunners", method(api.WaypointClient.ListRunners), new(api.ListRunnersRequest), "GET /v1/runners", "",
			`{"runners":[{"id":"R-1","adoptionState":"ADOPTED","remote":{},"labels":{"a":"b"},"online":true,"kindOfNews":[1]}]}`,
			&api.ListRunnersResponse{Runners: []*api.Runner{{Id: "R-1", AdoptionState: api.Runner_ADOPTED, Kind: &api.Runner_Remote_{Remote: new(api.Runner_Remote)}, Labels: map[string]string{"a": "b"}, Online: true}}}},
		{"GetRunner", method(api.WaypointClient.GetRunner), &api.GetRunnerRequest{RunnerId: "R 1"}, "GET /v1/runner/R%201", "", `{"id":"R 1"}`, &api.Runner{Id: "R 1"}},
		{"AdoptRunner", method(api.WaypointClient.AdoptRunner), &api.AdoptRunnerRequest{RunnerId: "R-1", Adopt: true}, "POST /v1/runner/R-1/adopt", `{"adopt":true}`, `{}`, empty},
		{"AdoptRunner, reject", method(api.WaypointClient.AdoptRunner), &api.AdoptRunnerRequest{RunnerId: "R-1"}, "POST /v1/runner/R-1/adopt", `{"adopt":false}`, `{}`, empty},
		{"ForgetRunner", method(api.WaypointClient.ForgetRunner), &api.ForgetRunnerRequest{RunnerId: "R-1"}, "POST /v1/runner/R-1/forget", `{}`, `{}`, empty},

		{"GetVersionInfo", method(api.WaypointClient.GetVersionInfo), empty, "GET /v1/version", "",
			`{"info":{"api":{"current":1,"minimum":1},"version":"v1"},"serverFeatures":{"features":["FEATURE_INLINE_KEEPALIVES"]}}`,
			&api.GetVersionInfoResponse{Info: &api.VersionInfo{Api: &api.VersionInfo_ProtocolVersion{Current: 1, Minimum: 1}, Version: "v1"}, ServerFeatures: new(api.ServerFeatures)}},
		{"GetServerConfig", method(api.WaypointClient.GetServerConfig), empty, "GET /v1/server/config", "", `{"config":{"cookie":"C"}}`, &api.GetServerConfigResponse{Config: &api.ServerConfig{Cookie: "C"}}},
		{"SetServerConfig", method(api.WaypointClient.SetServerConfig), &api.SetServerConfigRequest{Config: &api.ServerConfig{AdvertiseAddrs: []*api.ServerConfig_AdvertiseAddr{{Addr: "h:9701", Tls: true}}}},
			"POST /v1/server/config", `{"config":{"advertiseAddrs":[{"addr":"h:9701","tls":true}]}}`, `{}`, empty},
		{"ListOIDCAuthMethods", method(api.WaypointClient.ListOIDCAuthMethods), empty, "GET /v1/oidc/methods", "", `{"authMethods":[]}`, new(api.ListOIDCAuthMethodsResponse)},
		{"ListAuthMethods", method(api.WaypointClient.ListAuthMethods), empty, "GET /v1/auth-methods", "", `{"authMethods":[]}`, new(api.ListAuthMethodsResponse)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHandler(func(w http.ResponseWriter, _ *http.Request, _ string) { io.WriteString(w, tt.answer) })
			got, err := tt.call(client(t), serve(t, h, rpc.Config{}), tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			h.expect(t, tt.line, tt.body)
			h.quiet(t)
		})
	}
}

// What belongs to Waypoint's other parts is no part of this one.
func TestUnimplemented(t *testing.T) {
	h := says(200, `{}`)
	c := serve(t, h, rpc.Config{})
	for name, call := range map[string]func(context.Context, api.WaypointClient, proto.Message) (proto.Message, error){
		"RunTrigger":       method(api.WaypointClient.RunTrigger),
		"NoAuthRunTrigger": method(api.WaypointClient.NoAuthRunTrigger),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := call(client(t), c, new(api.RunTriggerRequest))
			wantCode(t, err, codes.Unimplemented)
		})
	}
	snapshot, err := c.CreateSnapshot(client(t), empty)
	if err == nil {
		_, err = snapshot.Recv()
	}
	wantCode(t, err, codes.Unimplemented)
	h.quiet(t)
}
