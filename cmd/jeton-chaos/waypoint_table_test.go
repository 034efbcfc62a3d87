package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jeton-io/jeton/http/waypoint"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// table goes through what was recorded of Waypoint's own server, a row a call, with
// what differs said beside it. Its rows build on one another.
type table struct {
	t    *testing.T
	ctx  context.Context
	way  way
	rows int
}

// row makes a call and judges its code.
func (tb *table) row(what string, want codes.Code, by, rpc string, req proto.Message) proto.Message {
	tb.t.Helper()
	return tb.rowBy(what, want, shown{token: by}, rpc, req)
}

func (tb *table) rowBy(what string, want codes.Code, by shown, rpc string, req proto.Message) proto.Message {
	tb.t.Helper()
	tb.rows++
	reply, err := tb.way.call(wait(tb.t, tb.ctx), by, rpc, req)
	if got := status.Code(err); got != want {
		tb.t.Errorf("%s: %s answers %s (%v), want %s", what, rpc, got, err, want)
	}
	return reply
}

// token is a row that makes a token.
func (tb *table) token(what, by, rpc string, req proto.Message) string {
	tb.t.Helper()
	m := tb.row(what, codes.OK, by, rpc, req)
	text := m.(interface{ GetToken() string }).GetToken()
	if text == "" {
		tb.t.Fatalf("%s: no token", what)
	}
	return text
}

// says decodes a token, which is a row of its own.
func (tb *table) says(what, text string) *api.Token {
	tb.t.Helper()
	return tb.row(what+", decoded", codes.OK, "", "DecodeToken", &api.DecodeTokenRequest{Token: text}).(*api.DecodeTokenResponse).Token
}

func (tb *table) want(ok bool, what string, args ...any) {
	tb.t.Helper()
	if !ok {
		tb.t.Errorf("%s: %v", what, args)
	}
}

func byID(id string) *api.Ref_User {
	return &api.Ref_User{Ref: &api.Ref_User_Id{Id: &api.Ref_UserId{Id: id}}}
}

func byName(name string) *api.Ref_User {
	return &api.Ref_User{Ref: &api.Ref_User_Username{Username: &api.Ref_UserUsername{Username: name}}}
}

// credentials is section 2: what each kind of token may do at all.
func (tb *table) credentials(first string) {
	const rpc = "ListUsers"
	ask := func(what string, want codes.Code, by string) {
		tb.t.Helper()
		tb.row(what, want, by, rpc, &emptypb.Empty{})
	}
	ask("no token", codes.Unauthenticated, "")
	// Waypoint says Unknown for the next ones; a client tells nothing by that.
	ask("gibberish", codes.Unauthenticated, "gibberish")
	ask("one character", codes.Unauthenticated, "a") // Waypoint's server ends by it
	ask("not base58", codes.Unauthenticated, first[:20]+"0"+first[21:])
	ask("cut", codes.Unauthenticated, first[:len(first)-4])
	ask("Bearer", codes.OK, first)
	for _, bad := range []string{"", "gibberish", "a", first + "0", first[:len(first)/2]} {
		tb.row("decode a bad one", codes.InvalidArgument, "", "DecodeToken", &api.DecodeTokenRequest{Token: bad}) // Unknown
	}
	tb.row("open call with a bad credential", codes.OK, "gibberish", "DecodeToken", &api.DecodeTokenRequest{Token: first})
	tb.rowBy("open call with a wrong cookie", codes.PermissionDenied, shown{cookie: "WPCwrong"}, "GetVersionInfo", &emptypb.Empty{})
	tb.rowBy("any call with a wrong cookie", codes.PermissionDenied, shown{first, "WPCwrong"}, rpc, &emptypb.Empty{})
	invite := tb.token("invite", first, "GenerateInviteToken", &api.InviteTokenRequest{Duration: "1h"})
	ask("invite", codes.Unauthenticated, invite) // Unknown
	trigger := tb.token("trigger", first, "GenerateLoginToken", &api.LoginTokenRequest{Trigger: true})
	ask("trigger", codes.PermissionDenied, trigger)
	ask("any runner's token", codes.OK, tb.token("any runner", first, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{}))
	unknown := tb.token("a runner nobody knows", first, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{Id: tb.way.name() + "-unknown"})
	ask("a runner nobody knows", codes.PermissionDenied, unknown)
	info := tb.row("version", codes.OK, "", "GetVersionInfo", &emptypb.Empty{}).(*api.GetVersionInfoResponse).Info
	tb.want(info.GetApi().GetCurrent() == 1 && info.GetEntrypoint().GetMinimum() == 1, "version", info)
	tb.row("bootstrap again", codes.PermissionDenied, first, "BootstrapToken", &emptypb.Empty{})
	tb.row("bootstrap again, nobody", codes.PermissionDenied, "", "BootstrapToken", &emptypb.Empty{})
	tb.row("OIDC methods", codes.OK, "", "ListOIDCAuthMethods", &emptypb.Empty{})
	tb.row("auth methods", codes.Unauthenticated, "", "ListAuthMethods", &emptypb.Empty{})
	tb.row("auth methods", codes.OK, first, "ListAuthMethods", &emptypb.Empty{})
}

