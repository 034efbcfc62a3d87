package http_test

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// official is what the clients of Vault and OpenBao have in common. Their types
// are of the same shape but not the same: answers are compared as JSON.
type official struct {
	setToken func(string)

	create, createOrphan       func(tokenRequest) (any, error)
	createWithRole             func(o tokenRequest, role string) (any, error)
	lookup, lookupAccessor     func(string) (any, error)
	lookupSelf                 func() (any, error)
	renew, renewAccessor       func(of string, increment int) (any, error)
	renewTokenAsSelf           func(token string, increment int) (any, error)
	renewSelf                  func(increment int) (any, error)
	revokeSelf                 func() error
	revokeTree, revokeOrphan   func(token string) error
	revokeAccessor             func(accessor string) error
	putPolicy                  func(name, text string) error
	getPolicy                  func(name string) (string, error)
	listPolicies               func() ([]string, error)
	deletePolicy               func(name string) error
	capabilities               func(token, path string) ([]string, error)
	capabilitiesSelf           func(path string) ([]string, error)
	leaseLookup, leaseRenew    func(id string) (any, error)
	leaseRevoke                func(id string) error
	revokePrefix, revokeForce  func(prefix string) error
	mount                      func(path, kind, ttl string) error
	tuneMount                  func(path, ttl string) error
	mounts                     func() (any, error)
	mountConfig                func(path string) (any, error)
	unmount                    func(path string) error
	remount                    func(from, to string) error
	snapshot                   func(io.Writer) error
	initStatus                 func() (bool, error)
	initialize, health, leader func() (any, error)
	sealStatus, haStatus       func() (any, error)
	stepDown                   func() error
	read, list, delete         func(path string) (any, error)
	write                      func(path string, data object) (any, error)
	unwrap                     func(token string) (any, error)
	setWrapTTL                 func(string) // of what is asked for from now on; empty: none

	// watch keeps a token alive as long as it can be, and returns why it ended.
	watch func(secret any, renewed func()) error
}

type tokenRequest struct {
	id, ttl, explicitMaxTTL, period, displayName string
	policies                                     []string
	numUses                                      int
	meta                                         map[string]string
	renewable                                    *bool
}

// clients runs a test with each client against a server of its own.
func clients(t *testing.T, test func(*testing.T, official, *stand)) {
	for name, dial := range map[string]func(*testing.T, string) official{"vault": vaultClient, "openbao": openbaoClient} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := httptestcluster.New()
			s := newServer(t, httpd.Config{Cluster: c, Version: "1.2.3"})
			server := httptest.NewServer(s.Handler())
			t.Cleanup(server.Close)
			client := dial(t, server.URL)
			client.setToken(root)
			test(t, client, &stand{t, c, s.Handler()})
		})
	}
}

