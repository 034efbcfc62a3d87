package http_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

func TestRateQuota(t *testing.T) {
	s := newStand(t)
	s.run(t, []row{
		{"none", "LIST", "sys/quotas/rate-limit", root, nil, 404, ""},
		{"not there", "GET", "sys/quotas/rate-limit/a", root, nil, 404, ""},
		{"made", "POST", "sys/quotas/rate-limit/a", root, object{"path": "auth/token/", "rate": 16.7, "interval": "1m", "block_interval": 120, "name": "a"}, 204, ""},
		{"changed", "PUT", "sys/quotas/rate-limit/a", root, object{"path": "auth/token", "rate": "0.5"}, 204, ""},
		{"its path is taken", "POST", "sys/quotas/rate-limit/b", root, object{"path": "auth/token", "rate": 1}, 400, `exists under the name "a"`},
		{"below it", "POST", "sys/quotas/rate-limit/b", root, object{"path": "auth/token/create", "rate": 1}, 204, ""},
		{"deleted", "DELETE", "sys/quotas/rate-limit/b", root, nil, 204, ""},
		{"deleted again", "DELETE", "sys/quotas/rate-limit/b", root, nil, 204, ""},
	})
	d := s.must(200, "GET", "sys/quotas/rate-limit/a", root, nil).data()
	for field, want := range map[string]any{"name": "a", "path": "auth/token/", "rate": 0.5, "interval": 1.0, "block_interval": 0.0, "inheritable": false, "type": "rate-limit", "role": ""} {
		if d[field] != want {
			t.Errorf("%s is %v, want %v", field, d[field], want)
		}
	}
}

// hits sends requests from an address and returns the statuses.
func hits(s *stand, n int, method, path, addr string) (last reply, codes []int) {
	for range n {
		r := httptest.NewRequest(method, "/v1/"+path, nil)
		r.RemoteAddr = addr
		r.Header.Set("X-Vault-Token", root)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		last = reply{status: w.Code, header: w.Header(), text: w.Body.String()}
		codes = append(codes, w.Code)
	}
	return last, codes
}

const lookup = "auth/token/lookup-self"

func TestRateQuotaIsEnforced(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "sys/quotas/rate-limit/a", root, object{"path": "auth/token", "rate": 3, "interval": "1h"})
	last, codes := hits(s, 4, "GET", lookup, "192.0.2.9:1")
	if fmt.Sprint(codes) != "[200 200 200 429]" {
		t.Fatalf("statuses are %v", codes)
	}
	// A third of the hour, but for the time that the test took.
	if wait, err := strconv.Atoi(last.header.Get("Retry-After")); err != nil || wait < 1100 || wait > 1200 {
		t.Errorf("Retry-After is %q, want about 1200", last.header.Get("Retry-After"))
	}
	if last.header.Get("X-Ratelimit-Limit") != "" {
		t.Error("headers are shown that nobody asked for")
	}
	s.must(204, "POST", "sys/quotas/config", root, object{"enable_rate_limit_response_headers": true})
	if last, _ = hits(s, 1, "GET", lookup, "192.0.2.9:2"); last.status != 429 || last.header.Get("X-Ratelimit-Limit") != "3" ||
		last.header.Get("X-Ratelimit-Remaining") != "0" || last.header.Get("X-Ratelimit-Reset") == "" {
		t.Errorf("%d with headers %v", last.status, last.header)
	}
	for name, tt := range map[string]struct {
		path, addr string
		want       int
	}{
		"another address":      {lookup, "192.0.2.10:1", 200},
		"another path":         {"sys/auth", "192.0.2.9:1", 200},
		"the same by LIST":     {"auth/token/accessors?list=true", "192.0.2.9:1", 429},
		"a path that is none":  {"auth/token/nothing", "192.0.2.9:1", 429},
		"an address unknown":   {lookup, "pipe", 200},
		"the network of IPv6":  {lookup, "[2001:db8::1]:1", 200},
		"what no rate reaches": {"sys/health", "192.0.2.9:1", 200},
	} {
		if _, codes := hits(s, 1, "GET", tt.path, tt.addr); codes[0] != tt.want {
			t.Errorf("%s: %d, want %d", name, codes[0], tt.want)
		}
	}
	hits(s, 2, "GET", lookup, "[2001:db8::2]:1")
	if _, codes := hits(s, 1, "GET", lookup, "[2001:db8::3]:1"); codes[0] != 429 {
		t.Errorf("a neighbour in one /64: %d, want 429", codes[0])
	}
	// A changed quota begins anew; one that is gone holds nobody up.
	s.must(204, "POST", "sys/quotas/rate-limit/a", root, object{"path": "auth/token", "rate": 1, "interval": "1h"})
	if _, codes = hits(s, 2, "GET", lookup, "192.0.2.9:1"); fmt.Sprint(codes) != "[200 429]" {
		t.Errorf("under the changed quota: %v", codes)
	}
	s.must(204, "DELETE", "sys/quotas/rate-limit/a", root, nil)
	if _, codes = hits(s, 2, "GET", lookup, "192.0.2.9:1"); fmt.Sprint(codes) != "[200 200]" {
		t.Errorf("without the quota: %v", codes)
	}
}

