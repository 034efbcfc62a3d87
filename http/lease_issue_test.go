package http_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/engine/postgres"
)

// What the fake database does besides what the routes of configurations ask of it.

func (f *fakeDatabase) ConfigPath(role *engine.Item, data []byte) (string, error) {
	return postgres.New().ConfigPath(role, data)
}

func (f *fakeDatabase) Plan(o *engine.Order) ([]byte, error) { return postgres.New().Plan(o) }

func (f *fakeDatabase) Issue(ctx context.Context, o *engine.Order) ([]byte, error) {
	if f.issue == nil {
		return []byte(`{"username":"u","password":"drawn"}`), nil
	}
	return f.issue(ctx, o)
}

func (f *fakeDatabase) Renew(ctx context.Context, o *engine.Order) error {
	if f.renew == nil {
		return nil
	}
	return f.renew(ctx, o)
}

func newIssuer(t *testing.T) (*stand, *fakeDatabase) {
	s, db := newEngineStand(t)
	s.must(204, "POST", "db/config/shop", root, validDatabase())
	s.must(204, "POST", "db/roles/reader", root, validRole)
	s.must(204, "POST", "db/roles/other", root, validRole)
	s.policy("reader", `path "db/creds/reader" { capabilities = ["read"] }`)
	return s, db
}

// phases counts the leases below db by phase.
func (s *stand) phases() map[fsm.LeasePhase]int {
	st, n := s.cluster.Local(), map[fsm.LeasePhase]int{}
	for _, key := range st.LeaseKeys("db/creds/reader/", st.Clock) {
		l, ok := st.Lease("db/creds/reader/" + key)
		if !ok {
			s.t.Fatalf("no lease %s", key)
		}
		n[st.LeasePhase(l, st.Clock)]++
	}
	return n
}

func TestIssue(t *testing.T) {
	s, db := newIssuer(t)
	token, _ := s.token(object{"policies": []string{"reader"}, "ttl": "30m", "display_name": "ci"})
	var order engine.Order
	db.issue = func(ctx context.Context, o *engine.Order) ([]byte, error) {
		order = *o
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > engine.IssueTime {
			t.Errorf("it may take until %s", deadline)
		}
		if n := s.phases(); n[fsm.Issuing] != 1 {
			t.Errorf("while the secret is made there are %v", n)
		}
		return []byte(`{"username":"u","password":"drawn"}`), nil
	}
	got := s.must(200, "GET", "db/creds/reader", token, nil)
	id, _ := got.body["lease_id"].(string)
	ttl, _ := got.body["lease_duration"].(float64)
	if !strings.HasPrefix(id, "db/creds/reader/") || got.body["renewable"] != true || ttl > 1800 || ttl < 1700 || got.data()["password"] != "drawn" {
		t.Errorf("got %s", got.text) // the token has no more than 30 minutes
	}
	if n := s.phases(); n[fsm.Live] != 1 || len(n) != 1 {
		t.Errorf("there are %v", n)
	}
	if order.Mount != "db/" || order.Lease.ID != id || order.Lease.TTL.Seconds() != ttl || order.Config.Name() != "shop" || len(order.Config.Secret) == 0 || !strings.Contains(string(order.Lease.Data), "v-token-ci-reader-") {
		t.Errorf("ordered %+v", order)
	}
	// the whole of it, lease included, can wait in a wrapping token
	box := s.must(200, "GET", "db/creds/reader", token, nil, "X-Vault-Wrap-TTL", "5m").body["wrap_info"].(map[string]any)["token"].(string)
	open := s.must(200, "POST", "sys/wrapping/unwrap", box, nil)
	if id, _ := open.body["lease_id"].(string); !strings.HasPrefix(id, "db/creds/reader/") || open.body["lease_duration"].(float64) < 1 || open.data()["password"] != "drawn" {
		t.Errorf("unwrapped %s", open.text)
	}
	s.must(204, "POST", "auth/token/revoke-self", token, nil)
	if n := s.phases(); n[fsm.Revoking] != 2 || len(n) != 1 {
		t.Errorf("after the token there are %v", n)
	}
}

