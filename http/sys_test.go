package http_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/cluster"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// posed is a cluster that says of itself what a test wants.
type posed struct {
	*httptestcluster.Cluster
	pose func(*cluster.Status)
}

func (p posed) Status() cluster.Status {
	st := p.Cluster.Status()
	p.pose(&st)
	return st
}

func newPosed(t *testing.T, pose func(*cluster.Status)) *stand {
	c := httptestcluster.New()
	return &stand{t, c, newServer(t, httpd.Config{Cluster: posed{c, pose}, Version: "1.2.3"}).Handler()}
}

func TestHealth(t *testing.T) {
	poses := map[string]func(*cluster.Status){
		"leader":   func(*cluster.Status) {},
		"follower": func(s *cluster.Status) { s.Leader = false },
		"new":      func(s *cluster.Status) { s.Initialized, s.Ready, s.Leader = false, false, false },
		"sealed":   func(s *cluster.Status) { s.Ready, s.Leader = false, false },
		"alone":    func(s *cluster.Status) { s.HasQuorum, s.Leader = false, false },
	}
	for _, c := range []struct {
		pose, query string
		status      int
	}{
		{"leader", "", 200},
		{"leader", "activecode=299", 299},
		{"leader", "standbycode=299&sealedcode=299&uninitcode=299&haunhealthycode=299", 200},
		{"leader", "activecode=204", 204},
		{"follower", "", 429},
		{"follower", "standbyok=true", 200},
		{"follower", "standbyok", 200},
		{"follower", "standbyok=false", 429},
		{"follower", "perfstandbyok=true", 429},
		{"follower", "standbycode=200", 200},
		{"follower", "standbyok=true&activecode=250", 250},
		{"new", "", 501},
		{"new", "standbyok=true", 501},
		{"new", "uninitcode=200", 200},
		{"sealed", "", 503},
		{"sealed", "standbyok=true", 503},
		{"sealed", "sealedcode=200", 200},
		{"alone", "", 503},
		{"alone", "standbyok=true&standbycode=200&activecode=200", 503},
		{"alone", "haunhealthycode=474", 474},
		{"leader", "activecode=abc", 400},
		{"leader", "activecode=", 400},
		{"leader", "standbycode=99", 400},
		{"leader", "sealedcode=101", 400},
		{"leader", "uninitcode=600", 400},
		{"leader", "haunhealthycode=99999999999999999999", 400},
		{"leader", "standbyok=maybe", 400},
		{"leader", "perfstandbyok=maybe", 400},
	} {
		t.Run(c.pose+" "+c.query, func(t *testing.T) {
			s := newPosed(t, poses[c.pose])
			r := s.must(c.status, "GET", "sys/health?"+c.query, "", nil)
			head := s.must(c.status, "HEAD", "sys/health?"+c.query, "", nil)
			if head.header.Get("Content-Length") != r.header.Get("Content-Length") {
				t.Errorf("HEAD says length %q, GET %q", head.header.Get("Content-Length"), r.header.Get("Content-Length"))
			}
			if c.status == 400 {
				name, _, _ := strings.Cut(c.query, "=")
				if !strings.Contains(r.errors(), name) {
					t.Errorf("errors are %q, want %s named", r.errors(), name)
				}
				return
			}
			if c.status == 204 {
				return
			}
			for field, want := range map[string]any{
				"initialized": c.pose != "new", "sealed": c.pose == "new" || c.pose == "sealed",
				"standby": c.pose != "leader", "version": "1.2.3", "cluster_name": "test",
			} {
				if r.body[field] != want {
					t.Errorf("%s is %v, want %v", field, r.body[field], want)
				}
			}
		})
	}
}

// What says how the node is does not need a token, and a wrong one does no harm.
func TestSysOpen(t *testing.T) {
	s := newPosed(t, func(*cluster.Status) {})
	for _, token := range []string{"", "s.wrong", root} {
		for path, field := range map[string]string{
			"sys/health": "server_time_utc", "sys/leader": "leader_address", "sys/seal-status": "sealed", "sys/init": "initialized",
		} {
			if r := s.must(200, "GET", path, token, nil); r.body[field] == nil {
				t.Errorf("%s lacks %s: %s", path, field, r.text)
			}
			s.must(200, "GET", path+"/", token, nil)
		}
	}
	r := s.must(200, "GET", "sys/leader", "", nil)
	if r.body["leader_address"] != "http://127.0.0.1:8200" || r.body["leader_cluster_address"] != "https://127.0.0.1:8201" || r.body["is_self"] != true {
		t.Errorf("leader is %s", r.text)
	}
}

