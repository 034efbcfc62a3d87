package deploy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// One request that breaks off after it has arrived: how often it then goes out may
// depend only on whether that is safe.
func TestProxiesRepeatOnlyWhatIsSafe(t *testing.T) {
	token := http.Header{"X-Vault-Token": {"jts_any"}}
	keyed := http.Header{"X-Vault-Token": {"jts_any"}, "Idempotency-Key": {"k"}}
	bearer := http.Header{"Authorization": {"Bearer jts_any"}, "Idempotency-Key": {"k"}}
	for _, tt := range []struct {
		name, method, path string
		header             http.Header
		repeated           bool
	}{
		{"a write", "POST", "/v1/auth/token/create", token, false},
		{"a write by PUT", "PUT", "/v1/auth/token/create", token, false},
		{"a read, which may be counted", "GET", "/v1/auth/token/lookup-self", token, false},
		{"a list", "LIST", "/v1/auth/token/accessors", token, false},
		{"an end", "DELETE", "/v1/sys/policies/acl/x", token, false},
		{"a write with a key", "POST", "/v1/auth/token/create", keyed, true},
		{"a read with a key", "GET", "/v1/auth/token/lookup-self", keyed, true},
		{"a write with a key by a bearer", "PUT", "/v1/auth/token/create", bearer, true},
		{"a key and nobody who has it", "POST", "/v1/sys/wrapping/unwrap", http.Header{"Idempotency-Key": {"k"}}, false},
		{"a login, whose key means nothing", "POST", "/v1/auth/userpass/login/ann", keyed, false},
	} {
		for _, p := range proxies {
			t.Run(p.name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				nodes := newNodes(t)
				nodes.breakOff()
				door := p.start(t, nodes)
				if status := door.ask(t, tt.method, tt.path, tt.header); status < 500 {
					t.Errorf("answered %d, though every node broke off", status)
				}
				if n := nodes.arrived(); n == 0 || tt.repeated != (n > 1) {
					t.Errorf("arrived %d times", n)
				}
			})
		}
	}
}

// A node that takes no connection is passed over: nothing was sent to it.
func TestProxiesPassOverDeadNodes(t *testing.T) {
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			nodes := newNodes(t)
			door := p.start(t, nodes)
			nodes[1].Close()
			for range 9 {
				if status := door.ask(t, "POST", "/v1/auth/token/create", nil); status != 200 {
					t.Errorf("answered %d, though two nodes live", status)
				}
			}
			if n := nodes.arrived(); n != 9 {
				t.Errorf("9 requests arrived as %d", n)
			}
			if n := nodes.forwarded(); n > 0 {
				t.Errorf("%d came with X-Forwarded-For, which is not believed", n)
			}
		})
	}
}

// HAProxy's second door leads to the leader, and after it to the next one.
func TestHAProxyPrefersTheLeader(t *testing.T) {
	t.Parallel()
	nodes := newNodes(t)
	door := startHAProxy(t, nodes, ":8210")
	for _, leader := range []int{0, 2} {
		nodes.lead(leader)
		deadline := time.Now().Add(15 * time.Second)
		for run := 0; run < 5; { // five in a row
			before := nodes[leader].arrivals.Load()
			if status := door.ask(t, "POST", "/v1/auth/token/create", nil); status != 200 {
				t.Fatalf("answered %d", status)
			}
			if run++; nodes[leader].arrivals.Load() == before {
				run = 0
			}
			if time.Now().After(deadline) {
				t.Fatalf("node %d leads, and others are asked", leader+1)
			}
		}
	}
	nodes.lead(-1) // an election: the others hold what comes in meanwhile
	others := nodes[0].arrivals.Load() + nodes[1].arrivals.Load()
	for deadline := time.Now().Add(15 * time.Second); nodes[0].arrivals.Load()+nodes[1].arrivals.Load() == others; {
		if status := door.ask(t, "POST", "/v1/auth/token/create", nil); status != 200 {
			t.Fatalf("without a leader answered %d", status)
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody leads, and still one node alone is asked")
		}
	}
}

func TestPassthroughConfigurations(t *testing.T) {
	checkStreamConfig(t)
	text := configOf(t, "haproxy/haproxy.cfg")
	for _, want := range []string{
		"/v1/sys/health?standbyok=true\n", // any node
		"uri /v1/sys/health\n",            // the leader
		"check-ssl", "mode tcp",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("haproxy.cfg has no %q", want)
		}
	}
}

func (d door) ask(t *testing.T, method, path string, header http.Header) int {
	t.Helper()
	var body io.Reader
	if method == "POST" || method == "PUT" {
		body = strings.NewReader("{}")
	}
	req, err := http.NewRequest(method, "https://jeton"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header.Clone()
	}
	resp, err := d.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
