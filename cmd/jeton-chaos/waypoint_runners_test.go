package main

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jeton-io/jeton/http/waypoint"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// waiter is a runner that waits to be adopted.
type waiter struct {
	leave context.CancelFunc
	done  chan waited
}

type waited struct {
	token string
	err   error
}

func remote(id string, labels map[string]string) *api.Runner {
	return &api.Runner{Id: id, Labels: labels, Kind: &api.Runner_Remote_{Remote: &api.Runner_Remote{}}}
}

// waits registers a runner and returns when it is known to be pending. A REST client
// asks again with the ticket; see byREST.
func (tb *table) waits(first, cookie string, r *api.Runner) *waiter {
	tb.t.Helper()
	seen := tb.runner(first, r.Id).GetLastSeen().AsTime() // of a waiter before it
	ctx, cancel := context.WithCancel(wait(tb.t, tb.ctx))
	w := &waiter{cancel, make(chan waited, 1)}
	go func() {
		m, err := tb.way.call(ctx, shown{cookie: cookie}, "RunnerToken", &api.RunnerTokenRequest{Runner: r})
		token := ""
		if reply, ok := m.(*api.RunnerTokenResponse); ok {
			token = reply.Token
		}
		w.done <- waited{token, err}
	}()
	hash := waypoint.LabelHash(r.Labels)
	tb.until("pending", func() bool {
		now := tb.runner(first, r.Id)
		return now != nil && now.AdoptionState == api.Runner_PENDING && waypoint.LabelHash(now.Labels) == hash && now.LastSeen.AsTime().After(seen)
	})
	return w
}

// until waits for what another process does.
func (tb *table) until(what string, f func() bool) {
	tb.t.Helper()
	ctx := wait(tb.t, tb.ctx)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			tb.t.Fatalf("%s: not in time", what)
		}
	}
}

// runner is a runner's record; nil: there is none.
func (tb *table) runner(first, id string) *api.Runner {
	m, err := tb.way.call(wait(tb.t, tb.ctx), shown{token: first}, "GetRunner", &api.GetRunnerRequest{RunnerId: id})
	if err != nil {
		return nil
	}
	return m.(*api.Runner)
}

func (tb *table) state(what, first, id string, want api.Runner_AdoptionState) {
	tb.t.Helper()
	if r := tb.runner(first, id); r == nil || r.AdoptionState != want {
		tb.t.Errorf("%s: runner %s is %v, want %s", what, id, r, want)
	}
}

// adopts is an operator's word, and what it brings a waiter.
func (tb *table) adopt(first, id string, adopt bool) {
	tb.t.Helper()
	tb.row("adopt", codes.OK, first, "AdoptRunner", &api.AdoptRunnerRequest{RunnerId: id, Adopt: adopt})
}