func TestRateQuotaBlocks(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "sys/quotas/rate-limit/a", root, object{"rate": 1, "block_interval": "10m"})
	last, codes := hits(s, 2, "GET", lookup, "192.0.2.9:1")
	if codes[1] != 429 || last.header.Get("Retry-After") != "600" {
		t.Errorf("%v, Retry-After %q", codes, last.header.Get("Retry-After"))
	}
}

func TestQuotaExemptions(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "sys/quotas/config", root, object{"rate_limit_exempt_paths": "sys/auth,auth/token/lookup*"})
	d := s.must(200, "GET", "sys/quotas/config", root, nil).data()
	if fmt.Sprint(d["rate_limit_exempt_paths"]) != "[sys/auth auth/token/lookup*]" || d["enable_rate_limit_audit_logging"] != false {
		t.Errorf("configuration is %v", d)
	}
	s.must(204, "POST", "sys/quotas/rate-limit/all", root, object{"rate": 1, "interval": "1h"})
	for path, want := range map[string]string{"sys/auth": "[200 200 200]", lookup: "[200 200 200]"} {
		if _, codes := hits(s, 3, "GET", path, "192.0.2.7:1"); fmt.Sprint(codes) != want {
			t.Errorf("%s: %v, want %s", path, codes, want)
		}
	}
	if _, codes := hits(s, 2, "GET", "sys/health", "192.0.2.7:1"); fmt.Sprint(codes) != "[200 429]" {
		t.Errorf("no longer exempt: %v", codes)
	}
}

func TestLeaseQuota(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "sys/quotas/lease-count/a", root, object{"path": "auth/token/create", "max_leases": 2})
	s.token(object{"ttl": "1h"})
	_, accessor := s.token(object{"ttl": "1h"})
	r := s.must(429, "POST", "auth/token/create", root, object{"ttl": "1h"})
	if r.header.Get("Retry-After") != "1" || r.errors() != `lease count quota exceeded: quota "a" allows 2 leases` {
		t.Errorf("refused with %s, Retry-After %q", r.errors(), r.header.Get("Retry-After"))
	}
	d := s.must(200, "GET", "sys/quotas/lease-count/a", root, nil).data()
	if d["counter"] != 2.0 || d["max_leases"] != 2.0 || d["path"] != "auth/token/create" || d["type"] != "lease-count" {
		t.Errorf("quota is %v", d)
	}
	s.must(204, "POST", "auth/token/revoke-accessor", root, object{"accessor": accessor})
	s.token(object{"ttl": "1h"})
	if keys := s.keys("sys/quotas/lease-count"); fmt.Sprint(keys) != "[a]" {
		t.Errorf("quotas are %v", keys)
	}
	s.must(204, "DELETE", "sys/quotas/lease-count/a", root, nil)
	s.token(object{"ttl": "1h"})
}

