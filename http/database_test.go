package http_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/engine/webhook"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// fakeDatabase is an engine.Engine that notes what the routes of a database ask of
// it. Its server accepts one password.
type fakeDatabase struct {
	engine.Engine

	mu       sync.Mutex
	password string
	verified []string // bodies
	fail     error    // of the next Rotate, after it was done
	resets   int
	issue    func(context.Context, *engine.Order) ([]byte, error)
	renew    func(context.Context, *engine.Order) error
}

func (f *fakeDatabase) secret(i *engine.Item) (s struct{ Password, Next string }) {
	if err := json.Unmarshal(i.Secret, &s); err != nil {
		panic(err)
	}
	return s
}

func (f *fakeDatabase) Verify(_ context.Context, i *engine.Item) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.verified = append(f.verified, string(i.Body))
	if s := f.secret(i); s.Password != f.password && s.Next != f.password {
		return engine.Refuse("the database: SQLSTATE 28P01")
	}
	return nil
}

func (f *fakeDatabase) Rotate(_ context.Context, i *engine.Item) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.secret(i)
	if s.Password != f.password && s.Next != f.password {
		return engine.Refuse("the database: SQLSTATE 28P01")
	}
	f.password = s.Next
	defer func() { f.fail = nil }()
	return f.fail
}

func (f *fakeDatabase) Reset(uint64, string) { f.resets++ }

func (f *fakeDatabase) is() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.password
}

// newEngineStand is a stand with a database mount at db/ and a webhook mount at
// team/hooks/.
func newEngineStand(t testing.TB) (*stand, *fakeDatabase) {
	t.Helper()
	c, db := httptestcluster.New(), &fakeDatabase{password: "first"}
	s := &stand{t, c, newServer(t, httpd.Config{Cluster: c, Engines: map[string]engine.Engine{
		fsm.MountDatabase: db, fsm.MountWebhook: webhook.New(),
	}}).Handler()}
	mount(t, c, "db", fsm.MountDatabase)
	mount(t, c, "team/hooks", fsm.MountWebhook)
	return s, db
}

func validDatabase() object {
	return object{
		"plugin_name": "postgresql-database-plugin", "connection_url": "postgresql://{{username}}:{{password}}@db.example/shop",
		"username": "manager", "password": "first", "allowed_roles": "reader,writer",
	}
}

var validRole = object{"db_name": "shop", "creation_statements": `CREATE ROLE "{{name}}"`, "default_ttl": "1h", "max_ttl": "24h"}

func TestDatabaseItems(t *testing.T) {
	s, db := newEngineStand(t)
	s.must(404, "LIST", "db/config", root, nil)
	s.must(404, "GET", "db/config/shop", root, nil)
	s.must(204, "POST", "db/config/shop", root, validDatabase())
	got := s.must(200, "GET", "db/config/shop", root, nil)
	details, _ := got.data()["connection_details"].(map[string]any)
	if details["connection_url"] != validDatabase()["connection_url"] || details["username"] != "manager" || got.data()["verify_connection"] != true {
		t.Errorf("stored %s", got.text)
	}
	if strings.Contains(got.text, "first") || details["password"] != nil {
		t.Errorf("the password is shown: %s", got.text)
	}
	// what is not named stays, the password too
	s.must(204, "POST", "db/config/shop", root, object{"allowed_roles": []string{"*"}, "max_open_connections": "7"})
	if n := len(db.verified); n != 2 || !strings.Contains(db.verified[1], `"allowed_roles":["*"]`) || !strings.Contains(db.verified[1], `"max_open_connections":7`) {
		t.Errorf("verified %q", db.verified)
	}
	if no := s.must(400, "POST", "db/config/shop", root, object{"password": "wrong"}); !strings.Contains(no.errors(), "error verifying connection: the database: SQLSTATE 28P01") {
		t.Errorf("refused with %s", no.text)
	}
	s.must(204, "POST", "db/config/other", root, object{"connection_url": "host=x user=y", "verify_connection": false, "password": "wrong"})
	if got := s.must(200, "LIST", "db/config/", root, nil); !strings.Contains(got.text, `"keys":["other","shop"]`) {
		t.Errorf("listed %s", got.text)
	}
	s.must(204, "DELETE", "db/config/other", root, nil)
	s.must(404, "GET", "db/config/other", root, nil)
	s.must(204, "POST", "db/reset/shop", root, nil)
	if db.resets != 1 { // of the one that was deleted: a reset is a new version
		t.Errorf("%d resets", db.resets)
	}

	s.must(204, "POST", "db/roles/reader", root, validRole)
	s.must(200, "POST", "db/roles/reader", root, object{"max_ttl": "2h", "rollback_statements": []string{"x"}}) // with a warning
	role := s.must(200, "GET", "db/roles/reader", root, nil).data()
	if role["db_name"] != "shop" || role["default_ttl"] != 3600.0 || role["max_ttl"] != 7200.0 || role["credential_type"] != "password" {
		t.Errorf("stored %v", role)
	}
	s.must(200, "LIST", "db/roles", root, nil)
	s.must(204, "DELETE", "db/roles/reader", root, nil)
	s.must(404, "LIST", "db/roles", root, nil)
}