func TestInitialize(t *testing.T) {
	c := httptestcluster.Uninitialized()
	s := &stand{t, c, newServer(t, httpd.Config{Cluster: c}).Handler()}
	if r := s.must(200, "GET", "sys/init", "", nil); r.body["initialized"] != false {
		t.Errorf("a new cluster says %s", r.text)
	}
	s.run(t, []row{
		{"keys for nobody", "PUT", "sys/init", "", object{"pgp_keys": []string{"x"}}, 400, "pgp_keys"},
		{"an encrypted root token", "PUT", "sys/init", "", object{"root_token_pgp_key": "x"}, 400, "root_token_pgp_key"},
		{"negative shares", "PUT", "sys/init", "", object{"secret_shares": -1}, 400, "secret_shares"},
		{"no JSON", "PUT", "sys/init", "", "secret_shares=1", 400, "JSON"},
		{"DELETE", "DELETE", "sys/init", "", nil, 405, "unsupported operation"},
	})
	r := s.must(200, "PUT", "sys/init", "", object{"secret_shares": 1, "secret_threshold": 1})
	token, _ := r.body["root_token"].(string)
	if d := s.must(200, "GET", "auth/token/lookup-self", token, nil).data(); d["policies"].([]any)[0] != "root" {
		t.Errorf("the root token is %v", d)
	}
	if r := s.must(200, "GET", "sys/init", "", nil); r.body["initialized"] != true {
		t.Errorf("an initialized cluster says %s", r.text)
	}
	s.must(400, "PUT", "sys/init", "", object{"secret_shares": 1, "secret_threshold": 1})
}

func TestStepDownAndPeers(t *testing.T) {
	s := newPosed(t, func(st *cluster.Status) {
		st.Members = append(st.Members,
			cluster.Member{ServerID: "n2-aaaaaaaaaaaaaaaa", NodeID: "n2", Voter: true},
			cluster.Member{ServerID: "n3-aaaaaaaaaaaaaaaa", NodeID: "n3"},
			cluster.Member{ServerID: "n3-bbbbbbbbbbbbbbbb", NodeID: "n3"})
	})
	s.policy("nosudo", `path "*" { capabilities = ["create", "read", "update", "delete", "list"] }`)
	nosudo, _ := s.token(object{"policies": []string{"nosudo"}})
	plain, _ := s.token(object{"policies": []string{"default"}})
	peer := func(id any) object { return object{"server_id": id, "dr_operation_token": ""} }
	const remove = "sys/storage/raft/remove-peer"
	s.run(t, []row{
		{"step down needs sudo", "PUT", "sys/step-down", nosudo, nil, 403, "permission denied"},
		{"step down needs a token", "PUT", "sys/step-down", "", nil, 403, "permission denied"},
		{"step down is no read", "GET", "sys/step-down", root, nil, 405, "unsupported operation"},
		{"remove needs a right", "POST", remove, plain, peer("n2"), 403, "permission denied"},
		{"remove nobody", "POST", remove, root, peer(""), 400, "server_id must be specified"},
		{"remove an object", "POST", remove, root, peer(object{}), 400, `"server_id"`},
		{"remove an unknown one", "POST", remove, root, peer("n9"), 400, `"n9"`},
		{"remove one of two", "POST", remove, root, peer("n3"), 400, "2 incarnations"},
		{"remove is no read", "GET", remove, root, nil, 405, "unsupported operation"},
		{"configuration needs a right", "GET", "sys/storage/raft/configuration", plain, nil, 403, "permission denied"},
		{"status needs a right", "GET", "sys/ha-status", plain, nil, 403, "permission denied"},
	})
	if s.cluster.SteppedDown() != 0 || len(s.cluster.Removed()) != 0 {
		t.Fatal("a refused request had an effect")
	}
	s.must(204, "PUT", "sys/step-down", root, nil)
	s.must(204, "POST", remove, root, peer("n2"))
	s.must(204, "POST", remove, root, peer("n3-bbbbbbbbbbbbbbbb"))
	if n, gone := s.cluster.SteppedDown(), strings.Join(s.cluster.Removed(), " "); n != 1 || gone != "n2-aaaaaaaaaaaaaaaa n3-bbbbbbbbbbbbbbbb" {
		t.Errorf("stepped down %d times, removed %s", n, gone)
	}
	config := s.must(200, "GET", "sys/storage/raft/configuration", root, nil).data()["config"].(map[string]any)
	if n := len(config["servers"].([]any)); n != 4 {
		t.Errorf("configuration has %d servers, want 4", n)
	}
	if n := len(s.must(200, "GET", "sys/ha-status", root, nil).data()["nodes"].([]any)); n != 4 {
		t.Errorf("status has %d nodes, want 4", n)
	}
}

// A request whose client is gone, or a cluster that cannot answer, is a 503 that
// says what became of it.
func TestSysUnavailable(t *testing.T) {
	s := newStand(t)
	for _, c := range []struct {
		err  error
		says string
	}{
		{cluster.ErrNoLeader, "not applied"}, {cluster.ErrNotReady, "not applied"},
		{cluster.ErrUnknownOutcome, "may have been applied"}, {cluster.ErrOverloaded, "not applied"},
	} {
		s.cluster.Fail(c.err)
		for _, path := range []string{"sys/step-down", "sys/policies/acl/p", "sys/leases/revoke", "sys/capabilities-self"} {
			r := s.send("PUT", path, root, object{"policy": readCubby, "lease_id": "a/b", "path": "x"})
			if r.status != 503 || !strings.Contains(r.errors(), c.says) || r.header.Get("Retry-After") == "" {
				t.Errorf("%v on %s: got %d %s, want 503 that says %s", c.err, path, r.status, r.text, c.says)
			}
		}
	}
	s.cluster.Fail(nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	req := httptest.NewRequest("PUT", "/v1/sys/policies/acl/p", strings.NewReader(`{"policy":"# x"}`)).WithContext(ctx)
	req.Header.Set("X-Vault-Token", root)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, req)
	if w.Code != 503 {
		t.Errorf("a request of a client that is gone: got %d %s", w.Code, w.Body)
	}
}
