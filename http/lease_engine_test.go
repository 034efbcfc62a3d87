package http_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/engine"
)

// lease has a token get a secret and returns the id of its lease.
func (s *stand) lease(token string) string {
	s.t.Helper()
	id, _ := s.must(200, "GET", "db/creds/reader", token, nil).body["lease_id"].(string)
	return id
}

func TestEngineLease(t *testing.T) {
	s, db := newIssuer(t)
	token, _ := s.token(object{"policies": []string{"reader"}, "ttl": "10h"})
	id := s.lease(token)
	look := func() map[string]any {
		t.Helper()
		return s.must(200, "PUT", "sys/leases/lookup", root, object{"lease_id": id}).data()
	}
	if d := look(); d["phase"] != "live" || d["ttl"].(float64) < 3500 || d["renewable"] != true || d["last_renewal"] != nil {
		t.Errorf("lease is %v", d)
	}
	var told time.Time
	var ttl time.Duration
	db.renew = func(_ context.Context, o *engine.Order) error {
		told, ttl = o.Lease.Deadline, o.Lease.TTL
		if l, _ := s.cluster.Local().Lease(id); l.Deadline.Time().Equal(told) {
			t.Error("the log has the later deadline before the other side")
		}
		return nil
	}
	got := s.must(200, "PUT", "sys/leases/renew", token, object{"lease_id": id, "increment": "2h"})
	if got.body["lease_id"] != id || got.body["lease_duration"] != 7200.0 || got.body["renewable"] != true {
		t.Errorf("renewed: %s", got.text)
	}
	if l, _ := s.cluster.Local().Lease(id); !l.Deadline.Time().Equal(told) || l.TTL != ttl || ttl != 2*time.Hour || l.RenewedAt == 0 {
		t.Errorf("lease is %+v, the other side was told %s, %s", l, told, ttl)
	}
	db.renew = func(context.Context, *engine.Order) error { return engine.Unreachable("dial: connection refused") }
	before, _ := s.cluster.Local().Lease(id)
	if no := s.must(502, "PUT", "sys/renew/"+id, root, object{"increment": "3h"}); !strings.Contains(no.errors(), "connection refused; the lease was not renewed") {
		t.Errorf("refused with %s", no.text)
	}
	if after, _ := s.cluster.Local().Lease(id); after.Deadline != before.Deadline || after.TTL != 2*time.Hour {
		t.Errorf("a renewal that failed made %+v of %+v", after, before)
	}
	db.renew = func(context.Context, *engine.Order) error { return engine.Crowded("all connections are in use") }
	if no := s.must(503, "PUT", "sys/renew/"+id, root, nil); !strings.Contains(no.errors(), "all connections are in use; the lease was not renewed") {
		t.Errorf("refused with %s", no.text)
	}

	s.must(202, "PUT", "sys/leases/revoke", root, object{"lease_id": id})
	if d := look(); d["phase"] != "revoking" || d["ttl"] != 0.0 || d["ended_because"] != "revoked" {
		t.Errorf("lease is %v", d)
	}
	s.cluster.Deliver(func(*fsm.Lease) error { return errors.New("no connection") })
	if d := look(); d["failed_attempts"] != 1.0 || d["last_error"] != "no connection" || d["next_attempt"] == nil {
		t.Errorf("lease is %v", d)
	}
	s.must(202, "PUT", "sys/leases/revoke", root, object{"lease_id": id}) // which is another try at once
	s.cluster.Deliver(func(*fsm.Lease) error { return nil })
	s.must(400, "PUT", "sys/leases/lookup", root, object{"lease_id": id})
	s.must(204, "PUT", "sys/leases/revoke", root, object{"lease_id": id, "sync": true})
}

// With sync the answer waits for the other side, and says when that did not work.
func TestRevokeSync(t *testing.T) {
	for _, tt := range []struct {
		name, path string
		body       object
		outside    error
		status     int
		says       string
		left       int
	}{
		{"one", "sys/leases/revoke/ID", object{"sync": true}, nil, 204, "", 1},
		{"one, failing", "sys/leases/revoke/ID", object{"sync": true}, errors.New("no connection"), 502, "1 leases are revoked here but not outside yet", 2},
		{"by prefix", "sys/leases/revoke-prefix/db", object{"sync": true}, nil, 204, "", 0},
		{"by prefix, failing", "sys/leases/revoke-prefix/db/creds", object{"sync": true}, errors.New("no connection"), 502, "no connection", 2},
		{"by force", "sys/leases/revoke-force/db", nil, errors.New("no connection"), 204, "", 0},
		{"older, by force", "sys/revoke-force/db/creds/reader", nil, nil, 204, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := newIssuer(t)
			id := s.lease(root)
			s.lease(root)
			r := s.sendWhile("PUT", strings.Replace(tt.path, "ID", id, 1), root, tt.body, func() {
				s.cluster.Sweep()
				s.cluster.Deliver(func(*fsm.Lease) error { return tt.outside })
			})
			if r.status != tt.status || !strings.Contains(r.errors(), tt.says) {
				t.Errorf("answered %d %s, want %d", r.status, r.text, tt.status)
			}
			if n := s.cluster.Local().CountAllLeases().All(); n != tt.left {
				t.Errorf("%d leases are left, want %d", n, tt.left)
			}
		})
	}
}

