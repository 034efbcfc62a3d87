package rpc

import (
	"bytes"
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

// service has the methods of Waypoint's interface. A method that is not written down
// is answered with Unimplemented.
type service struct {
	api.UnimplementedWaypointServer

	handler http.Handler
	log     *slog.Logger
	life    context.Context                      // until the node stops
	after   func(time.Duration) <-chan time.Time // tests have a clock of their own
}

// ask makes a call be a request: what is in goes as its body (nil: it has none), what
// comes back is read into out.
func ask[A proto.Message](ctx context.Context, s *service, method, path string, in proto.Message, out A) (A, error) {
	var none A
	var body []byte
	if in != nil {
		var err error
		if body, err = encode(in); err != nil {
			return none, err
		}
	}
	if err := s.send(ctx, method, path, body, out); err != nil {
		return none, err
	}
	return out, nil
}

// encode writes a message as the REST interface reads it. It fails for a time that no
// calendar has, which a client can send but JSON not hold.
func encode(m proto.Message) ([]byte, error) {
	body, err := protojson.Marshal(m)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, "the request holds a value out of range")
	}
	return body, nil
}

// send is a request whose answer is either an error or read into out.
func (s *service) send(ctx context.Context, method, path string, body []byte, out proto.Message) error {
	got, err := s.do(ctx, method, path, body)
	if err != nil {
		return err
	}
	return s.read(got, path, out)
}

// read takes a good answer's JSON, which may have more fields than the message.
func (s *service) read(got *answer, path string, out proto.Message) error {
	if len(got.body) == 0 {
		return nil // 204
	}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(got.body, out); err != nil {
		s.log.Error("internal error", "error", "an answer is not the message it should be", "path", path)
		return errInternal
	}
	return nil
}

// do makes a request of the handler and returns its answer, unless that is an error. An
// error of a request that was given up is the reason for giving it up.
func (s *service) do(ctx context.Context, method, path string, body []byte) (*answer, error) {
	r, err := newRequest(ctx, method, path, body)
	if err != nil {
		return nil, errInternal
	}
	w := answer{header: make(http.Header)}
	s.handler.ServeHTTP(&w, r)
	w.WriteHeader(http.StatusOK) // what a handler means that says nothing
	if w.full {
		return nil, status.Errorf(codes.ResourceExhausted, "the answer has more than %d bytes", maxAnswerBytes)
	}
	if err := w.failure(); err == nil {
		return &w, nil
	} else if ctx.Err() == nil {
		return nil, err
	}
	return nil, ended(ctx)
}

// newRequest is a request as net/http would have read it off the call's connection.
func newRequest(ctx context.Context, method, path string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0
	r.RequestURI, r.Host = path, firstOf(ctx, keyAuthority)
	r.RemoteAddr, r.TLS = remoteAddr(ctx), tlsOf(ctx)
	putCredentials(ctx, r.Header)
	return r, nil
}

// tlsOf is what the handshake of the call's connection came to; nil: plaintext.
func tlsOf(ctx context.Context) *tls.ConnectionState {
	if p, ok := peer.FromContext(ctx); ok {
		if info, ok := p.AuthInfo.(credentials.TLSInfo); ok {
			return &info.State
		}
	}
	return nil
}
