package main

import (
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jeton-io/jeton/http/waypoint"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// signUp makes a user and returns its id and a login of it.
func (tb *table) signUp(first, name string) (id, login string) {
	tb.t.Helper()
	invite := tb.token("invite of "+name, first, "GenerateInviteToken", &api.InviteTokenRequest{Duration: "1h", Signup: &api.Token_Invite_Signup{InitialUsername: name}})
	login = tb.token("signup of "+name, "", "ConvertInviteToken", &api.ConvertInviteTokenRequest{Token: invite})
	return tb.row("user "+name, codes.OK, login, "GetUser", &api.GetUserRequest{}).(*api.GetUserResponse).User.GetId(), login
}

// users is section 4, users.
func (tb *table) users(first string) {
	name := "emil-" + tb.way.name()
	id, login := tb.signUp(first, name)
	get := func(what string, want codes.Code, ref *api.Ref_User) *api.User {
		tb.t.Helper()
		m, _ := tb.row(what, want, first, "GetUser", &api.GetUserRequest{User: ref}).(*api.GetUserResponse)
		return m.GetUser()
	}
	tb.want(get("by id", codes.OK, byID(strings.ToLower(id))).GetUsername() == name, "by id")
	tb.want(get("by name", codes.OK, byName(strings.ToUpper(name))).GetId() == id, "by name")
	get("unknown id", codes.NotFound, byID("01ARZ3NDEKTSV4RRFFQ69G5FAV"))
	get("unknown name", codes.NotFound, byName("nobody"))
	runner := tb.token("any runner", first, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{})
	nobody := tb.row("a runner's user", codes.OK, runner, "GetUser", &api.GetUserRequest{}).(*api.GetUserResponse)
	tb.want(nobody.User == nil, "a runner has no user", nobody)
	if tb.way.name() == "grpc" { // what has no path in the REST surface
		get("empty reference", codes.FailedPrecondition, &api.Ref_User{})
		tb.row("no reference", codes.InvalidArgument, first, "DeleteUser", &api.DeleteUserRequest{})
		tb.row("empty reference", codes.FailedPrecondition, first, "DeleteUser", &api.DeleteUserRequest{User: &api.Ref_User{}})
		tb.row("no user", codes.InvalidArgument, first, "UpdateUser", &api.UpdateUserRequest{})
		tb.row("no id", codes.InvalidArgument, first, "UpdateUser", &api.UpdateUserRequest{User: &api.User{Username: "ab"}})
	}
	all := tb.row("list", codes.OK, first, "ListUsers", &emptypb.Empty{}).(*api.ListUsersResponse).Users
	for i := 1; i < len(all); i++ {
		tb.want(all[i-1].Id < all[i].Id, "users in order", all)
	}
	update := func(what string, want codes.Code, u *api.User) {
		tb.t.Helper()
		tb.row(what, want, first, "UpdateUser", &api.UpdateUserRequest{User: u})
	}
	update("both names", codes.OK, &api.User{Id: id, Username: name + "x", Display: "Emil", Email: "ignored"})
	now := get("changed", codes.OK, byID(id))
	tb.want(now.Username == name+"x" && now.Display == "Emil" && now.Email == "", "changed", now)
	update("display left out", codes.OK, &api.User{Id: id, Username: name})
	tb.want(get("cleared", codes.OK, byID(id)).Display == "", "cleared")
	for _, bad := range []string{"a", "1", "-ab", "ab-", "ab_", "a b", "a.b", "öö", strings.Repeat("a", 39)} {
		update("name "+bad, codes.InvalidArgument, &api.User{Id: id, Username: bad})
	}
	for _, good := range []string{"q" + tb.way.name(), "a_b-" + tb.way.name(), "a--b" + tb.way.name(), name} {
		update("name "+good, codes.OK, &api.User{Id: id, Username: good})
	}
	update("unknown", codes.NotFound, &api.User{Id: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Username: "abc"})
	update("name of another", codes.AlreadyExists, &api.User{Id: id, Username: "waypoint"}) // Waypoint's look-up loses a user by it
	remove := func(what string, want codes.Code, by string, ref *api.Ref_User) {
		tb.t.Helper()
		tb.row(what, want, by, "DeleteUser", &api.DeleteUserRequest{User: ref})
	}
	remove("unknown", codes.OK, first, byName("nobody"))
	remove("itself", codes.OK, login, byID(id))
	tb.row("its token", codes.Unauthenticated, login, "ListUsers", &emptypb.Empty{})
	tb.says("its token", login) // decoding does not ask
}

// entrypoints is what section 4 says of tokens for a deployment.
func (tb *table) entrypoints(first, root string, set func(id string)) {
	id := "web-" + tb.way.name()
	set(id)
	invite := tb.token("invite", first, "GenerateInviteToken", &api.InviteTokenRequest{Duration: "1h", Login: &api.Token_Login{
		UserId: waypoint.DefaultUserID, Entrypoint: &api.Token_Entrypoint{DeploymentId: id},
	}})
	e := tb.token("exchange", "", "ConvertInviteToken", &api.ConvertInviteTokenRequest{Token: invite})
	tb.want(tb.says("entrypoint", e).GetLogin().GetEntrypoint().GetDeploymentId() == id, "entrypoint kept")
	tb.row("GetUser", codes.Unauthenticated, e, "GetUser", &api.GetUserRequest{})
	tb.row("GenerateLoginToken", codes.Unauthenticated, e, "GenerateLoginToken", &api.LoginTokenRequest{})
	tb.row("GenerateRunnerToken", codes.Unauthenticated, e, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{})
	tb.row("its deployment", codes.OK, e, "EntrypointConfig", &api.EntrypointConfigRequest{DeploymentId: id})
	tb.row("another", codes.PermissionDenied, e, "EntrypointConfig", &api.EntrypointConfigRequest{DeploymentId: "other"}) // Waypoint: let in
	tb.row("a login", codes.OK, first, "EntrypointConfig", &api.EntrypointConfigRequest{DeploymentId: id})
	tb.row("a login, unknown", codes.NotFound, first, "EntrypointConfig", &api.EntrypointConfigRequest{DeploymentId: "other"})
	tb.row("nobody", codes.Unauthenticated, "", "EntrypointConfig", &api.EntrypointConfigRequest{DeploymentId: id})
}

// config is what section 4 says of the server's settings.
func (tb *table) config(first string) (cookie string) {
	tb.row("nobody", codes.Unauthenticated, "", "GetServerConfig", &emptypb.Empty{})
	get := func() *api.ServerConfig {
		tb.t.Helper()
		return tb.row("config", codes.OK, first, "GetServerConfig", &emptypb.Empty{}).(*api.GetServerConfigResponse).Config
	}
	cookie = get().GetCookie()
	tb.want(strings.HasPrefix(cookie, "WPC") && len(cookie) == 29, "cookie")
	addr := []*api.ServerConfig_AdvertiseAddr{{Addr: "wp.example:9701", Tls: true}}
	tb.row("one address", codes.OK, first, "SetServerConfig", &api.SetServerConfigRequest{Config: &api.ServerConfig{AdvertiseAddrs: addr, Cookie: "mine"}})
	now := get()
	tb.want(now.GetCookie() == cookie && now.GetAdvertiseAddrs()[0].GetAddr() == "wp.example:9701", "the cookie stays", now)
	tb.row("no address", codes.FailedPrecondition, first, "SetServerConfig", &api.SetServerConfigRequest{Config: &api.ServerConfig{}})
	tb.row("no config", codes.FailedPrecondition, first, "SetServerConfig", &api.SetServerConfigRequest{}) // Waypoint's server ends by it
	return cookie
}