// sendWhile sends a request and does something again and again until it is answered.
func (s *stand) sendWhile(verb, path, token string, body any, do func()) reply {
	answered := make(chan reply, 1)
	go func() { answered <- s.send(verb, path, token, body) }()
	for {
		select {
		case r := <-answered:
			return r
		default:
			do()
		}
	}
}

// 1.9.32: irrevocable leases are listed with their error, counted apart, and removed by
// force.
func TestIrrevocableLeases(t *testing.T) {
	s, _ := newIssuer(t)
	for range 3 {
		s.lease(root)
	}
	live := s.lease(root)
	ids := s.keys("sys/leases/lookup/db/creds/reader")
	for _, id := range ids {
		if id := "db/creds/reader/" + id; id != live {
			s.must(202, "PUT", "sys/leases/revoke", root, object{"lease_id": id})
		}
	}
	for range fsm.MaxLeaseTries {
		s.cluster.Deliver(func(*fsm.Lease) error { return errors.New("no connection") })
		s.cluster.Advance(time.Minute)
	}
	d := s.must(200, "GET", "sys/leases?type=irrevocable", root, nil).data()
	leases := d["leases"].([]any)
	if first := leases[0].(map[string]any); d["lease_count"] != 3.0 || len(leases) != 3 || first["error"] != "no connection" || first["mount_id"] != "database_1" {
		t.Errorf("listed %v", d)
	}
	if d := s.must(200, "GET", "sys/leases?type=irrevocable&limit=2", root, nil); len(d.data()["leases"].([]any)) != 2 || !strings.Contains(d.text, "set limit") {
		t.Errorf("listed %s", d.text)
	}
	if got := fmt.Sprint(s.must(200, "GET", "sys/leases/count?type=irrevocable", root, nil).data()); got != "map[counts:map[database_1:3] lease_count:3]" {
		t.Errorf("counted %s", got)
	}
	if got := fmt.Sprint(s.must(200, "GET", "sys/leases/count?type=all", root, nil).data()); got != "map[counts:map[database_1:4] lease_count:4]" {
		t.Errorf("counted %s", got)
	}
	s.must(202, "PUT", "sys/leases/tidy", root, nil)
	answered := s.sendWhile("PUT", "sys/leases/revoke-force/db", root, nil, func() {
		s.cluster.Sweep()
		s.cluster.Deliver(func(*fsm.Lease) error { return errors.New("no connection") })
	})
	if n := s.cluster.Local().CountAllLeases().All(); answered.status != 204 || n != 0 {
		t.Errorf("answered %d %s, %d leases are left", answered.status, answered.text, n)
	}
}

// Requests about the leases of engines that no honest client sends.
func TestHostileEngineLeases(t *testing.T) {
	s, _ := newIssuer(t)
	id := s.lease(root)
	reader, _ := s.token(object{"policies": []string{"reader"}})
	nosudo := "nosudo"
	s.policy(nosudo, `path "*" { capabilities = ["create", "read", "update", "delete", "list"] }`)
	plain, _ := s.token(object{"policies": []string{nosudo}})
	s.run(t, []row{
		{"renew with a bad increment", "PUT", "sys/leases/renew", root, object{"lease_id": id, "increment": "soon"}, 400, `"increment"`},
		{"renew for long", "PUT", "sys/leases/renew", root, object{"lease_id": id, "increment": "100000h"}, 400, `"increment"`},
		{"renew another", "PUT", "sys/leases/renew", root, object{"lease_id": id + "x"}, 400, "lease not found"},
		{"renew in upper case", "PUT", "sys/leases/renew", root, object{"lease_id": strings.ToUpper(id)}, 400, "lease not found"},
		{"renew without a right", "PUT", "sys/renew/" + id, reader, nil, 403, "permission denied"},
		{"revoke without a right", "PUT", "sys/leases/revoke", reader, object{"lease_id": id}, 403, "permission denied"},
		{"no type", "GET", "sys/leases", root, nil, 400, `"type"`},
		{"another type", "GET", "sys/leases?type=expired", root, nil, 400, `"expired"`},
		{"two types", "GET", "sys/leases?type=irrevocable&type=all", root, nil, 400, `"type"`},
		{"negative limit", "GET", "sys/leases?type=irrevocable&limit=-1", root, nil, 400, "negative"},
		{"limit as text", "GET", "sys/leases?type=irrevocable&limit=few", root, nil, 400, `"limit"`},
		{"list without sudo", "GET", "sys/leases?type=irrevocable", plain, nil, 403, "permission denied"},
		{"count of a type", "GET", "sys/leases/count?type=x", root, nil, 400, `"type"`},
		{"count without a right", "GET", "sys/leases/count?type=all", reader, nil, 403, "permission denied"},
		{"tidy without a right", "PUT", "sys/leases/tidy", reader, nil, 403, "permission denied"},
		{"GET of tidy", "GET", "sys/leases/tidy", root, nil, 405, "unsupported operation"},
		{"DELETE of a lease", "DELETE", "sys/leases/revoke/" + id, root, nil, 405, "unsupported operation"},
	})
	if l, ok := s.cluster.Local().Lease(id); !ok || l.Phase != fsm.Live || l.RenewedAt != 0 {
		t.Errorf("a refused request changed the lease to %+v", l)
	}
}
