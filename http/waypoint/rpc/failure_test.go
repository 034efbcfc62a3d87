package rpc_test

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/jeton-io/jeton/http/waypoint/api"
	"github.com/jeton-io/jeton/http/waypoint/rpc"
)

// An answer's own code counts, and else its status.
func TestFailures(t *testing.T) {
	const detail = `{"@type":"type.googleapis.com/hashicorp.waypoint.ErrorDetail","key":"id","value":"R-9"}`
	tests := []struct {
		name    string
		status  int
		body    string
		code    codes.Code
		message string
		details int
	}{
		{"named", 404, `{"code":5,"message":"no runner","details":[` + detail + `],"errors":["other"]}`, codes.NotFound, "no runner", 1},
		{"named otherwise than its status", 400, `{"code":9,"message":"last user"}`, codes.FailedPrecondition, "last user", 0},
		{"unknown details", 403, `{"code":7,"message":"m","details":[{"@type":"type.googleapis.com/x.Y","key":"z"},7,{},` + detail + `]}`, codes.PermissionDenied, "m", 1},
		{"named without a message", 403, `{"code":7}`, codes.PermissionDenied, "Forbidden", 0},
		{"a code that is none", 403, `{"code":"7","errors":["no"]}`, codes.PermissionDenied, "no", 0},
		{"a code out of range", 403, `{"code":17,"errors":["no"]}`, codes.PermissionDenied, "no", 0},
		{"a code that says it is well", 403, `{"code":0,"errors":["no"]}`, codes.PermissionDenied, "no", 0},

		{"400", 400, `{"errors":["no","more"]}`, codes.InvalidArgument, "no", 0},
		{"401", 401, `{"errors":[]}`, codes.Unauthenticated, "Unauthorized", 0},
		{"404", 404, ``, codes.NotFound, "Not Found", 0},
		{"405", 405, `{"errors":["unsupported operation"]}`, codes.Unimplemented, "unsupported operation", 0},
		{"409", 409, `no JSON`, codes.Aborted, "Conflict", 0},
		{"412", 412, `[]`, codes.FailedPrecondition, "Precondition Failed", 0},
		{"413", 413, `{"errors":["body is larger"]}`, codes.InvalidArgument, "body is larger", 0},
		{"429", 429, `{"errors":["too many"]}`, codes.ResourceExhausted, "too many", 0},
		{"503", 503, `{"errors":["no leader; the request was not applied"]}`, codes.Unavailable, "no leader; the request was not applied", 0},
		{"500", 500, `{"errors":["internal error"]}`, codes.Internal, "internal error", 0},
		{"502", 502, ``, codes.Internal, "Bad Gateway", 0},
		{"302", 302, ``, codes.Internal, "Found", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := serve(t, says(tt.status, tt.body), rpc.Config{}).ListUsers(client(t), empty)
			st := status.Convert(err)
			if st.Code() != tt.code || st.Message() != tt.message || len(st.Details()) != tt.details {
				t.Errorf("got %v %q %v, want %v %q and %d details", st.Code(), st.Message(), st.Details(), tt.code, tt.message, tt.details)
			}
			if tt.details == 1 && detailOf(err) != "id R-9" {
				t.Errorf("the detail is %q", detailOf(err))
			}
		})
	}
}

// A good answer that is not the message is a fault of ours, and its text stays here.
func TestAnswersThatAreNoMessages(t *testing.T) {
	for _, body := range []string{`{"token":7}`, `secret`, `{"token":"a"`} {
		s := serve(t, says(200, body), rpc.Config{})
		_, err := s.BootstrapToken(client(t), empty)
		wantCode(t, err, codes.Internal)
		_, err = s.RunnerToken(client(t), &api.RunnerTokenRequest{Runner: &api.Runner{Id: "R"}})
		wantCode(t, err, codes.Internal)
		s.stop(t)
		if text := s.log.String() + err.Error(); strings.Contains(text, "secret") || !strings.Contains(text, "internal error") {
			t.Errorf("%s: said %s", body, text)
		}
	}
}

// A panic ends the call, and no other.
func TestPanics(t *testing.T) {
	const secret = "a-token-of-waypoint"
	fault := any("out of order: " + secret)
	h := newHandler(func(http.ResponseWriter, *http.Request, string) { panic(fault) })
	s := serve(t, h, rpc.Config{})
	_, err := s.ListUsers(with(t, "client-api-protocol", "1,1", "authorization", secret), empty)
	wantCode(t, err, codes.Internal)
	if strings.Contains(err.Error(), "out of order") {
		t.Errorf("the client learns why: %v", err)
	}
	stream, err := s.RunnerConfig(with(t, "client-api-protocol", "1,1", "authorization", secret))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(opening("R")); err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantCode(t, err, codes.Internal)
	fault = http.ErrAbortHandler
	_, err = s.ListUsers(client(t), empty)
	wantCode(t, err, codes.Unavailable)
	s.stop(t)
	if text := s.log.String(); strings.Contains(text, secret) {
		t.Errorf("the log has the token that was shown:\n%s", text)
	} else if strings.Count(text, "out of order") != 2 || strings.Contains(text, "abort") || !strings.Contains(text, "failure_test.go") {
		t.Errorf("the log has\n%s", text)
	}
}
