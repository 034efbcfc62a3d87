package http_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
	"github.com/jeton-io/jeton/http/jwt/jwttest"
)

// The examples of docs/login.md do what they show, and it names every path below
// a mount.
func TestLoginExamples(t *testing.T) {
	text, err := os.ReadFile("../docs/login.md")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, httpd.Config{Cluster: httptestcluster.New()})
	for _, path := range httpd.MountPaths(s) {
		if !strings.Contains(string(text), "| `"+path+"` |") {
			t.Errorf("docs/login.md lacks %s", path)
		}
	}
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	sh := shell{t, map[string]string{"JETON_ADDR": server.URL, "ROOT": root}}
	sh.issue()
	commands := 0
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for example := range strings.SplitSeq(strings.TrimPrefix(block[1], "$ "), "\n$ ") {
			command, want, _ := strings.Cut(example, "\n")
			got := sh.run(command)
			commands++
			if msg := differs(decodeJSON(t, want), decodeJSON(t, got), ""); msg != "" {
				t.Errorf("%s\n%s\nthe answer is %s", command, msg, got)
			}
		}
	}
	if commands < 15 {
		t.Errorf("found only %d examples", commands)
	}
}

// issue sets what the examples of jwt want to be there.
func (s shell) issue() {
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { jwttest.WriteKeys(w, signer) }))
	s.t.Cleanup(issuer.Close)
	key, err := json.Marshal(signer.PEM())
	if err != nil {
		s.t.Fatal(err)
	}
	s.vars["KEY"], s.vars["ISSUER"] = string(key), issuer.URL
	s.vars["JWT"] = signer.Sign(soon(object{"iss": "https://issuer.example", "sub": "build-7", "repository": "acme/shop"}))
}