// adoption is section 5, rows 1 to 19.
func (tb *table) adoption(first, cookie string) {
	id := "A-" + tb.way.name()
	prod, dev := map[string]string{"env": "prod"}, map[string]string{"env": "dev"}
	ask := func(what string, want codes.Code, by shown, r *api.Runner) string {
		tb.t.Helper()
		m, _ := tb.rowBy(what, want, by, "RunnerToken", &api.RunnerTokenRequest{Runner: r}).(*api.RunnerTokenResponse)
		return m.GetToken()
	}
	ask("1 nothing shown", codes.PermissionDenied, shown{}, remote(id, prod))
	ask("1 gibberish", codes.PermissionDenied, shown{token: "gibberish"}, remote(id, prod))
	tb.want(tb.runner(first, id) == nil, "1 no record")
	ask("2 wrong cookie", codes.PermissionDenied, shown{cookie: "WPCwrong"}, remote(id, prod))
	tb.want(ask("3 a login", codes.OK, shown{token: first}, remote(id, prod)) == "", "3 keep yours")

	gone := tb.waits(first, cookie, remote(id, prod)) // 7
	gone.leave()
	tb.want(status.Code((<-gone.done).err) == codes.Canceled, "8 canceled")
	tb.until("8 the record goes", func() bool { return tb.runner(first, id) == nil })

	one, two := tb.waits(first, strings.ToLower(cookie), remote(id, prod)), tb.waits(first, cookie, remote(id, prod))
	tb.adopt(first, id, true)
	got, second := <-one.done, <-two.done
	tb.want(got.err == nil && second.err == nil && got.token != "" && second.token != "" && got.token != second.token, "9 both", got.err, second.err)
	said := tb.says("10", got.token)
	tb.want(said.GetRunner().GetId() == id && said.GetRunner().GetLabelHash() == waypoint.LabelHash(prod) && said.ValidUntil == nil, "10 token", said)
	tb.state("10", first, id, api.Runner_ADOPTED)
	tb.row("33 elsewhere", codes.OK, got.token, "ListUsers", &emptypb.Empty{})
	tb.want(ask("4 its own", codes.OK, shown{token: got.token}, remote(id, prod)) == "", "4 keep yours")
	ask("5 another id", codes.PermissionDenied, shown{token: got.token}, remote(id+"2", prod))
	ask("5 other labels", codes.PermissionDenied, shown{token: got.token}, remote(id, dev))
	ask("12 adopted", codes.PermissionDenied, shown{cookie: cookie}, remote(id, prod))

	again := tb.waits(first, cookie, remote(id, dev)) // 14
	tb.row("14 old token", codes.PermissionDenied, got.token, "ListUsers", &emptypb.Empty{})
	again.leave()
	<-again.done
	tb.until("15 what it was", func() bool { // Waypoint deletes it, and so undoes the adoption
		now := tb.runner(first, id)
		return now != nil && now.AdoptionState == api.Runner_ADOPTED && now.Labels["env"] == "prod"
	})
	tb.row("15 its token", codes.OK, got.token, "ListUsers", &emptypb.Empty{})
	again = tb.waits(first, cookie, remote(id, dev))
	tb.adopt(first, id, true)
	next := <-again.done
	tb.want(next.err == nil && tb.says("16", next.token).GetRunner().GetLabelHash() == waypoint.LabelHash(dev), "16 new token", next.err)
	tb.row("16 old token", codes.PermissionDenied, got.token, "ListUsers", &emptypb.Empty{})
	tb.adopt(first, id, false)
	tb.row("17 rejected", codes.PermissionDenied, next.token, "ListUsers", &emptypb.Empty{})
	tb.want(ask("4 its own, rejected", codes.OK, shown{token: next.token}, remote(id, dev)) == "", "4 keep yours")
	ask("13 rejected", codes.PermissionDenied, shown{cookie: cookie}, remote(id, dev))
	tb.adopt(first, id, true)
	tb.state("18", first, id, api.Runner_ADOPTED)
	ask("18 cookie alone", codes.PermissionDenied, shown{cookie: cookie}, remote(id, dev))
	tb.row("18 its token", codes.OK, next.token, "ListUsers", &emptypb.Empty{})

	other := "B-" + tb.way.name()
	no := tb.waits(first, cookie, remote(other, nil))
	tb.adopt(first, other, false)
	tb.want(status.Code((<-no.done).err) == codes.PermissionDenied, "11 rejected")
	tb.state("11", first, other, api.Runner_REJECTED)
	for _, adopt := range []bool{true, false} {
		tb.row("19 unknown", codes.NotFound, first, "AdoptRunner", &api.AdoptRunnerRequest{RunnerId: "nobody", Adopt: adopt})
	}
	tb.row("20 bad id", codes.InvalidArgument, first, "AdoptRunner", &api.AdoptRunnerRequest{RunnerId: "a.b", Adopt: true})
	tb.row("23 unknown", codes.NotFound, first, "GetRunner", &api.GetRunnerRequest{RunnerId: "nobody"})
}

