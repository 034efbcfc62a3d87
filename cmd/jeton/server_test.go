package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

// A node that cannot have the port it was given does not start.
func TestGRPCPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o := DefaultOptions()
	o.HTTPAddr, o.GRPCAddr, o.DataDir = "127.0.0.1:0", l.Addr().String(), filepath.Join(t.TempDir(), "data")
	if err := runServer(t.Context(), o, func(string) { t.Error("it serves") }); err == nil || !strings.Contains(err.Error(), o.GRPCAddr) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(o.DataDir); !os.IsNotExist(err) {
		t.Errorf("it has made its data directory (%v)", err)
	}
}

// A node serves gRPC where it was told to.
func TestServerServesGRPC(t *testing.T) {
	ports := freePorts(t, 4)
	d := devCluster{nodes: 1, httpPort: 9100, rootToken: "root", logLevel: "error"}
	options, err := d.options(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o := options[0]
	o.HTTPAddr, o.ClusterAddr, o.GossipAddr, o.GRPCAddr = ports[0], ports[1], ports[2], ports[3]
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- runServer(ctx, o, func(string) { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	conn, err := grpc.NewClient(o.GRPCAddr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	patience, cancelled := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancelled()
	// without the header that says which protocol is spoken
	if _, err := api.NewWaypointClient(conn).ListUsers(patience, new(emptypb.Empty)); status.Code(err) != codes.InvalidArgument {
		t.Errorf("got %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestReadRootToken(t *testing.T) {
	for text, want := range map[string]string{
		"root":                           "root",
		" root-1234\r\n":                 "root-1234",
		"jts_foo\n":                      "",
		"two words\n":                    "",
		"two\nlines\n":                   "",
		"bell\a":                         "",
		"\n":                             "",
		strings.Repeat("r", 257):         "",
		strings.Repeat("r", 2*1000*1000): "",
	} {
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte(text), 0o444); err != nil {
			t.Fatal(err)
		}
		got, err := readRootToken(path)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%.20q: got %q and %v, want %q", text, got, err, want)
		}
		if err != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("%.20q: error does not name the file: %v", text, err)
		}
	}
}
