package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// shown is what a caller shows: a token and the server's cookie.
type shown struct{ token, cookie string }

// way is one of the two ways to make a call of Waypoint's. Calls go to the nodes in
// turn.
type way interface {
	name() string
	call(ctx context.Context, by shown, rpc string, req proto.Message) (proto.Message, error)
}

// newReply is an empty answer of a call.
func newReply(t *testing.T, rpc string) proto.Message {
	t.Helper()
	d, err := protoregistry.GlobalFiles.FindDescriptorByName("hashicorp.waypoint.Waypoint")
	if err != nil {
		t.Fatal(err)
	}
	m := d.(protoreflect.ServiceDescriptor).Methods().ByName(protoreflect.Name(rpc))
	if m == nil {
		t.Fatalf("no call %s", rpc)
	}
	kind, err := protoregistry.GlobalTypes.FindMessageByName(m.Output().FullName())
	if err != nil {
		t.Fatal(err)
	}
	return kind.New().Interface()
}

// byGRPC calls as Waypoint's own client does.
type byGRPC struct {
	t     *testing.T
	conns []*grpc.ClientConn
	turn  atomic.Int64
}

func newByGRPC(t *testing.T, c *procs.Cluster) *byGRPC {
	w := &byGRPC{t: t}
	for _, n := range c.Nodes {
		conn, err := grpc.NewClient(n.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
		must(t, err)
		t.Cleanup(func() { conn.Close() })
		w.conns = append(w.conns, conn)
	}
	return w
}

func (*byGRPC) name() string { return "grpc" }

func (w *byGRPC) call(ctx context.Context, by shown, rpc string, req proto.Message) (proto.Message, error) {
	pairs := []string{"client-api-protocol", "1,1", "client-entrypoint-protocol", "1,1"}
	if by.token != "" {
		pairs = append(pairs, "waypoint-token", by.token)
	}
	if by.cookie != "" {
		pairs = append(pairs, "wpcookie", by.cookie)
	}
	ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(ctx, pairs...))
	defer cancel()
	conn := w.conns[int(w.turn.Add(1))%len(w.conns)]
	reply := newReply(w.t, rpc)
	method := "/hashicorp.waypoint.Waypoint/" + rpc
	switch rpc {
	case "RunnerConfig", "EntrypointConfig": // the first answer says that the caller was let in
		s, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, method)
		if err != nil {
			return nil, err
		}
		if err := s.SendMsg(req); err != nil && err != io.EOF {
			return nil, err
		}
		if rpc == "EntrypointConfig" {
			s.CloseSend()
		}
		return reply, s.RecvMsg(reply)
	}
	return reply, conn.Invoke(ctx, method, req, reply)
}

// byREST makes the same calls by HTTP, and judges the status of an answer besides its
// code.
type byREST struct {
	t    *testing.T
	urls []string
	turn atomic.Int64
}

func (*byREST) name() string { return "rest" }

// restPlace is where a call is in the REST surface, by what it asks for.
func restPlace(rpc string, req proto.Message) (method, path string) {
	esc := url.PathEscape
	switch r := req.(type) {
	case *api.GetUserRequest:
		return "GET", userPlace(r.User, "user")
	case *api.DeleteUserRequest:
		return "DELETE", userPlace(r.User, "user/by-id/")
	case *api.UpdateUserRequest:
		return "PUT", "user/" + esc(r.GetUser().GetId())
	case *api.GetRunnerRequest:
		return "GET", "runner/" + esc(r.RunnerId)
	case *api.AdoptRunnerRequest:
		return "POST", "runner/" + esc(r.RunnerId) + "/adopt"
	case *api.ForgetRunnerRequest:
		return "POST", "runner/" + esc(r.RunnerId) + "/forget"
	case *api.RunnerTokenRequest:
		return "POST", "runner/" + esc(r.GetRunner().GetId()) + "/token"
	case *api.RunnerConfigRequest:
		return "POST", "runner/" + esc(r.GetOpen().GetRunner().GetId()) + "/online"
	case *api.EntrypointConfigRequest:
		return "GET", "entrypoint/config/" + esc(r.DeploymentId)
	}
	place := map[string][2]string{
		"GetVersionInfo": {"GET", "version"}, "BootstrapToken": {"POST", "token/bootstrap"}, "DecodeToken": {"POST", "token/decode"},
		"GenerateLoginToken": {"POST", "token/login"}, "GenerateInviteToken": {"POST", "token/invite"},
		"GenerateRunnerToken": {"POST", "token/runner"}, "ConvertInviteToken": {"POST", "token/exchange"},
		"ListUsers": {"GET", "users"}, "ListRunners": {"GET", "runners"}, "GetServerConfig": {"GET", "server/config"},
		"SetServerConfig": {"POST", "server/config"}, "ListOIDCAuthMethods": {"GET", "oidc/methods"}, "ListAuthMethods": {"GET", "auth-methods"},
	}[rpc]
	return place[0], place[1]
}

