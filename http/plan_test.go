package http_test

import (
	"fmt"
	"strings"
	"testing"
)

// family is a token with two children, and the accessors of all three.
func (s *stand) family() (text string, accessors []string) {
	s.t.Helper()
	text, accessor := s.token(object{"policies": []string{"root"}, "ttl": "1h", "display_name": "boss"})
	accessors = append(accessors, accessor)
	for range 2 {
		a := s.must(200, "POST", "auth/token/create", text, object{"policies": []string{"default"}, "ttl": "1h"}).body["auth"].(object)
		accessors = append(accessors, a["accessor"].(string))
	}
	return text, accessors
}

func (s *stand) livesBy(accessor string) bool {
	_, ok := s.cluster.Local().LiveByAccessor(accessor, s.cluster.Local().Clock)
	return ok
}

// Every way to revoke in bulk can be asked first and held to the answer, in the
// body and in the query.
func TestPlans(t *testing.T) {
	for name, tt := range map[string]struct {
		method, path string
		body         func(text, accessor string) object
		ends         string // which of the family
	}{
		"tree":           {"PUT", "auth/token/revoke", func(text, _ string) object { return object{"token": text} }, "012"},
		"accessor":       {"POST", "auth/token/revoke-accessor", func(_, a string) object { return object{"accessor": a} }, "012"},
		"orphan":         {"PUT", "auth/token/revoke-orphan", func(text, _ string) object { return object{"token": text} }, "0"},
		"prefix":         {"PUT", "sys/leases/revoke-prefix/auth/token/create", nil, "012"},
		"force":          {"PUT", "sys/leases/revoke-force/auth/token/create", nil, "012"},
		"prefix of old":  {"PUT", "sys/revoke-prefix/auth/token/create", nil, "012"},
		"prefix of 2015": {"PUT", "auth/token/revoke-prefix/auth/token/create", nil, "012"},
	} {
		for _, inQuery := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, query %v", name, inQuery), func(t *testing.T) {
				s := newStand(t)
				text, family := s.family()
				send := func(field, value string) reply {
					body := object{}
					if tt.body != nil {
						body = tt.body(text, family[0])
					}
					path := tt.path
					if inQuery {
						path += "?" + field + "=" + value
					} else {
						body[field] = value
					}
					return s.send(tt.method, path, root, body)
				}
				before := s.cluster.Hash()
				foreseen := send("dry_run", "true")
				if s.cluster.Hash() != before {
					t.Fatal("a dry run changed something")
				}
				if foreseen.status != 200 || foreseen.data()["tokens"] != float64(len(tt.ends)) {
					t.Fatalf("dry run: %s", foreseen.text)
				}
				done := send("plan_id", foreseen.data()["plan_id"].(string))
				if done.status != 200 || done.data()["planned"] != float64(len(tt.ends)) || done.data()["revoked"] != float64(len(tt.ends)) {
					t.Fatalf("as planned: %d %s", done.status, done.text)
				}
				for i, a := range family {
					if s.livesBy(a) == strings.Contains(tt.ends, fmt.Sprint(i)) {
						t.Errorf("%d lives: %v", i, s.livesBy(a))
					}
				}
			})
		}
	}
}

func TestPlanOfAMount(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "sys/auth/userpass", root, object{"type": "userpass"})
	s.must(204, "POST", "auth/userpass/users/alice", root, object{"password": "wonder", "token_policies": "default"})
	login := func() { s.must(200, "POST", "auth/userpass/login/alice", "", object{"password": "wonder"}) }
	login()
	foresee := func() string {
		return s.must(200, "DELETE", "sys/auth/userpass?dry_run=true", root, nil).data()["plan_id"].(string)
	}
	id := foresee()
	login()
	r := s.must(409, "DELETE", "sys/auth/userpass?plan_id="+id, root, nil)
	if !strings.Contains(r.errors(), "was made since") {
		t.Errorf("refused with %s", r.errors())
	}
	r = s.must(200, "DELETE", "sys/auth/userpass?plan_id="+foresee(), root, nil)
	if r.data()["revoked"] != 2.0 {
		t.Errorf("done: %s", r.text)
	}
	s.must(400, "GET", "sys/auth/userpass", root, nil)
	s.must(204, "POST", "sys/auth/userpass", root, object{"type": "userpass"})
	s.must(409, "DELETE", "sys/auth/userpass?plan_id="+id, root, nil)
}

