package rpc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/jeton-io/jeton/http/waypoint/rpc"
)

// selfSigned is a certificate that nobody but its owner believes.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// The handler sees the connection that the call came by.
func TestConnections(t *testing.T) {
	for name, secure := range map[string]bool{"plaintext": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			h := says(200, `{}`)
			cfg := rpc.Config{}
			var dial []grpc.DialOption
			if secure {
				cfg.TLS = &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
				dial = []grpc.DialOption{grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{InsecureSkipVerify: true, ServerName: "node-1"}))}
			}
			s := serve(t, h, cfg, dial...)
			var p peer.Peer
			if _, err := s.ListUsers(client(t), empty, grpc.Peer(&p)); err != nil {
				t.Fatal(err)
			}
			r := h.next(t)
			if r.remote != p.LocalAddr.String() {
				t.Errorf("the remote address is %s, want %s", r.remote, p.LocalAddr)
			}
			if (r.tls != nil) != secure || secure && (!r.tls.HandshakeComplete || r.tls.ServerName != "node-1") {
				t.Errorf("TLS is %+v", r.tls)
			}
			if got := r.header.Get("User-Agent"); got == "" || r.host == "" {
				t.Errorf("user agent %q, host %q", got, r.host)
			}
			if cfg.TLS != nil && len(cfg.TLS.NextProtos) != 2 {
				t.Error("the caller's configuration was changed")
			}
		})
	}
}

// Reflection is open, needs no header, and ends when the node stops. A connection gets
// only so much of it.
func TestReflection(t *testing.T) {
	h := says(200, `{}`)
	s := serve(t, h, rpc.Config{MessageTimeout: time.Millisecond})
	reflect := func(version string) (*reflection.ServerReflectionResponse, grpc.ClientStream, error) {
		t.Helper()
		both := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
		stream, err := s.conn.NewStream(with(t), both, "/grpc.reflection."+version+".ServerReflection/ServerReflectionInfo")
		if err != nil {
			t.Fatal(err)
		}
		// an error of it comes with the answer
		_ = stream.SendMsg(&reflection.ServerReflectionRequest{MessageRequest: &reflection.ServerReflectionRequest_ListServices{}})
		answer := new(reflection.ServerReflectionResponse)
		return answer, stream, stream.RecvMsg(answer)
	}
	var streams []grpc.ClientStream
	for i := range rpc.MaxReflections {
		version := []string{"v1", "v1alpha"}[i%2] // which is what Waypoint has; the messages are the same
		answer, stream, err := reflect(version)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(answer.GetListServicesResponse().GetService(), func(s *reflection.ServiceResponse) bool { return s.Name == "hashicorp.waypoint.Waypoint" }) {
			t.Errorf("%s: the service is not in %v", version, answer)
		}
		streams = append(streams, stream)
	}
	_, _, err := reflect("v1")
	wantCode(t, err, codes.ResourceExhausted)
	s.stop(t)
	for _, stream := range streams {
		if err := stream.RecvMsg(new(reflection.ServerReflectionResponse)); err == nil {
			t.Error("the stream goes on")
		}
	}
	h.quiet(t)
}

// A method that nobody knows gets its answer without a place being kept for it.
func TestUnknownMethods(t *testing.T) {
	p := newPlaces(1)
	s := serve(t, says(200, `{}`), rpc.Config{Enter: p.enter})
	for _, method := range []string{"/hashicorp.waypoint.Waypoint/ListProjects", "/x.Y/Z"} {
		wantCode(t, s.conn.Invoke(client(t), method, empty, empty), codes.Unimplemented)
		p.await(t, 1)
	}
}

// A server that has stopped serves nothing, and one that never served can be stopped.
func TestShutdownFirst(t *testing.T) {
	s := rpc.New(says(200, `{}`), rpc.Config{})
	for range 2 {
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(l); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("the listener is still open")
	}
}
