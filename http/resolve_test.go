package http_test

import (
	"testing"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// What a path means may have to be asked of the cluster. Strangers do not wait for
// that, unless it may be a login, and nobody does outside the gate.
func TestWhoWaitsForAPathToBeResolved(t *testing.T) {
	c := httptestcluster.New()
	f := &faulty{Cluster: c}
	s := &stand{t, c, newServer(t, httpd.Config{Cluster: f, Limits: httpd.Limits{Requests: 2, StrangerBurst: 3, StrangerRate: 1e-9}}).Handler()}
	asked, hang := make(chan struct{}, 16), make(chan struct{})
	f.set(nil, func() error {
		asked <- struct{}{}
		<-hang
		return nil
	})
	for _, path := range []string{"made/up", "auth/made/up", "auth/login", "auth/made/up/login/for/long", "db/creds/login"} {
		s.must(403, "POST", path, "", nil)
		s.must(403, "GET", path, "", nil)
	}
	s.must(403, "GET", "auth/made/login", "", nil)
	if n := len(asked); n != 0 {
		t.Fatalf("%d strangers asked the cluster", n)
	}
	answers := make(chan int, 2)
	go func() { answers <- s.send("POST", "auth/made/login/alice", "", object{"password": "x"}).status }()
	<-asked
	go func() { answers <- s.send("GET", "made/up", root, nil).status }()
	<-asked
	// Both places are taken, for a login and for one who has a token.
	s.must(503, "POST", "auth/made/login/alice", "", object{"password": "x"})
	s.must(503, "GET", "made/up", root, nil)
	s.must(503, "GET", "auth/made/up", root, nil)
	close(hang)
	for range 2 {
		if got := <-answers; got != 403 && got != 404 {
			t.Errorf("got %d, want one of 403 and 404", got)
		}
	}
	// The burst of this address is at its end.
	s.must(403, "POST", "auth/made/login", "", nil)
	s.must(429, "POST", "auth/made/login", "", nil)
	s.must(404, "GET", "made/up", root, nil)
}

// A login at a mount that only the cluster knows of is answered, whatever token
// the client shows besides.
func TestLoginAtAMountOfAMomentAgo(t *testing.T) {
	s, f := newFaulty(t)
	old := s.cluster.Local()
	s.must(204, "POST", "sys/auth/userpass", root, object{"type": "userpass"})
	s.must(204, "POST", "auth/userpass/users/alice", root, object{"password": "wonder"})
	f.local(old)
	for _, token := range []string{"", "jts_made-up"} {
		s.must(200, "POST", "auth/userpass/login/alice", token, object{"password": "wonder"})
	}
	f.set(func(cmd fsm.Command, _ func()) error { return nil }, func() error { return cluster.ErrNoLeader })
	s.must(503, "POST", "auth/userpass/login/alice", "", object{"password": "wonder"})
}