// fields is an answer without its type.
func fields(t *testing.T) func(v any, err error) map[string]any {
	return func(v any, err error) map[string]any {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
}

func auth(m map[string]any) (token, accessor string) {
	a, _ := m["auth"].(map[string]any)
	token, _ = a["client_token"].(string)
	accessor, _ = a["accessor"].(string)
	return token, accessor
}

func TestClientsTokens(t *testing.T) {
	clients(t, func(t *testing.T, c official, s *stand) {
		get := fields(t)
		no := false
		m := get(c.create(tokenRequest{policies: []string{"default"}, ttl: "1h", displayName: "ci", meta: map[string]string{"a": "b"}, renewable: &no}))
		token, accessor := auth(m)
		for how, answer := range map[string]map[string]any{
			"token": get(c.lookup(token)), "accessor": get(c.lookupAccessor(accessor)),
		} {
			d := answer["data"].(map[string]any)
			if d["display_name"] != "token-ci" || d["meta"].(map[string]any)["a"] != "b" || d["renewable"] != false || d["creation_ttl"] != 3600.0 {
				t.Errorf("lookup by %s: %v", how, d)
			}
		}
		if d := get(c.createOrphan(tokenRequest{policies: []string{"default"}})); d["auth"].(map[string]any)["orphan"] != true {
			t.Errorf("orphan is %v", d)
		}
		get(nil2(c.write("auth/token/roles/ci", object{"allowed_policies": "default", "token_period": "10m", "path_suffix": "x"})))
		m = get(c.createWithRole(tokenRequest{}, "ci"))
		byRole, roleAccessor := auth(m)
		if d := get(c.lookup(byRole))["data"].(map[string]any); d["role"] != "ci" || d["creation_ttl"] != 600.0 || d["path"] != "auth/token/create/ci/x" {
			t.Errorf("token of a role is %v", d)
		}
		c.setToken(byRole)
		if d := get(c.lookupSelf())["data"].(map[string]any); d["accessor"] != roleAccessor {
			t.Errorf("lookup of itself: %v", d)
		}
		get(c.renewSelf(0))
		get(c.renewTokenAsSelf(byRole, 0))
		if err := c.revokeSelf(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.lookupSelf(); err == nil || !strings.Contains(err.Error(), "403") {
			t.Errorf("a revoked token's lookup: %v, want a 403", err)
		}
	})
}

// nil2 lets an answer without a body through fields.
func nil2(_ any, err error) (any, error) { return map[string]any{}, err }

func TestClientsRenewAndRevoke(t *testing.T) {
	clients(t, func(t *testing.T, c official, s *stand) {
		get := fields(t)
		made := func(o tokenRequest) (string, string) {
			t.Helper()
			return auth(get(c.create(o)))
		}
		token, accessor := made(tokenRequest{policies: []string{"default"}, ttl: "1h"})
		for how, answer := range map[string]map[string]any{
			"token": get(c.renew(token, 7200)), "accessor": get(c.renewAccessor(accessor, 7200)),
		} {
			if ttl := answer["auth"].(map[string]any)["lease_duration"].(float64); ttl < 7195 || ttl > 7200 {
				t.Errorf("renewed by %s for %v s, want 7200", how, ttl)
			}
		}
		gone := func(what string, tokens ...string) {
			t.Helper()
			for _, x := range tokens {
				if s.lives(x) {
					t.Errorf("%s: a token lives on", what)
				}
			}
		}
		parent, parentAccessor := made(tokenRequest{ttl: "1h"})
		c.setToken(parent)
		child, _ := made(tokenRequest{policies: []string{"default"}})
		c.setToken(root)
		if err := c.revokeOrphan(parent); err != nil {
			t.Fatal(err)
		}
		gone("revoke-orphan", parent)
		if !s.lives(child) {
			t.Error("revoke-orphan took the child along")
		}
		if err := c.revokeTree(child); err != nil {
			t.Fatal(err)
		}
		if err := c.revokeAccessor(accessor); err != nil {
			t.Fatal(err)
		}
		gone("revoke", child, token)
		if _, err := c.lookupAccessor(parentAccessor); err == nil {
			t.Error("the accessor of a revoked token is found")
		}
		counted, _ := made(tokenRequest{policies: []string{"default"}, numUses: 1})
		c.setToken(counted)
		get(c.lookupSelf())
		gone("the last use", counted)
		c.setToken(root)
		keys := get(c.list("auth/token/accessors"))["data"].(map[string]any)["keys"].([]any)
		if len(keys) != 1 {
			t.Errorf("accessors are %v, want root's alone", keys)
		}
	})
}

func TestClientsPolicies(t *testing.T) {
	clients(t, func(t *testing.T, c official, s *stand) {
		if err := c.putPolicy("p", readCubby); err != nil {
			t.Fatal(err)
		}
		if text, err := c.getPolicy("p"); err != nil || text != readCubby {
			t.Errorf("policy is %q, %v", text, err)
		}
		if text, err := c.getPolicy("none"); err != nil || text != "" {
			t.Errorf("a policy that is not there: %q, %v", text, err)
		}
		if list, err := c.listPolicies(); err != nil || !slices.Equal(list, []string{"default", "p", "root"}) {
			t.Errorf("policies are %v, %v", list, err)
		}
		if err := c.putPolicy("p", "nonsense"); err == nil || !strings.Contains(err.Error(), "nonsense") {
			t.Errorf("a wrong policy: %v, want what is wrong", err)
		}
		token, _ := s.token(object{"policies": []string{"p"}})
		if caps, err := c.capabilities(token, "cubbyhole/x"); err != nil || !slices.Equal(caps, []string{"create", "delete", "list", "read", "update"}) {
			t.Errorf("capabilities are %v, %v", caps, err)
		}
		if caps, err := c.capabilitiesSelf("any"); err != nil || !slices.Equal(caps, []string{"root"}) {
			t.Errorf("root's capabilities are %v, %v", caps, err)
		}
		if err := c.deletePolicy("p"); err != nil {
			t.Fatal(err)
		}
		c.setToken(token)
		get := fields(t)
		get(nil2(c.write("cubbyhole/a", object{"n": 5})))
		if d := get(c.read("cubbyhole/a"))["data"].(map[string]any); d["n"] != 5.0 {
			t.Errorf("cubbyhole holds %v", d)
		}
		get(nil2(c.delete("cubbyhole/a")))
		if v, err := c.read("cubbyhole/a"); err != nil || len(get(v, err)) != 0 {
			t.Errorf("deleted value: %v, %v, want nothing", v, err)
		}
	})
}

func TestClientsLeases(t *testing.T) {
	clients(t, func(t *testing.T, c official, s *stand) {
		get := fields(t)
		get(nil2(c.write("auth/token/roles/r", object{"allowed_policies": "default"})))
		made := func() (token, lease string) {
			t.Helper()
			token, _ = auth(get(c.createWithRole(tokenRequest{ttl: "1h"}, "r")))
			keys := get(c.list("sys/leases/lookup/auth/token/create/r"))["data"].(map[string]any)["keys"].([]any)
			return token, "auth/token/create/r/" + keys[0].(string)
		}
		for name, revoke := range map[string]func(lease string) error{
			"lease":  c.leaseRevoke,
			"prefix": func(string) error { return c.revokePrefix("auth/token/create/r") },
			"force":  func(string) error { return c.revokeForce("auth/token/create") },
		} {
			token, lease := made()
			if d := get(c.leaseLookup(lease))["data"].(map[string]any); d["id"] != lease {
				t.Errorf("lease is %v", d)
			}
			if _, err := c.leaseRenew(lease); err == nil {
				t.Error("a token's lease was renewed as one")
			}
			if err := revoke(lease); err != nil {
				t.Fatal(err)
			}
			if s.lives(token) {
				t.Errorf("revoked by %s, the token lives on", name)
			}
		}
	})
}

func TestClientsSys(t *testing.T) {
	clients(t, func(t *testing.T, c official, s *stand) {
		get := fields(t)
		for name, want := range map[string]struct {
			got  map[string]any
			want object
		}{
			"health":      {get(c.health()), object{"initialized": true, "sealed": false, "standby": false, "version": "1.2.3", "cluster_name": "test"}},
			"leader":      {get(c.leader()), object{"ha_enabled": true, "is_self": true, "leader_address": "http://127.0.0.1:8200"}},
			"seal status": {get(c.sealStatus()), object{"initialized": true, "sealed": false, "storage_type": "raft"}},
		} {
			for field, v := range want.want {
				if want.got[field] != v {
					t.Errorf("%s: %s is %v, want %v", name, field, want.got[field], v)
				}
			}
		}
		nodes, _ := get(c.haStatus())["Nodes"].([]any)
		if len(nodes) != 1 || nodes[0].(map[string]any)["active_node"] != true {
			t.Errorf("nodes are %v, want the one that is active", nodes)
		}
		if done, err := c.initStatus(); err != nil || !done {
			t.Errorf("initialized is %v, %v", done, err)
		}
		if _, err := c.initialize(); err == nil || !strings.Contains(err.Error(), "already initialized") {
			t.Errorf("initializing again: %v", err)
		}
		if err := c.stepDown(); err != nil || s.cluster.SteppedDown() != 1 {
			t.Errorf("step down: %v, done %d times", err, s.cluster.SteppedDown())
		}
	})
}

// The lifetime watcher, which most programs hold their token with, renews what
// can be renewed and ends in good order when there is nothing left to renew.
func TestClientsLifetimeWatcher(t *testing.T) {
	no := false
	for name, c := range map[string]struct {
		request tokenRequest
		renews  bool
	}{
		"capped":        {tokenRequest{policies: []string{"default"}, ttl: "2s", explicitMaxTTL: "3s"}, true},
		"not renewable": {tokenRequest{policies: []string{"default"}, ttl: "2s", renewable: &no}, false},
	} {
		t.Run(name, func(t *testing.T) {
			clients(t, func(t *testing.T, client official, _ *stand) {
				secret, err := client.create(c.request)
				if err != nil {
					t.Fatal(err)
				}
				token, _ := auth(fields(t)(secret, nil))
				client.setToken(token)
				renewals := 0
				if err := client.watch(secret, func() { renewals++ }); err != nil {
					t.Errorf("the watcher ended with %v", err)
				}
				if c.renews != (renewals > 0) {
					t.Errorf("%d renewals", renewals)
				}
			})
		})
	}
	t.Run("periodic", func(t *testing.T) {
		clients(t, func(t *testing.T, client official, s *stand) {
			secret, err := client.create(tokenRequest{policies: []string{"default"}, period: "2s"})
			if err != nil {
				t.Fatal(err)
			}
			token, _ := auth(fields(t)(secret, nil))
			client.setToken(token)
			renewals := 0
			// Without an end of its own: it is revoked after the second renewal.
			err = client.watch(secret, func() {
				if renewals++; renewals == 2 {
					s.must(204, "POST", "auth/token/revoke", root, object{"token": token})
				}
			})
			if renewals < 2 {
				t.Errorf("%d renewals, ended with %v", renewals, err)
			}
		})
	})
}