// logins is section 4, GenerateLoginToken.
func (tb *table) logins(first, carol string) {
	const rpc = "GenerateLoginToken"
	mine := tb.says("login", tb.token("nothing", first, rpc, &api.LoginTokenRequest{}))
	tb.want(mine.GetLogin().GetUserId() == waypoint.DefaultUserID && mine.ValidUntil == nil && mine.IssuedTime != nil && len(mine.AccessorId) == 16, "login of the caller", mine)
	hour := tb.says("login", tb.token("1h", first, rpc, &api.LoginTokenRequest{Duration: "1h"}))
	tb.want(hour.ValidUntil.AsTime().Sub(hour.IssuedTime.AsTime()) == time.Hour, "an hour", hour)
	for _, none := range []string{"0s", "-1h"} {
		tb.want(tb.says(none, tb.token(none, first, rpc, &api.LoginTokenRequest{Duration: none})).ValidUntil == nil, "no end", none)
	}
	for _, bad := range []string{"soon", "1d", "30"} {
		tb.row("duration "+bad, codes.InvalidArgument, first, rpc, &api.LoginTokenRequest{Duration: bad}) // Unknown
	}
	name := "carol-" + tb.way.name()
	other := tb.says("of another", tb.token("user by name", first, rpc, &api.LoginTokenRequest{User: byName(strings.ToUpper(name))}))
	tb.want(other.GetLogin().GetUserId() == carol, "login of carol", other)
	theirs := tb.token("user by id", first, rpc, &api.LoginTokenRequest{User: byID(strings.ToLower(carol))})
	back := tb.says("the default user", tb.token("by any user", theirs, rpc, &api.LoginTokenRequest{User: byName("waypoint")}))
	tb.want(back.GetLogin().GetUserId() == waypoint.DefaultUserID, "login of waypoint", back)
	tb.row("unknown user", codes.NotFound, first, rpc, &api.LoginTokenRequest{User: byName("nobody")})
	tb.row("empty reference", codes.FailedPrecondition, first, rpc, &api.LoginTokenRequest{User: &api.Ref_User{}})
	trigger := tb.says("trigger", tb.token("trigger", first, rpc, &api.LoginTokenRequest{Trigger: true, User: byName(name)}))
	tb.want(trigger.GetTrigger().GetFromUserId() == waypoint.DefaultUserID, "trigger of the caller", trigger)
	runner := tb.token("any runner", first, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{})
	tb.row("by a runner", codes.Unauthenticated, runner, rpc, &api.LoginTokenRequest{})
}