// working is section 5, rows 20 to 34.
func (tb *table) working(first, cookie string) {
	id := "C-" + tb.way.name()
	prod := map[string]string{"env": "prod"}
	issue := func(what, id string, labels map[string]string) string {
		tb.t.Helper()
		return tb.token(what, first, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{Id: id, Labels: labels})
	}
	online := func(what string, want codes.Code, by string, r *api.Runner) {
		tb.t.Helper()
		tb.row(what, want, by, "RunnerConfig", &api.RunnerConfigRequest{Event: &api.RunnerConfigRequest_Open_{Open: &api.RunnerConfigRequest_Open{Runner: r}}})
	}
	own, free := issue("labels", id, prod), issue("no labels", id, nil)
	tb.want(tb.says("no labels", free).GetRunner().GetLabelHash() == 0, "no labels, no hash")
	online("25 another id", codes.PermissionDenied, own, remote(id+"2", prod))
	online("25 other labels", codes.PermissionDenied, own, remote(id, nil))
	online("29 nobody", codes.Unauthenticated, "", remote(id, prod))
	online("29 gibberish", codes.Unauthenticated, "gibberish", remote(id, prod)) // Unknown
	online("24 its own", codes.OK, own, remote(id, prod))
	online("28 a login", codes.OK, first, remote(id+"3", prod))
	if tb.way.name() == "grpc" { // whose stream has ended
		tb.until("30 the record goes", func() bool { return tb.runner(first, id) == nil && tb.runner(first, id+"3") == nil })
		tb.rowBy("32 no id", codes.Aborted, shown{cookie: cookie}, "RunnerToken", &api.RunnerTokenRequest{Runner: remote("", nil)})
		for _, bad := range []string{"", "a/b", ".."} {
			tb.row("20 bad id", codes.InvalidArgument, first, "AdoptRunner", &api.AdoptRunnerRequest{RunnerId: bad, Adopt: true})
		}
		tb.row("21 no id", codes.InvalidArgument, first, "ForgetRunner", &api.ForgetRunnerRequest{})
		tb.row("23 no id", codes.NotFound, first, "GetRunner", &api.GetRunnerRequest{})
	} else {
		tb.state("24", first, id, api.Runner_PREADOPTED)
	}
	online("27 letter case", codes.OK, own, remote(strings.ToLower(id), prod))

	w := tb.waits(first, cookie, remote(id+"4", prod))
	tb.adopt(first, id+"4", true)
	adopted := (<-w.done).token
	online("24 adopted", codes.OK, adopted, remote(id+"4", prod))
	tb.state("24", first, id+"4", api.Runner_ADOPTED)
	tb.adopt(first, id+"4", false)
	for what, by := range map[string]string{"own": adopted, "any": issue("any", "", nil), "login": first} { // order: each is refused
		online("26 rejected, "+what, codes.PermissionDenied, by, remote(id+"4", prod))
	}
	tb.row("21 known", codes.OK, first, "ForgetRunner", &api.ForgetRunnerRequest{RunnerId: id + "4"})
	tb.row("21 unknown", codes.OK, first, "ForgetRunner", &api.ForgetRunnerRequest{RunnerId: id + "4"})
	tb.row("22 forgotten", codes.PermissionDenied, adopted, "ListUsers", &emptypb.Empty{})
	online("22 comes back", codes.OK, adopted, remote(id+"4", prod))

	mine := issue("a runner", id+"5", nil)
	tb.row("for itself, not known", codes.PermissionDenied, mine, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{Id: id + "5"})
	w = tb.waits(first, cookie, remote(id+"5", nil))
	tb.adopt(first, id+"5", true)
	<-w.done
	tb.token("for itself", mine, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{Id: id + "5", Labels: prod})
	for _, bad := range []string{id, ""} {
		tb.row("for another", codes.InvalidArgument, mine, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{Id: bad})
	}
	any := issue("any", "", nil)
	tb.token("any, for any", any, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{})
	tb.row("any, for one", codes.InvalidArgument, any, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{Id: id})
	tb.row("bad duration", codes.InvalidArgument, first, "GenerateRunnerToken", &api.GenerateRunnerTokenRequest{Duration: "soon"})
	all := tb.row("list", codes.OK, first, "ListRunners", &api.ListRunnersRequest{}).(*api.ListRunnersResponse).Runners
	for i := 1; i < len(all); i++ {
		tb.want(all[i-1].Id > all[i].Id, "runners, the greatest id first", all)
	}
}
