package http_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	httpd "github.com/jeton-io/jeton/http"
)

// Real nodes: each writes its own requests, and the leader every end, with what
// brought it about.
func TestAuditOnRealNodes(t *testing.T) {
	nodes := formNodes(t, "n1", "n2", "n3")
	var stands []*stand
	for _, n := range nodes {
		server := newServer(t, httpd.Config{Cluster: n})
		t.Cleanup(func() { server.Shutdown(t.Context()) })
		stands = append(stands, &stand{t, nil, server.Handler()})
	}
	// One machine, so one file for all; the entries say whose they are.
	log := &audited{stand: stands[0], file: filepath.Join(t.TempDir(), "audit.log")}
	stands[0].must(204, "PUT", "sys/audit/file", root, object{"type": "file", "options": object{"file_path": log.file, "hmac_accessor": "false"}})
	for _, s := range stands {
		s.must(200, "GET", "auth/token/lookup-self", root, nil)
	}
	make := func(parent string) (string, string) {
		auth := stands[1].must(200, "POST", "auth/token/create", parent, object{"policies": []string{"root"}}).body["auth"].(map[string]any)
		return auth["client_token"].(string), auth["accessor"].(string)
	}
	top, topAccessor := make(root)
	middle, middleAccessor := make(top)
	_, leafAccessor := make(middle)
	leaf2, leaf2Accessor := make(middle)
	stands[2].must(204, "POST", "auth/token/revoke-self", leaf2, nil)
	stands[2].must(204, "POST", "auth/token/revoke", root, object{"token": top})
	ends := map[string]object{}
	deadline := time.Now().Add(time.Minute)
	for len(ends) < 4 && time.Now().Before(deadline) {
		for _, line := range log.entries() {
			var e object
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if e["type"] == "revocation" {
				ends[at(e, "revocation.accessor").(string)] = e
			}
		}
	}
	for _, want := range []struct{ accessor, cause, through, actor string }{
		{topAccessor, "revoked", "", rootAccessorOf(stands[0])},
		{middleAccessor, "ancestor died", topAccessor, rootAccessorOf(stands[0])},
		{leafAccessor, "ancestor died", topAccessor, rootAccessorOf(stands[0])},
		{leaf2Accessor, "revoked", "", leaf2Accessor},
	} {
		e := ends[want.accessor]
		through, _ := at(e, "revocation.through").(string)
		if at(e, "revocation.cause") != want.cause || through != want.through || at(e, "revocation.actor") != want.actor ||
			at(e, "revocation.path") != "auth/token/create" || at(e, "jeton.index") == nil {
			t.Errorf("the end of %s is told as %v, want %v", want.accessor, e, want)
		}
	}
	text := strings.Join(log.entries(), "")
	var from []string
	for _, id := range []string{"n1", "n2", "n3"} {
		if strings.Contains(text, `"path":"auth/token/`) && strings.Contains(text, `"jeton":{"node":"`+id+`"`) {
			from = append(from, id)
		}
	}
	if !slices.Equal(from, []string{"n1", "n2", "n3"}) {
		t.Errorf("entries are from %v", from)
	}
}

func rootAccessorOf(s *stand) string {
	s.t.Helper()
	return s.must(200, "GET", "auth/token/lookup-self", root, nil).data()["accessor"].(string)
}