// Whoever may change a configuration cannot have its secret sent elsewhere.
func TestSecretsStayWhereTheyBelong(t *testing.T) {
	s, db := newEngineStand(t)
	s.must(204, "POST", "db/config/shop", root, validDatabase())
	s.must(204, "POST", "db/config/open", root, object{"connection_url": "host=db.example user=u", "verify_connection": false})
	const hook = "team/hooks/config"
	key, headers := "a key of 16 bytes or more", object{"Authorization": "Bearer S3cret"}
	s.must(204, "POST", hook, root, object{"url": "https://hooks.example.com/jeton", "signing_key": key, "headers": headers})
	at := func(host string) string { return "postgresql://{{username}}:{{password}}@" + host }
	db.verified = nil
	for _, tt := range []struct {
		name, path string
		body       object
		status     int
		says       string
	}{
		{"another host", "db/config/shop", object{"connection_url": at("evil.example/shop")}, 400, `field \"password\"`},
		{"another port", "db/config/shop", object{"connection_url": at("db.example:5433/shop")}, 400, `field \"password\"`},
		{"a host more", "db/config/shop", object{"connection_url": at("db.example,evil.example/shop"), "verify_connection": false}, 400, `field \"password\"`},
		{"as pairs", "db/config/shop", object{"connection_url": "host=evil.example user={{username}} password={{password}}"}, 400, `field \"password\"`},
		{"nothing stored", "db/config/open", object{"connection_url": "host=other.example user=u"}, 204, ""},
		{"the same, in other words", "db/config/shop", object{"connection_url": at("DB.example:5432/shop?sslmode=verify-full")}, 204, ""},
		{"another database", "db/config/shop", object{"connection_url": at("db.example/other")}, 204, ""},
		{"with its password", "db/config/shop", object{"connection_url": at("new.example/shop"), "password": "first"}, 204, ""},

		{"another service", hook, object{"url": "https://evil.example.com/jeton"}, 400, `field \"signing_key\"`},
		{"another service with a key", hook, object{"url": "https://evil.example.com/jeton", "signing_key": key}, 400, `field \"headers\"`},
		{"another service with headers", hook, object{"url": "https://evil.example.com/jeton", "headers": headers}, 400, `field \"signing_key\"`},
		{"another port of it", hook, object{"url": "https://hooks.example.com:8443/jeton"}, 400, `field \"signing_key\"`},
		{"another scheme", hook, object{"url": "http://localhost/"}, 400, `field \"signing_key\"`},
		{"another path of it", hook, object{"url": "https://Hooks.example.com:443/v2"}, 204, ""},
		{"with all that is stored", hook, object{"url": "https://new.example.com/", "signing_key": key, "headers": object{}}, 204, ""},
		{"no headers are stored", hook, object{"url": "https://other.example.com/", "signing_key": key}, 204, ""},
	} {
		got := s.send("POST", tt.path, root, tt.body)
		if says, _ := json.Marshal(got.errors()); got.status != tt.status || !strings.Contains(string(says), tt.says) {
			t.Errorf("%s: %d %s, want %d with %s", tt.name, got.status, got.text, tt.status, tt.says)
		}
	}
	if n := len(db.verified); n != 3 {
		t.Errorf("connected %d times, want 3: %q", n, db.verified)
	}
}

