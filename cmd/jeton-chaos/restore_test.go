package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// archive saves or, given one, restores an archive by a node.
func archive(t *testing.T, ctx context.Context, n *procs.Node, token string, restore []byte) []byte {
	t.Helper()
	method := http.MethodGet
	if restore != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, n.URL+"/v1/sys/storage/raft/snapshot", bytes.NewReader(restore))
	must(t, err)
	req.Header.Set("X-Vault-Token", token)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s of an archive: %d %s", method, res.StatusCode, text)
	}
	return text
}

// What was taken back since the archive was made is refused by every node after it is
// restored, and what the operator holds goes on.
func TestRestoreKeepsTheDead(t *testing.T) {
	t.Parallel() // it mostly waits
	ctx, c := start(t, procs.Config{})
	h := client.New(patience)
	first := bootstrapOnce(t, ctx, c)
	tb := &table{t: t, ctx: ctx, way: ways(t, c)[1]}

	gone, login := tb.signUp(first, "gone")
	_, stays := tb.signUp(first, "stays")
	invite := tb.token("invite", first, "GenerateInviteToken", &api.InviteTokenRequest{
		Duration: "1h", Signup: &api.Token_Invite_Signup{InitialUsername: "late"},
	})
	cookie := tb.row("cookie", codes.OK, first, "GetServerConfig", &emptypb.Empty{}).(*api.GetServerConfigResponse).Config.GetCookie()
	waiting := tb.waits(first, cookie, remote("R", nil))
	tb.adopt(first, "R", true)
	runner := <-waiting.done
	must(t, runner.err)
	revoked := create(t, ctx, h, c.Nodes[0].URL, c.Root, client.TokenRequest{})
	kept := create(t, ctx, h, c.Nodes[1].URL, c.Root, client.TokenRequest{})
	saved := archive(t, ctx, c.Nodes[0], c.Root, nil)

	ask(t, ctx, h, client.Request{Node: c.Nodes[1].URL, Path: "auth/token/revoke", Token: c.Root, Body: map[string]any{"token": revoked.ID}})
	tb.row("delete", codes.OK, first, "DeleteUser", &api.DeleteUserRequest{User: byID(gone)})
	tb.row("exchange", codes.OK, "", "ConvertInviteToken", &api.ConvertInviteTokenRequest{Token: invite})
	tb.adopt(first, "R", false)
	ask(t, ctx, h, client.Request{Node: c.Nodes[2].URL, Path: "sys/rotate", Token: c.Root, Body: map[string]any{}})

	var answer struct {
		Data struct {
			Revived  int `json:"revived"`
			KeptDead int `json:"kept_dead"`
			Users    int `json:"users"`
		}
	}
	must(t, json.Unmarshal(archive(t, ctx, c.Nodes[2], c.Root, saved), &answer))
	if d := answer.Data; d.Revived != 0 || d.KeptDead != 1 || d.Users != 1 {
		t.Errorf("restored: %+v", d)
	}
	for _, n := range c.Nodes {
		tb := &table{t: t, ctx: ctx, way: &byREST{t: t, urls: []string{n.URL}}}
		tb.row("the deleted user's", codes.Unauthenticated, login, "ListUsers", &emptypb.Empty{})
		tb.row("the used invite", codes.Unauthenticated, "", "ConvertInviteToken", &api.ConvertInviteTokenRequest{Token: invite})
		tb.row("the rejected runner's", codes.PermissionDenied, runner.token, "ListUsers", &emptypb.Empty{})
		tb.row("the operator's", codes.OK, first, "ListUsers", &emptypb.Empty{})
		tb.row("the other user's", codes.OK, stays, "ListUsers", &emptypb.Empty{})
		for token, status := range map[string]int{revoked.ID: 403, kept.ID: 200, c.Root: 200} { // order: each stands alone
			a := h.Do(ctx, client.Request{Node: n.URL, Method: http.MethodGet, Path: "auth/token/lookup-self", Token: token})
			if a.Status != status {
				t.Errorf("%s: %s, want %d", n.URL, a, status)
			}
		}
	}
}