// Secrets of engines count at the path of their request, and what is refused makes
// nothing.
func TestLeaseQuotaOfSecrets(t *testing.T) {
	s, db := newIssuer(t)
	made := 0
	db.issue = func(context.Context, *engine.Order) ([]byte, error) {
		made++
		return []byte(`{"password":"drawn"}`), nil
	}
	s.must(204, "POST", "sys/quotas/lease-count/db", root, object{"path": "db/", "max_leases": 1})
	id := s.lease(root)
	r := s.must(429, "GET", "db/creds/reader", root, nil)
	if r.header.Get("Retry-After") != "1" || r.errors() != `lease count quota exceeded: quota "db" allows 1 leases` || made != 1 {
		t.Errorf("refused with %s, Retry-After %q, %d made", r.errors(), r.header.Get("Retry-After"), made)
	}
	if d := s.must(200, "GET", "sys/quotas/lease-count/db", root, nil).data(); d["counter"] != 1.0 || d["path"] != "db/" {
		t.Errorf("quota is %v", d)
	}
	s.must(200, "PUT", "sys/leases/renew", root, object{"lease_id": id})
	s.must(202, "PUT", "sys/leases/revoke", root, object{"lease_id": id})
	s.must(429, "GET", "db/creds/reader", root, nil)
	s.cluster.Deliver(func(*fsm.Lease) error { return nil })
	s.lease(root)
	s.run(t, []row{
		{"a path that is not mounted", "POST", "sys/quotas/lease-count/x", root, object{"path": "none/creds", "max_leases": 1}, 400, "none/creds"},
		{"no leases at all", "POST", "sys/quotas/lease-count/x", root, object{"path": "db/creds/reader", "max_leases": 0}, 400, "max_leases"},
		{"less than none", "POST", "sys/quotas/lease-count/x", root, object{"path": "db/creds/reader", "max_leases": -1}, 400, "max_leases"},
		{"all that begin so", "POST", "sys/quotas/lease-count/x", root, object{"path": "db/creds/*", "max_leases": 1}, 400, "ends in *"},
		{"a second one over a path", "POST", "sys/quotas/lease-count/x", root, object{"path": "db", "max_leases": 1}, 400, `"db"`},
	})
	s.must(204, "DELETE", "sys/mounts/db", root, nil)
	s.must(404, "GET", "sys/quotas/lease-count/db", root, nil)
}

// A request that a rate quota refuses is not charged to a counted token.
func TestRateQuotaChargesNobody(t *testing.T) {
	s := newStand(t)
	once, accessor := s.token(object{"policies": []string{"default"}, "num_uses": 1, "ttl": "1h"})
	s.must(204, "POST", "sys/quotas/rate-limit/a", root, object{"path": lookup, "rate": 1, "interval": "1h"})
	s.must(200, "GET", lookup, root, nil)
	s.must(429, "GET", lookup, once, nil)
	st := s.cluster.Local()
	if _, lives := st.LiveByAccessor(accessor, st.Clock); !lives {
		t.Error("a request that was not looked at cost a use")
	}
}

func TestListInParts(t *testing.T) {
	s := newStand(t)
	for i := range 5 {
		s.policy(fmt.Sprint("p", i), readCubby)
	}
	for query, want := range map[string]string{
		"":                            "[default p0 p1 p2 p3 p4 root]",
		"?limit=2":                    "[default p0]",
		"?limit=2&after=p0":           "[p1 p2]",
		"?after=p3":                   "[p4 root]",
		"?after=p35":                  "[p4 root]",
		"?limit=0":                    "[default p0 p1 p2 p3 p4 root]",
		"?limit=99999999999&after=p4": "[root]",
	} {
		r := s.must(200, "LIST", "sys/policies/acl"+query, root, nil)
		if got := fmt.Sprint(r.data()["keys"]); got != want {
			t.Errorf("%s lists %s, want %s", query, got, want)
		}
		if r.body["warnings"] != nil {
			t.Errorf("%s warns of %v", query, r.body["warnings"])
		}
	}
	s.must(404, "LIST", "sys/policies/acl?after=z", root, nil)
	s.must(400, "LIST", "sys/policies/acl?limit=many", root, nil)
}