// A secrets engine takes its leases along: what it made since is a change.
func TestPlanOfAnEngine(t *testing.T) {
	s, _ := newIssuer(t)
	foresee := func(leases float64) string {
		t.Helper()
		d := s.must(200, "DELETE", "sys/mounts/db?dry_run=true", root, nil).data()
		if d["leases"] != leases || d["tokens"] != 0.0 || d["truncated"] != false {
			t.Errorf("foreseen %v, want %v leases", d, leases)
		}
		return d["plan_id"].(string)
	}
	none := foresee(0)
	reader, _ := s.token(object{"policies": []string{"reader"}, "ttl": "1h"})
	first := s.lease(reader)
	if r := s.must(409, "DELETE", "sys/mounts/db?plan_id="+none, root, nil); !strings.Contains(r.errors(), "was made since") {
		t.Errorf("refused with %s", r.errors())
	}
	id := foresee(1)
	s.must(202, "PUT", "sys/leases/revoke", root, object{"lease_id": first}) // which is no change
	s.run(t, []row{
		{"a plan of nobody", "DELETE", "sys/mounts/db?plan_id=x", root, nil, 400, `"plan_id"`},
		{"of another mount", "DELETE", "sys/mounts/db2?plan_id=" + id, root, nil, 400, `"plan_id"`},
		{"neither true nor false", "DELETE", "sys/mounts/db?dry_run=perhaps", root, nil, 400, `"dry_run"`},
		{"both", "DELETE", "sys/mounts/db?dry_run=true&plan_id=" + id, root, nil, 400, `"plan_id"`},
		{"a dry run without a right", "DELETE", "sys/mounts/db?dry_run=true", reader, nil, 403, "permission denied"},
		{"a plan without a right", "DELETE", "sys/mounts/db?plan_id=" + id, reader, nil, 403, "permission denied"},
	})
	s.must(200, "GET", "sys/mounts/db", root, nil)
	s.must(200, "DELETE", "sys/mounts/db?plan_id="+id, root, nil)
	s.must(400, "GET", "sys/mounts/db", root, nil)
	s.must(204, "POST", "sys/mounts/db", root, object{"type": "database"})
	if r := s.must(409, "DELETE", "sys/mounts/db?plan_id="+id, root, nil); !strings.Contains(r.errors(), "enabled since") {
		t.Errorf("refused with %s", r.errors())
	}
}

// What has changed is said; what ended by itself is not a change.
func TestPlanThatNoLongerHolds(t *testing.T) {
	s := newStand(t)
	text, family := s.family()
	revoke := func(status int, field, value string) reply {
		return s.must(status, "POST", "auth/token/revoke-accessor", root, object{"accessor": family[0], field: value})
	}
	id := revoke(200, "dry_run", "true").data()["plan_id"].(string)
	s.must(204, "POST", "auth/token/revoke-accessor", root, object{"accessor": family[1]})
	child := s.must(200, "POST", "auth/token/create", text, object{"policies": []string{"default"}}).body["auth"].(object)["accessor"].(string)
	if r := revoke(409, "plan_id", id); !strings.Contains(r.errors(), child) {
		t.Errorf("refused with %s, want the accessor of the new child", r.errors())
	}
	if !s.livesBy(family[0]) {
		t.Error("a plan that was refused revoked something")
	}
	s.must(204, "POST", "auth/token/revoke-accessor", root, object{"accessor": child})
	if r := revoke(200, "plan_id", id); r.data()["planned"] != 3.0 || r.data()["revoked"] != 2.0 || r.data()["gone"] != 1.0 {
		t.Errorf("done: %s", r.text)
	}
}

