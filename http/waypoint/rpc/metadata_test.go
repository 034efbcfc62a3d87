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

// The version of the protocol comes before the token, and the handler hears nothing of
// a client that could not understand the answer.
func TestProtocol(t *testing.T) {
	const apiKey, entrypointKey = "client-api-protocol", "client-entrypoint-protocol"
	tests := []struct {
		name    string
		pairs   []string
		refused bool
		says    string
	}{
		{"as Waypoint's client", []string{apiKey, "1,1"}, false, ""},
		{"spaces", []string{apiKey, "1,  1"}, false, ""},
		{"a range", []string{apiKey, "0,5"}, false, ""},
		{"absent", nil, true, "must be given, and once"},
		{"doubled", []string{apiKey, "1,1", apiKey, "1,1"}, true, "must be given, and once"},
		{"only the other one", []string{entrypointKey, "1,1"}, true, "must be given, and once"},
		{"too old", []string{apiKey, "0,0"}, true, "too old"},
		{"too new", []string{apiKey, "2,3"}, true, "too new"},
		{"one number", []string{apiKey, "1"}, true, "two versions"},
		{"three numbers", []string{apiKey, "1,1,1"}, true, "two versions"},
		{"letters", []string{apiKey, "x,y"}, true, "two versions"},
		{"a sign", []string{apiKey, "-1,1"}, true, "two versions"},
		{"a long number", []string{apiKey, "1,4294967296"}, true, "two versions"},
		{"empty", []string{apiKey, ""}, true, "two versions"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := says(401, `{"code":16,"message":"who are you?"}`)
			s := serve(t, h, rpc.Config{})
			want := codes.Unauthenticated
			if tt.refused {
				want = codes.InvalidArgument
			}
			_, err := s.ListUsers(with(t, tt.pairs...), empty)
			wantCode(t, err, want)
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %q in it", err, tt.says)
			}
			if !tt.refused {
				h.next(t)
			}
			stream, err := s.RunnerConfig(with(t, tt.pairs...)) // without a token
			if err != nil {
				t.Fatal(err)
			}
			_, err = stream.Recv()
			wantCode(t, err, want)
			h.quiet(t)
		})
	}
	t.Run("Entrypoint calls have their own", func(t *testing.T) {
		s := serve(t, says(401, `{"code":16}`), rpc.Config{})
		for key, want := range map[string]codes.Code{apiKey: codes.InvalidArgument, entrypointKey: codes.Unauthenticated} {
			stream, err := s.EntrypointConfig(with(t, key, "1,1", "waypoint-token", "T"), new(api.EntrypointConfigRequest))
			if err == nil {
				_, err = stream.Recv()
			}
			wantCode(t, err, want)
		}
	})
	t.Run("GetVersionInfo needs none", func(t *testing.T) {
		s := serve(t, says(200, `{}`), rpc.Config{})
		if _, err := s.GetVersionInfo(with(t, apiKey, "7,8"), empty); err != nil {
			t.Error(err)
		}
	})
}

func TestCredentials(t *testing.T) {
	const version = "client-api-protocol"
	tests := []struct {
		name          string
		pairs         []string
		token, cookie string
	}{
		{"none", nil, "", ""},
		{"under both keys, as Waypoint's client", []string{"waypoint-token", "T", "authorization", "T"}, "T", ""},
		{"its own key wins", []string{"authorization", "A", "waypoint-token", "T"}, "T", ""},
		{"authorization alone", []string{"authorization", "A"}, "A", ""},
		{"a scheme is part of the text", []string{"authorization", "Bearer A"}, "Bearer A", ""},
		{"an empty one hides authorization", []string{"waypoint-token", "", "authorization", "A"}, "", ""},
		{"the first value counts", []string{"waypoint-token", "T", "waypoint-token", "U", "wpcookie", "C", "wpcookie", "D"}, "T", "C"},
		{"an empty first value counts", []string{"waypoint-token", "", "waypoint-token", "U", "wpcookie", "", "wpcookie", "D"}, "", ""},
		{"a cookie alone", []string{"wpcookie", "C"}, "", "C"},
		{"a runner of the client is nobody's business", []string{"waypoint-runner-id", "R"}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := says(200, `{}`)
			s := serve(t, h, rpc.Config{})
			if _, err := s.ListUsers(with(t, append(tt.pairs, version, "1,1")...), empty); err != nil {
				t.Fatal(err)
			}
			if _, err := s.GetVersionInfo(with(t, tt.pairs...), empty); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				got := h.next(t).header
				want := http.Header{}
				for name, value := range map[string]string{"Grpc-Metadata-Waypoint-Token": tt.token, "Grpc-Metadata-Wpcookie": tt.cookie} {
					if value != "" {
						want.Set(name, value)
					}
				}
				for _, name := range []string{"Grpc-Metadata-Waypoint-Token", "Grpc-Metadata-Wpcookie", "Authorization", "X-Vault-Token", "Cookie"} {
					if got.Get(name) != want.Get(name) || len(got.Values(name)) > 1 {
						t.Errorf("%s is %q, want %q", name, got.Values(name), want.Get(name))
					}
				}
			}
		})
	}
}

// A stream without a token is refused before its cookie is looked at.
func TestStreamsNeedAToken(t *testing.T) {
	for name, pairs := range map[string][]string{
		"none":                     {},
		"an empty one":             {"waypoint-token", ""},
		"an empty one that hides":  {"waypoint-token", "", "authorization", "T"},
		"none and a wrong cookie":  {"wpcookie", "wrong"},
		"an empty authorization":   {"authorization", ""},
		"an empty one, and others": {"waypoint-token", "", "waypoint-token", "T"},
	} {
		t.Run(name, func(t *testing.T) {
			h := says(403, `{"code":7}`)
			s := serve(t, h, rpc.Config{})
			ctx := with(t, append(pairs, "client-api-protocol", "1,1", "client-entrypoint-protocol", "1,1")...)
			config, err := s.RunnerConfig(ctx)
			if err != nil {
				t.Fatal(err)
			}
			jobs, err := s.RunnerJobStream(ctx)
			if err != nil {
				t.Fatal(err)
			}
			entrypoint, err := s.EntrypointConfig(ctx, new(api.EntrypointConfigRequest))
			if err != nil {
				t.Fatal(err)
			}
			_, first := config.Recv()
			_, second := jobs.Recv()
			_, third := entrypoint.Recv()
			for _, err := range []error{first, second, third} {
				if status.Code(err) != codes.Unauthenticated {
					t.Errorf("got %v", err)
				}
			}
			h.quiet(t)
		})
	}
}
