package http_test

import (
	"context"
	"crypto/tls"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// serveGRPC serves gRPC beside HTTP until the test ends.
func serveGRPC(t *testing.T, s *httpd.Server) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.ServeGRPC(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s.Shutdown(ctx)
		if err := <-done; err != nil {
			t.Errorf("ServeGRPC: %v", err)
		}
	})
	return l.Addr().String()
}

// listUsers calls gRPC as a client of Waypoint without a token.
func listUsers(t *testing.T, addr string, transport credentials.TransportCredentials) error {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(transport))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err = api.NewWaypointClient(conn).ListUsers(metadata.AppendToOutgoingContext(ctx, "client-api-protocol", "1,1"), new(emptypb.Empty))
	return err
}

// A call is judged by the HTTP surface, which has nothing for those without a token.
func TestGRPCAsksTheHTTPSurface(t *testing.T) {
	s, _ := serve(t, httpd.Config{})
	err := listUsers(t, serveGRPC(t, s), insecure.NewCredentials())
	if code := status.Code(err); code != codes.PermissionDenied && code != codes.Unauthenticated {
		t.Errorf("got %v", err)
	}
}

// The certificate is the one of HTTPS, and is exchanged along with it.
func TestGRPCCertificate(t *testing.T) {
	dir := t.TempDir()
	cfg := httpd.Config{TLSCertFile: filepath.Join(dir, "cert.pem"), TLSKeyFile: filepath.Join(dir, "key.pem")}
	writeCertificate(t, cfg, "first")
	s, _ := serve(t, cfg)
	addr := serveGRPC(t, s)
	if got := certificateName(t, addr); got != "first" {
		t.Errorf("certificate is %q, want first", got)
	}
	writeCertificate(t, cfg, "second")
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := certificateName(t, addr); got != "second" {
		t.Errorf("certificate is %q, want second", got)
	}
	err := listUsers(t, addr, credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}))
	if code := status.Code(err); code != codes.PermissionDenied && code != codes.Unauthenticated {
		t.Errorf("over TLS: %v", err)
	}
	if status.Code(listUsers(t, addr, insecure.NewCredentials())) != codes.Unavailable {
		t.Error("plaintext is taken where there is a certificate")
	}
}

// Who waits for a runner's adoption at a node that stops goes on at another one: with
// a ticket over REST, by another call over gRPC. The runner stays where it was.
func TestWaitsOnANodeThatStops(t *testing.T) {
	c := httptestcluster.New()
	s, addr := serve(t, httpd.Config{Cluster: c})
	on := &stand{t, c, s.Handler()}
	first := on.signed("bootstrap", "", object{})
	cookie := on.must(200, "GET", "server/config", first, nil).body["config"].(map[string]any)["cookie"].(string)
	conn, err := grpc.NewClient(serveGRPC(t, s), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	rest, call := make(chan string, 1), make(chan error, 1)
	go func() {
		rest <- talk(t, addr, "POST /v1/runner/R-1/token HTTP/1.1\r\nHost: x\r\nGrpc-Metadata-Wpcookie: "+cookie+"\r\nContent-Length: 2\r\n\r\n{}")
	}()
	go func() {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "client-api-protocol", "1,1", "wpcookie", cookie)
		_, err := api.NewWaypointClient(conn).RunnerToken(ctx, &api.RunnerTokenRequest{Runner: &api.Runner{Id: "R-2"}})
		call <- err
	}()
	both := func(st *fsm.State) bool {
		_, one := st.Runner("R-1")
		_, two := st.Runner("R-2")
		return one && two
	}
	if err := c.Await(t.Context(), both); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // half of what a wait takes
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if got := <-rest; !strings.Contains(got, " 202 ") {
		t.Errorf("over REST: %s", got)
	}
	if err := <-call; status.Code(err) != codes.Unavailable {
		t.Errorf("over gRPC: %v", err)
	}
	if !both(c.Local()) {
		t.Error("a runner was taken offline")
	}
}

// Connections of both kinds count together.
func TestGRPCConnectionsAreBounded(t *testing.T) {
	s, httpAddr := serve(t, httpd.Config{Cluster: httptestcluster.New(), Limits: httpd.Limits{Connections: 2}}) // one to an address
	addr := serveGRPC(t, s)
	conn, err := net.Dial("tcp", httpAddr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /v1/sys/seal-status HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if status.Code(listUsers(t, addr, insecure.NewCredentials())) != codes.Unavailable {
		t.Error("a connection too many got an answer")
	}
}
