package main

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// ways are both ways to call the nodes of a cluster.
func ways(t *testing.T, c *procs.Cluster) []way {
	return []way{newByGRPC(t, c), &byREST{t: t, urls: c.URLs()}}
}

// Everything that was recorded of Waypoint's server, over gRPC and over REST, against
// three nodes in turn.
func TestWaypointBehaviour(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	first := bootstrapOnce(t, ctx, c)
	for _, w := range ways(t, c) {
		t.Run(w.name(), func(t *testing.T) {
			tb := &table{t: t, ctx: ctx, way: w}
			carol, _ := tb.signUp(first, "carol-"+w.name())
			tb.credentials(first)
			tb.logins(first, carol)
			tb.invites(first, carol)
			tb.users(first)
			tb.entrypoints(first, c.Root, func(id string) {
				ask(t, ctx, client.New(patience), client.Request{Node: c.Nodes[0].URL, Path: "jeton/deployments/" + id, Token: c.Root, Body: map[string]any{"config": map[string]string{"a": "b"}}})
			})
			cookie := tb.config(first)
			tb.adoption(first, cookie)
			tb.working(first, cookie)
			t.Logf("%d rows", tb.rows)
		})
	}
}

// atOnce makes a call from all sides at the same time and returns the tokens of those
// that succeeded. All others have to fail with a code.
func atOnce(t *testing.T, ctx context.Context, all []way, each int, rpc string, req proto.Message, want codes.Code) (won []string) {
	t.Helper()
	var mu sync.Mutex
	var calls sync.WaitGroup
	for _, w := range all {
		for range each {
			calls.Go(func() {
				m, err := w.call(ctx, shown{}, rpc, req)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won = append(won, m.(*api.NewTokenResponse).Token)
				} else if status.Code(err) != want {
					t.Errorf("another %s answers %v, want %s", rpc, err, want)
				}
			})
		}
	}
	calls.Wait()
	return won
}

// bootstrapOnce bootstraps from all sides at once: in Waypoint nearly all of them win.
func bootstrapOnce(t *testing.T, ctx context.Context, c *procs.Cluster) string {
	t.Helper()
	won := atOnce(t, wait(t, ctx), ways(t, c), 12, "BootstrapToken", &emptypb.Empty{}, codes.PermissionDenied)
	if len(won) != 1 {
		t.Fatalf("%d of 24 bootstraps won, want 1", len(won))
	}
	return won[0]
}

// One invite, ten exchanges over three nodes: one of them succeeds. A deleted user's
// and a rejected runner's tokens are refused by every node when the call has returned.
func TestWaypointEnds(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	first := bootstrapOnce(t, ctx, c)
	all := ways(t, c)
	for round := range 5 {
		tb := &table{t: t, ctx: ctx, way: all[round%2]}
		invite := tb.token("invite", first, "GenerateInviteToken", &api.InviteTokenRequest{
			Duration: "1h", Signup: &api.Token_Invite_Signup{InitialUsername: fmt.Sprintf("user-%d", round)},
		})
		won := atOnce(t, wait(t, ctx), all, 5, "ConvertInviteToken", &api.ConvertInviteTokenRequest{Token: invite}, codes.Unauthenticated)
		if len(won) != 1 {
			t.Fatalf("%d of 10 exchanges succeeded, want 1", len(won))
		}
		id := tb.row("who", codes.OK, won[0], "GetUser", &api.GetUserRequest{}).(*api.GetUserResponse).User.GetId()
		tb.row("delete", codes.OK, first, "DeleteUser", &api.DeleteUserRequest{User: byID(id)})
		for range c.Nodes {
			tb.row("deleted", codes.Unauthenticated, won[0], "ListUsers", &emptypb.Empty{})
		}
		cookie := tb.row("cookie", codes.OK, first, "GetServerConfig", &emptypb.Empty{}).(*api.GetServerConfigResponse).Config.GetCookie()
		r := remote(fmt.Sprintf("R-%d", round), nil)
		w := tb.waits(first, cookie, r)
		tb.adopt(first, r.Id, true)
		got := <-w.done
		must(t, got.err)
		for range c.Nodes {
			tb.row("adopted", codes.OK, got.token, "ListUsers", &emptypb.Empty{})
		}
		tb.adopt(first, r.Id, false)
		for range c.Nodes {
			tb.row("rejected", codes.PermissionDenied, got.token, "ListUsers", &emptypb.Empty{})
		}
	}
}

// A runner waits on one node while the leader is killed, and is adopted through another:
// it gets its token all the same. What was minted before is accepted by all after it.
func TestWaypointOutlivesTheLeader(t *testing.T) {
	ctx, c := start(t, procs.Config{})
	first := bootstrapOnce(t, ctx, c)
	l := leader(t, ctx, c)
	var rest []*procs.Node
	for _, n := range c.Nodes {
		if n != l {
			rest = append(rest, n)
		}
	}
	for _, w := range ways(t, &procs.Cluster{Nodes: rest}) {
		tb := &table{t: t, ctx: ctx, way: w}
		cookie := tb.row("cookie", codes.OK, first, "GetServerConfig", &emptypb.Empty{}).(*api.GetServerConfigResponse).Config.GetCookie()
		r := remote("R-"+w.name(), map[string]string{"env": "prod"})
		waiting := tb.waits(first, cookie, r)
		if l.Running() {
			must(t, l.Kill())
			leader(t, ctx, c, l)
			serving(t, ctx, c, rest...)
		}
		tb.adopt(first, r.Id, true)
		got := <-waiting.done
		must(t, got.err)
		for range rest {
			tb.row("its token", codes.OK, got.token, "ListUsers", &emptypb.Empty{})
			tb.row("minted before", codes.OK, first, "ListUsers", &emptypb.Empty{})
		}
	}
	must(t, l.Start())
	serving(t, ctx, c, l)
	tb := &table{t: t, ctx: ctx, way: &byREST{t: t, urls: []string{l.URL}}}
	tb.row("by the node that was killed", codes.OK, first, "ListUsers", &emptypb.Empty{})
}