// A rotation that fails in the middle is finished by the next one; no password that
// the server has is ever lost.
func TestDatabaseRotation(t *testing.T) {
	s, db := newEngineStand(t)
	s.must(400, "POST", "db/rotate-root/shop", root, nil)
	s.must(204, "POST", "db/config/shop", root, validDatabase())
	s.must(204, "POST", "db/rotate-root/shop", root, nil)
	second := db.is()
	if second == "first" || second == "" {
		t.Fatalf("the password is %q", second)
	}
	s.must(204, "POST", "db/config/shop", root, object{"max_open_connections": 3}) // connects with it

	db.fail = errors.New("the connection broke after the change")
	s.must(500, "POST", "db/rotate-root/shop", root, nil, "Idempotency-Key", "k")
	third := db.is()
	if third == second {
		t.Fatal("the password is as it was")
	}
	s.must(204, "POST", "db/config/shop", root, object{"max_open_connections": 4})
	s.must(204, "POST", "db/rotate-root/shop", root, nil, "Idempotency-Key", "k")
	if db.is() != third {
		t.Error("a retry began another rotation instead of finishing the first")
	}
	s.must(204, "POST", "db/config/shop", root, object{"max_open_connections": 5})
	if again := s.must(204, "POST", "db/rotate-root/shop", root, nil); db.is() == third {
		t.Errorf("the next rotation changed nothing: %s", again.text)
	}
	dump, err := json.Marshal(s.cluster.Local().EngineItems(0, ""))
	if err != nil || strings.Contains(string(dump), third) {
		t.Errorf("a password in the state: %s %v", dump, err)
	}
}

func TestWebhookItems(t *testing.T) {
	s, _ := newEngineStand(t)
	s.must(404, "GET", "team/hooks/config", root, nil)
	s.must(204, "POST", "team/hooks/config", root, object{
		"url": "https://hooks.example.com/jeton", "signing_key": "a key of 16 bytes or more", "headers": object{"Authorization": "Bearer S3cret"}, "timeout": "3s",
	})
	s.must(204, "POST", "team/hooks/config", root, object{"max_retries": 0}) // the rest stays
	got := s.must(200, "GET", "team/hooks/config", root, nil)
	if d := got.data(); d["url"] != "https://hooks.example.com/jeton" || d["timeout"] != 3.0 || d["max_retries"] != 0.0 || strings.Contains(got.text, "S3cret") || strings.Contains(got.text, "a key of") {
		t.Errorf("stored %s", got.text)
	}
	s.must(204, "POST", "team/hooks/roles/ci", root, `{"parameters": {"scope": ["<a>", 1.50]}, "default_ttl": 60}`)
	if got := s.must(200, "GET", "team/hooks/roles/ci", root, nil); !strings.Contains(got.text, `"scope":["\u003ca\u003e",1.50]`) || got.data()["default_ttl"] != 60.0 {
		t.Errorf("stored %s", got.text)
	}
	s.must(204, "DELETE", "team/hooks/roles/ci", root, nil)
	s.must(204, "DELETE", "team/hooks/config", root, nil)
	s.must(404, "GET", "team/hooks/config", root, nil)
}