// invites is section 4, GenerateInviteToken and ConvertInviteToken.
func (tb *table) invites(first, carol string) {
	const rpc, convert = "GenerateInviteToken", "ConvertInviteToken"
	exchange := func(what string, want codes.Code, text string) proto.Message {
		tb.t.Helper()
		return tb.row(what, want, "", convert, &api.ConvertInviteTokenRequest{Token: text})
	}
	tb.row("no duration", codes.InvalidArgument, first, rpc, &api.InviteTokenRequest{}) // Unknown
	tb.row("bad duration", codes.InvalidArgument, first, rpc, &api.InviteTokenRequest{Duration: "soon"})
	mine := tb.token("duration only", first, rpc, &api.InviteTokenRequest{Duration: "1h"})
	said := tb.says("invite", mine).GetInvite()
	tb.want(said.GetFromUserId() == waypoint.DefaultUserID && said.GetLogin().GetUserId() == waypoint.DefaultUserID, "invite of the caller", said)
	endless := tb.says("no end", tb.token("negative duration", first, rpc, &api.InviteTokenRequest{Duration: "-1h"}))
	tb.want(endless.ValidUntil == nil, "no end", endless)
	tb.row("unknown user", codes.NotFound, first, rpc, &api.InviteTokenRequest{Duration: "1h", Login: &api.Token_Login{UserId: "nobody"}})
	tb.row("empty user", codes.NotFound, first, rpc, &api.InviteTokenRequest{Duration: "1h", Login: &api.Token_Login{}})
	theirs := tb.token("for another", first, rpc, &api.InviteTokenRequest{Duration: "1h", Login: &api.Token_Login{UserId: carol}})
	made := exchange("login invite", codes.OK, theirs).(*api.NewTokenResponse)
	login := tb.says("exchanged", made.Token)
	tb.want(login.GetLogin().GetUserId() == carol && login.ValidUntil == nil, "login of carol", login)
	exchange("a second time", codes.Unauthenticated, theirs) // Waypoint: again and again
	name := "dora-" + tb.way.name()
	signup := tb.token("signup", first, rpc, &api.InviteTokenRequest{Duration: "1h", Signup: &api.Token_Invite_Signup{InitialUsername: name}})
	text := exchange("signup", codes.OK, signup).(*api.NewTokenResponse).Token
	user := tb.row("who signed up", codes.OK, text, "GetUser", &api.GetUserRequest{}).(*api.GetUserResponse).User
	tb.want(user.GetUsername() == name && len(user.GetId()) == 26, "signed up", user)
	exchange("signup again", codes.Unauthenticated, signup)
	taken := tb.token("name taken", first, rpc, &api.InviteTokenRequest{Duration: "1h", Signup: &api.Token_Invite_Signup{InitialUsername: strings.ToUpper(name)}})
	exchange("name taken", codes.AlreadyExists, taken) // Waypoint makes a second user of the name
	for _, bad := range []string{"", "a", "-ab"} {
		i := tb.token("bad name", first, rpc, &api.InviteTokenRequest{Duration: "1h", Signup: &api.Token_Invite_Signup{InitialUsername: bad}})
		exchange("bad name "+bad, codes.InvalidArgument, i)
	}
	old := tb.says("entrypoint of old", tb.token("entrypoint of old", first, rpc, &api.InviteTokenRequest{
		Duration: "1h", UnusedEntrypoint: &api.Token_Entrypoint{DeploymentId: "d"}, Signup: &api.Token_Invite_Signup{InitialUsername: "no"},
	})).GetInvite()
	tb.want(old.GetLogin().GetUserId() == waypoint.DefaultUserID && old.GetLogin().GetEntrypoint().GetDeploymentId() == "d" && old.GetSignup() == nil, "entrypoint of old", old)
	runner := tb.token("any runner", first, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{})
	tb.row("by a runner", codes.Unauthenticated, runner, rpc, &api.InviteTokenRequest{Duration: "1h"})
	exchange("a login", codes.InvalidArgument, first) // Unknown
	exchange("nothing", codes.InvalidArgument, "")
	exchange("damaged", codes.Unauthenticated, damaged(tb.t, mine))
}

// damaged is a token whose body was changed under its signature.
func damaged(t *testing.T, text string) string {
	t.Helper()
	tr, err := waypoint.Parse(text)
	must(t, err)
	tr.Body[len(tr.Body)-1] ^= 1
	return tr.Text()
}