// What the client sees when no secret can be made, and that nothing stays alive.
func TestIssueFails(t *testing.T) {
	s, db := newIssuer(t)
	reader, _ := s.token(object{"policies": []string{"reader"}})
	down := func(context.Context, *engine.Order) ([]byte, error) {
		return nil, engine.Unreachable("the database: dial: connection refused")
	}
	tests := []struct {
		name, path, token string
		issue             func(context.Context, *engine.Order) ([]byte, error)
		status            int
		says              string
	}{
		{"the other side is down", "db/creds/reader", reader, down, 502, "dial: connection refused; no secret was given out"},
		{"too many wait for it", "db/creds/reader", reader, func(context.Context, *engine.Order) ([]byte, error) {
			return nil, engine.Crowded("the database: all connections to the database are in use")
		}, 503, "connections to the database are in use; no secret was given out"},
		{"it does not want to", "db/creds/reader", reader, func(context.Context, *engine.Order) ([]byte, error) {
			return nil, engine.Refuse("item 1 of creation_statements: SQLSTATE 42601")
		}, 400, "SQLSTATE 42601; no secret was given out"},
		{"a fault", "db/creds/reader", reader, func(context.Context, *engine.Order) ([]byte, error) {
			return nil, context.Canceled
		}, 503, "time ran out"},
		{"the token ends meanwhile", "db/creds/reader", reader, nil, 403, "the lease ended before"},
		{"not allowed", "db/creds/other", reader, down, 403, "permission denied"},
		{"nobody", "db/creds/reader", "jts_made-up", down, 403, "permission denied"},
		{"no role", "db/creds/none", root, down, 400, "unknown role"},
		{"no name", "db/creds", root, down, 404, "unsupported path"},
		{"by writing", "db/creds/reader/", root, down, 404, "unsupported path"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := s.phases()
			token := tt.token
			db.issue = tt.issue
			if tt.issue == nil {
				var accessor string
				token, accessor = s.token(object{"policies": []string{"reader"}})
				db.issue = func(context.Context, *engine.Order) ([]byte, error) {
					s.must(204, "POST", "auth/token/revoke-accessor", root, object{"accessor": accessor})
					return []byte(`{"password":"drawn"}`), nil
				}
			}
			got := s.send("GET", tt.path, token, nil)
			if got.status != tt.status || !strings.Contains(got.errors(), tt.says) || strings.Contains(got.text, "drawn") {
				t.Errorf("%d %s, want %d with %q", got.status, got.text, tt.status, tt.says)
			}
			if after := s.phases(); after[fsm.Issuing] != 0 || after[fsm.Live] != before[fsm.Live] {
				t.Errorf("there are %v, before it were %v", after, before)
			}
		})
	}
	for _, key := range s.cluster.Local().LeaseKeys("db/creds/reader/", 0) {
		l, _ := s.cluster.Local().Lease("db/creds/reader/" + key)
		if l.LastError == "" && l.End == nil || strings.Contains(l.LastError, "no secret was given out") {
			t.Errorf("of %s is kept %q", key, l.LastError)
		}
	}
	// the cluster has other things to do meanwhile
	s.must(200, "GET", "auth/token/lookup-self", reader, nil)
}

// 1.9.11: what the last use of a token asks for is not handed out. Vault makes the
// secret and revokes it; here it is not made, and the token is gone all the same,
// with what it got before.
func TestIssueWithTheLastUse(t *testing.T) {
	for name, headers := range map[string][]string{
		"as it is": nil, "wrapped": {"X-Vault-Wrap-TTL", "5m"}, "with a key": {"Idempotency-Key", "k"},
	} {
		t.Run(name, func(t *testing.T) {
			s, db := newIssuer(t)
			made := 0
			db.issue = func(context.Context, *engine.Order) ([]byte, error) {
				made++
				return []byte(`{"password":"drawn"}`), nil
			}
			few, _ := s.token(object{"policies": []string{"reader"}, "num_uses": 2})
			s.must(200, "GET", "db/creds/reader", few, nil)
			if n := s.phases(); n[fsm.Live] != 1 || made != 1 {
				t.Fatalf("after the first use there are %v, %d made", n, made)
			}
			no := s.must(400, "GET", "db/creds/reader", few, nil, headers...)
			if !strings.Contains(no.errors(), "token had one use left") || strings.Contains(no.text, "drawn") || made != 1 {
				t.Errorf("refused with %s, %d made", no.text, made)
			}
			if n := s.phases(); n[fsm.Revoking] != 1 || len(n) != 1 {
				t.Errorf("after the last use there are %v", n)
			}
			s.must(403, "GET", "auth/token/lookup-self", few, nil)
		})
	}
}

