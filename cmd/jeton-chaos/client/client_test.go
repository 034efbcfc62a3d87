package client

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

func TestOutcomes(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		want   Outcome
	}{
		{200, `{}`, Done},
		{204, "", Done},
		{400, `{"errors":["no"]}`, Refused},
		{403, `{"errors":["permission denied"]}`, Refused},
		{429, `{"errors":[]}`, Void},
		{503, `{"errors":["no leader; the request was not applied"]}`, Void},
		{503, `{"errors":["outcome unknown; the request may have been applied"]}`, Open},
		{500, `{"errors":["internal error"]}`, Open},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(test.status)
			fmt.Fprint(w, test.body)
		}))
		a := New(10*time.Second).LookupSelf(context.Background(), s.URL, "token")
		if a.Outcome != test.want || a.Status != test.status {
			t.Errorf("%d %s: outcome %s, want %s", test.status, test.body, a.Outcome, test.want)
		}
		s.Close()
	}
}

// A request whose connection breaks is never sent again, whatever its method.
func TestABrokenConnectionIsNotTriedAgain(t *testing.T) {
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			return // the connection is kept
		}
		panic(http.ErrAbortHandler)
	}))
	defer s.Close()
	c := New(10 * time.Second)
	if a := c.LookupSelf(context.Background(), s.URL, "token"); a.Outcome != Done {
		t.Fatalf("first: %s", a)
	}
	if a := c.LookupSelf(context.Background(), s.URL, "token"); a.Outcome != Open || a.Err == nil {
		t.Fatalf("second: %s, want an open outcome", a)
	}
	if n := asked.Load(); n != 2 {
		t.Fatalf("asked %d times, want 2", n)
	}
}

// A kept connection that the server closed meanwhile is not used: the request goes
// out on a new one instead of being lost.
func TestAClosedIdleConnectionIsReplaced(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	c := New(10 * time.Second)
	for range 3 {
		if a := c.LookupSelf(context.Background(), s.URL, "token"); a.Outcome != Done {
			t.Fatal(a)
		}
		kept := c.pop(s.Listener.Addr().String())
		s.CloseClientConnections()
		kept.nc.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := kept.r.Peek(1); err == nil {
			t.Fatal("the server did not close the connection")
		}
		c.give(s.Listener.Addr().String(), kept)
	}
}

func TestNoConnectionIsWithoutEffect(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if a := New(10*time.Second).LookupSelf(context.Background(), "http://"+l.Addr().String(), "token"); a.Outcome != Void {
		t.Fatalf("outcome %s (%s), want void", a.Outcome, a)
	}
}

func TestPersistGoesOnToTheNextNode(t *testing.T) {
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") != "k" {
			t.Error("no key")
		}
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer s.Close()
	a, n := New(10*time.Second).Persist(context.Background(), []string{s.URL, "http://127.0.0.1:1"}, Request{Method: "POST", Path: "x", Key: "k"})
	if a.Outcome != Done || n.Unavailable != 2 || n.Unreached != 2 || n.Lost != 0 {
		t.Fatalf("%s after %+v", a, n)
	}
}