// Who may not is told so before anything is looked at or anybody is called.
func TestItemsNeedTheirRights(t *testing.T) {
	s, db := newEngineStand(t)
	s.must(204, "POST", "db/config/shop", root, validDatabase())
	s.policy("operator", `path "db/config/*" { capabilities = ["update"] } path "db/rotate-root/shop" { capabilities = ["update"] }
		path "db/roles/reader" { capabilities = ["create"] allowed_parameters = { "db_name" = ["shop"], "creation_statements" = [] } }`)
	operator, _ := s.token(object{"policies": []string{"operator"}})
	nobody, _ := s.token(object{"policies": []string{"default"}})
	db.verified = nil
	for _, tt := range []struct {
		method, path, token string
		body                any
		want                int
	}{
		{"POST", "db/config/shop", nobody, validDatabase(), 403},
		{"POST", "db/config/shop", nobody, object{"max_open_connections": -1}, 403},
		{"GET", "db/config/shop", nobody, nil, 403},
		{"LIST", "db/config", operator, nil, 403},
		{"POST", "db/config/new", operator, validDatabase(), 403}, // that would be create
		{"POST", "db/config/shop", operator, object{"max_open_connections": 2}, 204},
		{"POST", "db/rotate-root/shop", nobody, nil, 403},
		{"POST", "db/rotate-root/shop", operator, nil, 204},
		{"POST", "db/reset/shop", operator, nil, 403},
		{"POST", "db/roles/reader", operator, object{"db_name": "other", "creation_statements": "x"}, 403},
		{"POST", "db/roles/reader", operator, object{"db_name": "shop", "creation_statements": "x"}, 204},
		{"POST", "db/roles/reader", operator, object{"db_name": "shop", "creation_statements": "x"}, 403}, // is there now
		{"POST", "db/config/shop", "jts_made-up", validDatabase(), 403},
	} {
		if got := s.send(tt.method, tt.path, tt.token, tt.body); got.status != tt.want {
			t.Errorf("%s %s: %d %s, want %d", tt.method, tt.path, got.status, got.text, tt.want)
		}
	}
	if len(db.verified) != 1 {
		t.Errorf("connected %d times for who may and who may not", len(db.verified))
	}
}

