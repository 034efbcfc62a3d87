package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// fakeServer keeps just enough of a token server to see whether the generator
// asks for what it should: which tokens live, and how often each path was asked.
type fakeServer struct {
	*httptest.Server
	leader bool
	refuse func(r *http.Request) int // a status to answer with, 0 for none

	mu     sync.Mutex
	made   int
	live   map[string]string // token to parent
	uses   map[string]int    // spent, by counted token
	asked  map[string]int    // by path
	parent string            // the first token made
}

const rootToken = "root"

func newFakeServer(t *testing.T, leader bool) *fakeServer {
	s := &fakeServer{leader: leader, live: map[string]string{rootToken: ""}, uses: map[string]int{}, asked: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *fakeServer) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[r.URL.Path]++
	if s.refuse != nil {
		if status := s.refuse(r); status != 0 {
			w.WriteHeader(status)
			fmt.Fprintln(w, `{"errors":["refused by the test"]}`)
			return
		}
	}
	if r.URL.Path == "/v1/sys/leader" {
		fmt.Fprintf(w, `{"is_self":%v}`, s.leader)
		return
	}
	if r.URL.Path == pathBootstrap { // by nobody, and done before
		w.WriteHeader(http.StatusForbidden)
		return
	}
	token := r.Header.Get("X-Vault-Token")
	if _, ok := s.live[token]; !ok {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if _, counted := s.uses[token]; counted {
		s.uses[token]++
	}
	switch r.URL.Path {
	case pathCreate:
		s.create(w, r, token)
	case pathLookupSelf:
		fmt.Fprintf(w, `{"data":{"id":%q}}`, token)
	case pathUsers:
		fmt.Fprint(w, `{"data":{}}`)
	case pathLogin:
		s.live["signed"] = token
		fmt.Fprint(w, `{"token":"signed"}`)
	case pathRenewSelf:
		w.(http.Flusher).Flush() // makes the answer chunked
		fmt.Fprintf(w, `{"auth":{"client_token":%q}}`, token)
	case pathRevokeSelf:
		delete(s.live, token)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *fakeServer) create(w http.ResponseWriter, r *http.Request, parent string) {
	var body struct {
		TTL     string `json:"ttl"`
		NumUses int    `json:"num_uses"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.TTL == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.made++
	token := fmt.Sprintf("token-%d", s.made)
	s.live[token] = parent
	if s.parent == "" {
		s.parent = token
	}
	if body.NumUses > 0 {
		s.uses[token] = 0
	}
	fmt.Fprintf(w, `{"auth": {"client_token" : %q}}`, token)
}

// quick is a configuration with a window as short as a test needs.
func quick(workload string, connections int, addrs ...string) Config {
	c := DefaultConfig()
	c.Addrs = addrs
	c.Token = rootToken
	c.Workloads = []string{workload}
	c.Connections = []int{connections}
	c.Duration, c.Warmup = quickWindow, 0
	return c
}
