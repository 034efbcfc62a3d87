package rpc_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/jeton-io/jeton/http/waypoint/api"
	"github.com/jeton-io/jeton/http/waypoint/rpc"
)

// What is too long is refused before it is looked at, or instead of being sent.
func TestSizesAreBounded(t *testing.T) {
	h := newHandler(func(w http.ResponseWriter, _ *http.Request, body string) {
		part := make([]byte, 1<<20)
		for range rpc.MaxAnswerBytes>>20 + 1 {
			w.Write(part)
		}
	})
	s := serve(t, h, rpc.Config{})
	_, err := s.DecodeToken(client(t), &api.DecodeTokenRequest{Token: strings.Repeat("t", rpc.MaxMessageBytes)})
	wantCode(t, err, codes.ResourceExhausted)
	if _, err := s.ListUsers(with(t, "client-api-protocol", "1,1", "waypoint-token", strings.Repeat("t", 70<<10)), empty); err == nil {
		t.Error("metadata of any length are taken")
	}
	stream := online(client(t), t, s, strings.Repeat("R", rpc.MaxMessageBytes))
	_, err = stream.Recv()
	wantCode(t, err, codes.ResourceExhausted)
	h.quiet(t)
	_, err = s.ListUsers(client(t), empty)
	wantCode(t, err, codes.ResourceExhausted)
}

// places counts those who wait for a client's message.
type places struct {
	max, open, entered atomic.Int64
	left               chan struct{}
}

func newPlaces(most int64) *places {
	p := &places{left: make(chan struct{}, 1024)}
	p.max.Store(most)
	return p
}

func (p *places) enter(addr string) (func(), bool) {
	if !strings.HasPrefix(addr, "127.0.0.1:") || p.open.Load() >= p.max.Load() {
		return nil, false
	}
	p.open.Add(1)
	p.entered.Add(1)
	return func() {
		p.open.Add(-1)
		p.left <- struct{}{}
	}, true
}

// await waits until so many have left since it was asked last.
func (p *places) await(t *testing.T, n int) {
	t.Helper()
	for range n {
		select {
		case <-p.left:
		case <-time.After(10 * time.Second):
			t.Fatalf("%d places are not given back", p.open.Load())
		}
	}
}

func TestPlaces(t *testing.T) {
	p := newPlaces(1)
	h := says(200, `{}`)
	s := serve(t, h, rpc.Config{Enter: p.enter})
	if _, err := s.ListUsers(client(t), empty); err != nil {
		t.Fatal(err)
	}
	p.await(t, 1)
	stream := online(client(t), t, s, "R") // gives it back though it stays open
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	p.await(t, 1)
	idle, err := s.RunnerConfig(client(t)) // keeps it, since it sends nothing
	if err != nil {
		t.Fatal(err)
	}
	for p.entered.Load() != 3 {
		time.Sleep(time.Millisecond) // until the server has heard of it
	}
	_, err = s.ListUsers(client(t), empty)
	wantCode(t, err, codes.Unavailable)
	if err := idle.CloseSend(); err != nil {
		t.Fatal(err)
	}
	p.await(t, 1)
	if _, err := s.ListUsers(client(t), empty); err != nil {
		t.Error(err)
	}
	p.await(t, 1)
	if p.open.Load() != 0 {
		t.Errorf("%d places are taken", p.open.Load())
	}
}

// Nobody is waited for that sends no message: neither on a stream nor in a call of one.
func TestClientsThatSendNothing(t *testing.T) {
	p := newPlaces(10)
	h := says(200, `{}`)
	s := serve(t, h, rpc.Config{Enter: p.enter, MessageTimeout: 50 * time.Millisecond})
	stream, err := s.RunnerConfig(client(t))
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantCode(t, err, codes.Canceled)
	call, err := s.conn.NewStream(client(t), &grpc.StreamDesc{ClientStreams: true}, api.Waypoint_DecodeToken_FullMethodName)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, call.RecvMsg(new(api.DecodeTokenResponse)), codes.Canceled)
	p.await(t, 2)
	h.quiet(t)

	// who has sent one may take longer
	slow := newHandler(func(w http.ResponseWriter, r *http.Request, _ string) {
		select {
		case <-time.After(200 * time.Millisecond):
		case <-r.Context().Done():
			t.Error("a call was given up whose message was here")
		}
	})
	if _, err := serve(t, slow, rpc.Config{MessageTimeout: 50 * time.Millisecond}).ListUsers(client(t), empty); err != nil {
		t.Error(err)
	}
}

// A connection has so many streams at once, and the next one waits.
func TestStreamsAreBounded(t *testing.T) {
	s := serve(t, says(200, `{"adoptionState":"ADOPTED"}`), rpc.Config{})
	ctx, cancel := context.WithCancel(client(t))
	defer cancel()
	for range rpc.MaxStreams {
		stream, err := s.RunnerConfig(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer stream.CloseSend()
	}
	short, cancel := context.WithTimeout(client(t), 100*time.Millisecond)
	defer cancel()
	_, err := s.ListUsers(short, empty)
	wantCode(t, err, codes.DeadlineExceeded)
}