// Requests that are wrong name what is, and change nothing.
func TestHostileItems(t *testing.T) {
	s, _ := newEngineStand(t)
	s.must(204, "POST", "db/config/shop", root, validDatabase())
	with := func(base object, name string, value any) object {
		o := object{}
		for k, v := range base { // order: a copy
			o[k] = v
		}
		o[name] = value
		return o
	}
	hook := object{"url": "https://hooks.example.com/", "signing_key": "a key of 16 bytes or more"}
	long := strings.Repeat("x", 20000)
	rows := []row{
		{"another plugin", "POST", "db/config/a", root, with(validDatabase(), "plugin_name", "mysql-database-plugin"), 400, "plugin_name"},
		{"no url", "POST", "db/config/a", root, with(validDatabase(), "connection_url", ""), 400, "connection_url"},
		{"a password in the url", "POST", "db/config/a", root, with(validDatabase(), "connection_url", "postgres://u:S3cret@db/x"), 400, "connection_url"},
		{"url as a list", "POST", "db/config/a", root, with(validDatabase(), "connection_url", []int{1}), 400, "connection_url"},
		{"password as an object", "POST", "db/config/a", root, with(validDatabase(), "password", object{}), 400, "password"},
		{"password too long", "POST", "db/config/a", root, with(validDatabase(), "password", long), 400, "password"},
		{"many connections", "POST", "db/config/a", root, with(validDatabase(), "max_open_connections", 1<<40), 400, "max_open_connections"},
		{"less than no connections", "POST", "db/config/a", root, with(validDatabase(), "max_open_connections", -1), 400, "max_open_connections"},
		{"verify as a list", "POST", "db/config/a", root, with(validDatabase(), "verify_connection", []bool{true}), 400, "verify_connection"},
		{"many roles", "POST", "db/config/a", root, with(validDatabase(), "allowed_roles", strings.Repeat("a,", 100)), 400, "allowed_roles"},
		{"statements as a number list", "POST", "db/config/a", root, with(validDatabase(), "root_rotation_statements", []any{[]int{1}}), 400, "root_rotation_statements"},
		{"no JSON", "POST", "db/config/a", root, `{"password":"S3cret"`, 400, "JSON"},
		{"a name that is none", "POST", "db/config/a%20b", root, validDatabase(), 404, ""},
		{"a name of dots", "POST", "db/config/..", root, validDatabase(), 400, "segment"},
		{"no name", "POST", "db/config", root, validDatabase(), 405, ""},
		{"a name with more", "POST", "db/config/a/b", root, validDatabase(), 404, ""},
		{"another verb", "PATCH", "db/config/shop", root, object{}, 405, ""},
		{"no such path", "GET", "db/static-roles", root, nil, 404, ""},
		{"beside the mount", "GET", "dbx/config/shop", root, nil, 404, ""},
		{"reset of nothing", "POST", "db/reset/none", root, nil, 400, "config/none"},
		{"rotation of nothing", "POST", "db/rotate-root/none", root, nil, 400, "config/none"},

		{"role without a database", "POST", "db/roles/a", root, with(validRole, "db_name", ""), 400, "db_name"},
		{"role without statements", "POST", "db/roles/a", root, with(validRole, "creation_statements", nil), 400, "creation_statements"},
		{"role with a mark nobody knows", "POST", "db/roles/a", root, with(validRole, "renew_statements", "{{foo}}"), 400, "renew_statements"},
		{"role with long statements", "POST", "db/roles/a", root, with(validRole, "creation_statements", long), 400, "creation_statements"},
		{"role that outlives itself", "POST", "db/roles/a", root, with(validRole, "default_ttl", "48h"), 400, "ttl"},
		{"role with a negative ttl", "POST", "db/roles/a", root, with(validRole, "max_ttl", -1), 400, "max_ttl"},
		{"role with an endless ttl", "POST", "db/roles/a", root, with(validRole, "max_ttl", "9999999h"), 400, "ttl"},
		{"role of another kind", "POST", "db/roles/a", root, with(validRole, "credential_type", "rsa_private_key"), 400, "credential_type"},

		{"no service", "POST", "team/hooks/config", root, object{"signing_key": "a key of 16 bytes or more"}, 400, "url"},
		{"service in plain", "POST", "team/hooks/config", root, with(hook, "url", "http://hooks.example.com/"), 400, "url"},
		{"service of the cloud", "POST", "team/hooks/config", root, with(hook, "url", "https://169.254.169.254/"), 400, "url"},
		{"short key", "POST", "team/hooks/config", root, with(hook, "signing_key", "S3cret"), 400, "signing_key"},
		{"time as an object", "POST", "team/hooks/config", root, with(hook, "timeout", object{}), 400, "timeout"},
		{"too much time", "POST", "team/hooks/config", root, with(hook, "timeout", "1h"), 400, "timeout"},
		{"part of a second", "POST", "team/hooks/config", root, with(hook, "timeout", "500ms"), 400, "timeout"},
		{"headers as a list", "POST", "team/hooks/config", root, with(hook, "headers", []string{"a: b"}), 400, "headers"},
		{"header of ours", "POST", "team/hooks/config", root, with(hook, "headers", object{"Jeton-Signature": "S3cret"}), 400, "headers"},
		{"header with a line feed", "POST", "team/hooks/config", root, with(hook, "headers", object{"X": "S3cret\n"}), 400, "headers"},
		{"large headers", "POST", "team/hooks/config", root, with(hook, "headers", object{"X": long[:2000], "Y": long[:2000]}), 400, "headers"},
		{"parameters as text", "POST", "team/hooks/roles/a", root, object{"parameters": "{}"}, 400, "parameters"},
		{"large parameters", "POST", "team/hooks/roles/a", root, object{"parameters": object{"a": long}}, 400, "parameters"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			before := s.cluster.Local().Hash()
			got := s.send(r.method, r.path, r.token, r.body)
			if got.status != r.status || !strings.Contains(got.errors(), r.says) {
				t.Errorf("%d %s, want %d with %q", got.status, got.text, r.status, r.says)
			}
			if strings.Contains(got.text, "S3cret") {
				t.Errorf("a secret in %s", got.text)
			}
			if s.cluster.Local().Hash() != before {
				t.Error("something changed")
			}
		})
	}
}
