package http_test

import (
	"fmt"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// What anyone may ask tells nobody by and by which tokens there are.
func TestUIMountsIsNoOracle(t *testing.T) {
	c := httptestcluster.New()
	s := &stand{t, c, newServer(t, httpd.Config{Cluster: c, Limits: httpd.Limits{StrangerBurst: 3, StrangerRate: 1e-9}}).Handler()}
	for i, path := range []string{"sys/internal/ui/mounts", "sys/internal/ui/mounts/sys", "sys/internal/ui/mounts", "sys/internal/ui/mounts", "sys/internal/ui/mounts/sys"} {
		want := 200
		if path != "sys/internal/ui/mounts" {
			want = 403
		}
		if i >= 3 {
			want = 429
		}
		s.must(want, "GET", path, fmt.Sprint("guess-", i), nil)
	}
	s.must(200, "GET", "sys/internal/ui/mounts", "", nil)
	s.must(200, "GET", "sys/internal/ui/mounts", root, nil)
	dead, accessor := s.token(object{})
	s.must(204, "POST", "auth/token/revoke-accessor", root, object{"accessor": accessor})
	s.must(200, "GET", "sys/internal/ui/mounts", dead, nil)
}

func TestUIMountsOfABatchToken(t *testing.T) {
	s := newStand(t)
	batch, _ := s.token(object{"type": "batch", "policies": []string{"default"}, "ttl": "1h"})
	d := s.must(200, "GET", "sys/internal/ui/mounts", batch, nil).data()
	if got := fmt.Sprint(sorted(d["auth"]), sorted(d["secret"])); got != "[token/] [cubbyhole/ sys/]" {
		t.Errorf("a batch token sees %s", got)
	}
	s.must(200, "GET", "sys/internal/ui/mounts/auth/token", batch, nil)
}

// Secrets engines are shown as login methods are: to whom they concern, or to all if
// they say so.
func TestUIMountsOfEngines(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "sys/mounts/db", root, object{"type": "database", "description": "shops"})
	s.must(204, "POST", "sys/mounts/shown", root, object{"type": "webhook", "config": object{"listing_visibility": "unauth"}})
	s.policy("reader", `path "db/creds/*" { capabilities = ["read"] }`)
	reader, _ := s.token(object{"policies": []string{"reader"}, "no_default_policy": true})
	other, _ := s.token(object{"policies": []string{"none"}, "no_default_policy": true})
	for token, want := range map[string]string{"": "[shown/]", other: "[shown/]", reader: "[db/ shown/]", root: "[cubbyhole/ db/ shown/ sys/]"} {
		d := s.must(200, "GET", "sys/internal/ui/mounts", token, nil).data()
		if got := fmt.Sprint(sorted(d["secret"])); got != want {
			t.Errorf("%q sees %s, want %s", token, got, want)
		}
	}
	if d := s.must(200, "GET", "sys/internal/ui/mounts/db/creds/x", reader, nil).data(); d["path"] != "db/" || d["type"] != "database" {
		t.Errorf("the mount is %v", d)
	}
	s.must(403, "GET", "sys/internal/ui/mounts/db/creds/x", other, nil)
}