func userPlace(ref *api.Ref_User, without string) string {
	switch r := ref.GetRef().(type) {
	case *api.Ref_User_Id:
		return "user/by-id/" + url.PathEscape(r.Id.GetId())
	case *api.Ref_User_Username:
		return "user/by-username/" + url.PathEscape(r.Username.GetUsername())
	}
	return without
}

func (w *byREST) call(ctx context.Context, by shown, rpc string, req proto.Message) (proto.Message, error) {
	method, path := restPlace(rpc, req)
	m := req
	if r, ok := req.(*api.RunnerConfigRequest); ok {
		m = &api.RunnerTokenRequest{Runner: r.GetOpen().GetRunner()}
	}
	body, err := protojson.Marshal(m)
	must(w.t, err)
	for {
		got, text, err := w.send(ctx, by, method, path, body)
		switch {
		case err != nil:
			return nil, err
		case got == http.StatusAccepted: // not decided yet: the next node is asked with the ticket
			body = ticketed(w.t, body, text)
		case got >= 300:
			return nil, w.fault(got, text)
		default:
			reply := newReply(w.t, rpc)
			return reply, (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, reply)
		}
	}
}

// ticketed is a request with the ticket that an answer holds.
func ticketed(t *testing.T, body, answer []byte) []byte {
	t.Helper()
	var got struct{ Ticket string }
	must(t, json.Unmarshal(answer, &got))
	fields := make(map[string]any)
	must(t, json.Unmarshal(body, &fields))
	fields["ticket"] = got.Ticket
	body, err := json.Marshal(fields)
	must(t, err)
	return body
}

func (w *byREST) send(ctx context.Context, by shown, method, path string, text []byte) (int, []byte, error) {
	var body io.Reader
	if method == "POST" || method == "PUT" {
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, w.urls[int(w.turn.Add(1))%len(w.urls)]+"/v1/"+path, body)
	must(w.t, err)
	if by.token != "" {
		r.Header.Set("Authorization", by.token)
	}
	if by.cookie != "" {
		r.Header.Set("Grpc-Metadata-Wpcookie", by.cookie)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, status.FromContextError(err).Err()
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(resp.Body)
	return resp.StatusCode, text, err
}

// gatewayStatus is the status of each code, as reference/waypoint.md 2.3 has it.
var gatewayStatus = map[codes.Code][]int{
	codes.Unauthenticated: {401}, codes.PermissionDenied: {403}, codes.NotFound: {404}, codes.InvalidArgument: {400},
	codes.FailedPrecondition: {400, 412}, codes.AlreadyExists: {400}, codes.Aborted: {409}, codes.Unavailable: {503}, codes.Unimplemented: {405},
}

func (w *byREST) fault(got int, text []byte) error {
	var fault struct {
		Code    codes.Code
		Message string
		Errors  []string
	}
	if err := json.Unmarshal(text, &fault); err != nil {
		w.t.Errorf("status %d with %s: %v", got, text, err)
	}
	fits := false
	for _, want := range gatewayStatus[fault.Code] {
		fits = fits || got == want
	}
	if !fits || fault.Message == "" || len(fault.Errors) == 0 {
		w.t.Errorf("status %d with %s", got, text)
	}
	return status.Error(fault.Code, fault.Message)
}