// A repetition with the same key is answered as the first time.
func TestPlanIsIdempotent(t *testing.T) {
	s := newStand(t)
	_, family := s.family()
	body := object{"accessor": family[0], "dry_run": true}
	id := s.must(200, "POST", "auth/token/revoke-accessor", root, body).data()["plan_id"]
	body = object{"accessor": family[0], "plan_id": id}
	for range 2 {
		r := s.must(200, "POST", "auth/token/revoke-accessor", root, body, "Idempotency-Key", "k")
		if r.data()["revoked"] != 3.0 {
			t.Errorf("answered %s", r.text)
		}
	}
}

func TestHostilePlans(t *testing.T) {
	s := newStand(t)
	_, family := s.family()
	plain, _ := s.token(object{"policies": []string{"default"}})
	const path = "auth/token/revoke-accessor"
	with := func(fields ...any) object {
		o := object{"accessor": family[0]}
		for i := 0; i < len(fields); i += 2 {
			o[fields[i].(string)] = fields[i+1]
		}
		return o
	}
	id := s.must(200, "POST", path, root, with("dry_run", true)).data()["plan_id"].(string)
	living := func() string { return fmt.Sprint(s.cluster.Local().LiveAccessors(s.cluster.Local().Clock)) }
	before := living()
	s.run(t, []row{
		{"dry_run that is neither", "POST", path, root, with("dry_run", "perhaps"), 400, `"dry_run"`},
		{"dry_run as a list", "POST", path, root, with("dry_run", []int{1}), 400, `"dry_run"`},
		{"dry_run that is neither in the query", "POST", path + "?dry_run=perhaps", root, with(), 400, `"dry_run"`},
		{"blank dry_run in the query", "POST", path + "?dry_run=", root, with(), 400, `"dry_run"`},
		{"dry_run twice", "POST", path + "?dry_run=true&dry_run=false", root, with(), 400, "more than once"},
		{"dry_run here and there", "POST", path + "?dry_run=true", root, with("dry_run", false), 400, "more than once"},
		{"both", "POST", path, root, with("dry_run", true, "plan_id", id), 400, "no dry_run"},
		{"made up", "POST", path, root, with("plan_id", "abc"), 400, `"plan_id"`},
		{"not base64", "POST", path, root, with("plan_id", "!!"), 400, `"plan_id"`},
		{"one letter changed", "POST", path, root, with("plan_id", flip(id)), 400, `"plan_id"`},
		{"cut short", "POST", path, root, with("plan_id", id[:20]), 400, `"plan_id"`},
		{"long", "POST", path, root, with("plan_id", strings.Repeat("A", 5000)), 400, `"plan_id"`},
		{"as a list", "POST", path, root, with("plan_id", []string{id}), 400, `"plan_id"`},
		{"of another token", "POST", path, root, object{"accessor": family[1], "plan_id": id}, 400, `"plan_id"`},
		{"of another way", "PUT", "sys/leases/revoke-prefix/auth/token", root, object{"plan_id": id}, 400, `"plan_id"`},
		{"dry run by who may not", "POST", path, plain, with("dry_run", true), 403, "permission denied"},
		{"plan by who may not", "POST", path, plain, with("plan_id", id), 403, "permission denied"},
		{"dry run of an orphan without sudo", "PUT", "auth/token/revoke-orphan", plain, object{"token": plain, "dry_run": true}, 403, "permission denied"},
		{"dry run of nobody", "POST", path, root, object{"accessor": "nobody", "dry_run": true}, 200, ""},
		{"dry run of nothing", "PUT", "sys/leases/revoke-prefix/?dry_run=true", root, nil, 400, "empty"},
		{"dry run of a lease", "PUT", "sys/leases/revoke", root, object{"lease_id": "a/b", "dry_run": true}, 200, ""},
		{"dry run of the token method", "DELETE", "sys/auth/token?dry_run=true", root, nil, 400, "cannot be disabled"},
	})
	if living() != before {
		t.Error("somebody died")
	}
	// One's own plan is nobody else's.
	own := s.must(200, "POST", "auth/token/revoke-self", plain, object{"dry_run": true}).data()["plan_id"].(string)
	s.must(400, "POST", "auth/token/revoke-self", root, object{"plan_id": own})
	s.must(200, "POST", "auth/token/revoke-self", plain, object{"plan_id": own})
}