func TestHostileSurface(t *testing.T) {
	s := newStand(t)
	plain, _ := s.token(object{"policies": []string{"default"}, "ttl": "1h"})
	s.policy("kept", readCubby)
	const rate, lease, config = "sys/quotas/rate-limit/a", "sys/quotas/lease-count/a", "sys/quotas/config"
	rows := []row{
		{"no rate", "POST", rate, root, nil, 400, `"rate"`},
		{"a rate of nothing", "POST", rate, root, object{"rate": 0}, 400, `"rate"`},
		{"a negative rate", "POST", rate, root, object{"rate": -1}, 400, `"rate"`},
		{"a rate that is no number", "POST", rate, root, object{"rate": "NaN"}, 400, `"rate"`},
		{"a rate without end", "POST", rate, root, object{"rate": "Inf"}, 400, `"rate"`},
		{"a rate too high", "POST", rate, root, `{"rate":1e300}`, 400, `"rate"`},
		{"a rate as a list", "POST", rate, root, object{"rate": []int{1}}, 400, `"rate"`},
		{"a negative interval", "POST", rate, root, object{"rate": 1, "interval": "-1s"}, 400, `"interval"`},
		{"an interval too short", "POST", rate, root, object{"rate": 1, "interval": "1ms"}, 400, `"interval"`},
		{"a block too long", "POST", rate, root, object{"rate": 1, "block_interval": "99999999h"}, 400, `"block_interval"`},
		{"a path of no mount", "POST", rate, root, object{"rate": 1, "path": "secret/"}, 400, "invalid mount path"},
		{"a path with a star", "POST", rate, root, object{"rate": 1, "path": "auth/token/*"}, 400, "*"},
		{"a path out of itself", "POST", rate, root, object{"rate": 1, "path": "auth//token"}, 400, "empty segment"},
		{"a path as an object", "POST", rate, root, object{"rate": 1, "path": object{}}, 400, `"path"`},
		{"a path too long", "POST", rate, root, object{"rate": 1, "path": "sys/" + manyFields(100)}, 400, "512"},
		{"a role", "POST", rate, root, object{"rate": 1, "path": "auth/token", "role": "ci"}, 400, `"role"`},
		{"inherited by nobody", "POST", rate, root, object{"rate": 1, "path": "auth/token", "inheritable": true}, 400, "inheritable"},
		{"another name", "POST", rate, root, object{"rate": 1, "name": "b"}, 400, `"name"`},
		{"a name with a star", "POST", "sys/quotas/rate-limit/a*", root, object{"rate": 1}, 400, "quota name"},
		{"a name that ends in a dash", "DELETE", "sys/quotas/rate-limit/a-", root, nil, 400, "quota name"},
		{"no leases", "POST", lease, root, object{"max_leases": 0}, 400, `"max_leases"`},
		{"leases not given", "POST", lease, root, nil, 400, `"max_leases"`},
		{"too many leases", "POST", lease, root, object{"max_leases": 1 << 40}, 400, `"max_leases"`},
		{"exempt paths as an object", "POST", config, root, object{"rate_limit_exempt_paths": object{}}, 400, `"rate_limit_exempt_paths"`},
		{"headers perhaps", "POST", config, root, object{"enable_rate_limit_response_headers": "perhaps"}, 400, `"enable_rate_limit_response_headers"`},
		{"a quota by who may not", "POST", rate, plain, object{"rate": 1}, 403, "permission denied"},
		{"a wrong quota by who may not", "POST", rate, plain, `{`, 403, "permission denied"},
		{"the configuration for who may not", "GET", config, plain, nil, 403, "permission denied"},
		{"PATCH", "PATCH", rate, root, object{"rate": 1}, 405, "unsupported operation"},

		{"no random bytes", "POST", "sys/tools/random", root, object{"bytes": 0}, 400, `"bytes"`},
		{"fewer than none", "POST", "sys/tools/random/-1", root, nil, 400, `"bytes"`},
		{"too many", "POST", "sys/tools/random/131073", root, nil, 400, "131072"},
		{"too many to count", "POST", "sys/tools/random/platform/99999999999999999999", root, nil, 400, "whole number"},
		{"from the seal", "POST", "sys/tools/random/seal", root, nil, 400, "seal"},
		{"from the moon", "POST", "sys/tools/random/moon/5", root, nil, 400, "moon"},
		{"as a picture", "POST", "sys/tools/random", root, object{"format": "png"}, 400, "png"},
		{"by who may not", "POST", "sys/tools/random", plain, nil, 403, "permission denied"},
		{"a hash of no base64", "POST", "sys/tools/hash", root, object{"input": "***"}, 400, "base64"},
		{"a weak hash", "POST", "sys/tools/hash/md5", root, object{"input": ""}, 400, "md5"},
		{"an input that is a list", "POST", "sys/tools/hash", root, object{"input": []int{1}}, 400, `"input"`},

		{"unlocking nowhere", "POST", "sys/locked-users/nowhere/unlock/a", root, nil, 400, "nowhere"},
		{"unlocking no name", "POST", "sys/locked-users/token/unlock/a%20b", root, nil, 400, "user name"},
		{"unlocking by who may not", "POST", "sys/locked-users/token/unlock/a", plain, nil, 403, "permission denied"},
		{"locked users of nowhere", "GET", "sys/locked-users?mount_accessor=x", root, nil, 400, "mount_accessor"},
		{"a mount that is none", "GET", "sys/internal/ui/mounts/secret/a", root, nil, 403, "preflight"},
		{"a mount for nobody", "GET", "sys/internal/ui/mounts/cubbyhole/a", "", nil, 403, "preflight"},
		{"a mount for a made-up token", "GET", "sys/internal/ui/mounts/cubbyhole/a", "jts_made-up", nil, 403, "preflight"},
		{"the host for who may not", "GET", "sys/host-info", plain, nil, 403, "permission denied"},
		{"a type of plugins", "LIST", "sys/plugins/catalog/toys", root, nil, 400, "toys"},
	}
	before := everything(t, s)
	s.run(t, rows)
	if after := everything(t, s); after != before || s.cluster.Local().RateQuotas() != 0 {
		t.Errorf("something has changed:\n%s\n%s", before, after)
	}
}

// Without a quota, and under one, a request costs what it cost before but for a
// look at the state.
func BenchmarkRateQuota(b *testing.B) {
	for name, quota := range map[string]object{"none": nil, "one": {"rate": 1e9}} {
		b.Run(name, func(b *testing.B) {
			s := &stand{b, httptestcluster.New(), nil}
			s.handler = newServer(b, httpd.Config{Cluster: s.cluster}).Handler()
			if quota != nil {
				s.must(204, "POST", "sys/quotas/rate-limit/a", root, quota)
			}
			for b.Loop() {
				s.send("GET", lookup, root, nil)
			}
		})
	}
}

// A quota on one user holds for every spelling of the name.
func TestRateQuotaOnAUser(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "sys/auth/up", root, object{"type": "userpass"})
	s.must(204, "POST", "sys/quotas/rate-limit/alice", root, object{"path": "auth/up/login/alice", "rate": 2, "interval": "1h"})
	for i, name := range []string{"alice", "ALICE", "Alice", "aLice", "alice"} {
		if got := s.send("POST", "auth/up/login/"+name, "", object{"password": "x"}); (got.status == 429) != (i >= 2) {
			t.Errorf("request %d, by %s: %d %s", i+1, name, got.status, got.text)
		}
	}
}