// What the other side may still make is not looked for before it must be through.
func TestRevocationWaitsForWhatMayStillBeMade(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		open bool
	}{
		{"made", nil, false},
		{"refused", engine.Refuse("item 1 of creation_statements: SQLSTATE 42601"), false},
		{"no answer", engine.Unreachable("the database: no answer in time"), true},
		{"the client hung up", context.Canceled, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, db := newIssuer(t)
			db.issue = func(context.Context, *engine.Order) ([]byte, error) { return []byte("{}"), tt.err }
			s.send("GET", "db/creds/reader", root, nil)
			st := s.cluster.Local()
			keys := st.LeaseKeys("db/creds/reader/", st.Clock)
			if len(keys) != 1 {
				t.Fatalf("there are the leases %q, want one", keys)
			}
			if l, _ := st.Lease("db/creds/reader/" + keys[0]); l.Open != tt.open || l.Phase == fsm.Issuing {
				t.Errorf("lease is %+v", l)
			}
		})
	}
}

// A role that changes while a secret is planned is looked at again.
func TestIssueOfWhatMoves(t *testing.T) {
	s, db := newIssuer(t)
	var used string
	db.issue = func(_ context.Context, o *engine.Order) ([]byte, error) {
		var r struct {
			Creation []string `json:"creation_statements"`
		}
		if err := json.Unmarshal(o.Role.Body, &r); err != nil {
			return nil, err
		}
		used = r.Creation[0]
		return []byte("{}"), nil
	}
	s.must(204, "POST", "db/roles/reader", root, object{"creation_statements": "second"})
	s.must(200, "GET", "db/creds/reader", root, nil)
	if used != "second" {
		t.Errorf("made by %q", used)
	}
	s.must(204, "POST", "db/config/shop", root, object{"allowed_roles": []string{"writer"}})
	if no := s.must(400, "GET", "db/creds/reader", root, nil); !strings.Contains(no.errors(), `"reader" is not an allowed role`) {
		t.Errorf("refused with %s", no.text)
	}
	if no := s.must(400, "DELETE", "db/config/shop", root, nil); !strings.Contains(no.errors(), "the mount has 1 leases") || !strings.Contains(no.errors(), "revoke-prefix/db)") {
		t.Errorf("refused with %s", no.text)
	}
	s.must(400, "DELETE", "db/config/shop?force=perhaps", root, nil)
	s.must(204, "DELETE", "db/config/shop?force=true", root, nil)
	s.must(400, "GET", "db/creds/reader", root, nil)
}

// A repeated request is not a second secret, and the first one is not kept.
func TestIssueOnceUnderAKey(t *testing.T) {
	s, _ := newIssuer(t)
	s.must(200, "GET", "db/creds/reader", root, nil, "Idempotency-Key", "k")
	if no := s.must(409, "GET", "db/creds/reader", root, nil, "Idempotency-Key", "k"); !strings.Contains(no.errors(), "db/creds/reader/") {
		t.Errorf("refused with %s", no.text)
	}
	if n := s.phases(); n[fsm.Live] != 1 || len(n) != 1 {
		t.Errorf("there are %v", n)
	}
}

// A service that hangs holds up those who want something of it, so many of them as
// there may be, and nobody else.
func TestADeadEngineHoldsUpNobodyElse(t *testing.T) {
	s, db := newIssuer(t)
	hang, began := make(chan struct{}), make(chan struct{}, 200)
	db.issue = func(ctx context.Context, _ *engine.Order) ([]byte, error) {
		began <- struct{}{}
		select {
		case <-hang:
		case <-ctx.Done():
		}
		return nil, engine.Unreachable("the database: no answer in time")
	}
	statuses := make(chan int, 200)
	for range 140 {
		go func() { statuses <- s.send("GET", "db/creds/reader", root, nil).status }()
	}
	for range 12 { // as many as there is no place for
		if got := <-statuses; got != 503 {
			t.Errorf("got %d before anything was made", got)
		}
	}
	for range 128 {
		<-began
	}
	s.must(200, "GET", "auth/token/lookup-self", root, nil)
	s.must(204, "POST", "team/hooks/roles/ci", root, object{})
	s.must(204, "POST", "db/roles/third", root, validRole)
	close(hang)
	for range 128 {
		if got := <-statuses; got != 502 {
			t.Errorf("got %d, want 502", got)
		}
	}
	db.issue = nil
	s.must(200, "GET", "db/creds/reader", root, nil)
}
