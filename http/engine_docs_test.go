package http_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/engine/webhook"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// The examples of docs/engines.md do what they show, it names every path below a
// mount, and what it asks services to do is what the tests of package webhook do.
func TestEngineExamples(t *testing.T) {
	text := readDoc(t, "engines.md")
	c := httptestcluster.New()
	s := newServer(t, httpd.Config{Cluster: c, Engines: engine.Engines{
		fsm.MountDatabase: &fakeDatabase{password: "first"}, fsm.MountWebhook: webhook.New(),
	}})
	for _, path := range httpd.EnginePaths(s) {
		if !strings.Contains(text, "| `"+path+"` |") {
			t.Errorf("docs/engines.md lacks %s", path)
		}
	}
	mount(t, c, "database", fsm.MountDatabase)
	mount(t, c, "webhook", fsm.MountWebhook)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer for-the-service" || r.Header.Get("Jeton-Signature") == "" {
			t.Errorf("called with %v", r.Header)
		}
		io.WriteString(w, `{"api_key":"made for one lease"}`)
	}))
	defer service.Close()
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	sh := shell{t, map[string]string{"JETON_ADDR": server.URL, "ROOT": root, "HOOK": service.URL, "KEY": "a key of 16 bytes or more"}}
	if n := sh.examples(text); n < 10 {
		t.Errorf("found only %d examples", n)
	}
	source, err := os.ReadFile("engine/webhook/service_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if example := regexp.MustCompile("(?s)```go\n(.*?)```").FindStringSubmatch(text); example == nil || !strings.Contains(string(source), example[1]) {
		t.Error("the example of verify in docs/engines.md is not the one that is tested")
	}
}

// mount mounts a secrets engine.
func mount(t testing.TB, c *httptestcluster.Cluster, path, kind string) {
	t.Helper()
	d, err := c.Digest(root)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Propose(t.Context(), cluster.Proposal{
		Caller: fsm.Caller{Token: d}, Command: &fsm.SecretEnable{Path: path, Type: kind, Accessor: kind + "_1"},
	})
	if err != nil {
		t.Fatal(err)
	}
}
